// SPDX-License-Identifier: Apache-2.0
// How large a request may be on the wire. A call within one process has no bytes, and is not measured.
// https://cloud.google.com/spanner/quotas#request_limits
import { type Method, Router } from "@spandrel/rpc";
import { requestTooLarge } from "../errors/instance.ts";
import type { Limits } from "../limits/limits.ts";

/** Commits have limits of their own, in mutations and in what is written. */
const commits = new Set(["Commit", "BatchWrite"]);

/** Statements that change a schema may be long, and their own limit says how long. */
const schemaChanges = new Set(["CreateDatabase", "UpdateDatabaseDdl"]);

/** A router that serves what another one does, and refuses requests that are too large. */
export function boundRequests(router: Router, limits: Limits): Router {
  const bounded = new Router();
  for (const route of router.routes()) {
    const method = withBound(route.method, limits);
    if (route.kind === "unary") bounded.unary(method, route.handler);
    else bounded.stream(method, route.handler);
  }
  return bounded;
}

function withBound(method: Method<unknown, unknown>, limits: Limits): Method<unknown, unknown> {
  const bytesMax = requestBytesMax(method, limits);
  if (bytesMax === undefined) return method;
  const { request } = method;
  return {
    ...method,
    request: {
      encode: (message) => request.encode(message),
      decode: (bytes) => {
        if (bytes.length > bytesMax) throw requestTooLarge(bytesMax);
        return request.decode(bytes);
      },
    },
  };
}

function requestBytesMax(
  { service, name }: Method<unknown, unknown>,
  { requestBytesMax, adminRequestBytesMax }: Limits,
): number | undefined {
  if (commits.has(name)) return undefined;
  const isAdmin = service !== "google.spanner.v1.Spanner";
  return isAdmin && !schemaChanges.has(name) ? adminRequestBytesMax : requestBytesMax;
}
