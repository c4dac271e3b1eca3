// SPDX-License-Identifier: Apache-2.0
// DML that is not one statement of a transaction: a statement that is partitioned, which is its own
// transaction, and a batch of statements, which runs as far as it succeeds.
// https://cloud.google.com/spanner/docs/dml-tasks
import { Code, StatusError } from "@spandrel/base";
import type { ExecuteBatchDmlResponse, ResultSet } from "@spandrel/protocol";
import { runPartitionedDml } from "../database/partitioned-dml.ts";
import type { Statement } from "../database/query.ts";
import { notDml, partitionedNeedsDml } from "../errors/result.ts";
import { type Answerable, metadataOf, statsOf, tokenOf } from "./results.ts";
import type { Selected } from "./selectors.ts";
import { type StatementMessage, statementOf } from "./statement.ts";
import type { PartitionedTransaction, ReadWriteTransaction } from "./transactions.ts";

/**
 * Runs partitioned DML, which commits by itself, partition by partition.
 *
 * @throws {StatusError} INVALID_ARGUMENT for all but UPDATE and DELETE, and as the statement does.
 */
export async function runPartitioned(
  { database }: PartitionedTransaction,
  statement: Statement,
  signal: AbortSignal,
): Promise<Answerable> {
  const asked = database.begin();
  const kind = asked.kindOf(statement);
  asked.rollBack();
  if (kind !== "update" && kind !== "delete") throw partitionedNeedsDml();
  return { ...(await runPartitionedDml(database, statement, signal)), isLowerBound: true };
}

/**
 * Runs the statements of a batch in their order, up to the first that fails.
 *
 * A failure is no error of the call: the answer has the results of the statements before it, and its
 * status. When it is the first statement, and was to begin the transaction, no transaction is left.
 *
 * @throws {StatusError} ABORTED when the transaction was aborted, since all of it must be done again.
 */
export async function runBatch(
  statements: readonly StatementMessage[],
  selected: Selected,
  open: ReadWriteTransaction,
  signal: AbortSignal,
): Promise<ExecuteBatchDmlResponse> {
  const resultSets: ResultSet[] = [];
  let status: { code: number; message: string } = { code: Code.OK, message: "" };
  for (const [position, message] of statements.entries()) {
    try {
      const result = await open.transaction.execute(statementOf(message), signal);
      if (result.rowCount === undefined) throw notDml(position, message.sql ?? "");
      const isFirst = position === 0;
      const answered = isFirst ? selected : { ...selected, isNew: false };
      resultSets.push({ metadata: metadataOf(result, answered), stats: statsOf(result) });
    } catch (thrown) {
      const error = StatusError.from(thrown, Code.INTERNAL);
      if (error.code === Code.ABORTED) throw error;
      if (position === 0 && selected.kind === "open" && selected.isNew) {
        open.transaction.rollBack();
      }
      status = { code: error.code, message: error.message };
      break;
    }
  }
  const token = tokenOf(selected);
  return token === undefined
    ? { resultSets, status }
    : { resultSets, status, precommitToken: token };
}
