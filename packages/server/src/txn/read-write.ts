// SPDX-License-Identifier: Apache-2.0
// A read-write transaction: keeps its writes to itself, and publishes them all at one moment.
//
//   active ──commit──▶ committing ──kept──▶ committed
//     │                   └── not kept ─────▶ ended, with why
//     ├── rollback, invalidate, a failing commit ─▶ ended, with the error that later calls get
//     └── wound, a stale read ────────────────────▶ ended, with ABORTED
//
// How it reads is its isolation:
//  - "pessimistic": serializable by two-phase locking. What is read is locked first, and read as it
//    was committed last; every lock is held until the transaction ends.
//  - "optimistic": serializable by validation. Reads see the moment of the first one and take no
//    locks; at the commit, the columns that were read must still be as they were, or else the
//    transaction is aborted.
//  - "repeatable read": reads see the moment of the first one, and nobody asks later whether they are
//    still true, but for those that were made in order to write.
// https://cloud.google.com/spanner/docs/isolation-levels
//
// In all of them, what is written is locked. A lock that comes after the moment of reading is worth
// nothing if somebody has written in between, so that is an abort there and then. What a transaction with
// such a moment writes it has alone, or somebody who writes along might come first.
//
// A wounded transaction is over at once: its locks go to others, whoever waits on its behalf is told,
// and every later call on it throws the same ABORTED.
import { Code, createDeferred, type Deferred, StatusError } from "@spandrel/base";
import { OrderedTree } from "@spandrel/store";
import { readAfterEnd, readSinceChanged, writtenSinceRead } from "../errors/transaction.ts";
import { type Access, allColumns, type ColumnSet } from "../locks/columns.ts";
import type { LockRange, LockRequest, Owner } from "../locks/lock-table.ts";
import type { StoredRow, VersionedEntry } from "../mvcc/versions.ts";
import { type Commits, type Pending, rowOver, type SchemaCommit } from "./commits.ts";
import type { KeyValueReader, KeyValueWriter, RowColumns } from "./key-values.ts";
import type { DescribeRange, Locking } from "./locking.ts";
import type { Spaces } from "./spaces.ts";
import type { Timestamps } from "./timestamps.ts";

type State =
  | { readonly kind: "active" }
  | { readonly kind: "committing" }
  | { readonly kind: "committed"; readonly atMicros: number }
  | { readonly kind: "ended"; readonly error: StatusError };

/** Newest of all moments: a transaction that holds the lock reads what was committed last. */
const latest = Number.MAX_SAFE_INTEGER;

/** How a transaction reads; see the top of this file. */
export type Isolation = "pessimistic" | "optimistic" | "repeatable read";

/** For what a read is made: `write` when it decides what a statement writes. */
export type ReadPurpose = "read" | "write";

/** What a transaction works with. */
export interface ReadWriteOptions {
  /** Tells it apart from every other transaction of the database. */
  readonly id: number;
  readonly isolation: Isolation;
  /** The age of the attempt that it retries; by default it is born when it first asks for a lock. */
  readonly inheritedAge: bigint | undefined;
  readonly nowNanos: () => bigint;
  readonly describe: DescribeRange;
  readonly rowColumns: RowColumns;
  readonly spaces: Spaces;
  readonly locking: Locking;
  readonly timestamps: Timestamps;
  readonly commits: Commits;
  /** Called once, when the transaction has committed or ended. */
  readonly ended: () => void;
}

interface UnlockedRead {
  readonly range: LockRange;
  readonly columns: ColumnSet;
}

/** See the top of this file. */
export class ReadWriteTransaction {
  readonly #options: ReadWriteOptions;
  readonly #pending = new Map<number, OrderedTree<Pending>>();
  readonly #waiting = new Map<LockRequest, Deferred<void>>();
  /** What was read without a lock and must still be so at the commit. */
  readonly #unlockedReads: UnlockedRead[] = [];
  #state: State = { kind: "active" };
  #owner: Owner | undefined;
  #snapshotMicros: number | undefined;
  #isFinishing = false;
  #bytes = 0;

  constructor(options: ReadWriteOptions) {
    this.#options = options;
  }

  /** Tells it apart from every other transaction of the database; its locks are under this number. */
  get id(): number {
    return this.#options.id;
  }

  /** Who holds its locks. Its age is the moment at which this is first asked for. */
  get owner(): Owner {
    const { id, inheritedAge, nowNanos } = this.#options;
    this.#owner ??= { id, age: inheritedAge ?? nowNanos() };
    return this.#owner;
  }

  /** What a retry inherits; undefined when the transaction has not asked for any lock. */
  get age(): bigint | undefined {
    return this.#owner?.age ?? this.#options.inheritedAge;
  }

  get isolation(): Isolation {
    return this.#options.isolation;
  }

  /** The moment that is read at; undefined when what was committed last is read, and before a read. */
  get snapshotMicros(): number | undefined {
    return this.#snapshotMicros;
  }

  /** Bytes of keys and rows that wait for the commit. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The commit timestamp; undefined until there is one. */
  get committedAtMicros(): number | undefined {
    return this.#state.kind === "committed" ? this.#state.atMicros : undefined;
  }

