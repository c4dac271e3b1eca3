// SPDX-License-Identifier: Apache-2.0
// What nested DML does to an array: DELETE, UPDATE and INSERT of elements, as functions of the array.
// The last argument is what ASSERT_ROWS_MODIFIED expects, when it is there.
// https://cloud.google.com/spanner/docs/reference/standard-sql/dml-syntax
import type { Value } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import {
  ANY,
  ARRAY_OF_ANY,
  arrayOfAny,
  define,
  int64,
  lambda,
  nullable,
  type Overload,
  optional,
} from "./signature.ts";

const TRUTH = { kind: "exact", type: { kind: "BOOL" } } as const;

function elementsOf(values: readonly Value[] | null, statement: string): readonly Value[] {
  if (values !== null) return values;
  throw evaluationFailed(`Cannot execute a nested ${statement} statement on a NULL array value`);
}

/**
 * Checks how much was changed against what ASSERT_ROWS_MODIFIED expects.
 *
 * @throws {StatusError} OUT_OF_RANGE when it is another number, or NULL.
 */
export function checkModified(
  modified: bigint,
  expected: Value | undefined,
  what: "rows" | "array elements",
): void {
  if (expected === undefined) return;
  if (expected === null) {
    throw evaluationFailed("ASSERT_ROWS_MODIFIED must have a non-NULL argument");
  }
  if (expected !== modified) {
    throw evaluationFailed(
      `ASSERT_ROWS_MODIFIED expected ${String(expected)} ${what} modified, but found ${modified}`,
    );
  }
}

function check(modified: number, expected: bigint | null | undefined): void {
  checkModified(BigInt(modified), expected, "array elements");
}

const seesNull = { seesNull: true };
const expectation = optional(nullable(int64));

export const nestedArrayFunctions: readonly Overload[] = [
  define(
    "$nested_delete",
    [nullable(arrayOfAny), lambda([ANY], TRUTH), expectation],
    ARRAY_OF_ANY,
    (values, goes, expected) => {
      const before = elementsOf(values, "DELETE");
      const kept = before.filter((value) => goes(value) !== true);
      check(before.length - kept.length, expected);
      return kept;
    },
    seesNull,
  ),
  define(
    "$nested_update",
    [nullable(arrayOfAny), lambda([ANY], TRUTH), lambda([ANY], ANY), expectation],
    ARRAY_OF_ANY,
    (values, changes, change, expected) => {
      let count = 0;
      const after = elementsOf(values, "UPDATE").map((value) => {
        if (changes(value) !== true) return value;
        count++;
        return change(value);
      });
      check(count, expected);
      return after;
    },
    seesNull,
  ),
  define(
    "$nested_insert",
    [nullable(arrayOfAny), nullable(arrayOfAny), expectation],
    ARRAY_OF_ANY,
    (values, added, expected) => {
      const before = elementsOf(values, "INSERT");
      check(added?.length ?? 0, expected);
      return [...before, ...(added ?? [])];
    },
    seesNull,
  ),
];
