// SPDX-License-Identifier: Apache-2.0
// Partitioned DML: a statement that works on each row by itself is carried out range of keys by range of
// keys, each in a transaction of its own. So a large table is never locked as a whole, and what was done
// when something fails stays done. A range whose transaction had to give way is done again.
// https://cloud.google.com/spanner/docs/dml-partitioned
import { Code, StatusError } from "@spandrel/base";
import { notFullyPartitionable } from "../errors/result.ts";
import type { Database } from "./database.ts";
import type { Partition } from "./partition.ts";
import type { QueryResult, Statement } from "./query.ts";

/** Each partition is within Spanner's limits there; here one may be larger, when rows cascade. */
const unbounded = {
  mutationsPerCommitMax: Number.POSITIVE_INFINITY,
  commitBytesMax: Number.POSITIVE_INFINITY,
};

/** A transaction that keeps its age is through after few attempts. */
const attemptsMax = 50;

/**
 * Carries out an UPDATE or DELETE; gives how many rows all partitions have changed.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the statement does not work on each row by itself, ABORTED
 * when a partition never gets its turn, and as the statement does; earlier partitions stay done.
 */
export async function runPartitionedDml(
  database: Database,
  statement: Statement,
  signal: AbortSignal,
): Promise<QueryResult> {
  const snapshot = await database.snapshot({ kind: "strong" }, signal);
  const partitions = snapshot.partitionDml(statement);
  if (partitions === undefined) throw notFullyPartitionable();
  let rowCount = 0n;
  let last: QueryResult | undefined;
  for (const partition of partitions) {
    last = await runPartition(database, statement, partition, signal);
    rowCount += last.rowCount ?? 0n;
  }
  if (last === undefined) throw notFullyPartitionable();
  return last.rowCount === undefined ? last : { ...last, rowCount };
}

async function runPartition(
  database: Database,
  statement: Statement,
  partition: Partition | undefined,
  signal: AbortSignal,
): Promise<QueryResult> {
  let age: bigint | undefined;
  for (let attempt = 1; ; attempt++) {
    const transaction = database.begin(age);
    try {
      const result = await transaction.execute(statement, signal, partition);
      await transaction.commit([], unbounded);
      return result;
    } catch (thrown) {
      const error = StatusError.from(thrown, Code.INTERNAL);
      transaction.invalidate(error);
      if (error.code !== Code.ABORTED || attempt === attemptsMax || signal.aborted) throw thrown;
      age = transaction.age;
    }
  }
}
