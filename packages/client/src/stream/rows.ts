// SPDX-License-Identifier: Apache-2.0
// How the rows of a type are made: by readers that are chosen once per row type, and read a row
// straight from the bytes of a message into an object of one shape.
import { type Type, typeFromProto } from "@spandrel/model";
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
