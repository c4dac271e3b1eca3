// SPDX-License-Identifier: Apache-2.0
// Values by column instead of by row: whole numbers, numbers and booleans lie in typed arrays, without
// an object for each, and everything else in a list that is made when it is first read. A column is
// filled value by value, from the bytes of a message or, at its edges, from wire values, and handed
// over when a batch is complete.
import type { Type, WireValue } from "@spandrel/model";
import { type DecodeOptions, decoderOf } from "./decode.ts";
import type { ColumnReader, Decoder } from "./object-shape.ts";
import { bigintOf, columnReader, wholeNumberOf } from "./read-column.ts";
import { BOOL_VALUE, NUMBER_VALUE, STRING_VALUE, type ValueReader } from "./value-reader.ts";

/** The values of one column, one for each row. */
export interface Column<Value = unknown> {
  readonly type: Type;
  /**
   * INT64 and ENUM as BigInt64Array, FLOAT32, FLOAT64 and, with `int64: "number"`, INT64 as
   * Float64Array, BOOL as Uint8Array of ones and zeros, all others as a list of what rows hold.
   *
   * Where a value is NULL, a typed array holds zero and a list null. A list is made when it is first
   * asked for: a column that is never read costs next to nothing.
   *
   * @throws {StatusError} INTERNAL, from a list, when the server sent what is no value of the type.
   */
  readonly values: ColumnValues<Value>;
  /** For each row one where its value is NULL, else zero; undefined when none is NULL. */
  readonly nulls: Uint8Array | undefined;
}

/** What holds values that rows hold as `Value`. */
export type ColumnValues<Value> = unknown extends Value
  ? BigInt64Array | Float64Array | Uint8Array | readonly unknown[]
  : [NonNullable<Value>] extends [bigint]
    ? BigInt64Array
    : [NonNullable<Value>] extends [number]
      ? Float64Array
      : [NonNullable<Value>] extends [boolean]
        ? Uint8Array
        : readonly Value[];

/** A column that is being filled. */
export interface ColumnFiller {
  /** Makes room for the values that come next: so many of one message, or as many wire values. */
  reserve(count: number): void;
  /** Adds the value that starts where the reader is and ends at an offset. */
  read(reader: ValueReader, end: number): void;
  /** Adds a value. */
  add(wire: WireValue): void;
  /** The values since the last time. */
  take(): Column;
}

/** Fills a column of a type. */
export function columnFiller(type: Type, options: DecodeOptions = {}): ColumnFiller {
  switch (type.kind) {
    case "BOOL":
      return new BoolFiller(type, options);
    case "FLOAT32":
    case "FLOAT64":
      return new NumberFiller(type, options);
    case "INT64":
    case "ENUM":
      return options.int64 === "number"
        ? new SafeIntegerFiller(type, options)
        : new IntegerFiller(type, options);
    default:
      return new ListFiller(type, options);
  }
}

