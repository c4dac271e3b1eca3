// SPDX-License-Identifier: Apache-2.0
// Names and wire values become tables, columns and values: what a read or a mutation asks for, looked
// up in the schema and checked.
import {
  decodeValue,
  encodeValue,
  printType,
  type Value,
  WireFormatError,
  type WireValue,
} from "@spandrel/model";
import type {
  KeySet,
  Mutation_Write,
  KeyRange as ProtoKeyRange,
  Mutation as ProtoMutation,
} from "@spandrel/protocol";
import { tokenListResult } from "../errors/query.ts";
import {
  columnCountMismatch,
  columnNotFound,
  columnNotInIndex,
  deleteRangeTooWide,
  indexNotFound,
  invalidJson,
  keyRangeBoundMissing,
  mutationWithoutOperation,
  negativeLimit,
  noColumnsToRead,
  repeatedColumn,
  tableNotFound,
  wrongKeyLength,
  wrongKeyValue,
  wrongValueType,
} from "../errors/row.ts";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import { allKeys, type KeyPrefix, type KeyRange, keysWith, type Row } from "../rows/contract.ts";
import {
  type Column,
  entryKeyOf,
  findColumn,
  findIndex,
  findTable,
  type Index,
  type KeyPart,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { withNormalizedJson } from "./json-values.ts";
import type { Mutation } from "./mutation.ts";

/** What a Read asks for, in names and wire values. */
export interface ReadRequest {
  readonly table: string;
  /** Empty for the table itself. */
  readonly index: string;
  readonly columns: readonly string[];
  readonly keySet: KeySet | undefined;
  /** 0 for no limit. */
  readonly limit: bigint;
  /** Whether rows are locked exclusively as they are read; by default they are not. */
  readonly isForUpdate?: boolean;
}

/** The same, looked up. */
export interface ResolvedRead {
  readonly table: Table;
  readonly index: Index | undefined;
  readonly columns: readonly Column[];
  readonly ranges: readonly KeyRange[];
  readonly limit: number;
}

/**
 * Looks a read up.
 *
 * @throws {StatusError} NOT_FOUND for a table, index or column that is not there, UNIMPLEMENTED for a
 * column that the index does not hold, and for keys as `resolveKeySet` does.
 */
export function resolveRead(schema: Schema, request: ReadRequest): ResolvedRead {
  const table = getTable(schema, request.table);
  const index = request.index === "" ? undefined : getIndex(schema, table, request.index);
  if (request.columns.length === 0) throw noColumnsToRead();
  if (request.limit < 0n) throw negativeLimit();
  const columns = request.columns.map((name) => getColumn(table, name));
  if (columns.some(({ isTokenList }) => isTokenList === true)) throw tokenListResult();
  const key = index === undefined ? table.primaryKey : entryKeyOf(index, table);
  if (index !== undefined) requireCovered(index, key, columns);
  // The keys of an index read are keys of the index alone, without the table's key behind them.
  const named = index === undefined ? table.primaryKey : index.key;
  const ranges = resolveKeySet(index?.name ?? table.name, named, request.keySet);
  return { table, index, columns, ranges, limit: Number(request.limit) };
}

function requireCovered(index: Index, key: readonly KeyPart[], columns: readonly Column[]): void {
  const held = new Set([...key.map((part) => part.column), ...index.storing]);
  for (const column of columns) {
    if (!held.has(column)) throw columnNotInIndex(index.name, column.name);
  }
}

/**
 * The ranges of a key set. A whole key is a range of its own.
 *
 * @throws {StatusError} FAILED_PRECONDITION for a key of the wrong length, INVALID_ARGUMENT for a value
 * of the wrong type or a range without a bound.
 */
function resolveKeySet(
  owner: string,
  key: readonly KeyPart[],
  keySet: KeySet | undefined,
): readonly KeyRange[] {
  if (keySet?.all === true) return [allKeys];
  const ranges: KeyRange[] = [];
  for (const values of keySet?.keys ?? []) {
    if (values.length !== key.length) {
      throw wrongKeyLength(owner, key.length, JSON.stringify(values));
    }
    ranges.push(keysWith(decodeKey(owner, key, values)));
  }
  for (const range of keySet?.ranges ?? []) ranges.push(resolveRange(owner, key, range));
  return ranges;
}

function resolveRange(owner: string, key: readonly KeyPart[], range: ProtoKeyRange): KeyRange {
  const { startKeyType, endKeyType } = range;
  if (startKeyType === undefined) throw keyRangeBoundMissing("start");
  if (endKeyType === undefined) throw keyRangeBoundMissing("end");
  const isStartClosed = startKeyType.$case === "startClosed";
  const isEndClosed = endKeyType.$case === "endClosed";
  const start = (isStartClosed ? startKeyType.startClosed : startKeyType.startOpen) ?? [];
  const end = (isEndClosed ? endKeyType.endClosed : endKeyType.endOpen) ?? [];
  for (const bound of [start, end]) {
    if (bound.length > key.length) throw wrongKeyLength(owner, key.length, JSON.stringify(bound));
  }
  return {
    start: decodeKey(owner, key, start),
    isStartClosed,
    end: decodeKey(owner, key, end),
    isEndClosed,
  };
}

function decodeKey(
  owner: string,
  key: readonly KeyPart[],
  values: readonly WireValue[],
): KeyPrefix {
  return values.map((value, place) => {
    const column = key[place]?.column;
    if (column === undefined) return null;
    try {
      return decodeColumnValue(column, value);
    } catch (thrown) {
      if (thrown instanceof WireFormatError) {
        throw wrongKeyValue(owner, column.name, printType(column.type));
      }
      throw thrown;
    }
  });
}

/** The placeholder that a TIMESTAMP may have in a mutation for the moment of its commit. */
const commitTimestampText = "spanner.commit_timestamp()";

function decodeColumnValue(column: Column, value: WireValue): Value {
  if (value === commitTimestampText && column.type.kind === "TIMESTAMP") {
    return PENDING_COMMIT_TIMESTAMP;
  }
  return decodeValue(column.type, value);
}

/**
 * Looks mutations up.
 *
 * @throws {StatusError} NOT_FOUND for a table or column that is not there, FAILED_PRECONDITION for a
 * value of the wrong type, INVALID_ARGUMENT for a mutation that makes no sense.
 */
export function resolveMutations(
  schema: Schema,
  mutations: readonly ProtoMutation[],
): readonly Mutation[] {
  return mutations.map(({ operation }) => {
    switch (operation?.$case) {
      case "insert":
        return resolveWrite(schema, "INSERT", operation.insert);
      case "update":
        return resolveWrite(schema, "UPDATE", operation.update);
      case "insertOrUpdate":
        return resolveWrite(schema, "INSERT_OR_UPDATE", operation.insertOrUpdate);
      case "replace":
        return resolveWrite(schema, "REPLACE", operation.replace);
      case "delete":
        return resolveDelete(schema, operation.delete.table ?? "", operation.delete.keySet);
      default:
        throw mutationWithoutOperation();
    }
  });
}

type WriteMode = Extract<Mutation, { kind: "write" }>["mode"];

function resolveWrite(schema: Schema, mode: WriteMode, write: Mutation_Write): Mutation {
  const table = getTable(schema, write.table ?? "");
  const seen = new Set<string>();
  const columns = (write.columns ?? []).map((name) => {
    const column = getColumn(table, name);
    if (seen.has(column.name)) throw repeatedColumn(column.name);
    seen.add(column.name);
    return column;
  });
  const rows = (write.values ?? []).map((values: readonly WireValue[]) =>
    decodeRow(table, columns, values),
  );
  return { kind: "write", mode, table, columns, rows };
}

function decodeRow(table: Table, columns: readonly Column[], values: readonly WireValue[]): Row {
  if (values.length !== columns.length) throw columnCountMismatch();
  return columns.map((column, place) => {
    const wire = values[place] ?? null;
    try {
      return requireJson(table, column, decodeColumnValue(column, wire));
    } catch (thrown) {
      if (!(thrown instanceof WireFormatError)) throw thrown;
      throw wrongValueType(table.name, column.name, printType(column.type), thrown);
    }
  });
}

function requireJson(table: Table, column: Column, value: Value): Value {
  try {
    return withNormalizedJson(column.type, value);
  } catch (thrown) {
    throw invalidJson(table.name, column.name, thrown);
  }
}

function resolveDelete(schema: Schema, name: string, keySet: KeySet | undefined): Mutation {
  const table = getTable(schema, name);
  const ranges = resolveKeySet(table.name, table.primaryKey, keySet);
  const isKey = (range: KeyRange) =>
    range.start === range.end && range.start.length === table.primaryKey.length;
  for (const range of ranges) if (!isKey(range)) requireNarrow(table, range);
  return {
    kind: "delete",
    table,
    keys: ranges.filter(isKey).map((range) => range.start),
    ranges: ranges.filter((range) => !isKey(range)),
  };
}

/** Spanner deletes ranges whose bounds share every part but the last. */
function requireNarrow(table: Table, range: KeyRange): void {
  const shared = Math.max(range.start.length, range.end.length) - 1;
  for (let place = 0; place < shared; place++) {
    const type = table.primaryKey[place]?.column.type;
    const [start, end] = [range.start[place], range.end[place]];
    if (type === undefined || start === undefined || end === undefined) {
      throw deleteRangeTooWide(table.name);
    }
    const texts = [start, end].map((value) => JSON.stringify(encodeValue(type, value)));
    if (texts[0] !== texts[1]) throw deleteRangeTooWide(table.name);
  }
}

function getTable(schema: Schema, name: string): Table {
  const table = findTable(schema, name);
  if (table === undefined) throw tableNotFound(name);
  return table;
}

function getIndex(schema: Schema, table: Table, name: string): Index {
  const index = findIndex(schema, name);
  if (index === undefined || index.table.toLowerCase() !== table.name.toLowerCase()) {
    throw indexNotFound(table.name, name);
  }
  return index;
}

function getColumn(table: Table, name: string): Column {
  const column = findColumn(table, name);
  if (column === undefined) throw columnNotFound(table.name, name);
  return column;
}
