// SPDX-License-Identifier: Apache-2.0
// The answers to reads and queries: rows as ResultSet or as a stream of PartialResultSet.
import {
  encodeValue,
  type StructField,
  type Type,
  typeToProto,
  type WireValue,
} from "@spandrel/model";
import type {
  MultiplexedSessionPrecommitToken,
  PartialResultSet,
  ResultSet,
  ResultSetMetadata,
  ResultSetStats,
  StructType,
  Transaction,
} from "@spandrel/protocol";
import { resultTooLarge } from "../errors/result.ts";
import type { ExplainedNode } from "../planner/explain.ts";
import type { Row } from "../rows/contract.ts";
import { type Chunk, Chunker, sizeOfRow } from "./chunk.ts";
import { planToProto } from "./plan-message.ts";
import type { Selected } from "./selectors.ts";
import { timestampOfMicros } from "./timestamp-message.ts";
import { nextPrecommitToken } from "./transactions.ts";

/** What an answer is made from. */
export interface Answerable {
  readonly columns: readonly StructField[];
  readonly batches: AsyncIterable<readonly Row[]>;
  readonly undeclaredParameters: readonly StructField[];
  readonly rowCount: bigint | undefined;
  /** Whether the count of rows is only a lower bound, as for partitioned DML. */
  readonly isLowerBound?: boolean;
  readonly plan?: readonly ExplainedNode[] | undefined;
  /** Asked when all rows have been sent. */
  readonly statistics?: (() => Readonly<Record<string, string>>) | undefined;
}

/** How a stream is sent. */
export interface StreamOptions {
  readonly chunkBytesMax: number;
  /** Rows that the client has had already, of a stream that goes on. */
  readonly rowsSkipped: number;
  /** What a client that loses the stream after so many rows comes back with. */
  readonly resumeToken: (rowsSent: number) => Uint8Array;
}

/** The first message's metadata. */
export function metadataOf(answer: Answerable, selected: Selected): ResultSetMetadata {
  return {
    rowType: structType(answer.columns),
    transaction: transactionOf(selected),
    undeclaredParameters:
      answer.undeclaredParameters.length === 0
        ? undefined
        : structType(answer.undeclaredParameters),
  };
}

function structType(fields: readonly StructField[]): StructType {
  return { fields: fields.map(({ name, type }) => ({ name, type: typeToProto(type) })) };
}

/** What an answer says of its transaction: its id when it is new, its moment when that was asked for. */
export function transactionOf(selected: Selected): Transaction | undefined {
  if (selected.kind === "single use") {
    if (!selected.returnsReadTimestamp) return undefined;
    return { readTimestamp: timestampOfMicros(selected.snapshot.atMicros) };
  }
  const { transaction, isNew, returnsReadTimestamp } = selected;
  if (!isNew) return undefined;
  if (transaction.kind === "read-only" && returnsReadTimestamp) {
    const readTimestamp = timestampOfMicros(transaction.snapshot.atMicros);
    return { id: transaction.id, readTimestamp };
  }
  return { id: transaction.id };
}

/** The precommit token that goes with an answer; undefined where there is none. */
export function tokenOf(selected: Selected): MultiplexedSessionPrecommitToken | undefined {
  return selected.kind === "open" && selected.transaction.kind === "read-write"
    ? nextPrecommitToken(selected.transaction)
    : undefined;
}

/** How many rows a statement wrote, its plan, and what it cost; undefined for none of them. */
export function statsOf(answer: Answerable): ResultSetStats | undefined {
  const { rowCount, plan, statistics } = answer;
  if (rowCount === undefined && plan === undefined && statistics === undefined) return undefined;
  const stats: ResultSetStats = {};
  if (plan !== undefined) stats.queryPlan = planToProto(plan);
  if (statistics !== undefined) stats.queryStats = { ...statistics() };
  if (rowCount !== undefined) {
    stats.rowCount =
      answer.isLowerBound === true
        ? { $case: "rowCountLowerBound", rowCountLowerBound: rowCount }
        : { $case: "rowCountExact", rowCountExact: rowCount };
  }
  return stats;
}

/** Streams an answer: metadata with the first message, statistics and `last` with the last one. */
export async function* streamAnswer(
  answer: Answerable,
  selected: Selected,
  options: StreamOptions,
): AsyncIterable<PartialResultSet> {
  const types = answer.columns.map(({ type }) => type);
  const chunker = new Chunker(options.chunkBytesMax, options.rowsSkipped);
  let metadata: ResultSetMetadata | undefined = metadataOf(answer, selected);
  let held: Chunk | undefined;
  let toSkip = options.rowsSkipped;
  const message = (chunk: Chunk): PartialResultSet => {
    const partial: PartialResultSet = { values: [...chunk.values], chunkedValue: chunk.isCut };
    if (metadata !== undefined) partial.metadata = metadata;
    if (chunk.rowsSent !== undefined) partial.resumeToken = options.resumeToken(chunk.rowsSent);
    metadata = undefined;
    return partial;
  };
  for await (const batch of answer.batches) {
    for (const row of batch) {
      if (toSkip > 0) {
        toSkip--;
        continue;
      }
      const values: WireValue[] = [];
      for (let index = 0; index < types.length; index++) {
        values.push(encodeValue(types[index] as Type, row[index] ?? null)); // below the length
      }
      // One chunk is held back, so that the last one can say that it is the last.
      for (const chunk of chunker.row(values)) {
        if (held !== undefined) yield message(held);
        held = chunk;
      }
    }
  }
  const rest = chunker.rest();
  if (rest !== undefined && held !== undefined) yield message(held);
  const final = message(rest ?? held ?? { values: [], isCut: false, rowsSent: undefined });
  const stats = statsOf(answer);
  const token = tokenOf(selected);
  if (stats !== undefined) final.stats = stats;
  if (token !== undefined) final.precommitToken = token;
  final.last = true;
  yield final;
}

/**
 * Gathers an answer into one message.
 *
 * @throws {StatusError} FAILED_PRECONDITION when it is larger than one message may be.
 */
export async function gatherAnswer(
  answer: Answerable,
  selected: Selected,
  bytesMax: number,
): Promise<ResultSet> {
  const types = answer.columns.map(({ type }) => type);
  const result: ResultSet = { metadata: metadataOf(answer, selected), rows: [] };
  const rows: unknown[][] = [];
  let bytes = 0;
  for await (const batch of answer.batches) {
    for (const row of batch) {
      const values = types.map((type, index) => encodeValue(type, row[index] ?? null));
      bytes += sizeOfRow(values);
      if (bytes > bytesMax) throw resultTooLarge(bytesMax);
      rows.push(values);
    }
  }
  result.rows = rows;
  const stats = statsOf(answer);
  const token = tokenOf(selected);
  if (stats !== undefined) result.stats = stats;
  if (token !== undefined) result.precommitToken = token;
  return result;
}
