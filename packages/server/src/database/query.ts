// SPDX-License-Identifier: Apache-2.0
// One statement from text to rows: the conductor of parser, analyzer, planner and executor.
import { type Clock, Code, type Random, StatusError } from "@spandrel/base";
import {
  decodeValue,
  normalizeJson,
  printType,
  type StructField,
  type Type,
  type Value,
  type WireValue,
} from "@spandrel/model";
import { parameterNotBound, wrongParameterValue } from "../errors/query.ts";
import { run, runDml } from "../executor/run.ts";
import type { Limits } from "../limits/limits.ts";
import type { Row, RowReader } from "../rows/contract.ts";
import type { WritableRows } from "../rows/write.ts";
import type { Schema } from "../schema/schema.ts";
import type { RowStream } from "./row-stream.ts";
import type { Prepared, StatementCache } from "./statement-cache.ts";

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
  /** Parameters whose types the statement settled; told of a statement that is only planned. */
  readonly undeclaredParameters: readonly StructField[];
  /** Rows that DML wrote; undefined for a query. */
  readonly rowCount: bigint | undefined;
}

/** What one run of a statement has at hand. */
export interface Running {
  readonly schema: Schema;
  readonly context: QueryContext;
  readonly signal: AbortSignal;
}

/**
 * Runs a query; nothing is read before its rows are asked for.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong, `onDml()` for one that writes.
 */
export function runQuery(
  statement: Statement,
  reader: RowReader,
  running: Running,
  onDml: () => StatusError,
): QueryResult {
  const prepared = prepare(statement, running);
  if (prepared.statement.kind !== "query" && !statement.isPlanOnly) throw onDml();
  return answer(statement, prepared, () => readRows(statement, prepared, reader, running));
}

/**
 * Runs a query or a DML statement in a read-write transaction.
 *
 * `poison` is called with the error of a statement that failed while it wrote: what it wrote before is
 * still there, so that the transaction is of no use any more.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong, and as its effects say.
 */
export async function runStatement(
  statement: Statement,
  rows: WritableRows,
  running: Running,
  poison: (error: StatusError) => void,
): Promise<QueryResult> {
  const prepared = prepare(statement, running);
  if (prepared.statement.kind === "query" || statement.isPlanOnly) {
    return answer(statement, prepared, () => readRows(statement, prepared, rows, running));
  }
  const options = runOptions(statement, prepared, running);
  const writesBefore = rows.writes;
  try {
    const { rowCount, returned = [] } = await runDml(prepared.plan, rows, options);
    rows.checkConstraints();
    const result = answer(statement, prepared, () => once(returned));
    return { ...result, rowCount: BigInt(rowCount) };
  } catch (thrown) {
    const error = StatusError.from(thrown, Code.INTERNAL);
    const hasWritten = rows.writes > writesBefore;
    if (hasWritten || !harmless.has(error.code)) poison(error);
    throw thrown;
  }
}

/** Codes of what does not break a constraint: the statement might as well not have been. */
const harmless = new Set<Code>([Code.INVALID_ARGUMENT, Code.UNIMPLEMENTED, Code.ABORTED]);

function prepare({ text, parameterTypes }: Statement, { schema, context }: Running): Prepared {
  return context.statements.prepare(text, parameterTypes, schema);
}

function answer(
  { parameterTypes, isPlanOnly }: Statement,
  { statement }: Prepared,
  rows: () => AsyncIterable<readonly Row[]>,
): QueryResult {
  const { columns, parameters } = statement;
  if (!isPlanOnly)
    return { columns, batches: rows(), undeclaredParameters: [], rowCount: undefined };
  const declared = new Set(Object.keys(parameterTypes).map((name) => name.toLowerCase()));
  const undeclaredParameters = [...parameters].flatMap(([name, type]) =>
    declared.has(name) ? [] : { name, type },
  );
  return { columns, batches: once([]), undeclaredParameters, rowCount: undefined };
}

function readRows(
  statement: Statement,
  prepared: Prepared,
  reader: RowReader,
  running: Running,
): AsyncIterable<readonly Row[]> {
  return run(prepared.plan, reader, runOptions(statement, prepared, running)).batches;
}

function runOptions(statement: Statement, prepared: Prepared, { context, signal }: Running) {
  return {
    parameters: bind(statement.parameters, prepared.statement.parameters),
    nowNanos: context.clock.now(),
    random: context.random,
    signal,
  };
}

/** The values of the parameters that a statement has; those that it has not are passed over. */
function bind(
  given: Readonly<Record<string, WireValue>>,
  wanted: ReadonlyMap<string, Type>,
): ReadonlyMap<string, Value> {
  if (wanted.size === 0) return new Map();
  const byName = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const bound = new Map<string, Value>();
  for (const [name, type] of wanted) {
    const wire = byName.get(name);
    if (wire === undefined) throw parameterNotBound(name);
    bound.set(name, decodeParameter(name, type, wire));
  }
  return bound;
}

function decodeParameter(name: string, type: Type, wire: WireValue): Value {
  try {
    const value = decodeValue(type, wire);
    return type.kind === "JSON" && value !== null ? normalizeJson(value as string) : value;
  } catch (thrown) {
    throw wrongParameterValue(name, printType(type), thrown);
  }
}

async function* once(rows: readonly Row[]): AsyncIterable<readonly Row[]> {
  if (rows.length > 0) yield rows;
}
