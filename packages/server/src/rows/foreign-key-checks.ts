// SPDX-License-Identifier: Apache-2.0
// Foreign keys of a transaction: what has to be looked at when a statement or a commit is complete.
//
// A foreign key is broken when some row refers to values that no row has. Both a row that refers and
// a row that is referred to can bring that about, and both are judged the same way, over the values:
// is there a row with them on this side, and one on the other? What is read then is locked before, so
// that the judgment needs to wait for nothing. A NULL among the values refers to nothing.
import type { Value } from "@spandrel/model";
import { foreignKeyViolated, referencedRowGone } from "../errors/row.ts";
import { afterPrefix } from "../keys/part.ts";
import { type Access, readRows, rowsExist, writeRows } from "../locks/columns.ts";
import type { Table } from "../schema/schema.ts";
import type { KeyValueWriter } from "../txn/key-values.ts";
import { type ForeignKeyProgram, type LookupPath, lookupPrefix } from "./foreign-key-program.ts";
import { keyBytes, tableLayout } from "./layout.ts";
import { RowUnpacker } from "./row-codec.ts";
import { type TableProgram, valuesAt } from "./table-program.ts";

/** Rows that refer to one that has gone, by their keys. */
export interface ReferringRows {
  readonly table: Table;
  readonly keys: readonly string[];
}

interface Pending {
  readonly program: ForeignKeyProgram;
  readonly values: readonly Value[];
  /** Whether the referenced side has changed, which makes for another error. */
  readonly isReferencedSide: boolean;
}

/** See the top of this file. */
export class ForeignKeyChecks {
  readonly #keyValues: KeyValueWriter;
  readonly #pending = new Map<string, Pending>();

  constructor(keyValues: KeyValueWriter) {
    this.#keyValues = keyValues;
  }

  /** Takes note of a row that is about to be written; `before` is undefined for a new one. */
  async noteChange(
    { outgoing, incoming }: TableProgram,
    before: readonly Value[] | undefined,
    after: readonly Value[],
  ): Promise<void> {
    for (const program of outgoing) {
      if (before !== undefined && isSame(program.places, before, after)) continue;
      const values = valuesAt(after, program.places);
      if (values.includes(null)) continue;
      await this.#lock(program.referenced, values, readingOf(program.referenced));
      this.#note({ program, values, isReferencedSide: false });
    }
    if (before === undefined) return;
    for (const program of incoming) {
      if (isSame(program.referencedPlaces, before, after)) continue;
      await this.#noteReferenced(program, valuesAt(before, program.referencedPlaces));
    }
  }

  /** Takes note of a row that has gone, and gives the rows that have to go along. */
  async noteRemoval(
    { incoming }: TableProgram,
    row: readonly Value[],
  ): Promise<readonly ReferringRows[]> {
    const cascade: ReferringRows[] = [];
    for (const program of incoming) {
      const values = valuesAt(row, program.referencedPlaces);
      if (values.includes(null)) continue;
      if (program.foreignKey.onDelete !== "CASCADE") await this.#noteReferenced(program, values);
      else {
        await this.#lock(program.referencing, values, writeRows);
        cascade.push({ table: program.table, keys: this.#referringKeys(program, values) });
      }
    }
    return cascade;
  }

  /**
   * Judges everything that was noted.
   *
   * @throws {StatusError} FAILED_PRECONDITION when a row refers to one that is not there.
   */
  check(): void {
    for (const { program, values, isReferencedSide } of this.#pending.values()) {
      if (this.#isAny(program.referenced, values)) continue;
      if (!this.#isAny(program.referencing, values)) continue;
      const { foreignKey, table, referencedTable } = program;
      if (isReferencedSide) throw referencedRowGone(table.name);
      throw foreignKeyViolated(
        foreignKey.name,
        table.name,
        referencedTable.name,
        foreignKey.referencedColumns,
      );
    }
    this.#pending.clear();
  }

  async #noteReferenced(program: ForeignKeyProgram, values: readonly Value[]): Promise<void> {
    if (values.includes(null)) return;
    await this.#lock(program.referencing, values, readingOf(program.referencing));
    this.#note({ program, values, isReferencedSide: true });
  }

  #note(pending: Pending): void {
    const { program, values } = pending;
    const id = `${program.foreignKey.name}/${lookupPrefix(program.referenced, values)}`;
    this.#pending.set(id, pending);
  }

  async #lock(path: LookupPath, values: readonly Value[], access: Access): Promise<void> {
    const start = lookupPrefix(path, values);
    const { space } = path.layout;
    const locked = this.#keyValues.lock({ space, start, end: start + afterPrefix }, access);
    if (locked !== undefined) await locked;
  }

  #isAny(path: LookupPath, values: readonly Value[]): boolean {
    const start = lookupPrefix(path, values);
    const found = this.#keyValues.scan(path.layout.space, start, start + afterPrefix, false);
    return found.next().done !== true;
  }

  /** The keys of the rows with some values, by the table's own key or through an index. */
  #referringKeys(
    { table, referencing }: ForeignKeyProgram,
    values: readonly Value[],
  ): readonly string[] {
    const start = lookupPrefix(referencing, values);
    const { space } = referencing.layout;
    const found = this.#keyValues.scan(space, start, start + afterPrefix, false);
    if (referencing.index === undefined) return Array.from(found, ([key]) => key);
    const unpacker = new RowUnpacker(table.primaryKey.map(({ column }) => column));
    const layout = tableLayout(table);
    return Array.from(found, ([, entry]) => keyBytes(layout, unpacker.unpack(entry)));
  }
}

/** Whether a row is there is all that is asked; of an index, its entries are read whole. */
function readingOf({ index }: LookupPath): Access {
  return index === undefined ? rowsExist : readRows;
}

function isSame(
  places: readonly number[],
  before: readonly Value[],
  after: readonly Value[],
): boolean {
  return places.every((place) => before[place] === after[place]);
}
