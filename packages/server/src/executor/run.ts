// SPDX-License-Identifier: Apache-2.0
// Running a plan. `run` gives the rows of a query as they are found; `runDml` writes, and gives what
// THEN RETURN asks for. A plan may be run any number of times, also at the same time: all state of a
// run is its own.
import { type Random, systemRandom } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import {
  type CounterStates,
  DEFAULT_TIME_ZONE,
  type SequenceSource,
} from "../functions/context.ts";
import type { Plan, PlannedQuery } from "../planner/plan.ts";
import type { Row, RowReader, RowWriter } from "../rows/contract.ts";
import type { Preparation } from "./batches.ts";
import { type Execution, MemoryBudget, type Operator, type PreparedQuery } from "./execution.ts";
import { prepareRows } from "./operators.ts";
import { prepareWrite, type WriteOutcome, type Writer } from "./write.ts";

/** What a run is given beside its plan. */
export interface RunOptions {
  /** Values by the names in lower case. */
  readonly parameters: ReadonlyMap<string, Value>;
  /** The moment of the statement, in nanoseconds since the Unix epoch. */
  readonly nowNanos: bigint;
  readonly signal?: AbortSignal;
  readonly random?: Random;
  /** An IANA name; by default America/Los_Angeles, as in Spanner. */
  readonly timeZone?: string | undefined;
  /** Who counts for sequences; absent where nothing may be written. */
  readonly sequences?: SequenceSource | undefined;
  /** How far sequences and identity columns have counted. */
  readonly counterStates?: CounterStates | undefined;
  /** Bytes that the run may hold on to, by estimate. */
  readonly memoryBytesMax?: number;
}

/** The rows of a query. */
export interface QueryRun {
  /** Batches of rows, each row in the order of the statement's columns. */
  readonly batches: AsyncIterable<readonly Row[]>;
}

/** A plan with its operators made. */
interface Program {
  readonly query: Operator;
  readonly write: Writer | undefined;
}

const programs = new WeakMap<Plan, Program>();

/**
 * Runs a query.
 *
 * Rows come in the order of ORDER BY, else in key order as far as the plan reads in it. Nothing is
 * read before the first batch is asked for; leaving the loop ends all reading.
 *
 * @throws {StatusError} while iterating: OUT_OF_RANGE when a computation fails, RESOURCE_EXHAUSTED when
 * memory runs out, and whatever reading throws.
 */
export function run(plan: Plan, reader: RowReader, options: RunOptions): QueryRun {
  const { query } = programOf(plan);
  return { batches: query(newExecution(reader, options)) };
}

/**
 * Runs an INSERT, UPDATE or DELETE.
 *
 * All reading is done before anything is written, so that a statement never sees its own effects.
 *
 * @throws {StatusError} what `run` throws, and whatever writing throws.
 */
export async function runDml(
  plan: Plan,
  writer: RowWriter,
  options: RunOptions,
): Promise<WriteOutcome> {
  const { query, write } = programOf(plan);
  if (write === undefined) throw new TypeError("the plan of a query writes nothing");
  return await write(query, writer, newExecution(writer, options));
}

function newExecution(reader: RowReader, options: RunOptions): Execution {
  return {
    reader,
    signal: options.signal,
    budget: new MemoryBudget(options.memoryBytesMax),
    frame: {
      parameters: options.parameters,
      context: {
        nowNanos: options.nowNanos,
        timeZone: options.timeZone ?? DEFAULT_TIME_ZONE,
        random: options.random ?? systemRandom,
        sequences: options.sequences,
        counterStates: options.counterStates,
      },
      bound: [],
      subqueries: [],
      demanded: new Map(),
    },
    definitions: [],
    batches: [],
    probes: new Map(),
    settled: [],
  };
}

function programOf(plan: Plan): Program {
  const known = programs.get(plan);
  if (known !== undefined) return known;
  const preparation = new PlanPreparation(plan);
  const program: Program = {
    query: prepareRows(plan.query.root, preparation),
    write: plan.write === undefined ? undefined : prepareWrite(plan.write, preparation),
  };
  programs.set(plan, program);
  return program;
}

/** Makes the operators of subqueries and WITH queries when they are first asked for. */
class PlanPreparation implements Preparation {
  readonly #plan: Plan;
  readonly #prepared = new Map<PlannedQuery, PreparedQuery>();

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  subquery(number: number): PreparedQuery {
    return this.#prepare(this.#plan.subqueries[number], `subquery ${number}`);
  }

  definition(number: number): PreparedQuery {
    return this.#prepare(this.#plan.definitions[number], `WITH query ${number}`);
  }

  #prepare(query: PlannedQuery | undefined, what: string): PreparedQuery {
    if (query === undefined) throw new TypeError(`the plan has no ${what}`);
    const known = this.#prepared.get(query);
    if (known !== undefined) return known;
    const { bound, types } = query;
    const prepared: PreparedQuery = { run: prepareRows(query.root, this), bound, types };
    this.#prepared.set(query, prepared);
    return prepared;
  }
}
