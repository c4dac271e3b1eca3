// SPDX-License-Identifier: Apache-2.0
// PartitionRead and PartitionQuery, and the requests that come back with one of their tokens.
// https://cloud.google.com/spanner/docs/reads#read_data_in_parallel
import {
  type ExecuteSqlRequest,
  ExecuteSqlRequest_QueryMode,
  type PartitionOptions,
  type PartitionQueryRequest,
  type PartitionReadRequest,
  type PartitionResponse,
  type ReadRequest,
  ReadRequest_OrderBy,
  type TransactionSelector,
} from "@spandrel/protocol";
import type { CallContext } from "@spandrel/rpc";
import type { Partition, PartitionHints } from "../database/partition.ts";
import {
  limitOnPartition,
  modeOfPartition,
  negativePartitionHint,
  orderOfPartition,
  partitionOfOther,
  partitionsNeedReadOnly,
} from "../errors/result.ts";
import { fingerprintOfRead, fingerprintOfStatement } from "./fingerprint.ts";
import { openPartition, sealPartition } from "./partition-token.ts";
import type { Places } from "./places.ts";
import { transactionOf } from "./results.ts";
import type { Selected } from "./selectors.ts";
import { statementOf } from "./statement.ts";
import type { ReadOnlyTransaction } from "./transactions.ts";

/**
 * Cuts a read into partitions.
 *
 * @throws {StatusError} INVALID_ARGUMENT without a read-only transaction, and as finding it and the read
 * itself would.
 */
export async function partitionRead(
  request: PartitionReadRequest,
  places: Places,
  { signal }: CallContext,
): Promise<PartitionResponse> {
  checkPartitionable(request.transaction, "PartitionRead");
  const place = places.of(request.session);
  const selected = await places.select(place, request.transaction, signal);
  const transaction = readOnlyOf(selected, "PartitionRead");
  const { table = "", index = "", columns = [], keySet } = request;
  const read = { table, index, columns, keySet, limit: 0n };
  const hints = hintsOf(request.partitionOptions);
  const partitions = await transaction.snapshot.partitionRead(read, hints);
  return respond(partitions, selected, transaction, fingerprintOfRead(barePartitionRead(request)));
}

/**
 * Cuts a query into partitions.
 *
 * @throws {StatusError} INVALID_ARGUMENT without a read-only transaction, for a query that cannot be
 * cut, and as finding the transaction and the query itself would.
 */
export async function partitionQuery(
  request: PartitionQueryRequest,
  places: Places,
  { signal }: CallContext,
): Promise<PartitionResponse> {
  checkPartitionable(request.transaction, "PartitionQuery");
  const place = places.of(request.session);
  const selected = await places.select(place, request.transaction, signal);
  const transaction = readOnlyOf(selected, "PartitionQuery");
  const { snapshot } = transaction;
  const hints = hintsOf(request.partitionOptions);
  const partitions = await snapshot.partitionQuery(statementOf(request), hints, signal);
  const { sql, params, paramTypes } = request;
  const fingerprint = fingerprintOfStatement(bareStatement({ sql, params, paramTypes }));
  return respond(partitions, selected, transaction, fingerprint);
}

/** @throws {StatusError} INVALID_ARGUMENT for a selector whose transaction could not have partitions. */
function checkPartitionable(selector: TransactionSelector | undefined, method: string): void {
  const chosen = selector?.selector;
  const isOpen = chosen?.$case === "id" && chosen.id.length > 0;
  const begins = chosen?.$case === "begin" && chosen.begin.mode?.$case === "readOnly";
  if (!isOpen && !begins) throw partitionsNeedReadOnly(method);
}

/**
 * The partition that a read shall keep to; undefined for a read of all.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the token is not one of this read.
 */
export function partitionOfRead(request: ReadRequest, selected: Selected): Partition | undefined {
  const { partitionToken = new Uint8Array(), limit = 0n } = request;
  if (partitionToken.length === 0) return undefined;
  if (limit !== 0n) throw limitOnPartition();
  if (request.orderBy === ReadRequest_OrderBy.ORDER_BY_PRIMARY_KEY) throw orderOfPartition();
  return open(partitionToken, selected, fingerprintOfRead(barePartitionRead(request)));
}

/**
 * The partition that a query shall keep to; undefined for a query over all.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the token is not one of this query.
 */
export function partitionOfStatement(
  request: ExecuteSqlRequest,
  selected: Selected,
): Partition | undefined {
  const { partitionToken = new Uint8Array(), queryMode } = request;
  if (partitionToken.length === 0) return undefined;
  if ((queryMode ?? ExecuteSqlRequest_QueryMode.NORMAL) !== ExecuteSqlRequest_QueryMode.NORMAL) {
    throw modeOfPartition();
  }
  return open(partitionToken, selected, fingerprintOfStatement(bareStatement(request)));
}

function open(token: Uint8Array, selected: Selected, fingerprint: bigint): Partition {
  if (selected.kind === "single use") throw partitionOfOther("a different transaction");
  const { session, id } = selected.transaction;
  return openPartition(token, { session: session.name, transactionId: id, fingerprint });
}

/** Just what the read that is cut and the reads of its partitions have in common. */
function barePartitionRead({
  table = "",
  index = "",
  columns = [],
  keySet,
}: PartitionReadRequest): ReadRequest {
  return { table, index, columns, keySet };
}

function bareStatement({
  sql = "",
  params,
  paramTypes = {},
}: ExecuteSqlRequest): ExecuteSqlRequest {
  return { sql, params: params ?? {}, paramTypes };
}

function respond(
  partitions: readonly Partition[],
  selected: Selected,
  { session, id }: ReadOnlyTransaction,
  fingerprint: bigint,
): PartitionResponse {
  const owner = { session: session.name, transactionId: id, fingerprint };
  const tokens = partitions.map((each) => ({ partitionToken: sealPartition(each, owner) }));
  const transaction = transactionOf(selected);
  return transaction === undefined ? { partitions: tokens } : { partitions: tokens, transaction };
}

function readOnlyOf(selected: Selected, method: string): ReadOnlyTransaction {
  if (selected.kind === "open" && selected.transaction.kind === "read-only") {
    return selected.transaction;
  }
  throw partitionsNeedReadOnly(method);
}

function hintsOf(options: PartitionOptions | undefined): PartitionHints {
  const { partitionSizeBytes = 0n, maxPartitions = 0n } = options ?? {};
  if (partitionSizeBytes < 0n) throw negativePartitionHint("partition size bytes");
  if (maxPartitions < 0n) throw negativePartitionHint("max partition count");
  return { sizeBytes: Number(partitionSizeBytes), partitionsMax: Number(maxPartitions) };
}
