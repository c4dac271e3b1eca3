// SPDX-License-Identifier: Apache-2.0
// The service google.longrunning.Operations, and the lists of operations that the admin services have.
import { OperationsDefinition } from "@spandrel/protocol/admin";
import { methodsOf, type Router } from "@spandrel/rpc";
import type { AdminServiceOptions } from "./admin-options.ts";
import { operationToProto } from "./operation-messages.ts";
import { pageOf } from "./paging.ts";

/** Serves google.longrunning.Operations. */
export function serveOperations(router: Router, { operations, clock }: AdminServiceOptions): void {
  const methods = methodsOf(OperationsDefinition);
  router
    .unary(methods.getOperation, ({ name = "" }) => operationToProto(operations.get(name)))
    .unary(methods.listOperations, ({ name = "", pageSize, pageToken }) => {
      const parent = name.replace(/\/operations$/, "");
      const { items, nextPageToken } = pageOf(operations.list(parent), pageSize, pageToken);
      return { operations: items.map(operationToProto), nextPageToken };
    })
    .unary(methods.deleteOperation, ({ name = "" }) => {
      operations.delete(name);
      return {};
    })
    .unary(methods.cancelOperation, ({ name = "" }) => {
      // Work here is over in no time: by when it could be cancelled, it is done. That is allowed.
      operations.get(name);
      return {};
    })
    .unary(methods.waitOperation, async ({ name = "", timeout }, call) => {
      const operation = operations.get(name);
      const millis = Number(timeout?.seconds ?? 0n) * 1_000 + (timeout?.nanos ?? 0) / 1e6;
      const late = clock.sleep(millis, { signal: call.signal, background: true });
      await Promise.race([operation.ended, late]);
      return operationToProto(operation);
    });
}
