// SPDX-License-Identifier: Apache-2.0
// How a commit becomes true: it gets its moment, goes to the journal if there is one, and is then
// published, all of it at once. Nobody sees anything of it before the journal has it, so a commit that
// the journal does not take has left no trace.
//
// While a commit is on its way its locks are held. Who reads without locks cannot see it, and has to
// ask `isBeingWritten` when it matters that what was read stays so.
import { createDeferred } from "@spandrel/base";
import type { OrderedTree } from "@spandrel/store";
import type { LockRange } from "../locks/lock-table.ts";
import type { StoredRow } from "../mvcc/versions.ts";
import { type CommitRecord, encodeCommit, type SpaceWrites } from "./commit-record.ts";
import type { Finish } from "./key-values.ts";
import type { Spaces } from "./spaces.ts";
import type { Timestamps } from "./timestamps.ts";

/** What makes commits outlive the process. */
export interface Journal {
  /**
   * Returns when the record would outlive a crash; in the order of the calls.
   *
   * @throws {StatusError} when the record is not kept; INTERNAL when nobody knows.
   */
  append(record: Uint8Array): Promise<void>;
}

/** A write that waits for its commit. */
export interface Pending {
  readonly row: StoredRow;
  readonly finish: Finish | undefined;
  /** Set when only some columns are written. */
  readonly part: PendingPart | undefined;
}

/** What to do when the other columns are no longer what they were. */
export interface PendingPart {
  /** With this below, the pending row is right as it is; undefined when that cannot be told. */
  readonly base: string | undefined;
  over(row: string): string;
}

/** What stands under a key, once a pending write lies over what is stored. */
export function rowOver({ row, part }: Pending, stored: StoredRow): StoredRow {
  if (part === undefined || stored === null || stored === part.base) return row;
  return part.over(stored);
}

/** What a transaction wants to write, by space. */
export type PendingWrites = ReadonlyMap<number, OrderedTree<Pending>>;

/** A schema change as a commit. */
export interface SchemaCommit {
  /** Its DDL statement. */
  readonly statement: string;
  /** Makes the schema true, together with the rows. */
  publish(atMicros: number): void;
}

/** What commits work with. */
export interface CommitsOptions {
  readonly spaces: Spaces;
  readonly timestamps: Timestamps;
  /** No read will ask for a version older than this. */
  readonly horizonMicros: () => number;
  /** Where counters stand that have moved since this was asked last. */
  readonly movedCounters: () => CommitRecord["counters"];
}

/** The commits of a database; see the top of this file. */
export class Commits {
  readonly #options: CommitsOptions;
  readonly #underWay = new Set<PendingWrites>();
  #journal: Journal | undefined;
  #gate: Promise<void> | undefined;

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** From now on every commit is kept there first. */
  keepIn(journal: Journal): void {
    this.#journal = journal;
  }

  /** While it is there, a commit has to wait for it: a schema change is on its way. */
  get gate(): Promise<void> | undefined {
    return this.#gate;
  }

  /** Lets no other commit get a moment until `work` is over. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const gate = createDeferred<void>();
    this.#gate = gate.promise;
    try {
      return await work();
    } finally {
      this.#gate = undefined;
      gate.resolve();
    }
  }

  /**
   * Makes writes true; gives the moment, at once when nothing has to be kept.
   *
   * @throws {StatusError} as the journal does; unless it is INTERNAL, nothing has happened then.
   */
  commit(pending: PendingWrites, change?: SchemaCommit): number | Promise<number> {
    const { timestamps } = this.#options;
    if (this.#journal === undefined) {
      const atMicros = timestamps.nextCommitMicros();
      this.#publish(this.#finished(pending, atMicros), atMicros);
      change?.publish(atMicros);
      return atMicros;
    }
    if (pending.size === 0 && change === undefined) {
      // It has nothing to keep, but must not be told before those whose moments are earlier.
      const atMicros = timestamps.nextCommitMicros();
      if (!timestamps.isUnsettled(atMicros)) return atMicros;
      return timestamps.settled(atMicros).then(() => atMicros);
    }
    return this.#keepAndPublish(this.#journal, pending, change);
  }

  async #keepAndPublish(
    journal: Journal,
    pending: PendingWrites,
    change: SchemaCommit | undefined,
  ): Promise<number> {
    const { timestamps, movedCounters } = this.#options;
    const atMicros = timestamps.beginCommit();
    this.#underWay.add(pending);
    try {
      const spaces = this.#finished(pending, atMicros);
      const counters = movedCounters();
      const statement = change?.statement;
      await journal.append(encodeCommit({ atMicros, statement, counters, spaces }));
      this.#publish(spaces, atMicros);
      change?.publish(atMicros);
    } finally {
      this.#underWay.delete(pending);
      timestamps.endCommit(atMicros);
    }
    return atMicros;
  }

  /** The rows as they will be; their locks are held, so what is stored now is what they lie over. */
  #finished(pending: PendingWrites, atMicros: number): readonly SpaceWrites[] {
    return [...pending].map(([space, written]) => {
      const stored = this.#options.spaces.of(space);
      const writes = [...written.scan("", undefined)].map(([key, each]) => {
        if (each.finish !== undefined) return each.finish(atMicros);
        const row = each.part === undefined ? each.row : rowOver(each, stored.newest(key));
        return { key, row };
      });
      return { space, writes };
    });
  }

  #publish(spaces: readonly SpaceWrites[], atMicros: number): void {
    const horizon = this.#options.horizonMicros();
    let keysWritten = 0;
    for (const { space, writes } of spaces) {
      this.#options.spaces.of(space).write(writes, atMicros, horizon);
      keysWritten += writes.length;
    }
    this.#options.spaces.sweep(keysWritten, horizon);
  }

  /** Whether a commit that is on its way writes into a range. */
  isBeingWritten({ space, start, end }: LockRange): boolean {
    for (const pending of this.#underWay) {
      const written = pending.get(space);
      if (written !== undefined && !written.scan(start, end).next().done) return true;
    }
    return false;
  }
}
