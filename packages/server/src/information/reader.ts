// SPDX-License-Identifier: Apache-2.0
// Reads the information schema like any table: in key order, by ranges of keys, backward too. All
// other tables are read by the reader behind. Rows of a table are made when it is first read, and
// kept with the schema; a schema never changes, so they never grow old.
import { assert } from "@spandrel/base";
import { comparatorOf, type Value } from "@spandrel/model";
import type { KeyPrefix, KeyRange, Row, RowReader, Scan } from "../rows/contract.ts";
import type { Schema } from "../schema/schema.ts";
import type { Teller } from "./description.ts";
import { type InformationTable, isInformationTable } from "./tables.ts";
import { constraintTellers } from "./tell-constraints.ts";
import { definitionTellers } from "./tell-definitions.ts";
import { indexTellers } from "./tell-indexes.ts";
import { modelTellers } from "./tell-models.ts";
import { placeTellers } from "./tell-places.ts";
import { privilegeTellers } from "./tell-privileges.ts";
import { searchIndexTellers } from "./tell-search-indexes.ts";
import { tableTellers } from "./tell-tables.ts";

const tellers: Readonly<Record<string, Teller>> = {
  ...tableTellers,
  ...indexTellers,
  ...constraintTellers,
  ...definitionTellers,
  ...modelTellers,
  ...placeTellers,
  ...privilegeTellers,
  ...searchIndexTellers,
};

/** Rows of a table in the order of its key. */
interface Told {
  readonly rows: readonly Row[];
  readonly compare: (row: Row, prefix: KeyPrefix) => number;
}

const told = new WeakMap<Schema, Map<InformationTable, Told>>();

/** See the top of this file. */
export class InformationReader implements RowReader {
  readonly #behind: RowReader;
  readonly #schema: Schema;

  constructor(behind: RowReader, schema: Schema) {
    this.#behind = behind;
    this.#schema = schema;
  }

  scan(scan: Scan): AsyncIterable<readonly Row[]> {
    if (!isInformationTable(scan.table)) return this.#behind.scan(scan);
    return this.#read(scan.table, scan);
  }

  async *#read(table: InformationTable, scan: Scan): AsyncIterable<readonly Row[]> {
    const all = toldOf(this.#schema, table);
    const places = scan.columns.map((column) => table.columns.indexOf(column));
    assert(!places.includes(-1), "a scan reads columns of its table");
    const rows: Row[] = [];
    for (const { start, end } of mergedSpans(scan.ranges.map((range) => spanOf(all, range)))) {
      for (const row of all.rows.slice(start, end)) {
        rows.push(places.map((place) => row[place] ?? null));
      }
    }
    if (rows.length > 0) yield scan.isReverse ? rows.reverse() : rows;
  }
}

function toldOf(schema: Schema, table: InformationTable): Told {
  let tables = told.get(schema);
  if (tables === undefined) {
    tables = new Map();
    told.set(schema, tables);
  }
  let known = tables.get(table);
  if (known === undefined) {
    known = tell(schema, table);
    tables.set(table, known);
  }
  return known;
}

function tell(schema: Schema, table: InformationTable): Told {
  const facts = tellers[table.plainName]?.(schema) ?? [];
  const key = table.primaryKey.map(({ column }) => ({
    place: table.columns.indexOf(column),
    compare: comparatorOf(column.type),
  }));
  const valueAt = (row: Row, part: number): Value => row[key[part]?.place ?? -1] ?? null;
  const compare = (row: Row, prefix: KeyPrefix): number => {
    for (const [part, wanted] of prefix.entries()) {
      const order = key[part]?.compare(valueAt(row, part), wanted) ?? 0;
      if (order !== 0) return order;
    }
    return 0;
  };
  const rows = facts
    .map((fact): Row => table.columns.map(({ name }) => fact[name] ?? null))
    .sort((left, right) =>
      compare(
        left,
        key.map((_, part) => valueAt(right, part)),
      ),
    );
  return { rows, compare };
}

/** Places of rows, from the first to behind the last. */
interface Span {
  readonly start: number;
  readonly end: number;
}

function spanOf({ rows, compare }: Told, range: KeyRange): Span {
  const { start, isStartClosed, end, isEndClosed } = range;
  return {
    start: firstPlace(rows, (row) => isBehind(compare(row, start), isStartClosed)),
    end: firstPlace(rows, (row) => isBehind(compare(row, end), !isEndClosed)),
  };
}

/** Whether a row comes after a bound, or at it where it `mayBeAt`. */
function isBehind(order: number, mayBeAt: boolean): boolean {
  return order > 0 || (mayBeAt && order === 0);
}

/** The first row that is far enough; those behind it are too. */
function firstPlace(rows: readonly Row[], isFarEnough: (row: Row) => boolean): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle];
    if (row !== undefined && isFarEnough(row)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Each row once, in order, however the spans overlap. */
function mergedSpans(spans: readonly Span[]): readonly Span[] {
  const merged: Span[] = [];
  let reached = 0;
  for (const { start, end } of [...spans].sort((left, right) => left.start - right.start)) {
    const from = Math.max(start, reached);
    if (from >= end) continue;
    merged.push({ start: from, end });
    reached = end;
  }
  return merged;
}
