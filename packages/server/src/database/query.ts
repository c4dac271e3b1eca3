// SPDX-License-Identifier: Apache-2.0
// One statement from text to rows: the conductor of parser, analyzer, planner and executor.
import { type Clock, Code, type Random, StatusError } from "@spandrel/base";
import {
  BOOL,
  decodeValue,
  FLOAT64,
  printType,
  STRING,
  type StructField,
  type Type,
  type Value,
  type WireValue,
} from "@spandrel/model";
import {
  informationSchemaInReadWrite,
  parameterNotBound,
  wrongParameterValue,
} from "../errors/query.ts";
import { run, runDml } from "../executor/run.ts";
import type { CounterStates, SequenceSource } from "../functions/context.ts";
import { InformationReader } from "../information/reader.ts";
import type { Limits } from "../limits/limits.ts";
import { type ExplainedNode, explainPlan } from "../planner/explain.ts";
import type { Row, RowReader, RowWriter } from "../rows/contract.ts";
import { defaultTimeZoneOf } from "../schema/database-options.ts";
import type { Schema } from "../schema/schema.ts";
import { withNormalizedJson } from "./json-values.ts";
import type { RowStream } from "./row-stream.ts";
import type { Prepared, StatementCache } from "./statement-cache.ts";
import { StatementMeter, type StatementStatistics } from "./statement-meter.ts";

/** A statement as a client sends it. */
export interface Statement {
  readonly text: string;
  /** Values by the parameters' names; without a type they are read by how the statement uses them. */
  readonly parameters: Readonly<Record<string, WireValue>>;
  readonly parameterTypes: Readonly<Record<string, Type>>;
  /** Only analyze and plan: nothing is read, nothing is written. */
  readonly isPlanOnly: boolean;
  /** Whether the plan is told with the answer. Default: of a statement that is only planned. */
  readonly returnsPlan?: boolean;
  /** Whether it is told what the statement cost. Default: it is not. */
  readonly returnsStatistics?: boolean;
}

/** What statements work with. */
export interface QueryContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: Limits;
  readonly statements: StatementCache;
  /** Who counts for sequences; absent where nothing may be written. */
  readonly counters?: SequenceSource;
  /** How far sequences and identity columns have counted. */
  readonly counterStates?: CounterStates;
}

/** The rows of a statement, and what else it says. */
export interface QueryResult extends RowStream {
  /** Parameters whose types the statement settled; told of a statement that is only planned. */
  readonly undeclaredParameters: readonly StructField[];
  /** Rows that DML wrote; undefined for a query. */
  readonly rowCount: bigint | undefined;
  /** The plan, where it was asked for. */
  readonly plan?: readonly ExplainedNode[] | undefined;
  /** What the statement cost, where that was asked for; whole when all rows were walked. */
  readonly statistics?: (() => StatementStatistics) | undefined;
}

/** What a statement of a read-write transaction reads from and writes to. */
export interface StatementRows {
  /** For queries. */
  readonly reader: RowReader;
  /** For DML: what it reads in order to write, and its writes. */
  readonly writer: RowWriter;
  /** How many rows and entries the transaction has written so far. */
  readonly writes: () => number;
  /** Called when a DML statement has done its work, to judge it. */
  readonly complete: () => void;
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
  return answerRows(statement, prepared, withInformation(prepared, reader, running), running);
}

/** The information schema is read from the schema, all else from the rows. */
function withInformation(
  { readsInformation }: Prepared,
  reader: RowReader,
  { schema }: Running,
): RowReader {
  if (!readsInformation) return reader;
  return new InformationReader(reader, schema);
}

function answerRows(
  statement: Statement,
  prepared: Prepared,
  reader: RowReader,
  running: Running,
): QueryResult {
  const meter = meterOf(statement, running);
  const source = meter?.reader(reader) ?? reader;
  const result = answer(statement, prepared, () => {
    const batches = readRows(statement, prepared, source, running);
    return meter?.batches(batches) ?? batches;
  });
  return meter === undefined ? result : { ...result, statistics: () => meter.statistics() };
}

