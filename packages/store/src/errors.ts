// SPDX-License-Identifier: Apache-2.0
// What can be wrong with files, each with the file and the place in it.
import { Code, StatusError } from "@spandrel/base";

/** Bytes that were written whole and synced are no longer what they were. */
export function corrupted(path: string, offset: number, what: string): StatusError {
  return new StatusError(
    Code.DATA_LOSS,
    `${path} is damaged at byte ${offset}: ${what}. Restore the file from a copy.`,
    { reason: "FILE_CORRUPTED" },
  );
}

export function unknownFormat(path: string, version: number, known: number): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `${path} has format version ${version}, and this program reads version ${known}. ` +
      "Use the program that wrote it, or a newer one.",
    { reason: "FILE_FORMAT_UNKNOWN" },
  );
}

/** Nothing was written: there is no room, or not for this. */
export function diskFull(path: string, cause: unknown): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `The disk of ${path} is full: nothing was written. Make room and try again.`,
    { reason: "DISK_FULL", cause },
  );
}

/** Nothing was written, for a reason that may pass. */
export function writeFailed(path: string, cause: unknown): StatusError {
  return new StatusError(
    Code.UNAVAILABLE,
    `${path} could not be written: ${textOf(cause)}. Nothing was written.`,
    { reason: "DISK_WRITE_FAILED", cause },
  );
}

/** What was written last may or may not be there; only opening the file anew will tell. */
export function logBroken(path: string, cause: unknown): StatusError {
  return new StatusError(
    Code.INTERNAL,
    `${path} could not be synced: ${textOf(cause)}. ` +
      "Nothing more is written to it until it has been opened anew.",
    { reason: "LOG_BROKEN", cause },
  );
}

export function logClosed(path: string): StatusError {
  return new StatusError(Code.UNAVAILABLE, `${path} is closed.`, { reason: "LOG_CLOSED" });
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
