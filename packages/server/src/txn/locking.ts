// SPDX-License-Identifier: Apache-2.0
// The thin shell around the lock table: it keeps who waits, wakes who is granted, and ends who was
// wounded or has been idle for so long that others need not wait for it.
import type { Clock, StatusError } from "@spandrel/base";
import { idleTooLong, woundedByOlder } from "../errors/transaction.ts";
import type { ColumnSet } from "../locks/columns.ts";
import {
  type LockRange,
  type LockRequest,
  LockTable,
  type Owner,
  type Wound,
} from "../locks/lock-table.ts";

/** A transaction, as locking knows it. */
export interface Participant {
  readonly owner: Owner;
  lockGranted(request: LockRequest): void;
  end(error: StatusError): void;
}

/** How a range, and columns in it, are worded for the error of a transaction that has to give way. */
export type DescribeRange = (range: LockRange, columns: ColumnSet) => string;

/** What locking works with. */
export interface LockingOptions {
  readonly clock: Clock;
  readonly describe: DescribeRange;
  /** After so long without a call, a transaction gives way to whoever wants its locks. */
  readonly idleMillisMax: number;
}

/** The locks of one database, and those who wait for them. */
export class Locking {
  readonly #table = new LockTable();
  readonly #participants = new Map<number, Participant>();
  readonly #usedAt = new Map<number, bigint>();
  readonly #options: LockingOptions;
  #isWatching = false;

  constructor(options: LockingOptions) {
    this.#options = options;
  }

  /** Whether the lock is held at once; else `lockGranted` or `end` of the participant will be called. */
  request(participant: Participant, request: LockRequest): boolean {
    this.#participants.set(participant.owner.id, participant);
    this.used(participant.owner);
    const decision = this.#table.request(request);
    if (decision.kind === "granted") return true;
    // The participant is told only after this call has returned, when it is ready to hear.
    queueMicrotask(() => this.#endWounded(decision.wounded));
    this.#watchIdle();
    return false;
  }

  /** The participant no longer waits for a lock that it has asked for. */
  cancel(request: LockRequest): void {
    this.#wake(this.#table.cancel(request));
  }

  /** The transaction was just used: it is not idle. */
  used(owner: Owner): void {
    this.#usedAt.set(owner.id, this.#options.clock.monotonic());
  }

  /** Takes a transaction out and wakes those who were waiting for it. */
  release(participant: Participant): void {
    const granted = this.#table.release(participant.owner);
    this.#participants.delete(participant.owner.id);
    this.#usedAt.delete(participant.owner.id);
    this.#wake(granted);
  }

  /** How long ago a transaction was used, in nanoseconds; undefined when it never asked for a lock. */
  idleNanosOf(ownerId: number): bigint | undefined {
    const usedAt = this.#usedAt.get(ownerId);
    return usedAt === undefined ? undefined : this.#options.clock.monotonic() - usedAt;
  }

  /** Who holds and who waits, for tests and for people. */
  describe(): { readonly held: readonly LockRequest[]; readonly waiting: readonly LockRequest[] } {
    return this.#table.describe();
  }

  #wake(granted: readonly LockRequest[]): void {
    for (const request of granted) this.#participants.get(request.owner.id)?.lockGranted(request);
  }

  #endWounded(wounds: readonly Wound[]): void {
    for (const { owner, by, columns } of wounds) {
      const where = this.#options.describe(by, columns);
      this.#participants.get(owner.id)?.end(woundedByOlder(where));
    }
  }

  /** While anybody waits, ends holders that nobody has used for too long. */
  #watchIdle(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const { clock, idleMillisMax } = this.#options;
    const look = (): void => {
      if (!this.#table.isAnyoneWaiting) {
        this.#isWatching = false;
        return;
      }
      const idleSince = clock.monotonic() - BigInt(idleMillisMax) * 1_000_000n;
      const isIdle = ({ id }: Owner) => (this.#usedAt.get(id) ?? 0n) <= idleSince;
      for (const { id } of [...this.#table.runningHolders()].filter(isIdle)) {
        this.#participants.get(id)?.end(idleTooLong());
      }
      watch();
    };
    const watch = (): void => {
      clock.sleep(Math.ceil(idleMillisMax / 10), { background: true }).then(look, () => undefined);
    };
    watch();
  }
}