/** Fills a typed array, and notes which of its values are NULL. */
abstract class PackedFiller<Values extends BigInt64Array | Float64Array | Uint8Array>
  implements ColumnFiller
{
  readonly #type: Type;
  readonly #decode: Decoder;
  readonly #create: (length: number) => Values;
  protected values: Values;
  protected count = 0;
  #nulls: Uint8Array | undefined;

  constructor(type: Type, options: DecodeOptions, create: (length: number) => Values) {
    this.#type = type;
    this.#decode = decoderOf(type, options);
    this.#create = create;
    this.values = create(0);
  }

  reserve(count: number): void {
    const { values } = this;
    const length = values.length + count;
    this.values = this.#create(length);
    // Both are of the same kind, which the union of their types does not say.
    (this.values as { set(values: ArrayLike<unknown>): void }).set(values);
    if (this.#nulls === undefined) return;
    const nulls = this.#nulls;
    this.#nulls = new Uint8Array(length);
    this.#nulls.set(nulls);
  }

  abstract read(reader: ValueReader, end: number): void;

  /** Puts what a wire value was decoded to, which is not null, at the place of the next value. */
  protected abstract put(value: unknown): void;

  add(wire: WireValue): void {
    const value = this.#decode(wire);
    if (value === null) {
      this.#nulls ??= new Uint8Array(this.values.length);
      this.#nulls[this.count] = 1;
    } else {
      this.put(value);
    }
    this.count += 1;
  }

  take(): Column {
    const column = { type: this.#type, values: this.values, nulls: this.#nulls };
    this.values = this.#create(0);
    this.count = 0;
    this.#nulls = undefined;
    return column;
  }
}

/** Fills a typed array with INT64, of which most need no bigint to be read. */
abstract class WholeNumberFiller<
  Values extends BigInt64Array | Float64Array,
> extends PackedFiller<Values> {
  read(reader: ValueReader, end: number): void {
    if (!reader.enters(STRING_VALUE, end)) {
      this.add(reader.value(end));
      return;
    }
    const value = wholeNumberOf(reader.bytes, reader.offset, end);
    if (Number.isNaN(value)) {
      this.add(reader.text(end));
      return;
    }
    reader.offset = end;
    this.putWhole(value);
    this.count += 1;
  }

  /** As `put`, for a whole number that is exact. */
  protected abstract putWhole(value: number): void;
}

class IntegerFiller extends WholeNumberFiller<BigInt64Array> {
  constructor(type: Type, options: DecodeOptions) {
    super(type, options, (length) => new BigInt64Array(length));
  }

  protected putWhole(value: number): void {
    this.values[this.count] = bigintOf(value);
  }

  protected put(value: unknown): void {
    this.values[this.count] = value as bigint; // as INT64 is decoded
  }
}

class SafeIntegerFiller extends WholeNumberFiller<Float64Array> {
  constructor(type: Type, options: DecodeOptions) {
    super(type, options, (length) => new Float64Array(length));
  }

  protected putWhole(value: number): void {
    this.values[this.count] = value;
  }

  protected put(value: unknown): void {
    this.values[this.count] = value as number; // as INT64 is decoded by this choice
  }
}

class NumberFiller extends PackedFiller<Float64Array> {
  constructor(type: Type, options: DecodeOptions) {
    super(type, options, (length) => new Float64Array(length));
  }

  read(reader: ValueReader, end: number): void {
    const start = reader.offset;
    if (end - start !== 9 || reader.bytes[start] !== NUMBER_VALUE) {
      this.add(reader.value(end));
      return;
    }
    reader.offset = start + 1;
    this.values[this.count++] = reader.double();
  }

  protected put(value: unknown): void {
    this.values[this.count] = value as number; // as FLOAT32 and FLOAT64 are decoded
  }
}

class BoolFiller extends PackedFiller<Uint8Array> {
  constructor(type: Type, options: DecodeOptions) {
    super(type, options, (length) => new Uint8Array(length));
  }

  read(reader: ValueReader, end: number): void {
    const start = reader.offset;
    const bit = reader.bytes[start + 1];
    const isPlain = end - start === 2 && reader.bytes[start] === BOOL_VALUE;
    if (!isPlain || bit === undefined || bit > 1) {
      this.add(reader.value(end));
      return;
    }
    reader.offset = end;
    this.values[this.count++] = bit;
  }

  protected put(value: unknown): void {
    this.values[this.count] = value === true ? 1 : 0;
  }
}

/** Where values lie in a message: of each its beginning and its end. */
interface Places {
  readonly reader: ValueReader;
  readonly bounds: Int32Array;
  count: number;
}

/**
 * Fills a list with what rows hold. Its values cost most, and a program may not want those of each
 * column: while it is filled only their places are noted, and the messages kept.
 */
class ListFiller implements ColumnFiller {
  readonly #type: Type;
  readonly #decode: Decoder;
  readonly #read: ColumnReader;
  /** Values of which some lie in messages, and some are here as they were on the wire. */
  #parts: (Places | WireValue[])[] = [];
  #places: Places | undefined;
  #wires: WireValue[] | undefined;
  #nullsAt: number[] = [];
  #count = 0;
  #room = 0;

  constructor(type: Type, options: DecodeOptions) {
    this.#type = type;
    this.#decode = decoderOf(type, options);
    this.#read = columnReader(type, options);
  }

  reserve(count: number): void {
    this.#room = count;
    this.#places = undefined;
    this.#wires = undefined;
  }

  read(reader: ValueReader, end: number): void {
    this.#places ??= this.#begin({ reader, bounds: new Int32Array(2 * this.#room), count: 0 });
    const places = this.#places;
    // A value without any field is NULL too.
    if (reader.offset === end || reader.isNull(end)) this.#nullsAt.push(this.#count);
    places.bounds[2 * places.count] = reader.offset;
    places.bounds[2 * places.count + 1] = end;
    places.count += 1;
    this.#count += 1;
    reader.offset = end;
  }

  add(wire: WireValue): void {
    this.#wires ??= this.#begin([]);
    if (wire === null) this.#nullsAt.push(this.#count);
    this.#wires.push(wire);
    this.#count += 1;
  }

  #begin<Part extends Places | WireValue[]>(part: Part): Part {
    this.#parts.push(part);
    return part;
  }

  take(): Column {
    const type = this.#type;
    const parts = this.#parts;
    const nulls = this.#nullsAt.length === 0 ? undefined : new Uint8Array(this.#count);
    for (const index of this.#nullsAt) if (nulls !== undefined) nulls[index] = 1;
    this.#parts = [];
    this.#nullsAt = [];
    this.#count = 0;
    const listOf = (): unknown[] => this.#listOf(parts);
    let values: unknown[] | undefined;
    return {
      type,
      get values() {
        values ??= listOf();
        return values;
      },
      nulls,
    };
  }

  /** Makes the values, and lets go of their messages. */
  #listOf(parts: (Places | WireValue[])[]): unknown[] {
    const list: unknown[] = [];
    for (const part of parts.splice(0)) {
      if (Array.isArray(part)) {
        for (const wire of part) list.push(this.#decode(wire));
        continue;
      }
      const { reader, bounds, count } = part;
      for (let index = 0; index < count; index++) {
        reader.offset = bounds[2 * index] ?? 0;
        list.push(this.#read(reader, bounds[2 * index + 1] ?? 0));
      }
    }
    return list;
  }
}
