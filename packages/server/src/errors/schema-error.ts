// SPDX-License-Identifier: Apache-2.0
// How every error about a schema is made.
import { Code, type CodeName, StatusError } from "@spandrel/base";

/** An error with a reason that programs can tell it by. */
export function schemaError(code: CodeName, reason: string, message: string): StatusError {
  return new StatusError(Code[code], message, { reason });
}
