// SPDX-License-Identifier: Apache-2.0
// What a client must be able to do to be measured, and how processes talk about it.

/** A way of reading the large result. */
export type RowsWay = "objects" | "default rows" | "stream" | "one by one";

/** A client with an open database. */
export interface Contender {
  selectOne(): Promise<unknown>;
  /** Reads the large result, all of it; gives the number of rows. Undefined: it has no such way. */
  readonly rows: Readonly<Record<RowsWay, (() => Promise<number>) | undefined>>;
  close(): Promise<void>;
}

/** What the conductor asks of a measured process. */
export type Task =
  | { readonly kind: "select one"; readonly inFlight: number; readonly millis: number }
  | { readonly kind: "rows"; readonly way: RowsWay }
  | { readonly kind: "close" };

/** What it took. */
export interface Cost {
  /** Calls, or rows. */
  readonly count: number;
  /** Processor time of the whole process, garbage collection included, in microseconds. */
  readonly cpuMicros: number;
  readonly wallMicros: number;
}
