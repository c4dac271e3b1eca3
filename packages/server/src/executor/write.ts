// SPDX-License-Identifier: Apache-2.0
// What DML does with the rows of its query: insert them, update or delete by them, and give back what
// THEN RETURN asks for.
import type { Value } from "@spandrel/model";
import type { ConflictUpdate, ReturningClause } from "../analyzer/resolved.ts";
import { compile } from "../expression/compile.ts";
import { hashTextOf } from "../functions/hash-key.ts";
import { checkModified } from "../functions/nested-array.ts";
import type { WriteStep } from "../planner/plan.ts";
import { keysWith, type Row, type RowWriter } from "../rows/contract.ts";
import type { Column, Table } from "../schema/schema.ts";
import { type Preparation, subqueryRunsOf } from "./batches.ts";
import { collect, type Execution, type Operator } from "./execution.ts";
import { layoutOf, shapeOf } from "./shape.ts";
import { runSubqueries } from "./subqueries.ts";

/** What a DML statement did. */
export interface WriteOutcome {
  /** How many rows it inserted, changed or deleted. */
  readonly rowCount: number;
  /** The rows of THEN RETURN; undefined without it. */
  readonly returned: readonly Row[] | undefined;
}

/** Writes the rows of a query. */
export type Writer = (
  query: Operator,
  writer: RowWriter,
  execution: Execution,
) => Promise<WriteOutcome>;

/** Makes the function that carries a write out, and then counts what ASSERT_ROWS_MODIFIED expects. */
export function prepareWrite(step: WriteStep, preparation: Preparation): Writer {
  const write = prepareStep(step, preparation);
  const { expectedRows } = step;
  if (expectedRows === undefined) return write;
  const expected = compile(expectedRows, layoutOf(shapeOf([])));
  return async (query, writer, execution) => {
    const outcome = await write(query, writer, execution);
    checkModified(BigInt(outcome.rowCount), expected([], execution.frame), "rows");
    return outcome;
  };
}

function prepareStep(step: WriteStep, preparation: Preparation): Writer {
  const returning = prepareReturning(step.returning, preparation);
  const isReturned = step.returning !== undefined;
  switch (step.kind) {
    case "insert": {
      const insert = prepareInsert(step);
      return async (query, writer, execution) => {
        const rows = await collect({ run: query }, execution, "INSERT");
        const written = await insert(rows, writer, execution);
        return await returning(written, execution);
      };
    }
    case "update": {
      const key = step.table.primaryKey.map((part) => part.column);
      return async (query, writer, execution) => {
        const rows = await collect({ run: query }, execution, "UPDATE");
        const written =
          rows.length === 0
            ? []
            : await writer.update(step.table, [...key, ...step.targets], rows, isReturned);
        return await returning(
          written.map((row) => ({ row, action: "UPDATE" })),
          execution,
        );
      };
    }
    case "delete": {
      const width = step.table.primaryKey.length;
      return async (query, writer, execution) => {
        const rows = await collect({ run: query }, execution, "DELETE");
        const keys = rows.map((row) => row.slice(0, width));
        if (rows.length > 0) await writer.delete(step.table, keys);
        return await returning(
          rows.map((row) => ({ row: row.slice(width), action: "DELETE" })),
          execution,
        );
      };
    }
  }
}

/** A row after its change (before it, when deleted), and what was done. */
interface WrittenRow {
  readonly row: Row;
  readonly action: string;
}

type Returning = (rows: readonly WrittenRow[], execution: Execution) => Promise<WriteOutcome>;

function prepareReturning(
  clause: ReturningClause | undefined,
  preparation: Preparation,
): Returning {
  if (clause === undefined) {
    return async (rows) => ({ rowCount: rows.length, returned: undefined });
  }
  const shape = shapeOf(clause.rowColumns);
  const layout = layoutOf(shape);
  const items = clause.hasAction ? clause.items.slice(0, -1) : clause.items;
  const values = items.map(({ expression }) => compile(expression, layout));
  const runs = subqueryRunsOf(
    items.map(({ expression }) => expression),
    shape,
    preparation,
  );
  return async (rows, execution) => {
    const returned: Row[] = [];
    for (const { row, action } of rows) {
      await runSubqueries(runs, row, execution);
      const result = values.map((value) => value(row, execution.frame));
      returned.push(clause.hasAction ? [...result, action] : result);
    }
    return { rowCount: rows.length, returned };
  };
}

type InsertStep = Extract<WriteStep, { kind: "insert" }>;
type Insert = (
  rows: readonly Row[],
  writer: RowWriter,
  execution: Execution,
) => Promise<readonly WrittenRow[]>;

