// SPDX-License-Identifier: Apache-2.0
// Rows out of messages. Values are joined, put into rows of the result's width, and decoded straight
// into objects of one shape by decoders that were chosen once.
import { type Type, typeFromProto, type WireValue } from "@spandrel/model";
import {
  type PartialResultSet,
  type Type as ProtoType,
  type ResultSetMetadata,
  type ResultSetStats,
  TypeAnnotationCode,
  TypeCode,
} from "@spandrel/protocol";
import type { OperationOptions } from "../call/caller.ts";
import {
  noRow,
  resultAlreadyRead,
  severalRows,
  truncatedResult,
  unknownColumnType,
} from "../errors/stream.ts";
import {
  type DecodeOptions,
  decoderOf,
  type ObjectDecoder,
  objectDecoder,
} from "../values/decode.ts";
import { fieldNames } from "../values/field-names.ts";
import { Timestamp } from "../values/timestamp.ts";
import { ChunkMerger } from "./merge-chunks.ts";
import { ResumableStream, type StreamSource } from "./resumable-stream.ts";

/** A row: the values of its columns by name. */
export type Row = Record<string, unknown>;

/** A column of a result. */
export interface Field {
  /** The name under which rows hold the value; see `fieldNames` for columns without one. */
  readonly name: string;
  readonly type: Type;
}

/** How a result is read. */
export interface ResultOptions extends OperationOptions, DecodeOptions {}

interface RowReader {
  readonly fields: readonly Field[];
  readonly merger: ChunkMerger;
  readonly decode: ObjectDecoder;
}

/**
 * The rows of a query or a read, as they arrive.
 *
 * Nothing is sent before the first row is asked for. The rows can be read once: with `for await`, or
 * by one of `rows`, `one`, `oneOrNone` and `batches`. Leaving a loop early cancels the call. A broken
 * stream goes on where it was; no row comes twice and none is left out.
 */
export class StreamedResultSet<T = Row> implements AsyncIterable<T>, AsyncDisposable {
  readonly #stream: ResumableStream;
  readonly #options: DecodeOptions;
  #reader: RowReader | undefined;
  #metadata: ResultSetMetadata | undefined;
  #stats: ResultSetStats | undefined;
  #partialRow: readonly WireValue[] = [];
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
    this.#reader ??= this.#createReader();
    return this.#reader.fields;
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

  /** Reads all rows. */
  async rows(): Promise<T[]> {
    this.#claim();
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

  /** Reads all rows; the same as `rows()`. */
  toObjects(): Promise<T[]> {
    return this.rows();
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

  #claim(): void {
    if (this.#isClaimed) throw resultAlreadyRead();
    this.#isClaimed = true;
  }

  /** The rows of the next messages: at least one row, or undefined at the end. */
  async #nextBatch(): Promise<T[] | undefined> {
    try {
      for (;;) {
        const messages = await this.#stream.next();
        if (messages === undefined) break;
        const rows: T[] = [];
        for (const message of messages) this.#decode(message, rows);
        if (rows.length > 0) return rows;
      }
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#partialRow.length > 0 || this.#reader?.merger.isPending) throw truncatedResult();
    return undefined;
  }

  #decode(message: PartialResultSet, rows: T[]): void {
    if (message.metadata !== undefined) this.#metadata ??= message.metadata;
    if (message.stats !== undefined) this.#stats = message.stats;
    const { values } = message;
    if (values === undefined || values.length === 0) return;
    this.#reader ??= this.#createReader();
    const { merger, decode, fields } = this.#reader;
    const whole = merger.add(values, message.chunkedValue ?? false);
    const all = this.#partialRow.length === 0 ? whole : [...this.#partialRow, ...whole];
    const width = fields.length;
    const end = width === 0 ? 0 : all.length - (all.length % width);
    // What a caller names T is what the statement gives; the client cannot check it.
    for (let offset = 0; offset < end; offset += width) rows.push(decode(all, offset) as T);
    this.#partialRow = end === all.length ? [] : all.slice(end);
  }

  #createReader(): RowReader {
    const columns = this.#metadata?.rowType?.fields ?? [];
    const names = fieldNames(columns.map(({ name }) => name ?? ""));
    const fields = columns.map((column, index) => {
      const type = typeFromProto(readableType(column.type));
      if (type === undefined) throw unknownColumnType(column.name ?? "");
      return { name: names[index] ?? "", type };
    });
    const decoders = fields.map(({ type }) => decoderOf(type, this.#options));
    return {
      fields,
      merger: new ChunkMerger(fields.map(({ type }) => type)),
      decode: objectDecoder(names, decoders),
    };
  }
}

/** PostgreSQL's numeric has more digits than NUMERIC, and a NaN: it is read as its text. */
function readableType(type: ProtoType | undefined): ProtoType | undefined {
  if (type?.typeAnnotation === TypeAnnotationCode.PG_NUMERIC) return { code: TypeCode.STRING };
  if (type?.arrayElementType === undefined) return type;
  const arrayElementType = readableType(type.arrayElementType);
  return { ...type, ...(arrayElementType && { arrayElementType }) };
}
