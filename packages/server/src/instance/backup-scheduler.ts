// SPDX-License-Identifier: Apache-2.0
// Carries backup schedules out: whenever the crontab of one says so, a backup of its database is to be
// made, of the state at that very moment. What a schedule is kept as, and how a backup is made, is not
// known here.
// https://cloud.google.com/spanner/docs/backup#backup-schedules
//
// A backup is begun at its moment or within the creation window after it, so one that cannot be made
// (another one of the database is being made, the disk is full) is tried again each minute until the
// window is over. What was due while nothing ran is not made up for. Schedules of one database that are
// due at one moment get one backup together.
import { type Clock, Code, type Logger, StatusError } from "@spandrel/base";
import { type Crontab, momentsAfter } from "./crontab.ts";

/** How long after its moment a backup may be begun. */
export const creationWindowMillis: number = 4 * 3_600_000;

/** A wait is never longer, so that a clock which is set to another time is noticed. */
const waitMillisMax = 600_000;
const retryMillis = 60_000;

/** A schedule, as far as it has to be known to be carried out. */
export interface BackupPlan {
  /** The full name of the schedule. */
  readonly name: string;
  readonly database: string;
  readonly crontab: Crontab;
  readonly retentionNanos: bigint;
  /** It counts for moments after this one, in milliseconds since the Unix epoch. */
  readonly sinceMillis: number;
}

/** A backup that is to be made. */
export interface DueBackup {
  readonly database: string;
  /** Schedules of the database, at least one. */
  readonly plans: readonly BackupPlan[];
  /** The moment whose state it holds, in milliseconds since the Unix epoch. */
  readonly atMillis: number;
}

/** What carrying schedules out works with. */
export interface BackupSchedulerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** All schedules that there are now. */
  readonly plans: () => readonly BackupPlan[];
  /** Makes a backup; returns when it is there. */
  readonly carryOut: (due: DueBackup) => Promise<void>;
}

/** See the top of this file. */
export class BackupScheduler {
  readonly #options: BackupSchedulerOptions;
  /** By schedule, up to where it has been carried out. */
  readonly #doneMillis = new Map<string, number>();
  readonly #stopped = new AbortController();
  #replanned = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: BackupSchedulerOptions) {
    this.#options = options;
  }

  /** Carries out what there is from now on; to be called again whenever the schedules have changed. */
  watch(): void {
    this.#replanned.abort();
    if (this.#running !== undefined || this.#options.plans().length === 0) return;
    this.#running = this.#run(this.#nowMillis()).finally(() => {
      this.#running = undefined;
    });
  }

  /** Begins no more backups; returns when the one that is being made has ended. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(begunMillis: number): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const plans = this.#options.plans();
      if (plans.length === 0) return;
      const wasMade = await this.#makeDue(plans, begunMillis);
      await this.#wait(begunMillis, wasMade ? waitMillisMax : retryMillis);
    }
  }

  /** Gives whether everything that was due has been made. */
  async #makeDue(plans: readonly BackupPlan[], begunMillis: number): Promise<boolean> {
    const nowMillis = this.#nowMillis();
    const due = new Map<string, { plan: BackupPlan; atMillis: number }[]>();
    for (const plan of plans) {
      const atMillis = this.#lastDue(plan, begunMillis, nowMillis);
      if (atMillis === undefined) continue;
      const key = `${plan.database} ${atMillis}`;
      due.set(key, [...(due.get(key) ?? []), { plan, atMillis }]);
    }
    let wasMade = true;
    for (const together of due.values()) {
      const [first] = together;
      if (first === undefined || this.#stopped.signal.aborted) break;
      const { plan, atMillis } = first;
      const all = together.map((each) => each.plan);
      try {
        await this.#options.carryOut({ database: plan.database, plans: all, atMillis });
        for (const { name } of all) this.#doneMillis.set(name, atMillis);
      } catch (thrown) {
        wasMade = false;
        const { message } = StatusError.from(thrown, Code.INTERNAL);
        const fields = { schedule: plan.name, error: message };
        this.#options.logger.log("warn", "scheduled backup cannot be made", fields);
      }
    }
    return wasMade;
  }

  /** The last moment of a schedule that has come and was not carried out; a backup of it is in time. */
  #lastDue(plan: BackupPlan, begunMillis: number, nowMillis: number): number | undefined {
    const windowMillis = nowMillis - creationWindowMillis;
    const fromMillis = Math.max(this.#fromMillis(plan, begunMillis), windowMillis);
    let last: number | undefined;
    for (const moment of momentsAfter(plan.crontab, fromMillis)) {
      if (moment > nowMillis) break;
      last = moment;
    }
    return last;
  }

  #fromMillis({ name, sinceMillis }: BackupPlan, begunMillis: number): number {
    return Math.max(begunMillis, sinceMillis, this.#doneMillis.get(name) ?? 0);
  }

  /** Waits for the next moment of any schedule, or until the schedules have changed. */
  async #wait(begunMillis: number, millisMax: number): Promise<void> {
    const nowMillis = this.#nowMillis();
    let untilMillis = nowMillis + millisMax;
    for (const plan of this.#options.plans()) {
      const fromMillis = Math.max(this.#fromMillis(plan, begunMillis), nowMillis);
      for (const moment of momentsAfter(plan.crontab, fromMillis)) {
        untilMillis = Math.min(untilMillis, moment);
        break;
      }
    }
    this.#replanned = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, this.#replanned.signal]);
    const waiting = this.#options.clock.sleep(untilMillis - nowMillis, {
      signal,
      background: true,
    });
    // It ends early when it is stopped, or the schedules have changed.
    await waiting.catch(() => undefined);
  }

  #nowMillis(): number {
    return Number(this.#options.clock.now() / 1_000_000n);
  }
}
