// SPDX-License-Identifier: Apache-2.0
// Partitions: a read or a query is cut into ranges of keys of about the same size. Each partition is
// the same request again, over the keys of one range, at the same moment; together they give each row
// once.
//
// Only a query that works on each row by itself can be cut like that: it scans one table, perhaps by
// an index, and filters and computes. What Spanner calls root-partitionable is a little wider.
// https://cloud.google.com/spanner/docs/reads#read_data_in_parallel
import { notRootPartitionable } from "../errors/result.ts";
import { afterPrefix } from "../keys/part.ts";
import type { LockRange } from "../locks/lock-table.ts";
import type { Plan, PlanNode } from "../planner/plan.ts";
import { findTable, type Schema, type Table } from "../schema/schema.ts";
import type { KeyValueReader } from "../txn/key-values.ts";

/** A range of the keys of a table or an index. */
export type Partition = LockRange;

/** How a request would like to be cut; both are hints. */
export interface PartitionHints {
  /** Bytes of rows in a partition; 0 for the default. */
  readonly sizeBytes: number;
  /** Most partitions; 0 for the default. */
  readonly partitionsMax: number;
}

/** A partition of this size is worth a worker of its own. */
const defaultSizeBytes = 1 << 20;

/** What Spanner documents: https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1 */
const defaultPartitionsMax = 10_000;
const partitionsMaxMax = 200_000;

/** Small tables are cut as well, so that a program meets more than one partition in its tests. */
const partitionsMin = 4;

/** Cuts the keys in some ranges of a space, which do not overlap. At least one partition comes. */
export function cut(
  reader: KeyValueReader,
  ranges: readonly LockRange[],
  hints: PartitionHints,
): readonly Partition[] {
  const space = ranges[0]?.space ?? 0;
  const sorted = ranges.toSorted((left, right) => (left.start < right.start ? -1 : 1));
  const sizes = function* (): IterableIterator<readonly [key: string, bytes: number]> {
    for (const { start, end } of sorted) {
      for (const [key, row] of reader.scan(space, start, end, false)) {
        yield [key, key.length + row.length];
      }
    }
  };
  const partitionBytes = partitionBytesOf(sizes(), hints);
  const bounds: string[] = [];
  let bytesBefore = 0;
  for (const [key, bytes] of sizes()) {
    if (bytesBefore >= partitionBytes * (bounds.length + 1)) bounds.push(key);
    bytesBefore += bytes;
  }
  const starts = ["", ...bounds];
  return starts.map((start, index) => ({ space, start, end: bounds[index] ?? afterPrefix }));
}

function partitionBytesOf(
  sizes: Iterable<readonly [key: string, bytes: number]>,
  { sizeBytes, partitionsMax }: PartitionHints,
): number {
  let bytes = 0;
  let rows = 0;
  for (const [, size] of sizes) {
    bytes += size;
    rows++;
  }
  const most = Math.min(partitionsMax || defaultPartitionsMax, partitionsMaxMax);
  const wanted = Math.ceil(bytes / (sizeBytes || defaultSizeBytes));
  const count = Math.min(most, Math.max(wanted, Math.min(partitionsMin, rows)));
  return count === 0 ? Number.POSITIVE_INFINITY : bytes / count;
}

/** @throws {StatusError} INVALID_ARGUMENT when a query does not work on each row by itself. */
export function requireRootPartitionable(plan: Plan, schema: Schema): void {
  const isRowByRow =
    plan.write === undefined &&
    plan.subqueries.length === 0 &&
    plan.definitions.length === 0 &&
    readsRowByRow(plan.query.root, schema);
  if (!isRowByRow) throw notRootPartitionable();
}

/**
 * Whether an UPDATE or DELETE is one for each row by itself, so that it may be carried out row by row: it
 * looks at no other table, and gives nothing back.
 */
export function isFullyPartitionable(plan: Plan, schema: Schema): boolean {
  const { write, query, subqueries, definitions } = plan;
  return (
    write?.returning === undefined &&
    subqueries.length === 0 &&
    definitions.length === 0 &&
    readsRowByRow(query.root, schema)
  );
}

/** The table whose rows are walked over, in the order of its keys; undefined when that is an index. */
export function tableWalked({ query }: Plan): Table | undefined {
  let node = query.root;
  while (node.kind === "filter" || node.kind === "project" || node.kind === "flatten") {
    node = node.input;
  }
  return node.kind === "scan" && node.index === undefined ? node.table : undefined;
}

function readsRowByRow(node: PlanNode, schema: Schema): boolean {
  switch (node.kind) {
    case "scan":
      // Tables that describe the database have no keys to cut.
      return findTable(schema, node.table.name)?.id === node.table.id;
    case "filter":
    case "project":
    case "flatten":
      return readsRowByRow(node.input, schema);
    case "lookup join":
      // The rows behind the entries of an index.
      return node.isSameRow && readsRowByRow(node.left, schema);
    default:
      return false;
  }
}
