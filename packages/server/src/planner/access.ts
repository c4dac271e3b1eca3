// SPDX-License-Identifier: Apache-2.0
// How a table is read: by its own key or by an index, which part of it, and in which direction. Of
// the ways there are, the one that is expected to read the least is taken; there are no statistics, so
// a condition counts by its kind alone. An index that lacks columns is followed by a look at the rows.
import { columnsReadBy, type Subqueries } from "../analyzer/columns-read.ts";
import type { TableScan } from "../analyzer/resolved.ts";
import type { Expression } from "../expression/expression.ts";
import { columnsIn, isStable, someParts, subqueriesIn } from "../expression/walk.ts";
import {
  type Column,
  entryKeyOf,
  type Index,
  indexesOf,
  isPartial,
  type KeyPart,
  type Schema,
} from "../schema/schema.ts";
import { conjunctionOf } from "./filters.ts";
import { orderOfKey, satisfies, withoutFixed } from "./order.ts";
import type { OrderedColumn, PlanNode, ScanNode, Seek } from "./plan.ts";
import { probed } from "./probe.ts";
import { type FoundSeek, findSeek, type SeekContext } from "./seek.ts";

/** Rows that a table is taken to have: any large number. */
const TABLE_ROWS = 1_000_000;
/** A covering index costs a little more: of equal ways the one in the order of the key is taken. */
const ENTRY_COST = 1.05;
/** What looking a row up behind an index entry costs, in rows read in a row. */
const LOOKUP_COST = 4;

/** What is asked of a scan. */
export interface AccessRequest {
  readonly statement: Subqueries;
  readonly schema: Schema;
  readonly scan: TableScan;
  readonly conjuncts: readonly Expression[];
  /** The columns that are needed afterwards, those of the conjuncts not counted. */
  readonly required: ReadonlySet<number>;
  readonly wanted: readonly OrderedColumn[] | undefined;
  /** Columns of a lookup join that come with every batch, and the slot of its ranges. */
  readonly batch: { readonly columns: readonly number[]; readonly slot: number } | undefined;
  readonly newSlot: () => number;
}

interface Way {
  readonly index: Index | undefined;
  readonly key: readonly KeyPart[];
  readonly found: FoundSeek;
  readonly isReverse: boolean;
  readonly covers: boolean;
  readonly cost: number;
  readonly rows: number;
}

/** Plans the reading of a table under some conditions. */
export function planAccess(request: AccessRequest): PlanNode {
  const ways = waysOf(request);
  const best = ways.reduce((left, right) => (right.cost < left.cost ? right : left));
  return best.covers ? coveredRead(request, best) : indexThenRows(request, best);
}

/** Whether some key begins with all of these columns, so that a batch of them can be sought. */
export function findBatchKey(
  schema: Schema,
  scan: TableScan,
  columns: readonly number[],
): { readonly key: readonly KeyPart[]; readonly columns: readonly number[] } | undefined {
  let best: { key: readonly KeyPart[]; columns: readonly number[] } | undefined;
  for (const { key } of keysOf(schema, scan)) {
    const prefix: number[] = [];
    for (const part of key) {
      const column = columnOf(scan, part.column);
      if (column === undefined || !columns.includes(column)) break;
      prefix.push(column);
    }
    if (prefix.length > (best?.columns.length ?? 0)) best = { key, columns: prefix };
  }
  return best;
}

function keysOf(
  schema: Schema,
  scan: TableScan,
): readonly { readonly index: Index | undefined; readonly key: readonly KeyPart[] }[] {
  const { table, forcedIndex } = scan;
  const base = { index: undefined, key: table.primaryKey };
  if (forcedIndex === "_BASE_TABLE") return [base];
  const indexes = indexesOf(schema, table).map((index) => ({
    index,
    key: entryKeyOf(index, table),
  }));
  const forced = indexes.filter(({ index }) => index.name === forcedIndex);
  return forced.length > 0 ? forced : [base, ...indexes.filter(({ index }) => !isPartial(index))];
}

function columnOf(scan: TableScan, column: Column): number | undefined {
  return scan.columns.find(({ source }) => source.id === column.id)?.column;
}

function waysOf(request: AccessRequest): readonly [Way, ...Way[]] {
  const ways = keysOf(request.schema, request.scan).map((each) =>
    wayBy(request, each.index, each.key),
  );
  const [first, ...rest] = ways;
  return [first ?? wayBy(request, undefined, request.scan.table.primaryKey), ...rest];
}

