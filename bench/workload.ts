// SPDX-License-Identifier: Apache-2.0
// What both clients are measured with: one database, one small query, one large result.
import { Client, Numeric, Timestamp } from "@spandrel/client";

export const projectId = "bench";
export const instanceId = "bench";
export const databaseId = "bench";

export const selectOne = "SELECT 1 AS one";
export const rowCount = 100_000;
export const selectRows = "SELECT * FROM Measurements";
/** How many columns they have. */
export const columnCount = 10;
/** The same rows ten times. */
export const manyRows = "SELECT m.* FROM Measurements AS m, UNNEST(GENERATE_ARRAY(1, 10)) AS again";
export const manyRowCount: number = 10 * rowCount;
/** What a point read reads. */
export const columns: readonly string[] = ["Id", "Count", "Name", "MeasuredAt"];
export const countUp = "UPDATE Counters SET Count = Count + 1 WHERE Id = @id";
/** Rows that count, for writers with a row each. */
const counterCount = 1_000;

const createCounters = `CREATE TABLE Counters (
  Id INT64 NOT NULL,
  Count INT64,
) PRIMARY KEY (Id)`;

const createTable = `CREATE TABLE Measurements (
  Id INT64 NOT NULL,
  Count INT64,
  Name STRING(MAX),
  Note STRING(MAX),
  Ratio FLOAT64,
  IsChecked BOOL,
  MeasuredAt TIMESTAMP,
  Digest BYTES(MAX),
  Price NUMERIC,
  Tags ARRAY<STRING(MAX)>,
) PRIMARY KEY (Id)`;

/** Rows written by one commit: a little less than its limit of mutations allows. */
const commitRows = 5_000;

/** Makes the database and fills its table. */
export async function prepare(address: string): Promise<void> {
  await using client = new Client({ project: projectId, emulatorHost: address });
  const instance = client.instance(instanceId);
  await (await instance.create()).result();
  const database = instance.database(databaseId);
  await (await database.create({ ddlStatements: [createTable, createCounters] })).result();
  for (let first = 0; first < rowCount; first += commitRows) {
    const rows = Array.from({ length: commitRows }, (_, index) => rowOf(first + index));
    await database.batch().insert("Measurements", rows).commit();
  }
  const counters = Array.from({ length: counterCount }, (_, id) => ({ Id: BigInt(id), Count: 0n }));
  await database.batch().insert("Counters", counters).commit();
}

function rowOf(index: number): Record<string, InsertedValue> {
  return {
    Id: BigInt(index),
    Count: BigInt(index % 1_000),
    Name: `name of measurement ${index}`,
    Note: `A note of middling length about measurement number ${index}, with an é and a 🐚.`,
    Ratio: index / 7,
    IsChecked: index % 3 === 0,
    MeasuredAt: Timestamp.fromEpochNanos(
      1_700_000_000_000_000_000n + BigInt(index) * 1_234_567_891n,
    ),
    Digest: new Uint8Array(16).fill(index % 256),
    Price: Numeric.from(`${index}.${String(index % 100).padStart(2, "0")}`),
    Tags: [`tag-${index % 10}`, `tag-${index % 100}`],
  };
}

type InsertedValue =
  | bigint
  | boolean
  | number
  | string
  | Numeric
  | Timestamp
  | Uint8Array
  | readonly string[];
