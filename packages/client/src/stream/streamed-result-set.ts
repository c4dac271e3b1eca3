// SPDX-License-Identifier: Apache-2.0
// The rows of a result as a program reads them: all, one, in batches, or one by one.
import type { ResultSetMetadata, ResultSetStats } from "@spandrel/protocol";
import type { OperationOptions } from "../call/caller.ts";
import { noRow, resultAlreadyRead, severalRows, truncatedResult } from "../errors/stream.ts";
import type { DecodeOptions } from "../values/decode.ts";
import { Timestamp } from "../values/timestamp.ts";
import { EncodedValues } from "./encoded-values.ts";
import type { ReceivedMessage } from "./partial-result-set-codec.ts";
import { ResumableStream, type StreamSource } from "./resumable-stream.ts";
import { RowAssembler } from "./row-assembler.ts";
import { type ColumnBatch, ColumnList, RowList, type RowSink } from "./row-sink.ts";
import { type Field, type RowForm, type RowLayout, rowLayout } from "./rows.ts";

/** A row: the values of its columns by name. */
export type Row = Record<string, unknown>;

export type { Field } from "./rows.ts";

/** How a result is read. */
export interface ResultOptions extends OperationOptions, DecodeOptions {}

/**
 * Rows that are made in one go for who reads them as they come. Few live together then, so the
 * collector finds most of them dead while they are young.
 */
const ROWS_AT_ONCE = 512;

/**
 * The rows of a query or a read, as they arrive.
 *
 * Nothing is sent before the first row is asked for. The rows can be read once: with `for await`, or
 * by one of `rows`, `one`, `oneOrNone`, `batches` and `columnBatches`. Leaving a loop early cancels the
 * call. A broken stream goes on where it was; no row comes twice and none is left out.
 */
export class StreamedResultSet<T = Row> implements AsyncIterable<T>, AsyncDisposable {
  readonly #stream: ResumableStream;
  readonly #options: DecodeOptions;
  #form: RowForm | "columns" = "object";
  #rowsAtOnce = ROWS_AT_ONCE;
  /** Messages whose rows are not all made yet. */
  readonly #received: ReceivedMessage[] = [];
  #layout: RowLayout | undefined;
  #rows: RowSink | undefined;
  #assembler: RowAssembler | undefined;
  #metadata: ResultSetMetadata | undefined;
  #stats: ResultSetStats | undefined;
  #isClaimed = false;

  constructor(source: StreamSource, options: ResultOptions) {
    this.#stream = new ResumableStream(source, options);
    this.#options = options;
  }

  /** What the server said about the result; undefined before the first row was asked for. */
  get metadata(): ResultSetMetadata | undefined {
    return this.#metadata;
  }

