// SPDX-License-Identifier: Apache-2.0
// The transactions of a server by their ids, and the rules that bind them to sessions: a regular
// session has one transaction at a time, a multiplexed one any number, told apart by id.
import type { Clock, Random } from "@spandrel/base";
import type {
  ExecuteBatchDmlRequest,
  ExecuteSqlRequest,
  MultiplexedSessionPrecommitToken,
} from "@spandrel/protocol";
import type { Database } from "../database/database.ts";
import type { DatabaseSnapshot } from "../database/snapshot.ts";
import type { DatabaseTransaction } from "../database/transaction.ts";
import {
  invalidatedByLater,
  precommitTokenInvalid,
  precommitTokenMissing,
  transactionNotFound,
  transactionOfOtherSession,
} from "../errors/transaction.ts";
import type { Session } from "./sessions.ts";

/** A transaction that a client knows by its id. */
export type OpenTransaction = ReadOnlyTransaction | ReadWriteTransaction | PartitionedTransaction;

interface Common {
  readonly id: Uint8Array;
  readonly session: Session;
  /** Nanoseconds since the Unix epoch. */
  readonly begunNanos: bigint;
  /** Whether a later transaction of the session has taken its place. */
  wasReplaced: boolean;
}

export interface ReadOnlyTransaction extends Common {
  readonly kind: "read-only";
  readonly snapshot: DatabaseSnapshot;
}

export interface ReadWriteTransaction extends Common {
  readonly kind: "read-write";
  readonly transaction: DatabaseTransaction;
  /** Sequence number of the last precommit token that was given. */
  tokens: number;
  /** Answers to statements by their seqno, for a client that asks again. */
  readonly answers: Map<bigint, Answer>;
  lastSeqno: bigint;
}

/** What a statement was answered, and the request it answered. */
export interface Answer {
  readonly request: ExecuteSqlRequest | ExecuteBatchDmlRequest;
  readonly result: Promise<unknown>;
}

export interface PartitionedTransaction extends Common {
  readonly kind: "partitioned";
  readonly database: Database;
}

/** Transactions that have ended are remembered so that a repeated commit gets its answer again. */
const rememberedMax = 10_000;

/** The transactions of a server; see the top of this file. */
export class Transactions {
  readonly #random: Random;
  readonly #clock: Clock;
  readonly #byId = new Map<string, OpenTransaction>();
  /** The current transaction of each regular session. */
  readonly #current = new Map<string, OpenTransaction>();

  constructor(random: Random, clock: Clock) {
    this.#random = random;
    this.#clock = clock;
  }

  /** What every transaction has that begins now, in a session; its id is 16 bytes of chance. */
  begun(session: Session): Common {
    const begunNanos = this.#clock.now();
    return { id: this.#random.bytes(16), session, begunNanos, wasReplaced: false };
  }

  /** Every transaction that is remembered, oldest first; most of them are over. */
  all(): Iterable<OpenTransaction> {
    return this.#byId.values();
  }

  /** Adds a transaction; on a regular session, it takes the place of the one before. */
  add(transaction: OpenTransaction): void {
    const { session } = transaction;
    if (!session.isMultiplexed) {
      const before = this.#current.get(session.name);
      if (before !== undefined) invalidate(before);
      this.#current.set(session.name, transaction);
    }
    this.#byId.set(keyOf(transaction.id), transaction);
    if (this.#byId.size > rememberedMax) this.#forgetOldest();
  }

  /** The transaction that a regular session ran last. */
  currentOf(session: Session): OpenTransaction | undefined {
    return this.#current.get(session.name);
  }

  /** Finds a transaction by its id, in whatever session. */
  find(id: Uint8Array): OpenTransaction | undefined {
    return this.#byId.get(keyOf(id));
  }

  /**
   * Gives the transaction of a session.
   *
   * @throws {StatusError} NOT_FOUND when there is none, FAILED_PRECONDITION when it belongs to another
   * session, or a later one has taken its place.
   */
  get(session: Session, id: Uint8Array): OpenTransaction {
    const transaction = this.find(id);
    if (transaction === undefined) throw transactionNotFound(keyOf(id));
    if (transaction.session !== session) throw transactionOfOtherSession();
    if (transaction.wasReplaced && !isCommitted(transaction)) throw invalidatedByLater();
    return transaction;
  }

  /** Ends what a session that is gone has left open. */
  endOf(session: Session): void {
    const current = this.#current.get(session.name);
    if (current !== undefined) invalidate(current);
    this.#current.delete(session.name);
  }

  #forgetOldest(): void {
    for (const [key, transaction] of this.#byId) {
      const isOver = transaction.kind !== "read-write" || transaction.transaction.isOver;
      if (isOver) this.#byId.delete(key);
      if (this.#byId.size <= rememberedMax * 0.9) return;
    }
  }
}

function invalidate(transaction: OpenTransaction): void {
  transaction.wasReplaced = true;
  if (transaction.kind === "read-write" && !transaction.transaction.isOver) {
    transaction.transaction.invalidate(invalidatedByLater());
  }
}

/** A commit that was acknowledged is acknowledged again, whatever its session has done since. */
function isCommitted(transaction: OpenTransaction): boolean {
  return transaction.kind === "read-write" && transaction.transaction.isCommitted;
}

function keyOf(id: Uint8Array): string {
  let key = "";
  for (const byte of id) key += byte.toString(16).padStart(2, "0");
  return key;
}

/** The next precommit token of a transaction: its id and a number that rises. */
export function nextPrecommitToken(
  transaction: ReadWriteTransaction,
): MultiplexedSessionPrecommitToken | undefined {
  if (!transaction.session.isMultiplexed) return undefined;
  transaction.tokens++;
  const token = new Uint8Array(transaction.id.length + 4);
  token.set(transaction.id);
  new DataView(token.buffer).setUint32(transaction.id.length, transaction.tokens);
  return { precommitToken: token, seqNum: transaction.tokens };
}

/**
 * Judges the precommit token that came with a commit.
 *
 * @throws {StatusError} INVALID_ARGUMENT on a multiplexed session when it is missing, or not the last
 * one that the transaction was given.
 */
export function checkPrecommitToken(
  transaction: ReadWriteTransaction,
  given: MultiplexedSessionPrecommitToken | undefined,
): void {
  if (!transaction.session.isMultiplexed) return;
  const token = given?.precommitToken ?? new Uint8Array();
  if (token.length === 0) throw precommitTokenMissing();
  const { id } = transaction;
  const isOwn = token.length === id.length + 4 && id.every((byte, index) => token[index] === byte);
  if (!isOwn) throw precommitTokenInvalid();
}
