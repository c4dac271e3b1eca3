// SPDX-License-Identifier: Apache-2.0
import type { Mutation } from "@spandrel/protocol";
import type { KeySetInput } from "../values/key-set.ts";
import { MutationBuffer, type RowsInput, type ValuesInput } from "./mutation-buffer.ts";

/** Writes that take effect together. */
export class MutationGroup {
  readonly #buffer = new MutationBuffer();

  /** The writes so far, as requests carry them. */
  get mutations(): Mutation[] {
    return this.#buffer.mutations;
  }

  /**
   * Inserts rows; the group fails when one is there.
   *
   * Rows are objects of values by column; or give the columns and then lists of values.
   */
  insert(table: string, rows: RowsInput): this;
  insert(table: string, columns: readonly string[], values: ValuesInput): this;
  insert(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#buffer.write("insert", table, rows, values);
    return this;
  }

  /** Updates rows; the group fails when one is not there. */
  update(table: string, rows: RowsInput): this;
  update(table: string, columns: readonly string[], values: ValuesInput): this;
  update(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#buffer.write("update", table, rows, values);
    return this;
  }

  /** Inserts rows, or updates the given columns of those that are there. */
  insertOrUpdate(table: string, rows: RowsInput): this;
  insertOrUpdate(table: string, columns: readonly string[], values: ValuesInput): this;
  insertOrUpdate(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#buffer.write("insertOrUpdate", table, rows, values);
    return this;
  }

  /** Puts rows in the place of those that are there; columns not given become NULL. */
  replace(table: string, rows: RowsInput): this;
  replace(table: string, columns: readonly string[], values: ValuesInput): this;
  replace(table: string, rows: RowsInput | readonly string[], values?: ValuesInput): this {
    this.#buffer.write("replace", table, rows, values);
    return this;
  }

  /** Deletes rows by key; rows that are not there do not matter. */
  delete(table: string, keys: KeySetInput): this {
    this.#buffer.delete(table, keys);
    return this;
  }
}