  /** Whether the transaction can still read, write and commit. */
  get isActive(): boolean {
    return this.#state.kind === "active";
  }

  /** What ended the transaction without a commit; undefined when nothing has. */
  get endedBy(): StatusError | undefined {
    return this.#state.kind === "ended" ? this.#state.error : undefined;
  }

  /** Reads for one statement; waiting for its locks ends with the signal. */
  reader(purpose: ReadPurpose, signal: AbortSignal | undefined): KeyValueReader {
    return {
      lock: (range, access) => this.#lockForRead(range, access, purpose, signal),
      get: (space, key) => this.#get(space, key),
      scan: (space, start, end, isReverse) => this.#scan(space, start, end, isReverse),
    };
  }

  /** Writes, and the reads that the effects of writing need; `signal` tells which call waits now. */
  writer(signal: () => AbortSignal | undefined): KeyValueWriter {
    return {
      lock: (range, access) => this.#lockNow(range, access, signal()),
      get: (space, key) => this.#get(space, key),
      scan: (space, start, end, isReverse) => this.#scan(space, start, end, isReverse),
      put: (space, key, row, finish) => this.#put(space, key, { row, finish, part: undefined }),
      putPart: (space, key, row, part, finish) => this.#put(space, key, { row, finish, part }),
    };
  }

  /**
   * From now on only the mutations of the commit are carried out. Without reads of their own they
   * write over what is there, so an optimistic transaction locks and reads it as it is.
   */
  finishing(): void {
    this.#mustBeOpen();
    this.#isFinishing = true;
  }

  #lockForRead(
    range: LockRange,
    access: Access,
    purpose: ReadPurpose,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    const { isolation, locking } = this.#options;
    if (isolation === "pessimistic" || access.writerShared !== 0) {
      return this.#lockNow(range, access, signal);
    }
    this.#mustBeOpen();
    if (this.#owner !== undefined) locking.used(this.#owner);
    if (isolation === "optimistic" || purpose === "write") {
      this.#unlockedReads.push({ range, columns: access.readerShared });
    }
    return undefined;
  }