function wayBy(request: AccessRequest, index: Index | undefined, key: readonly KeyPart[]): Way {
  const { scan, batch } = request;
  const part = (each: KeyPart): number | undefined => columnOf(scan, each.column);
  const found = findSeek(key, request.conjuncts, contextOf(request, part));
  const batched = batch === undefined ? 0 : prefixLength(key, part, batch.columns);
  const isBatch = batch !== undefined && batched === batch.columns.length;
  const fraction = isBatch ? 0.01 ** batched : found.fraction;
  const isUnique = index === undefined ? found.isPoint : index.isUnique && coversKey(found, index);
  const rows = isUnique ? 1 : Math.max(TABLE_ROWS * fraction, 1);
  const isReverse = wantsReverse(request, key, found, part);
  const isOrdered =
    isReverse ||
    satisfies(
      orderOfKey(key, found.seek.prefix, part, false),
      fixedWanted(request, found, key, part),
    );
  const covers = index === undefined || coveredBy(request, index, found);
  const sorting = request.wanted === undefined || isOrdered ? 0 : rows * 2;
  const reading = rows * (covers ? (index === undefined ? 1 : ENTRY_COST) : LOOKUP_COST);
  const cost = batch !== undefined && !isBatch ? Number.POSITIVE_INFINITY : reading + sorting;
  return { index, key, found, isReverse, covers, cost, rows };
}

function prefixLength(
  key: readonly KeyPart[],
  part: (each: KeyPart) => number | undefined,
  columns: readonly number[],
): number {
  let length = 0;
  for (const each of key) {
    const column = part(each);
    if (column === undefined || !columns.includes(column)) break;
    length++;
  }
  return length;
}

/** Whether the index's own parts are all fixed, so that a unique index has one entry at most. */
function coversKey(found: FoundSeek, index: Index): boolean {
  const parts = found.seek.prefix.slice(0, index.key.length);
  return parts.length === index.key.length && parts.every((part) => part.kind === "equal");
}

/** A value is known before the scan when it reads no column of the scanned table. */
function contextOf(
  request: AccessRequest,
  columnOfPart: (part: KeyPart) => number | undefined,
): SeekContext {
  const own = new Set(request.scan.columns.map(({ column }) => column));
  return {
    columnOf: columnOfPart,
    isKnown: (expression) =>
      isStable(expression) && ![...columnsIn(expression)].some((column) => own.has(column)),
  };
}

function fixedWanted(
  request: AccessRequest,
  found: FoundSeek,
  key: readonly KeyPart[],
  part: (each: KeyPart) => number | undefined,
): readonly OrderedColumn[] | undefined {
  const fixed = new Set<number>();
  for (const [place, sought] of found.seek.prefix.entries()) {
    const each = key[place];
    const column = each === undefined ? undefined : part(each);
    if (column !== undefined && (sought.kind === "equal" || sought.kind === "null"))
      fixed.add(column);
  }
  return withoutFixed(request.wanted, fixed);
}

function wantsReverse(
  request: AccessRequest,
  key: readonly KeyPart[],
  found: FoundSeek,
  part: (each: KeyPart) => number | undefined,
): boolean {
  const wanted = fixedWanted(request, found, key, part);
  if (wanted === undefined || wanted.length === 0) return false;
  if (satisfies(orderOfKey(key, found.seek.prefix, part, false), wanted)) return false;
  return satisfies(orderOfKey(key, found.seek.prefix, part, true), wanted);
}

function columnsInIndex(request: AccessRequest, index: Index): ReadonlySet<number> {
  const { table } = request.scan;
  const held = [...entryKeyOf(index, table).map((part) => part.column), ...index.storing];
  return new Set(
    held.map((column) => columnOf(request.scan, column)).filter((column) => column !== undefined),
  );
}

function coveredBy(request: AccessRequest, index: Index, found: FoundSeek): boolean {
  const held = columnsInIndex(request, index);
  return [...neededColumns(request, found.rest)].every((column) => held.has(column));
}

/** Own columns that are needed afterwards or by conditions. */
function neededColumns(
  { statement, scan, required }: AccessRequest,
  conjuncts: readonly Expression[],
): ReadonlySet<number> {
  const read = conjuncts.flatMap((conjunct) => [...columnsReadBy(statement, conjunct)]);
  const wanted = new Set([...required, ...read]);
  return new Set(scan.columns.map(({ column }) => column).filter((column) => wanted.has(column)));
}

/** In a batch the ranges come from outside, so that all conditions are still to be tested. */
function seekOf(request: AccessRequest, way: Way): { seek: Seek; rest: readonly Expression[] } {
  if (request.batch === undefined) return { seek: way.found.seek, rest: way.found.rest };
  return { seek: { kind: "batch", slot: request.batch.slot }, rest: request.conjuncts };
}

