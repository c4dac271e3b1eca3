// SPDX-License-Identifier: Apache-2.0
// What a statement costs: the rows that it reads and gives back, and the time that takes. Counted
// only for statements that ask for statistics.
import type { Clock } from "@spandrel/base";
import type { Row, RowReader, RowWriter } from "../rows/contract.ts";

/** Statistics by their names, as texts: `rows_returned` is `3`, `elapsed_time` is `1.22 msecs`. */
export type StatementStatistics = Readonly<Record<string, string>>;

/** Counts one run of a statement. */
export class StatementMeter {
  readonly #clock: Clock;
  readonly #text: string;
  readonly #startNanos: bigint;
  #endNanos: bigint;
  #workNanos = 0n;
  #rowsScanned = 0;
  #rowsReturned = 0;

  constructor(clock: Clock, text: string) {
    this.#clock = clock;
    this.#text = text;
    this.#startNanos = clock.now();
    this.#endNanos = this.#startNanos;
  }

  /** Counts the rows that are read. */
  reader(behind: RowReader): RowReader {
    return { scan: (scan) => this.#scanned(behind.scan(scan)) };
  }

  /** Counts the rows that are read in order to write. */
  writer(behind: RowWriter): RowWriter {
    return {
      scan: (scan) => this.#scanned(behind.scan(scan)),
      insert: (...write) => behind.insert(...write),
      update: (...write) => behind.update(...write),
      delete: (...write) => behind.delete(...write),
    };
  }

  async *#scanned(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
    for await (const batch of batches) {
      this.#rowsScanned += batch.length;
      yield batch;
    }
  }

  /** Counts the rows that are given back, and the time until they are; anew with each walk. */
  batches(behind: AsyncIterable<readonly Row[]>): AsyncIterable<readonly Row[]> {
    return { [Symbol.asyncIterator]: () => this.#returned(behind) };
  }

  async *#returned(batches: AsyncIterable<readonly Row[]>): AsyncGenerator<readonly Row[]> {
    this.#rowsReturned = 0;
    let resumedNanos = this.#clock.now();
    for await (const batch of batches) {
      this.#rowsReturned += batch.length;
      this.#workNanos += this.#clock.now() - resumedNanos;
      yield batch;
      resumedNanos = this.#clock.now();
    }
    this.#endNanos = this.#clock.now();
    this.#workNanos += this.#endNanos - resumedNanos;
  }

  /** Counts work that is done at once. */
  async work<T>(task: () => Promise<T>): Promise<T> {
    const beganNanos = this.#clock.now();
    const result = await task();
    this.#endNanos = this.#clock.now();
    this.#workNanos += this.#endNanos - beganNanos;
    return result;
  }

  /** What was counted so far: whole when the rows have been walked to their end. */
  statistics(): StatementStatistics {
    return {
      query_text: this.#text,
      rows_returned: String(this.#rowsReturned),
      rows_scanned: String(this.#rowsScanned),
      deleted_rows_scanned: "0",
      elapsed_time: printDuration(this.#endNanos - this.#startNanos),
      cpu_time: printDuration(this.#workNanos),
      query_plan_creation_time: "0 msecs",
      runtime_creation_time: "0 msecs",
      filesystem_delay_seconds: "0 msecs",
      remote_server_calls: "0/0",
      optimizer_version: "8",
      optimizer_statistics_package: "",
    };
  }
}

function printDuration(nanos: bigint): string {
  const millis = Number(nanos) / 1e6;
  return millis < 1_000 ? `${trimmed(millis)} msecs` : `${trimmed(millis / 1_000)} secs`;
}

function trimmed(number: number): string {
  return String(Number(number.toFixed(2)));
}