  /** The columns in order; none before the first row was asked for. */
  get fields(): readonly Field[] {
    if (this.#metadata === undefined) return [];
    return this.#rowLayout.fields;
  }

  /** What the server said at the end, such as the query's plan; undefined before. */
  get stats(): ResultSetStats | undefined {
    return this.#stats;
  }

  /** How many rows a DML statement changed; undefined before the end, and for queries. */
  get rowCount(): bigint | undefined {
    const count = this.#stats?.rowCount;
    if (count === undefined) return undefined;
    return count.$case === "rowCountExact" ? count.rowCountExact : count.rowCountLowerBound;
  }

  /** The moment that a read-only result shows; undefined before the first row was asked for. */
  get readTimestamp(): Timestamp | undefined {
    const moment = this.#metadata?.transaction?.readTimestamp;
    return moment === undefined ? undefined : Timestamp.fromProto(moment);
  }

  /** Reads row by row. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    this.#claim();
    let batch: readonly T[] = [];
    let index = 0;
    const next = async (): Promise<IteratorResult<T, undefined>> => {
      while (index >= batch.length) {
        const more = await this.#nextBatch();
        if (more === undefined) return { done: true, value: undefined };
        batch = more;
        index = 0;
      }
      // The loop above ended within the batch.
      return { done: false, value: batch[index++] as T };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next,
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** Reads the rows as they come, many at a time: much faster than one by one. */
  async *batches(): AsyncGenerator<readonly T[], void, undefined> {
    this.#claim();
    try {
      for (;;) {
        const batch = await this.#nextBatch();
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      await this.close();
    }
  }

  /**
   * Reads the rows as they come, many at a time, column by column: for sums, and for what computes
   * on arrays. Numbers lie in typed arrays, without an object for each.
   */
  async *columnBatches(): AsyncGenerator<ColumnBatch<T>, void, undefined> {
    this.#claim();
    this.#form = "columns";
    this.#rowsAtOnce = Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        // What a caller names T is what the statement gives; the client cannot check it.
        const batch = (await this.#next()) as ColumnBatch<T> | undefined;
        if (batch === undefined) return;
        yield batch;
      }
    } finally {
      await this.close();
    }
  }

  /** Reads all rows. */
  rows(): Promise<T[]> {
    return this.#readAll("object");
  }

  /** Reads all rows; the same as `rows()`. */
  toObjects(): Promise<T[]> {
    return this.rows();
  }

  /**
   * Reads all rows as lists of the columns' values, in the order of `fields`.
   *
   * Columns may have no name, or the same one: what counts is their place.
   */
  toArrays<A extends readonly unknown[] = unknown[]>(): Promise<A[]> {
    // Rows are lists from here on; what they hold is what the statement gives, as with T.
    return this.#readAll("array") as Promise<unknown> as Promise<A[]>;
  }

  /**
   * Reads the only row.
   *
   * @throws {SpannerError} NOT_FOUND when there is none, FAILED_PRECONDITION when there are more.
   */
  async one(): Promise<T> {
    const row = await this.oneOrNone();
    if (row === undefined) throw noRow();
    return row;
  }

  /**
   * Reads the only row, or gives undefined when there is none.
   *
   * @throws {SpannerError} FAILED_PRECONDITION when there are more.
   */
  async oneOrNone(): Promise<T | undefined> {
    this.#claim();
    let first: T | undefined;
    let count = 0;
    for (
      let batch = await this.#nextBatch();
      batch !== undefined;
      batch = await this.#nextBatch()
    ) {
      count += batch.length;
      if (count > 1) {
        await this.close();
        throw severalRows();
      }
      first ??= batch[0];
    }
    return first;
  }

  /** Leaves the rest of the result unread and cancels the call. Harmless at the end. */
  async close(): Promise<void> {
    this.#isClaimed = true;
    await this.#stream.cancel();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #readAll(form: RowForm): Promise<T[]> {
    this.#claim();
    this.#form = form;
    this.#rowsAtOnce = Number.POSITIVE_INFINITY;
    let all: T[] = [];
    for (
      let batch = await this.#nextBatch();
      batch !== undefined;
      batch = await this.#nextBatch()
    ) {
      if (all.length === 0) all = batch;
      else for (const row of batch) all.push(row);
    }
    return all;
  }

  #claim(): void {
    if (this.#isClaimed) throw resultAlreadyRead();
    this.#isClaimed = true;
  }

  async #nextBatch(): Promise<T[] | undefined> {
    // What a caller names T is what the statement gives; the client cannot check it.
    return (await this.#next()) as T[] | undefined;
  }

  /** What the rows of the next messages are made into: at least one row, or undefined at the end. */
  async #next(): Promise<unknown> {
    try {
      for (;;) {
        this.#decodeSome();
        if (this.#rows !== undefined && this.#rows.rowCount > 0) return this.#rows.take();
        const messages = await this.#stream.next();
        if (messages === undefined) break;
        this.#received.push(...messages);
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#assembler?.isInsideRow) throw truncatedResult();
    return undefined;
  }

  /** Makes rows out of what was received, as many as there should be in memory together. */
  #decodeSome(): void {
    for (let message = this.#received[0]; message !== undefined; message = this.#received[0]) {
      if (!this.#decode(message)) return;
      this.#received.shift();
    }
  }

  /** Gives whether all of the message is decoded. */
  #decode(message: ReceivedMessage): boolean {
    if (message.metadata !== undefined) this.#metadata ??= message.metadata;
    if (message.stats !== undefined) this.#stats = message.stats;
    const { values, chunkedValue = false } = message;
    if (values === undefined || values.length === 0) return true;
    this.#assembler ??= this.#createAssembler();
    if (values instanceof EncodedValues) {
      return this.#assembler.addEncoded(values, chunkedValue, this.#rowsAtOnce);
    }
    this.#assembler.add(values, chunkedValue);
    return true;
  }

  #createAssembler(): RowAssembler {
    const layout = this.#rowLayout;
    this.#rows =
      this.#form === "columns" ? new ColumnList(layout.fields, this.#options) : new RowList(layout);
    return new RowAssembler(layout.types, this.#rows);
  }

  get #rowLayout(): RowLayout {
    const form = this.#form === "columns" ? "object" : this.#form;
    this.#layout ??= rowLayout(this.#metadata?.rowType, this.#options, form);
    return this.#layout;
  }
}