function coveredRead(request: AccessRequest, way: Way): PlanNode {
  const { seek, rest } = seekOf(request, way);
  const scan = scanNode(request, way, seek, neededColumns(request, rest));
  const probe = probed(scan, rest);
  return filtered(request.statement, probe.node, probe.rest);
}

/** Reads entries, tests what they can tell, and then looks the rows up. */
function indexThenRows(request: AccessRequest, way: Way): PlanNode {
  const { index } = way;
  if (index === undefined) return coveredRead(request, way);
  const { seek, rest } = seekOf(request, way);
  const held = columnsInIndex(request, index);
  const isCovered = (conjunct: Expression): boolean =>
    [...columnsReadBy(request.statement, conjunct)].every(
      (column) => held.has(column) || !isOwn(request.scan, column),
    );
  const needed = neededColumns(request, rest);
  const keyColumns = request.scan.table.primaryKey.flatMap((part) => {
    const column = columnOf(request.scan, part.column);
    return column === undefined ? [] : [{ part, column }];
  });
  const entryColumns = new Set([
    ...[...needed].filter((column) => held.has(column)),
    ...keyColumns.map(({ column }) => column),
  ]);
  const entries = filtered(
    request.statement,
    scanNode(request, way, seek, entryColumns),
    rest.filter(isCovered),
  );
  const slot = request.newSlot();
  const rows = scanNode(
    request,
    { ...way, index: undefined, key: request.scan.table.primaryKey },
    { kind: "batch", slot },
    new Set([...needed].filter((column) => !entryColumns.has(column))),
  );
  // The rows need their key too, to be matched with their entries, under numbers of its own.
  const copies = keyColumns.map(({ part, column }) => ({ part, column, copy: -1 - column }));
  const right: ScanNode = {
    ...rows,
    columns: [...rows.columns, ...copies.map(({ copy }) => copy)],
    sources: [...rows.sources, ...copies.map(({ part }) => part.column)],
    order: [],
  };
  const joined: PlanNode = {
    kind: "lookup join",
    join: "inner",
    left: entries,
    right,
    key: request.scan.table.primaryKey,
    keys: copies.map(({ part, column, copy }) => ({
      left: { kind: "column", type: part.column.type, column, name: part.column.name },
      right: { kind: "column", type: part.column.type, column: copy, name: part.column.name },
    })),
    isSameRow: true,
    slot,
    condition: undefined,
    subqueries: [],
    columns: [...entries.columns, ...right.columns],
    order: entries.order,
    rows: entries.rows,
  };
  return filtered(
    request.statement,
    joined,
    rest.filter((conjunct) => !isCovered(conjunct)),
  );
}

function isOwn(scan: TableScan, column: number): boolean {
  return scan.columns.some((each) => each.column === column);
}

function scanNode(
  { scan }: AccessRequest,
  way: Way,
  seek: Seek,
  columns: ReadonlySet<number>,
): ScanNode {
  const read = scan.columns.filter(({ column }) => columns.has(column));
  const part = (each: KeyPart): number | undefined => columnOf(scan, each.column);
  const prefix = seek.kind === "key" ? seek.prefix : [];
  const order = orderOfKey(way.key, prefix, part, way.isReverse);
  return {
    kind: "scan",
    table: scan.table,
    index: way.index,
    sources: read.map(({ source }) => source),
    columns: read.map(({ column }) => column),
    seek,
    isReverse: way.isReverse,
    isForUpdate: scan.isForUpdate,
    written: scan.written,
    order,
    rows: way.rows,
  };
}

/** A filter over a node; the node itself when there is nothing to test. */
export function filtered(
  _statement: Subqueries,
  input: PlanNode,
  conjuncts: readonly Expression[],
): PlanNode {
  // Conditions with subqueries come last: others may spare running them.
  const plain = conjuncts.filter((conjunct) => !hasSubquery(conjunct));
  const costly = conjuncts.filter(hasSubquery);
  let node = input;
  for (const some of [plain, costly]) {
    const condition = conjunctionOf(some);
    if (condition === undefined) continue;
    node = {
      kind: "filter",
      input: node,
      condition,
      subqueries: subqueriesIn(condition),
      columns: node.columns,
      order: node.order,
      rows: Math.max(node.rows * 0.3 ** some.length, 1),
    };
  }
  return node;
}

function hasSubquery(expression: Expression): boolean {
  return someParts(expression, (part) => part.kind === "subquery");
}
