// SPDX-License-Identifier: Apache-2.0
// The only file that reads the text of an error. Spanner reports some situations by words alone; each
// line below names the case. Everything else decides on code, reason and details.
import { Code, type StatusError } from "@spandrel/base";

/** Texts of INTERNAL errors that mean a broken connection and nothing worse. */
const brokenConnectionTexts = [
  // The proxy in front of Spanner resets a stream, for example when a backend moves.
  "RST_STREAM",
  // A backend went away between two DATA frames.
  "Received unexpected EOS on DATA frame from server",
  // The connection was closed by something in between (Java and Go resume after it as well).
  "HTTP/2 error code: INTERNAL_ERROR",
  "Connection closed with unknown cause",
];

/** Whether an INTERNAL error only says that the connection broke. */
export function saysConnectionBroke(error: StatusError): boolean {
  return (
    error.code === Code.INTERNAL &&
    brokenConnectionTexts.some((text) => error.message.includes(text))
  );
}

/** Whether a NOT_FOUND without details is about a session, as older emulators answer. */
export function saysSessionNotFound(error: StatusError): boolean {
  return error.code === Code.NOT_FOUND && error.message.startsWith("Session not found");
}