function meterOf(statement: Statement, { context }: Running): StatementMeter | undefined {
  if (statement.returnsStatistics !== true || statement.isPlanOnly) return undefined;
  return new StatementMeter(context.clock, statement.text);
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
  rows: StatementRows,
  running: Running,
  poison: (error: StatusError) => void,
): Promise<QueryResult> {
  const prepared = prepare(statement, running);
  if (prepared.readsInformation) throw informationSchemaInReadWrite();
  if (prepared.statement.kind === "query" || statement.isPlanOnly) {
    return answerRows(statement, prepared, rows.reader, running);
  }
  const meter = meterOf(statement, running);
  const writer = meter?.writer(rows.writer) ?? rows.writer;
  const options = runOptions(statement, prepared, running);
  const writesBefore = rows.writes();
  try {
    const write = () => runDml(prepared.plan, writer, options);
    const { rowCount, returned = [] } = await (meter?.work(write) ?? write());
    rows.complete();
    // A client that lost the answer gets it again, so its rows can be walked again too.
    const again = { [Symbol.asyncIterator]: () => once(returned)[Symbol.asyncIterator]() };
    const result = answer(statement, prepared, () => meter?.batches(again) ?? again);
    const statistics = meter === undefined ? undefined : () => meter.statistics();
    return { ...result, rowCount: BigInt(rowCount), statistics };
  } catch (thrown) {
    const error = StatusError.from(thrown, Code.INTERNAL);
    const hasWritten = rows.writes() > writesBefore;
    if (hasWritten || !harmless.has(error.code)) poison(error);
    throw thrown;
  }
}

/** Codes of what does not break a constraint: the statement might as well not have been. */
const harmless = new Set<Code>([
  Code.INVALID_ARGUMENT,
  Code.UNIMPLEMENTED,
  Code.ABORTED,
  Code.CANCELLED,
  Code.DEADLINE_EXCEEDED,
]);

function prepare(statement: Statement, { schema, context }: Running): Prepared {
  return prepareStatement(statement, schema, context);
}

/**
 * Understands a statement, with what its values say of parameters without a type.
 *
 * @throws {StatusError} as `StatementCache.prepare` does.
 */
export function prepareStatement(
  statement: Statement,
  schema: Schema,
  { statements }: Pick<QueryContext, "statements">,
): Prepared {
  const { text, parameterTypes } = statement;
  return statements.prepare(text, parameterTypes, schema, guessedTypes(statement));
}

/** What parameters without a type look like; whatever looks like INT64 is taken for it anyway. */
function guessedTypes({ parameters, parameterTypes }: Statement): Readonly<Record<string, Type>> {
  const guessed: Record<string, Type> = {};
  for (const name in parameters) {
    if (parameterTypes[name] !== undefined) continue;
    const value = parameters[name];
    if (typeof value === "boolean") guessed[name] = BOOL;
    if (typeof value === "number") guessed[name] = FLOAT64;
    if (typeof value === "string" && !/^-?\d+$/.test(value)) guessed[name] = STRING;
  }
  return guessed;
}

function answer(
  { parameterTypes, isPlanOnly, returnsPlan = isPlanOnly }: Statement,
  { statement, plan: chosen }: Prepared,
  rows: () => AsyncIterable<readonly Row[]>,
): QueryResult {
  const { columns, parameters } = statement;
  const plan = returnsPlan ? explainPlan(chosen) : undefined;
  if (!isPlanOnly) {
    return { columns, batches: rows(), undeclaredParameters: [], rowCount: undefined, plan };
  }
  const declared = new Set(Object.keys(parameterTypes).map((name) => name.toLowerCase()));
  const undeclaredParameters = [...parameters].flatMap(([name, type]) =>
    declared.has(name) ? [] : { name, type },
  );
  return { columns, batches: once([]), undeclaredParameters, rowCount: undefined, plan };
}

function readRows(
  statement: Statement,
  prepared: Prepared,
  reader: RowReader,
  running: Running,
): AsyncIterable<readonly Row[]> {
  return run(prepared.plan, reader, runOptions(statement, prepared, running)).batches;
}

function runOptions(statement: Statement, prepared: Prepared, running: Running) {
  const { context, schema, signal } = running;
  return {
    timeZone: defaultTimeZoneOf(schema),
    sequences: context.counters,
    counterStates: context.counterStates,
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
    return withNormalizedJson(type, decodeValue(type, wire));
  } catch (thrown) {
    throw wrongParameterValue(name, printType(type), thrown);
  }
}

async function* once(rows: readonly Row[]): AsyncIterable<readonly Row[]> {
  if (rows.length > 0) yield rows;
}
