// SPDX-License-Identifier: Apache-2.0
// The metadata that goes with every call. It is the same for all calls on one resource, so it is made
// once and only the request id is added per call.
import type { Metadata } from "@spandrel/rpc";

/** What this library calls itself. */
const API_CLIENT = "spandrel/0.1.0 gccl/0.1.0";

/** What one call says about itself. */
export interface HeaderOptions {
  /** The database for data calls; project, instance or database for administration. */
  readonly resource: string;
  /** The field of the request that says where it belongs, with its value. */
  readonly routing: readonly [field: string, value: string];
  /** Whether the call should go straight to the leader's region. Default false. */
  readonly toLeader?: boolean;
}

/** Makes the metadata for calls on a resource. */
export function headersOf({ resource, routing, toLeader = false }: HeaderOptions): Metadata {
  const [field, value] = routing;
  return {
    "google-cloud-resource-prefix": resource,
    "x-goog-request-params": `${field}=${encodeURIComponent(value)}`,
    "x-goog-api-client": API_CLIENT,
    ...(toLeader && { "x-goog-spanner-route-to-leader": "true" }),
  };
}
