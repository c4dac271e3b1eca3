// SPDX-License-Identifier: Apache-2.0
// The URLs of long-running operations. Google keeps them in a service's configuration, not in its
// .proto files: https://cloud.google.com/spanner/docs/reference/rest
import type { AddedHttpRule } from "@spandrel/rpc/serve";

const owners = [
  "projects/*/instances/*",
  "projects/*/instances/*/databases/*",
  "projects/*/instances/*/backups/*",
  "projects/*/instances/*/instancePartitions/*",
  "projects/*/instanceConfigs/*",
];

/** One line for each method and each kind of owner. */
export const operationRules: readonly AddedHttpRule[] = owners.flatMap((owner) => [
  rule("GetOperation", "GET", `/v1/{name=${owner}/operations/*}`),
  rule("ListOperations", "GET", `/v1/{name=${owner}/operations}`),
  rule("DeleteOperation", "DELETE", `/v1/{name=${owner}/operations/*}`),
  rule("CancelOperation", "POST", `/v1/{name=${owner}/operations/*}:cancel`),
]);

function rule(method: string, verb: string, path: string): AddedHttpRule {
  return { method: `google.longrunning.Operations.${method}`, verb, path };
}
