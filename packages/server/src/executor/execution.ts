// SPDX-License-Identifier: Apache-2.0
// What a running statement has: its rows, its frame, its budget, and its prepared operators. Operators
// are made once for a plan and hold no state of a run; all of that is in the execution.
import type { StatusError } from "@spandrel/base";
import type { Type, Value } from "@spandrel/model";
import { memoryExceeded } from "../errors/query.ts";
import type { Frame } from "../expression/frame.ts";
import { QUERY_MEMORY_BYTES_MAX } from "../limits/query.ts";
import type { PlanNode } from "../planner/plan.ts";
import type { KeyRange, Row, RowReader } from "../rows/contract.ts";
import type { HashTable } from "./hash-table.ts";
import type { Shape } from "./shape.ts";

/** Gives the rows of a plan's node, batch by batch. */
export type Operator = (execution: Execution) => AsyncIterable<readonly Row[]>;

/** A query ready to run. */
export interface PreparedQuery {
  readonly run: Operator;
  readonly bound: readonly number[];
  readonly types: readonly Type[];
}

/** One run of a statement. */
export interface Execution {
  readonly reader: RowReader;
  readonly frame: Frame;
  readonly signal: AbortSignal | undefined;
  readonly budget: MemoryBudget;
  /** Results of WITH queries that were run already. */
  readonly definitions: (readonly (readonly Row[])[] | undefined)[];
  /** Ranges of the batches that lookup joins are working on. */
  readonly batches: (readonly KeyRange[])[];
  /** Tables that are probed again and again, hashed from the second time on. */
  readonly probes: Map<PlanNode, HashTable | undefined>;
  /** Which subqueries have an outcome that holds for the whole run. */
  readonly settled: boolean[];
}

/** Counts what a run holds on to, by estimate. */
export class MemoryBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number = QUERY_MEMORY_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /**
   * Takes memory for rows that an operation keeps. What is packed lies in the store as well.
   *
   * @throws {StatusError} RESOURCE_EXHAUSTED when the run holds more than it may.
   */
  keep(rows: readonly Row[], operation: string, shape?: Shape): number {
    let bytes = 0;
    for (const row of rows) bytes += bytesKept(row, shape);
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) throw this.#exceeded(operation);
    return bytes;
  }

  /** Gives memory back. */
  release(bytes: number): void {
    this.#bytes -= bytes;
  }

  #exceeded(operation: string): StatusError {
    return memoryExceeded(operation, this.#bytesMax);
  }
}

/** A guess at what a value takes in memory. */
function bytesOf(value: Value): number {
  if (typeof value === "string") return 16 + value.length * 2;
  if (value instanceof Uint8Array) return 32 + value.length;
  if (Array.isArray(value)) {
    let bytes = 16;
    for (const each of value) bytes += bytesOf(each);
    return bytes;
  }
  return 16;
}

function bytesKept(row: Row, shape: Shape | undefined): number {
  if (shape === undefined || shape.packedCells.size === 0) return bytesOf(row);
  let bytes = 16;
  for (let cell = 0; cell < row.length; cell++) {
    bytes += shape.packedCells.has(cell) ? 16 : bytesOf(row[cell] ?? null);
  }
  return bytes;
}

/** Throws the signal's reason when the run was called off. */
export function checkAlive({ signal }: Execution): void {
  signal?.throwIfAborted();
}

/** All rows of a source, kept in memory. */
export async function collect(
  { run, shape }: { readonly run: Operator; readonly shape?: Shape },
  execution: Execution,
  operation: string,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for await (const batch of run(execution)) {
    execution.budget.keep(batch, operation, shape);
    for (const row of batch) rows.push(row);
  }
  return rows;
}
