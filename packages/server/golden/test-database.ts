// SPDX-License-Identifier: Apache-2.0
// The door by which tests come to a database: one with a schema, statements by their text, and the rows
// of what they give, all at once.
import { seededRandom } from "@spandrel/base";
import { encodeValue, type WireValue } from "@spandrel/model";
import { VirtualClock } from "@spandrel/testkit";
import { Database, type DatabaseOptions } from "../src/database/database.ts";
import type { Statement } from "../src/database/query.ts";
import type { RowStream } from "../src/database/row-stream.ts";
import type { DatabaseTransaction } from "../src/database/transaction.ts";
import { documentedLimits, type Limits } from "../src/limits/limits.ts";
import type { Row } from "../src/rows/contract.ts";

/** What a database is made of, as far as a test cares. */
export interface TestDatabaseOptions extends Partial<Omit<DatabaseOptions, "limits">> {
  readonly limits?: Partial<Limits>;
}

const { signal } = new AbortController();

/** The options of a database: by default a clock that stands still, and the same chance each time. */
export function databaseOptions({ limits, ...options }: TestDatabaseOptions = {}): DatabaseOptions {
  return {
    clock: new VirtualClock(),
    random: seededRandom(1),
    ...options,
    limits: { ...documentedLimits, ...limits },
  };
}

/** A database in memory with a schema. */
export async function newDatabase(
  ddl: readonly string[],
  options?: TestDatabaseOptions,
): Promise<Database> {
  const database = new Database(databaseOptions(options));
  for (const statement of ddl) await database.changeSchema(statement);
  return database;
}

/** A statement that is carried out. */
export function statementOf(text: string, parameters: Statement["parameters"] = {}): Statement {
  return { text, parameters, parameterTypes: {}, isPlanOnly: false };
}

/** All rows of a stream. */
export async function rowsOf({ batches }: Pick<RowStream, "batches">): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const batch of batches) rows.push(...batch);
  return rows;
}

/** All rows of a stream, as they go over the wire. */
export async function wireRowsOf({ columns, batches }: RowStream): Promise<WireValue[][]> {
  const rows = await rowsOf({ batches });
  return rows.map((row) => columns.map(({ type }, place) => encodeValue(type, row[place] ?? null)));
}

/** Runs a statement in a transaction; its rows. */
export async function execute(transaction: DatabaseTransaction, text: string): Promise<Row[]> {
  return rowsOf(await transaction.execute(statementOf(text), signal));
}

/** Runs statements in a transaction of their own; the moment of its commit. */
export async function write(database: Database, ...statements: readonly string[]): Promise<number> {
  const transaction = database.begin();
  for (const each of statements) await execute(transaction, each);
  return (await transaction.commit([])).atMicros;
}

/** The rows of a query, of now or of an earlier moment in microseconds. */
export async function query(database: Database, text: string, atMicros?: number): Promise<Row[]> {
  const snapshot = await database.snapshot(
    atMicros === undefined
      ? { kind: "strong" }
      : { kind: "read timestamp", atNanos: BigInt(atMicros) * 1_000n },
  );
  return rowsOf(snapshot.query(statementOf(text), signal));
}
