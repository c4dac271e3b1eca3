// SPDX-License-Identifier: Apache-2.0
// What can be wrong with what tests and tools ask for, and the faults that they have happen.
import { Code, StatusError } from "@spandrel/base";

/** A rule has the transaction of a request aborted, and that one is not known yet. */
export function abortedByRule(): StatusError {
  return new StatusError(Code.ABORTED, "Transaction was aborted.", {
    reason: "ABORTED_BY_RULE",
    details: [{ kind: "RetryInfo", delayNanos: 2_000_000n }],
  });
}

/** Disk faults need a disk: nothing of this server is kept in a folder. */
export function nothingOnDisk(): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    "This server keeps nothing on a disk. Start it with a data folder.",
    { reason: "NOTHING_ON_DISK" },
  );
}

export function faultNotFound(id: string): StatusError {
  return new StatusError(Code.NOT_FOUND, `Fault not found: ${id}`, { reason: "FAULT_NOT_FOUND" });
}

/** Part of a dump cannot be loaded; what was committed before it stays. */
export function loadFailed(where: string, thrown: unknown): StatusError {
  const { code, message, details, reason } = StatusError.from(thrown, Code.INTERNAL);
  return new StatusError(code, `${where}: ${message}`, { reason, details, cause: thrown });
}

export function malformedLine(why: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, why, { reason: "MALFORMED_DUMP" });
}

/** A request comes from a place that has no business here; see control/guard.ts. */
export function foreignRequest(why: string): StatusError {
  return new StatusError(Code.PERMISSION_DENIED, why, { reason: "FOREIGN_REQUEST" });
}
