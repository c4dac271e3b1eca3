// SPDX-License-Identifier: Apache-2.0
// How a commit becomes true: it gets its moment, goes to the journal if there is one, and is then
// published, all of it at once. Nobody sees anything of it before the journal has it, so a commit that
// the journal does not take has left no trace.
//
// While a commit is on its way its locks are held. Others who write the same columns without having read
// them may still be on their way along with it. Commits are published in the order of their moments, and
// each lays the columns that it writes over the row as it is by then; so the later one wins, and one that
// the journal refuses leaves nothing behind in those after it.
//
// Who reads without locks cannot see what is on its way, and has to ask `columnsBeingWritten` when it matters
// that what was read stays so.
import { createDeferred } from "@spandrel/base";
import type { OrderedTree } from "@spandrel/store";
import { allColumns, type ColumnSet, columnSetOf } from "../locks/columns.ts";
import type { LockRange } from "../locks/lock-table.ts";
import type { StoredRow } from "../mvcc/versions.ts";
import {
  type CommitRecord,
  encodeCommit,
  encodeCounters,
  type RecordedWrite,
  type SpaceWrites,
} from "./commit-record.ts";
import type { Finish, PartialRow, RowColumns } from "./key-values.ts";
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
  readonly part: PartialRow | undefined;
}

/** A write, of a whole row or of some columns; over a base that is known, the row is right as it is. */
interface Laid {
  readonly row: StoredRow;
  readonly part: (Pick<PartialRow, "columns"> & Partial<PartialRow>) | undefined;
}

/** What stands under a key, once a write lies over what is stored. */
export function rowOver({ row, part }: Laid, stored: StoredRow, rowColumns: RowColumns): StoredRow {
  if (part === undefined || row === null || stored === null || stored === part.base) return row;
  return rowColumns.lay(part.columns, row, stored);
}

/** What a transaction wants to write, by space. */
export type PendingWrites = ReadonlyMap<number, OrderedTree<Pending>>;

/** A write whose commit has its moment; when it is published, the row becomes what is stored then. */
interface Finished extends RecordedWrite {
  row: StoredRow;
  readonly part: PartialRow | undefined;
}

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
  readonly rowColumns: RowColumns;
  /** No read will ask for a version older than this. */
  readonly horizonMicros: () => number;
  /** What has to be kept of counters; undefined when all of it is. */
  readonly reserveCounters: () => CounterReservation | undefined;
}

/** Numbers of counters that may be seen once this is kept. */
export interface CounterReservation {
  /** Where counters go on after a crash. */
  readonly counters: CommitRecord["counters"];
  /** To be called when it is kept. */
  kept(): void;
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
    const { timestamps, reserveCounters } = this.#options;
    const atMicros = timestamps.beginCommit();
    this.#underWay.add(pending);
    try {
      const spaces = this.#finished(pending, atMicros);
      const reservation = reserveCounters();
      const counters = reservation?.counters ?? [];
      const statement = change?.statement;
      await journal.append(encodeCommit({ atMicros, statement, counters, spaces }));
      reservation?.kept();
      this.#publish(spaces, atMicros);
      change?.publish(atMicros);
    } finally {
      this.#underWay.delete(pending);
      timestamps.endCommit(atMicros);
    }
    return atMicros;
  }

  /**
   * Keeps where the counters stand, so that numbers which were given out may be seen; undefined when
   * there is nothing to wait for.
   *
   * @throws {StatusError} later, as the journal does.
   */
  keepCounters(): Promise<void> | undefined {
    const reservation = this.#journal === undefined ? undefined : this.#options.reserveCounters();
    if (this.#journal === undefined || reservation === undefined) return undefined;
    return this.#journal.append(encodeCounters(reservation.counters)).then(reservation.kept);
  }

  /** What is written, with the moment filled in. */
  #finished(pending: PendingWrites, atMicros: number): readonly SpaceWrites<Finished>[] {
    return [...pending].map(([space, written]) => {
      const writes = Array.from(written.scan("", undefined), ([key, each]): Finished => {
        const { row, finish, part } = each;
        if (finish === undefined) return { key, row, part };
        const known = finish(atMicros);
        return { key: known.key, row: known.row, part };
      });
      return { space, writes };
    });
  }

  #publish(spaces: readonly SpaceWrites<Finished>[], atMicros: number): void {
    const { rowColumns } = this.#options;
    const horizon = this.#options.horizonMicros();
    let keysWritten = 0;
    for (const { space, writes } of spaces) {
      const stored = this.#options.spaces.of(space);
      for (const write of writes) {
        if (write.part === undefined) continue;
        write.row = rowOver(write, stored.newest(write.key), rowColumns);
      }
      stored.write(writes, atMicros, horizon);
      keysWritten += writes.length;
    }
    this.#options.spaces.sweep(keysWritten, horizon);
  }

  /** The columns that commits which are on their way write in a range. */
  columnsBeingWritten({ space, start, end }: LockRange): ColumnSet {
    let columns: ColumnSet = 0;
    for (const pending of this.#underWay) {
      for (const [, { part }] of pending.get(space)?.scan(start, end) ?? []) {
        columns |= part === undefined ? allColumns : columnSetOf(part.columns);
      }
    }
    return columns;
  }
}
