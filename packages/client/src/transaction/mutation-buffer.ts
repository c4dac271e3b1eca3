// SPDX-License-Identifier: Apache-2.0
import type { Mutation } from "@spandrel/protocol";
import type { KeySetInput } from "../values/key-set.ts";
import {
  deleteRows,
  type RowInput,
  type WriteKind,
  writeObjects,
  writeRows,
} from "../values/mutation.ts";
import type { InputValue } from "../values/typed-value.ts";

/** Rows to write, one or many, as objects of values by column. */
export type RowsInput = RowInput | readonly RowInput[];

/** Rows to write, as lists of values in the order of the columns. */
export type ValuesInput = readonly (readonly InputValue[])[];

/** Collects mutations in the order in which they are to be applied. */
export class MutationBuffer {
  readonly #mutations: Mutation[] = [];

  get mutations(): Mutation[] {
    return this.#mutations;
  }

  /** Adds rows, given as objects, or as columns and lists of values. */
  write(
    kind: WriteKind,
    table: string,
    rowsOrColumns: RowsInput | readonly string[],
    values: ValuesInput = [],
  ): void {
    if (isColumns(rowsOrColumns)) {
      this.#mutations.push(writeRows(kind, table, rowsOrColumns, values));
    } else {
      const rows = isOneRow(rowsOrColumns) ? [rowsOrColumns] : rowsOrColumns;
      for (const mutation of writeObjects(kind, table, rows)) this.#mutations.push(mutation);
    }
  }

  /** Adds mutations as requests carry them. */
  add(mutations: readonly Mutation[]): void {
    for (const mutation of mutations) this.#mutations.push(mutation);
  }

  /** Adds the deletion of rows. */
  delete(table: string, keys: KeySetInput): void {
    this.#mutations.push(deleteRows(table, keys));
  }
}

function isColumns(input: RowsInput | readonly string[]): input is readonly string[] {
  return Array.isArray(input) && typeof input[0] === "string";
}

function isOneRow(input: RowsInput): input is RowInput {
  return !Array.isArray(input);
}
