// SPDX-License-Identifier: Apache-2.0
// How long the statements of a whole schema may be. To print a schema costs time, so it is done only
// when the statements that made it could have made it too long.
// https://cloud.google.com/spanner/quotas#schema_limits
import { schemaTooLong } from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import type { Schema } from "../schema/schema.ts";
import { printSchema } from "./print.ts";

/** What a statement adds to a schema as it is printed: spelled out, and with its defaults. */
const lengtheningMax = 8;

/** A length that a schema surely does not exceed, by schema. */
const lengthsAtMost = new WeakMap<Schema, number>();

/** @throws {StatusError} INVALID_ARGUMENT when a change would make the schema too long. */
export function requireSchemaSize(
  before: Schema,
  after: Schema,
  statement: string,
  { schemaLengthMax }: Pick<Limits, "schemaLengthMax">,
): void {
  if (after === before) return;
  const lengthBefore = lengthsAtMost.get(before) ?? lengthOf(before);
  let length = lengthBefore + statement.length * lengtheningMax;
  if (length > schemaLengthMax) length = lengthOf(after);
  // What makes a schema shorter is let through, however long it still is.
  if (length > schemaLengthMax && length > lengthOf(before)) throw schemaTooLong(schemaLengthMax);
  lengthsAtMost.set(after, length);
}

function lengthOf(schema: Schema): number {
  return printSchema(schema).reduce((sum, statement) => sum + statement.length + 1, 0);
}
