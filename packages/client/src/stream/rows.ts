// SPDX-License-Identifier: Apache-2.0
// Rows out of messages. Whole rows are read straight from the bytes of a message into objects of one
// shape, by readers that were chosen once per row type. Only what lies at the edge of a message, and
// may go on in the next, takes the longer way: as wire values, joined, decoded.
import { type Type, typeFromProto, type WireValue } from "@spandrel/model";
import {
  type Type as ProtoType,
  type StructType,
  TypeAnnotationCode,
  TypeCode,
} from "@spandrel/protocol";
import { unknownColumnType } from "../errors/stream.ts";
import { type DecodeOptions, decoderOf, type MessageReaders } from "../values/decode.ts";
import { fieldNames } from "../values/field-names.ts";
import {
  listReader,
  objectShape,
  type RowDecoder,
  type RowReader,
} from "../values/object-shape.ts";
import { columnReader } from "../values/read-column.ts";
import type { EncodedValues } from "./encoded-values.ts";
import { ChunkMerger } from "./merge-chunks.ts";

/** A column of a result. */
export interface Field {
  /** The name under which rows hold the value; see `fieldNames` for columns without one. */
  readonly name: string;
  readonly type: Type;
}

/** What a row is to the program: an object with the names of the columns, or a list in their order. */
export type RowForm = "object" | "array";

/** How the rows of one type are made. Nothing in it changes, so that many results may share it. */
export interface RowLayout {
  readonly fields: readonly Field[];
  readonly types: readonly Type[];
  readonly decode: RowDecoder;
  readonly read: RowReader;
}

const noColumns: StructType = {};
type Layouts = Readonly<
  Record<`${RowForm} ${"bigint" | "number"}`, WeakMap<StructType, RowLayout>>
>;
const newLayouts = (): Layouts => ({
  "object bigint": new WeakMap(),
  "object number": new WeakMap(),
  "array bigint": new WeakMap(),
  "array number": new WeakMap(),
});
const plainLayouts = newLayouts();
const layoutsWithProtos = new WeakMap<MessageReaders, Layouts>();

/**
 * The layout of rows of a type; made once for each object that describes a type.
 *
 * @throws {SpannerError} INTERNAL for a type that is not known here.
 */
export function rowLayout(
  rowType: StructType = noColumns,
  options: DecodeOptions,
  form: RowForm = "object",
): RowLayout {
  const known = layoutsFor(options.protos)[`${form} ${options.int64 ?? "bigint"}`];
  let layout = known.get(rowType);
  if (layout === undefined) {
    layout = createLayout(rowType, options, form);
    known.set(rowType, layout);
  }
  return layout;
}

function layoutsFor(protos: MessageReaders | undefined): Layouts {
  if (protos === undefined) return plainLayouts;
  let layouts = layoutsWithProtos.get(protos);
  if (layouts === undefined) {
    layouts = newLayouts();
    layoutsWithProtos.set(protos, layouts);
  }
  return layouts;
}

function createLayout(
  { fields: columns = [] }: StructType,
  options: DecodeOptions,
  form: RowForm,
): RowLayout {
  const names = fieldNames(columns.map(({ name }) => name ?? ""));
  const types = columns.map((column) => {
    const type = typeFromProto(readableType(column.type));
    if (type === undefined) throw unknownColumnType(column.name ?? "");
    return type;
  });
  const fields = types.map((type, index) => ({ name: names[index] ?? "", type }));
  const decoders = types.map((type) => decoderOf(type, options));
  const readers = types.map((type) => columnReader(type, options));
  if (form === "array") {
    const decode: RowDecoder = (values, offset) =>
      decoders.map((decodeAt, index) => decodeAt(values[offset + index] ?? null));
    return { fields, types, decode, read: listReader(readers) };
  }
  const shape = objectShape(names);
  return { fields, types, decode: shape.decoder(decoders), read: shape.reader(readers) };
}

/** PostgreSQL's numeric has more digits than NUMERIC, and a NaN: it is read as its text. */
function readableType(type: ProtoType | undefined): ProtoType | undefined {
  if (type?.typeAnnotation === TypeAnnotationCode.PG_NUMERIC) return { code: TypeCode.STRING };
  if (type?.arrayElementType === undefined) return type;
  const arrayElementType = readableType(type.arrayElementType);
  return { ...type, ...(arrayElementType && { arrayElementType }) };
}

/** Puts the values of the messages of one result into rows. */
export class RowAssembler {
  readonly #layout: RowLayout;
  readonly #merger: ChunkMerger;
  #partialRow: readonly WireValue[] = [];

  constructor(layout: RowLayout) {
    this.#layout = layout;
    this.#merger = new ChunkMerger(layout.types);
  }

  /** Whether a row began that is not complete. */
  get isInsideRow(): boolean {
    return this.#partialRow.length > 0 || this.#merger.isPending;
  }

  /** Takes the values of a message and puts the rows that are complete behind others. */
  add(values: readonly WireValue[], endsInMiddle: boolean, rows: unknown[]): void {
    const { decode, types } = this.#layout;
    const whole = this.#merger.add(values, endsInMiddle);
    const all = this.#partialRow.length === 0 ? whole : [...this.#partialRow, ...whole];
    const width = types.length;
    const end = width === 0 ? 0 : all.length - (all.length % width);
    for (let offset = 0; offset < end; offset += width) rows.push(decode(all, offset));
    this.#partialRow = end === all.length ? [] : all.slice(end);
  }

  /** As `add`, for values that still lie in their message. */
  addEncoded(values: EncodedValues, endsInMiddle: boolean, rows: unknown[]): void {
    const { read, types } = this.#layout;
    const width = types.length;
    const head = this.isInsideRow ? width - this.#partialRow.length : 0;
    if (width === 0 || head >= values.length) {
      this.add(values.take(values.length), endsInMiddle, rows);
      return;
    }
    if (head > 0) this.add(values.take(head), false, rows);
    const complete = endsInMiddle ? values.length - 1 : values.length;
    values.takeRows(Math.floor(complete / width), width, read, rows);
    if (values.length > 0) this.add(values.take(values.length), endsInMiddle, rows);
  }
}
