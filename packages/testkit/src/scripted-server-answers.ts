// SPDX-License-Identifier: Apache-2.0
// What the scripted server answers, and in which messages. Every message of a stream carries a
// resume token, unless the answer says otherwise; the token is the number of messages before it.
import type { StatusError } from "@spandrel/base";
import { type ScalarKind, type Type, typeToProto, type WireValue } from "@spandrel/model";
import type {
  MultiplexedSessionPrecommitToken,
  PartialResultSet,
  ResultSet,
  ResultSetStats,
  Transaction,
} from "@spandrel/protocol";

/** The answer to a statement or a read. */
export interface Answer {
  /** The type of each column, by name. */
  readonly columns?: Readonly<Record<string, ScalarKind | Type>>;
  readonly rows?: readonly (readonly WireValue[])[];
  /** Rows in one message of a stream. Default 1. */
  readonly rowsPerMessage?: number;
  /** Which messages carry a resume token, counted from zero. Default all. */
  readonly hasToken?: (message: number) => boolean;
  /** Whether the last message says that it is. Default false. */
  readonly saysLast?: boolean;
  /** Rows that a DML statement changed. */
  readonly rowCount?: bigint;
  /** Rows that a partitioned DML statement changed at least. */
  readonly rowCountLowerBound?: bigint;
  /** The statement fails. */
  readonly error?: StatusError;
  /** The very messages, instead of any made from the above. */
  readonly messages?: readonly PartialResultSet[];
}

/** The answer as one message. */
export function resultSetOf(
  answer: Answer,
  transaction: Transaction | undefined,
  precommitToken: MultiplexedSessionPrecommitToken | undefined,
): ResultSet {
  return {
    ...metadataOf(answer, transaction),
    rows: (answer.rows ?? []).map((row) => [...row]),
    ...statsOf(answer),
    ...(precommitToken && { precommitToken }),
  };
}

/** The answer as the messages of a stream; the first has the metadata. */
export function messagesOf(
  answer: Answer,
  transaction: Transaction | undefined,
): PartialResultSet[] {
  const head = metadataOf(answer, transaction);
  if (answer.messages !== undefined) {
    return answer.messages.map((message, index) =>
      index === 0 ? { ...head, ...message } : message,
    );
  }
  const { rows = [], rowsPerMessage = 1, hasToken = () => true } = answer;
  const count = Math.max(1, Math.ceil(rows.length / rowsPerMessage));
  return Array.from({ length: count }, (_, index) => ({
    ...(index === 0 && head),
    values: rows.slice(index * rowsPerMessage, (index + 1) * rowsPerMessage).flat(),
    ...(hasToken(index) && { resumeToken: resumeTokenOf(index + 1) }),
    ...(index === count - 1 && statsOf(answer)),
    ...(index === count - 1 && answer.saysLast && { last: true }),
  }));
}

/** The token of a stream that has so many messages behind it. */
export function resumeTokenOf(messages: number): Uint8Array {
  return new TextEncoder().encode(String(messages));
}

/** How many messages a resumed stream leaves out. */
export function resumePosition(token: Uint8Array | undefined): number {
  return token === undefined || token.length === 0 ? 0 : Number(new TextDecoder().decode(token));
}

function metadataOf(
  answer: Answer,
  transaction: Transaction | undefined,
): Pick<ResultSet, "metadata"> {
  const fields = Object.entries(answer.columns ?? {}).map(([name, type]) => ({
    name,
    type: typeToProto(typeof type === "string" ? { kind: type } : type),
  }));
  return { metadata: { rowType: { fields }, ...(transaction && { transaction }) } };
}

function statsOf({ rowCount, rowCountLowerBound }: Answer): { stats?: ResultSetStats } {
  if (rowCount !== undefined)
    return { stats: { rowCount: { $case: "rowCountExact", rowCountExact: rowCount } } };
  if (rowCountLowerBound !== undefined)
    return { stats: { rowCount: { $case: "rowCountLowerBound", rowCountLowerBound } } };
  return {};
}
