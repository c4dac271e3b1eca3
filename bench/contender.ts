// SPDX-License-Identifier: Apache-2.0
// What a client must be able to do to be measured, and how processes talk about it.

/** A way of reading the large result. */
export type RowsWay = "objects" | "arrays" | "stream" | "columns" | "one by one";

/** A small piece of work, of which many are done at a time. */
export type SmallWork = "select one" | "point read" | "DML transaction" | "mutations";

/** A client with an open database. */
export interface Contender {
  /** Small work, on the row with a number where it is about one. */
  readonly small: Readonly<Record<SmallWork, (id: number) => Promise<unknown>>>;
  /** Reads the large result, all of it; gives the number of rows. */
  readonly rows: Readonly<Record<RowsWay, () => Promise<number>>>;
  /** Reads ten times the large result as it arrives and keeps nothing; gives the number of rows. */
  streamMany(): Promise<number>;
  close(): Promise<void>;
}

/** What the conductor asks of a measured process. */
export type Task =
  | {
      readonly kind: "small";
      readonly work: SmallWork;
      readonly inFlight: number;
      readonly millis: number;
    }
  | { readonly kind: "rows"; readonly way: RowsWay }
  | { readonly kind: "stream many" }
  | { readonly kind: "close" };

/** What it took. */
export interface Cost {
  /** Calls, or rows. */
  readonly count: number;
  /** Processor time of the whole process, garbage collection included, in microseconds. */
  readonly cpuMicros: number;
  readonly wallMicros: number;
  /** The most memory that the process ever had, in bytes. */
  readonly peakBytes: number;
  /** How much more than before the work the process had at most while it lasted, in bytes. */
  readonly growthBytes: number;
}
