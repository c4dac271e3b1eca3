// SPDX-License-Identifier: Apache-2.0
// A clock that goes as another one does until somebody lays hands on it: it can be stopped, set, moved
// ahead, and let run on from where it stands. Whoever sleeps by it wakes when the moment comes by this
// clock, however it comes; when many come at once, in the order of their moments.
//
// `monotonic` keeps its promise whatever is done: time that was advanced over has passed, and a time of
// day that is set back is only a step of `now`. While the clock stands it holds no timer, so a wait does
// not keep the process alive then.
import type { Clock, SleepOptions } from "./clock.ts";
import { systemClock } from "./system-clock.ts";

/** Where both readings stood when the clock was stopped. */
interface Standstill {
  readonly nowNanos: bigint;
  readonly monotonicNanos: bigint;
}

interface Sleeper {
  readonly dueNanos: bigint;
  readonly isBackground: boolean;
  /** Calls off the wait on the clock underneath; undefined while there is none. */
  wait: AbortController | undefined;
  wake(): void;
}

/** Why a wait is called off. Said once: an abort without a reason makes an error with a stack. */
const rearranged = "the wait is made anew";

/** See the top of this file. */
export class AdjustableClock implements Clock {
  readonly #source: Clock;
  /** In the order in which they began, so that those of one moment wake in that order. */
  readonly #sleepers = new Set<Sleeper>();
  #nowAheadNanos = 0n;
  #monotonicAheadNanos = 0n;
  #stopped: Standstill | undefined;

  /** A clock that goes as `source` does; by default the machine's. */
  constructor(source: Clock = systemClock) {
    this.#source = source;
  }

  now(): bigint {
    return this.#stopped?.nowNanos ?? this.#source.now() + this.#nowAheadNanos;
  }

  monotonic(): bigint {
    return this.#stopped?.monotonicNanos ?? this.#source.monotonic() + this.#monotonicAheadNanos;
  }

  /** Whether the clock stands. */
  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** How far the time of day is ahead of the clock underneath, in nanoseconds; behind is negative. */
  get aheadNanos(): bigint {
    if (this.#stopped === undefined) return this.#nowAheadNanos;
    return this.#stopped.nowNanos - this.#source.now();
  }

  /** How many waits are pending. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Stops the clock where it is. Harmless when it stands. */
  stop(): void {
    this.#stopped ??= { nowNanos: this.now(), monotonicNanos: this.monotonic() };
    this.#rearrange();
  }

  /** Lets the clock run on from where it stands. Harmless when it runs. */
  run(): void {
    if (this.#stopped === undefined) return;
    const { nowNanos, monotonicNanos } = this.#stopped;
    this.#stopped = undefined;
    this.#nowAheadNanos = nowNanos - this.#source.now();
    this.#monotonicAheadNanos = monotonicNanos - this.#source.monotonic();
    this.#rearrange();
  }

  /**
   * Lets so much time pass, all at once; the clock goes on, or stands, as before.
   *
   * @throws {RangeError} for a span that is negative or not a number.
   */
  advance(millis: number): void {
    if (!Number.isFinite(millis) || millis < 0) {
      throw new RangeError(`time advances by zero or more milliseconds, not by ${millis}`);
    }
    this.#shift(BigInt(Math.round(millis * 1e6)));
  }

  /**
   * Sets the time of day, in nanoseconds since the Unix epoch. What lies between has passed when that
   * is ahead; when it is behind, no time has passed.
   */
  set(nanos: bigint): void {
    const ahead = nanos - this.now();
    if (ahead >= 0n) this.#shift(ahead);
    else if (this.#stopped === undefined) this.#nowAheadNanos += ahead;
    else this.#stopped = { ...this.#stopped, nowNanos: nanos };
  }

  /** Runs, with the time of day of the clock underneath. */
  reset(): void {
    this.run();
    this.#nowAheadNanos = 0n;
  }

  sleep(millis: number, options: SleepOptions = {}): Promise<void> {
    const { signal, background = false } = options;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper: Sleeper = {
        dueNanos: this.monotonic() + BigInt(Math.ceil(Math.max(0, millis) * 1e6)),
        isBackground: background,
        wait: undefined,
        wake: () => {
          this.#remove(sleeper);
          signal?.removeEventListener("abort", aborted);
          resolve();
        },
      };
      const aborted = (): void => {
        this.#remove(sleeper);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", aborted, { once: true });
      this.#sleepers.add(sleeper);
      if (this.#stopped === undefined || millis <= 0) this.#waitFor(sleeper);
    });
  }

  #shift(nanos: bigint): void {
    if (this.#stopped === undefined) {
      this.#nowAheadNanos += nanos;
      this.#monotonicAheadNanos += nanos;
    } else {
      const { nowNanos, monotonicNanos } = this.#stopped;
      this.#stopped = {
        nowNanos: nowNanos + nanos,
        monotonicNanos: monotonicNanos + nanos,
      };
    }
    this.#rearrange();
  }

  /** Time has moved: wakes those whose moment has come, and makes the waits of the others anew. */
  #rearrange(): void {
    const nowNanos = this.monotonic();
    const due = [...this.#sleepers].filter(({ dueNanos }) => dueNanos <= nowNanos);
    // Sorting keeps those of one moment in the order in which they began.
    for (const { wake } of due.sort(byMoment)) wake();
    for (const sleeper of this.#sleepers) {
      sleeper.wait?.abort(rearranged);
      sleeper.wait = undefined;
      if (this.#stopped === undefined) this.#waitFor(sleeper);
    }
  }

  /** Waits on the clock underneath for as long as is left; it may come back early, and is asked again. */
  #waitFor(sleeper: Sleeper): void {
    const left = Number(sleeper.dueNanos - this.monotonic()) / 1e6;
    const wait = new AbortController();
    sleeper.wait = wait;
    const options = { signal: wait.signal, background: sleeper.isBackground };
    this.#source.sleep(Math.max(0, left), options).then(
      () => {
        if (sleeper.wait !== wait) return;
        sleeper.wait = undefined;
        // A timer may be early by a part of a millisecond, and that is early enough.
        if (sleeper.dueNanos - this.monotonic() < 1_000_000n) sleeper.wake();
        else if (this.#stopped === undefined) this.#waitFor(sleeper);
      },
      () => undefined, // called off, by whoever has seen to the sleeper
    );
  }

  #remove(sleeper: Sleeper): void {
    this.#sleepers.delete(sleeper);
    sleeper.wait?.abort(rearranged);
    sleeper.wait = undefined;
  }
}

function byMoment(left: Sleeper, right: Sleeper): number {
  return left.dueNanos < right.dueNanos ? -1 : left.dueNanos > right.dueNanos ? 1 : 0;
}
