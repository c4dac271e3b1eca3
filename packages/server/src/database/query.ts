// SPDX-License-Identifier: Apache-2.0
// One statement from text to rows: the conductor of parser, analyzer, planner and executor.
import type { Clock, Random, StatusError } from "@spandrel/base";
import type { StructField, Type, WireValue } from "@spandrel/model";
import type { Limits } from "../limits/limits.ts";
import type { RowReader, RowWriter } from "../rows/contract.ts";
import type { Schema } from "../schema/schema.ts";
import type { RowStream } from "./row-stream.ts";
import type { StatementCache } from "./statement-cache.ts";

/** A statement as a client sends it. */
export interface Statement {
  readonly text: string;
  /** Values by the parameters' names; without a type they are read by how the statement uses them. */
  readonly parameters: Readonly<Record<string, WireValue>>;
  readonly parameterTypes: Readonly<Record<string, Type>>;
  /** Only analyze and plan: nothing is read, nothing is written. */
  readonly isPlanOnly: boolean;
}

/** What statements work with. */
export interface QueryContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly statements: StatementCache;
}

/** The rows of a statement, and what else it says. */
export interface QueryResult extends RowStream {
  /** Parameters whose types the statement settled. */
  readonly undeclaredParameters: readonly StructField[];
  /** Rows that DML wrote; undefined for a query. */
  readonly rowCount: bigint | undefined;
}

export async function runQuery(
  _s: Statement,
  _c: Schema,
  _r: RowReader,
  _d: () => StatusError,
  _x: QueryContext,
  _g: AbortSignal,
): Promise<QueryResult> {
  throw new Error("soon");
}
export async function runStatement(
  _s: Statement,
  _c: Schema,
  _r: RowWriter,
  _d: (e: StatusError) => void,
  _x: QueryContext,
  _g: AbortSignal,
): Promise<QueryResult> {
  throw new Error("soon");
}