  #lockNow(
    range: LockRange,
    access: Access,
    signal: AbortSignal | undefined,
  ): Promise<void> | undefined {
    this.#mustBeOpen();
    signal?.throwIfAborted();
    const { space, start, end } = range;
    const { writerShared } = access;
    const alone = this.#writesOverLatest ? 0 : writerShared;
    const readerShared = access.readerShared | alone;
    const request = { space, start, end, readerShared, writerShared, owner: this.owner };
    if (!this.#options.locking.request(this, request)) return this.#wait(request, signal);
    this.#mustBeUnchanged(request);
    return undefined;
  }

  async #wait(request: LockRequest, signal: AbortSignal | undefined): Promise<void> {
    const waiting = createDeferred<void>();
    this.#waiting.set(request, waiting);
    const giveUp = (): void => {
      if (!this.#waiting.delete(request)) return;
      this.#options.locking.cancel(request);
      waiting.reject(signal?.reason);
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      await waiting.promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
    this.#mustBeUnchanged(request);
  }

  /** A lock that was granted protects from now on; it must not be too late already. */
  #mustBeUnchanged(lock: LockRequest): void {
    if (this.#snapshotMicros === undefined || this.#writesOverLatest) return;
    const changed = this.#columnsChanged(lock, this.#snapshotMicros);
    const lost = changed & (lock.readerShared | lock.writerShared);
    if (lost === 0) return;
    const error = writtenSinceRead(this.#options.describe(lock, lost));
    this.end(error);
    throw error;
  }

  /** The columns in which the rows of a range differ from what they were. */
  #columnsChanged({ space, start, end }: LockRange, sinceMicros: number): ColumnSet {
    const { spaces, rowColumns } = this.#options;
    const changes = spaces.of(space).writtenAfter(start, end, sinceMicros);
    if (changes === undefined) return allColumns;
    let columns: ColumnSet = 0;
    for (const { before, after } of changes) columns |= rowColumns.difference(before, after);
    return columns;
  }

  /** Whether writes go over what is there by then, whenever it was written. */
  get #writesOverLatest(): boolean {
    if (this.isolation === "pessimistic") return true;
    const hasNoMoment = this.isolation === "optimistic" || this.#snapshotMicros === undefined;
    return this.#isFinishing && hasNoMoment;
  }

  /** The moment to read at; with pessimistic locks, and for the effects of mutations, the latest. */
  #readMicros(): number {
    if (this.isolation === "pessimistic" || this.#isFinishing) return latest;
    this.#snapshotMicros ??= this.#options.timestamps.strongReadMicros();
    return this.#snapshotMicros;
  }

  #get(space: number, key: string): StoredRow {
    this.#mustBeOpen();
    const pending = this.#pending.get(space)?.get(key);
    if (pending !== undefined && pending.part === undefined) return pending.row;
    const stored = this.#options.spaces.of(space).get(key, this.#readMicros());
    return pending === undefined ? stored : rowOver(pending, stored, this.#options.rowColumns);
  }

  *#scan(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry> {
    this.#mustBeOpen();
    const stored = this.#options.spaces.of(space).scan(start, end, this.#readMicros(), isReverse);
    const written = this.#pending.get(space);
    const own = isReverse ? written?.scanReverse(start, end) : written?.scan(start, end);
    const { rowColumns } = this.#options;
    for (const entry of own === undefined ? stored : overlay(stored, own, isReverse, rowColumns)) {
      yield entry;
      // While the entry was looked at, the transaction may have ended, and its locks with it.
      this.#mustBeOpen();
    }
  }

  #put(space: number, key: string, pending: Pending): void {
    this.#mustBeOpen();
    let written = this.#pending.get(space);
    if (written === undefined) {
      written = new OrderedTree();
      this.#pending.set(space, written);
    }
    const before = written.get(key);
    this.#bytes += before === undefined ? key.length : -(before.row?.length ?? 0);
    this.#bytes += pending.row?.length ?? 0;
    written.set(key, before === undefined ? pending : upon(before, pending));
  }

  /** A lock that this transaction waited for is its own now. */
  lockGranted(request: LockRequest): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.resolve();
  }

  /** Whether the commit is decided, and only has to be kept. */
  get isCommitting(): boolean {
    return this.#state.kind === "committing";
  }

  /**
   * Makes every write true at one new moment. Nothing may be left to check, or to lock for a write; a
   * stream of rows that still waits for its next lock gets no more rows.
   *
   * @throws {StatusError} ABORTED when something that it has read without a lock is no longer so, and
   * as keeping the commit does.
   */
  async commit(): Promise<number> {
    const { commits } = this.#options;
    while (commits.gate !== undefined) await commits.gate;
    return this.#commit(undefined);
  }

  /** Commits a schema change; whoever does must be alone. @throws {StatusError} as `commit` does. */
  commitSchemaChange(change: SchemaCommit): Promise<number> {
    return this.#commit(change);
  }

  async #commit(change: SchemaCommit | undefined): Promise<number> {
    this.#mustBeOpen();
    this.#validate();
    this.#state = { kind: "committing" };
    try {
      const committing = this.#options.commits.commit(this.#pending, change);
      const atMicros = typeof committing === "number" ? committing : await committing;
      this.#over({ kind: "committed", atMicros });
      return atMicros;
    } catch (thrown) {
      this.#over({ kind: "ended", error: StatusError.from(thrown, Code.INTERNAL) });
      throw thrown;
    }
  }

  /** Nothing waits between this and the publishing, so what holds here holds at the commit. */
  #validate(): void {
    const { commits, describe } = this.#options;
    const since = this.#snapshotMicros;
    if (since === undefined) return;
    for (const { range, columns } of this.#unlockedReads) {
      const changed = this.#columnsChanged(range, since) | commits.columnsBeingWritten(range);
      const lost = changed & columns;
      if (lost !== 0) throw readSinceChanged(describe(range, lost));
    }
  }

  /**
   * Ends the transaction without a trace; later calls throw `error`. Harmless when it has ended, and
   * when its commit is decided.
   */
  end(error: StatusError): void {
    if (this.#state.kind === "active") this.#over({ kind: "ended", error });
  }

  #over(state: State): void {
    this.#state = state;
    this.#pending.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    if (this.#owner !== undefined) this.#options.locking.release(this);
    this.#options.ended();
    if (waiting.length === 0) return;
    const error = state.kind === "ended" ? state.error : readAfterEnd();
    for (const each of waiting) each.reject(error);
  }

  #mustBeOpen(): void {
    if (this.#state.kind === "ended") throw this.#state.error;
    // A stream of rows may still be under way when its transaction commits.
    if (this.#state.kind !== "active") throw readAfterEnd();
  }
}

/** A write of a key that the transaction has written before. */
function upon(before: Pending, { row, finish, part }: Pending): Pending {
  // A row that was written whole is the transaction's own: so it is with more columns written.
  if (before.part === undefined || part === undefined) return { row, finish, part: undefined };
  // The later row was made from what the transaction saw, so it has the columns of both.
  const columns = [...new Set([...before.part.columns, ...part.columns])];
  return { row, finish, part: { base: part.base, columns } };
}

/** The stored rows with a transaction's own writes laid over them, in key order. */
function* overlay(
  stored: IterableIterator<VersionedEntry>,
  own: IterableIterator<readonly [string, Pending]>,
  isReverse: boolean,
  rowColumns: RowColumns,
): IterableIterator<VersionedEntry> {
  let below = stored.next();
  let above = own.next();
  const comesFirst = (left: string, right: string) => (isReverse ? left > right : left < right);
  while (!below.done || !above.done) {
    if (above.done || (!below.done && comesFirst(below.value[0], above.value[0]))) {
      if (below.done) return;
      yield below.value;
      below = stored.next();
    } else {
      const [key, pending] = above.value;
      const isStored = !below.done && below.value[0] === key;
      const row = rowOver(pending, isStored ? below.value[1] : null, rowColumns);
      if (row !== null) yield [key, row];
      if (isStored) below = stored.next();
      above = own.next();
    }
  }
}
