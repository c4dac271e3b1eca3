// SPDX-License-Identifier: Apache-2.0
// Values without wrappers. A value is a JavaScript primitive whose meaning comes from its type, which
// always travels beside it; so a row is a plain array, and comparing two INT64 is one machine step.
//
//   BOOL        boolean
//   INT64       bigint within 64 bits, signed
//   FLOAT32/64  number; a FLOAT32 is always one that 32 bits can hold
//   NUMERIC     bigint, in units of 10^-9
//   STRING      string, well-formed
//   BYTES       Uint8Array
//   DATE        number, days since 1970-01-01
//   TIMESTAMP   bigint, nanoseconds since 1970-01-01T00:00:00Z
//   JSON        string, the normalized text
//   UUID        string, lower case, 36 characters
//   INTERVAL    IntervalValue
//   ARRAY       array of values      STRUCT  array of field values
//   PROTO       Uint8Array           ENUM    bigint
//   NULL        null, of every type

/** An INTERVAL: three parts that are not converted into each other. */
export interface IntervalValue {
  readonly months: number;
  readonly days: number;
  readonly nanos: bigint;
}

/** A value of any type; see the table at the top of this file. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | IntervalValue
  | readonly Value[];

/** The smallest and largest INT64. */
export const INT64_MIN: bigint = -(2n ** 63n);
export const INT64_MAX: bigint = 2n ** 63n - 1n;
