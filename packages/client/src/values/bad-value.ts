// SPDX-License-Identifier: Apache-2.0
// Values as a program holds them, and their way to the wire and back.
//
// The room promises that a value arrives as it was sent: INT64 as bigint, TIMESTAMP with all its
// nanoseconds, NUMERIC exact, JSON without losing large integers, STRUCT with its field names. Values
// are encoded by the type that was declared for them; a value without one has the type that its
// JavaScript type says, and nothing is guessed from its size: a number is FLOAT64, a bigint INT64.
import { Code, StatusError } from "@spandrel/base";

/** A value cannot be one of the type it is meant for. */
export function badValue(type: string, value: unknown): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `${describe(value)} is not a valid ${type}.`, {
    reason: "INVALID_VALUE",
  });
}

/** A value's JavaScript type has no counterpart in Spanner. */
export function valueWithoutType(value: unknown): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `${describe(value)} has no type of Spanner. Wrap it: json(…), struct(…), array(type, …), ` +
      "or use null for NULL.",
    { reason: "VALUE_WITHOUT_TYPE" },
  );
}

/** The platform is to make an object of a class that it does not have. */
export function noTemporal(instead: string): StatusError {
  return new StatusError(
    Code.FAILED_PRECONDITION,
    `There is no Temporal here. Use ${instead}, or set globalThis.Temporal to a polyfill's.`,
    { reason: "NO_TEMPORAL" },
  );
}

/** Elements of one array are of several types. */
export function mixedArray(first: string, other: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `An array holds both ${first} and ${other}. Say its type: array(type, values).`,
    { reason: "MIXED_ARRAY" },
  );
}

/** The server sent a value that is not one of its column's type. */
export function undecodableValue(type: string, value: unknown): StatusError {
  return new StatusError(Code.INTERNAL, `The server sent ${describe(value)} as ${type}.`, {
    reason: "UNDECODABLE_VALUE",
  });
}

/** Bytes that should be a message are none. */
export function malformedMessage(what: string): StatusError {
  return new StatusError(Code.INTERNAL, `The server sent ${what}.`, {
    reason: "MALFORMED_MESSAGE",
  });
}

/** The program's own reader of a PROTO type failed. */
export function unreadableMessage(name: string, cause: unknown): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `The reader for ${name} among the protos failed: ${cause instanceof Error ? cause.message : String(cause)}`,
    { reason: "UNREADABLE_PROTO", cause },
  );
}

/** An INT64 does not fit into a number without losing digits. */
export function unsafeInteger(text: string): StatusError {
  return new StatusError(
    Code.OUT_OF_RANGE,
    `INT64 ${text} is beyond what a number holds exactly. Read it with int64: "bigint".`,
    { reason: "UNSAFE_INTEGER" },
  );
}

function describe(value: unknown): string {
  if (typeof value === "string")
    return JSON.stringify(value.length > 64 ? `${value.slice(0, 64)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "object" && value !== null)
    return `a value of ${value.constructor?.name ?? "an unnamed class"}`;
  return String(value);
}
