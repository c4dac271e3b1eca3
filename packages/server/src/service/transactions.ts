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
import { sessionNotFound } from "../errors/session.ts";
import {
  idleTooLong,
  invalidatedByLater,
  precommitTokenInvalid,
  precommitTokenMissing,
  transactionNotFound,
  transactionOfOtherSession,
} from "../errors/transaction.ts";
import type { Limits } from "../limits/limits.ts";
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
  /** When a call named it last, in nanoseconds since the Unix epoch. */
  usedNanos: bigint;
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

/** How many more there may be before it is looked again what can be forgotten. */
const forgottenAtOnce = 1_000;

/** What transactions work with. */
export interface TransactionsOptions {
  readonly random: Random;
  readonly clock: Clock;
  readonly limits: Limits;
}

/** The transactions of a server; see the top of this file. */
export class Transactions {
  readonly #options: TransactionsOptions;
  /** Oldest first. */
  readonly #byId = new Map<string, OpenTransaction>();
  /** The current transaction of each regular session. */
  readonly #current = new Map<string, OpenTransaction>();
  /** With more than this, what can be forgotten is forgotten. */
  #roomFor = rememberedMax;

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** What every transaction has that begins now, in a session; its id is 16 bytes of chance. */
  begun(session: Session): Common {
    const { clock, random } = this.#options;
    const begunNanos = clock.now();
    const id = random.bytes(16);
    return { id, session, begunNanos, usedNanos: begunNanos, wasReplaced: false };
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
    if (this.#byId.size > this.#roomFor) this.#forgetOldest();
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
    transaction.usedNanos = this.#options.clock.now();
    return transaction;
  }

  /** Ends and forgets what a session that is gone has left open: nobody can ask for it. */
  endOf(session: Session): void {
    const current = this.#current.get(session.name);
    if (current !== undefined) this.#end(current);
    if (!session.isMultiplexed) return;
    for (const open of this.#byId.values()) if (open.session === session) this.#end(open);
  }

  /** Ends and forgets all transactions of a database that is gone, so that nothing of it is kept. */
  forget(database: string): void {
    for (const open of this.#byId.values()) if (open.session.database === database) this.#end(open);
  }

  #end(open: OpenTransaction): void {
    this.#remove(open);
    if (open.kind === "read-write") open.transaction.invalidate(sessionNotFound(open.session.name));
  }

  #remove(open: OpenTransaction): void {
    this.#byId.delete(keyOf(open.id));
    if (this.#current.get(open.session.name) === open) this.#current.delete(open.session.name);
  }

  /**
   * Forgets the oldest of those that are over. One that is open and has been idle for longer than it
   * may be is aborted first: its client has left it, and it would be kept for good.
   */
  #forgetOldest(): void {
    const { clock, limits } = this.#options;
    const idleSince = clock.now() - BigInt(limits.transactionIdleMillisMax) * 1_000_000n;
    for (const open of this.#byId.values()) {
      if (this.#byId.size <= rememberedMax - forgottenAtOnce) break;
      if (open.kind === "read-write" && !open.transaction.isOver) {
        if (open.usedNanos > idleSince) continue;
        open.transaction.invalidate(idleTooLong());
        if (!open.transaction.isOver) continue; // Its commit is decided, and being kept.
      }
      this.#remove(open);
    }
    this.#roomFor = Math.max(rememberedMax, this.#byId.size + forgottenAtOnce);
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
