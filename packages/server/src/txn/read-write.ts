// SPDX-License-Identifier: Apache-2.0
// A read-write transaction: locks as it goes, keeps its writes to itself, and publishes them all at
// one moment. Serializable by two-phase locking: every lock is held until the transaction ends.
//
//   active ──startCommit──▶ committing ──▶ committed
//     │  ▲                      │
//     │  └── a failing commit ──┘ (to ended)
//     ├── rollback, invalidate ─▶ ended, with the error that later calls get
//     └── wound ────────────────▶ ended, with ABORTED
//
// A wounded transaction is over at once: its locks go to others, whoever waits on its behalf is told,
// and every later call on it throws the same ABORTED.
import { assert, createDeferred, type Deferred, type StatusError } from "@spandrel/base";
import { OrderedTree } from "@spandrel/store";
import type { LockMode, LockRange, LockRequest, Owner } from "../locks/lock-table.ts";
import type { StoredRow, VersionedEntry, Write } from "../mvcc/versions.ts";
import type { Finish, KeyValueWriter } from "./key-values.ts";
import type { Locking } from "./locking.ts";
import type { Spaces } from "./spaces.ts";
import type { Timestamps } from "./timestamps.ts";

type State =
  | { readonly kind: "active" }
  | { readonly kind: "committing" }
  | { readonly kind: "committed"; readonly atMicros: number }
  | { readonly kind: "ended"; readonly error: StatusError };

interface Pending {
  readonly row: StoredRow;
  readonly finish: Finish | undefined;
}

/** Newest of all moments: a transaction that holds the lock reads what was committed last. */
const latest = Number.MAX_SAFE_INTEGER;

/** What a transaction works with. */
export interface ReadWriteOptions {
  readonly owner: Owner;
  readonly spaces: Spaces;
  readonly locking: Locking;
  readonly timestamps: Timestamps;
  /** No read will ask for a version older than this. */
  readonly horizonMicros: () => number;
  /** Called once, when the transaction has committed or ended. */
  readonly ended: () => void;
}

/** See the top of this file. */
export class ReadWriteTransaction implements KeyValueWriter {
  readonly owner: Owner;
  readonly #options: ReadWriteOptions;
  readonly #pending = new Map<number, OrderedTree<Pending>>();
  #state: State = { kind: "active" };
  readonly #waiting = new Map<LockRequest, Deferred<void>>();

  constructor(options: ReadWriteOptions) {
    this.#options = options;
    this.owner = options.owner;
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

  lock(range: LockRange, mode: LockMode): Promise<void> | undefined {
    this.#mustBeOpen();
    const request = { ...range, owner: this.owner, mode };
    if (this.#options.locking.request(this, request)) return undefined;
    const waiting = createDeferred<void>();
    this.#waiting.set(request, waiting);
    return waiting.promise;
  }

  get(space: number, key: string): StoredRow {
    this.#mustBeOpen();
    const pending = this.#pending.get(space)?.get(key);
    if (pending !== undefined) return pending.row;
    return this.#options.spaces.of(space).get(key, latest);
  }

  *scan(
    space: number,
    start: string,
    end: string,
    isReverse: boolean,
  ): IterableIterator<VersionedEntry> {
    this.#mustBeOpen();
    const stored = this.#options.spaces.of(space).scan(start, end, latest, isReverse);
    const written = this.#pending.get(space);
    if (written === undefined) {
      yield* stored;
      return;
    }
    const own = isReverse ? written.scanReverse(start, end) : written.scan(start, end);
    yield* overlay(stored, own, isReverse);
  }

  put(space: number, key: string, row: StoredRow, finish?: Finish): void {
    this.#mustBeOpen();
    let written = this.#pending.get(space);
    if (written === undefined) {
      written = new OrderedTree();
      this.#pending.set(space, written);
    }
    written.set(key, { row, finish });
  }

  /** A lock that this transaction waited for is its own now. */
  lockGranted(request: LockRequest): void {
    const waiting = this.#waiting.get(request);
    this.#waiting.delete(request);
    waiting?.resolve();
  }

  /** Publishes every write at one new moment. Nothing may be left to check or to lock. */
  commit(): number {
    this.#mustBeOpen();
    assert(this.#waiting.size === 0, "a transaction that commits waits for nothing");
    this.#state = { kind: "committing" };
    const { spaces, timestamps, horizonMicros, locking } = this.#options;
    const atMicros = timestamps.nextCommitMicros();
    const horizon = horizonMicros();
    let keysWritten = 0;
    for (const [space, written] of this.#pending) {
      spaces.of(space).write(finished(written, atMicros), atMicros, horizon);
      keysWritten += written.size;
    }
    spaces.sweep(keysWritten, horizon);
    this.#state = { kind: "committed", atMicros };
    this.#pending.clear();
    locking.release(this);
    this.#options.ended();
    return atMicros;
  }

  /** Ends the transaction without a trace; later calls throw `error`. Harmless when it has ended. */
  end(error: StatusError): void {
    if (this.#state.kind !== "active") return;
    this.#state = { kind: "ended", error };
    this.#pending.clear();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#options.locking.release(this);
    this.#options.ended();
    for (const each of waiting) each.reject(error);
  }

  #mustBeOpen(): void {
    if (this.#state.kind === "ended") throw this.#state.error;
    assert(this.#state.kind === "active", "a transaction that has committed is not used again");
  }
}

function* finished(written: OrderedTree<Pending>, atMicros: number): IterableIterator<Write> {
  for (const [key, { row, finish }] of written.scan("", undefined)) {
    yield finish === undefined ? { key, row } : finish(atMicros);
  }
}

/** The stored rows with a transaction's own writes laid over them, in key order. */
function* overlay(
  stored: IterableIterator<VersionedEntry>,
  own: IterableIterator<readonly [string, Pending]>,
  isReverse: boolean,
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
      const [key, { row }] = above.value;
      if (row !== null) yield [key, row];
      if (!below.done && below.value[0] === key) below = stored.next();
      above = own.next();
    }
  }
}
