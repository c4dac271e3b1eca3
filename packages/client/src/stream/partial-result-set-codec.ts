// SPDX-License-Identifier: Apache-2.0
// Reading PartialResultSet by hand. Its values stay where they are, to be read straight into rows by
// whoever knows the types of the columns; the description of the columns, which is the same in every
// answer to one statement, is read once. The rest is left to the generated decoder.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#google.spanner.v1.PartialResultSet
import { Buffer } from "node:buffer";
import { concatBytes } from "@spandrel/base";
import type { WireValue } from "@spandrel/model";
import { PartialResultSet, ResultSetMetadata, StructType } from "@spandrel/protocol";
import type { Codec } from "@spandrel/rpc";
import { ValueReader } from "../values/value-reader.ts";
import { EncodedValues } from "./encoded-values.ts";

/** A message of a result as it was received. */
export interface ReceivedMessage extends Omit<PartialResultSet, "values"> {
  /** As they lie in the message, or made already. */
  readonly values?: EncodedValues | readonly WireValue[] | undefined;
  /** How many bytes it was; undefined when it never was on a wire. */
  readonly byteLength?: number | undefined;
}

/** Tags of the fields of PartialResultSet and ResultSetMetadata: number * 8 + wire type. */
const METADATA = 10;
const VALUES = 18;
const CHUNKED_VALUE = 24;
const RESUME_TOKEN = 34;
const LAST = 72;
const ROW_TYPE = 10;

/** Encodes as the generated codec does; decodes the same messages, faster. */
export const partialResultSetCodec: Codec<ReceivedMessage> = {
  encode: (message) => PartialResultSet.encode(generatedMessage(message)).finish(),
  decode,
};

/** A message with its values made, as the generated decoder would have made it. */
export function generatedMessage(message: ReceivedMessage): PartialResultSet {
  const { values, byteLength: _, ...rest } = message;
  if (values === undefined) return rest;
  const made = values instanceof EncodedValues ? values.take(values.length) : values;
  // The generated type names google.protobuf.Value by what it can hold.
  return { ...rest, values: made as PartialResultSet["values"] };
}

function decode(bytes: Uint8Array): ReceivedMessage {
  const reader = new ValueReader(bytes);
  const fields: { -readonly [Name in keyof ReceivedMessage]: ReceivedMessage[Name] } = {
    byteLength: bytes.length,
  };
  const others: Uint8Array[] = [];
  let valuesStart = -1;
  let count = 0;
  while (reader.offset < bytes.length) {
    const start = reader.offset;
    switch (bytes[start]) {
      case METADATA:
        fields.metadata = decodeMetadata(bytesOfField(reader));
        break;
      case VALUES:
        // Nobody writes anything in between values, but it is allowed.
        if (valuesStart >= 0) return PartialResultSet.decode(bytes);
        valuesStart = start;
        count = skipValues(reader);
        break;
      case CHUNKED_VALUE:
        reader.offset += 1;
        if (reader.varint() !== 0) fields.chunkedValue = true;
        break;
      case RESUME_TOKEN:
        // A copy: the token is kept for longer than the message.
        fields.resumeToken = bytesOfField(reader).slice();
        break;
      case LAST:
        reader.offset += 1;
        if (reader.varint() !== 0) fields.last = true;
        break;
      default:
        reader.skipField();
        others.push(bytes.subarray(start, reader.offset));
    }
  }
  if (others.length > 0) Object.assign(fields, PartialResultSet.decode(concatBytes(others)));
  if (count > 0) {
    reader.offset = valuesStart;
    fields.values = new EncodedValues(reader, count);
  }
  return fields;
}

/** The content of the field whose tag of one byte is here; goes on behind it. */
function bytesOfField(reader: ValueReader): Uint8Array {
  const end = reader.endOfField();
  const content = reader.bytes.subarray(reader.offset, end);
  reader.offset = end;
  return content;
}

/** Goes on behind a run of values and gives how many there are. */
function skipValues(reader: ValueReader): number {
  const { bytes } = reader;
  let count = 0;
  while (bytes[reader.offset] === VALUES) {
    reader.offset = reader.endOfField();
    count += 1;
  }
  return count;
}

/** The description of the columns comes first, and what is special to the one answer after it. */
function decodeMetadata(bytes: Uint8Array): ResultSetMetadata {
  if (bytes[0] !== ROW_TYPE) return ResultSetMetadata.decode(bytes);
  const reader = new ValueReader(bytes);
  const rowType = rowTypeOf(bytesOfField(reader));
  const rest = bytes.subarray(reader.offset);
  return rest.length === 0 ? { rowType } : { rowType, ...ResultSetMetadata.decode(rest) };
}

/** Row types by their bytes, for the statements that are run again and again. */
const rowTypes = new Map<string, StructType>();
const ROW_TYPES_MAX = 256;
const ROW_TYPE_BYTES_MAX = 4_096;

/** A row type; the same object for the same bytes, as long as it is remembered. */
function rowTypeOf(bytes: Uint8Array): StructType {
  if (bytes.length > ROW_TYPE_BYTES_MAX) return StructType.decode(bytes);
  const key = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  let rowType = rowTypes.get(key);
  if (rowType === undefined) {
    rowType = frozen(StructType.decode(bytes));
    if (rowTypes.size >= ROW_TYPES_MAX) rowTypes.clear();
    rowTypes.set(key, rowType);
  }
  return rowType;
}

/** Many results show the same object: nobody may change it. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