function prepareInsert(step: InsertStep): Insert {
  const { table, targets, mode, onConflict, returning } = step;
  if (onConflict !== undefined) return prepareUpsert(table, targets, onConflict);
  const lastOfKey = prepareLastOfKey(table, targets);
  return async (given, writer) => {
    if (given.length === 0) return [];
    const rows = mode === "INSERT_OR_UPDATE" ? lastOfKey(given) : given;
    const before = mode === "INSERT_OR_UPDATE" ? await existing(rows, step, writer) : new Set();
    const keyOf = keyReader(table, targets);
    const written = await writer.insert(table, targets, rows, mode, returning !== undefined);
    return written.flatMap((row, index) => {
      if (row === undefined) return [];
      const isUpdate = before.has(keyOf(rows[index] ?? []));
      return [{ row, action: isUpdate ? "UPDATE" : "INSERT" }];
    });
  };
}

/** Of rows with one key, the last one is what an upsert leaves; the others might never have been. */
function prepareLastOfKey(
  table: Table,
  targets: readonly Column[],
): (rows: readonly Row[]) => readonly Row[] {
  const isKeyGiven = keyPlaces(table, targets).every((place) => place >= 0);
  const keyOf = keyReader(table, targets);
  return (rows) => {
    if (!isKeyGiven || rows.length === 1) return rows;
    return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
  };
}

/** Only WITH ACTION tells inserting and updating apart, so only then the rows are looked up. */
async function existing(
  rows: readonly Row[],
  { table, targets, returning }: InsertStep,
  writer: RowWriter,
): Promise<ReadonlySet<string>> {
  if (returning?.hasAction !== true) return new Set();
  const places = keyPlaces(table, targets);
  const found = new Set<string>();
  const keyColumns = table.primaryKey.map((part) => part.column);
  const text = hashTextOf(keyColumns.map((column) => column.type));
  const ranges = rows.map((row) => keysWith(places.map((place) => row[place] ?? null)));
  const scan = { table, index: undefined, columns: keyColumns, ranges, isReverse: false };
  for await (const batch of writer.scan({ ...scan, isForUpdate: true })) {
    for (const row of batch) found.add(text(row));
  }
  return found;
}

function keyPlaces(table: Table, targets: readonly Column[]): readonly number[] {
  return table.primaryKey.map((part) =>
    targets.findIndex((target) => target.id === part.column.id),
  );
}

function keyReader(table: Table, targets: readonly Column[]): (row: Row) => string {
  const places = keyPlaces(table, targets);
  const text = hashTextOf(table.primaryKey.map((part) => part.column.type));
  return (row) => text(places.map((place) => row[place] ?? null));
}

/** ON CONFLICT DO UPDATE: rows that are there are changed by the assignments, others inserted. */
function prepareUpsert(table: Table, targets: readonly Column[], conflict: ConflictUpdate): Insert {
  const layout = layoutOf(shapeOf([...conflict.rowColumns, ...conflict.excludedColumns]));
  const values = conflict.assignments.map(({ value }) => compile(value, layout));
  const condition =
    conflict.condition === undefined ? undefined : compile(conflict.condition, layout);
  const keyOf = keyReader(table, targets);
  const places = keyPlaces(table, targets);
  const keyColumns = table.primaryKey.map((part) => part.column);
  const changed = [...keyColumns, ...conflict.assignments.map(({ target }) => target)];
  return async (rows, writer, execution) => {
    const present = await presentRows(table, rows, places, writer);
    const written: WrittenRow[] = [];
    for (const row of rows) {
      const old = present.get(keyOf(row));
      if (old === undefined) {
        const [inserted] = await writer.insert(table, targets, [row], "INSERT", true);
        if (inserted !== undefined) written.push({ row: inserted, action: "INSERT" });
        continue;
      }
      const joined: Row = [...old, ...row];
      if (condition !== undefined && condition(joined, execution.frame) !== true) continue;
      const update = [
        ...places.map((place) => row[place] ?? null),
        ...values.map((value) => value(joined, execution.frame)),
      ];
      const [updated] = await writer.update(table, changed, [update], true);
      if (updated !== undefined) written.push({ row: updated, action: "UPDATE" });
    }
    return written;
  };
}

async function presentRows(
  table: Table,
  rows: readonly Row[],
  places: readonly number[],
  writer: RowWriter,
): Promise<ReadonlyMap<string, Row>> {
  const keyColumns = table.primaryKey.map((part) => part.column);
  const text = hashTextOf(keyColumns.map((column) => column.type));
  const ranges = rows.map((row) => keysWith(places.map((place): Value => row[place] ?? null)));
  const found = new Map<string, Row>();
  const scan = { table, index: undefined, columns: table.columns, ranges, isReverse: false };
  for await (const batch of writer.scan({ ...scan, isForUpdate: true })) {
    for (const row of batch) {
      const key = keyColumns.map(
        (column) => row[table.columns.findIndex((each) => each.id === column.id)] ?? null,
      );
      found.set(text(key), row);
    }
  }
  return found;
}
