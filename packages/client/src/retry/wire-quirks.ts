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

/** Texts of a server that got FLOAT64 where it wants INT64; there are no details that say so. */
const integerExpectedTexts = [
  // Columns of a mutation, keys, parameters.
  /Expected INT64/,
  // A parameter in a place that wants INT64.
  /FLOAT64.*INT64|INT64.*FLOAT64/s,
  /(?:LIMIT|OFFSET) expects .*integer/,
  // A mutation by whose key a transaction should begin; what is wrong with it is not said.
  /invalid mutation key/,
];

/** Whether an error says that an integer was expected where something else was. */
export function saysIntegerExpected({ code, message }: StatusError): boolean {
  const isMistake = code === Code.INVALID_ARGUMENT || code === Code.FAILED_PRECONDITION;
  return isMistake && integerExpectedTexts.some((text) => text.test(message));
}
