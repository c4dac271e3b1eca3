// SPDX-License-Identifier: Apache-2.0
// A little service for this package's tests: an echo with a text, a number and a payload. No test
// stands in this file.
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import type { Codec, Method } from "./method.ts";

export interface Note {
  readonly text: string;
  readonly count: number;
  readonly payload: Uint8Array;
}

export function note(text: string, count = 0, payload: Uint8Array = new Uint8Array(0)): Note {
  return { text, count, payload };
}

export const noteCodec: Codec<Note> = {
  encode({ text, count, payload }) {
    const writer = new BinaryWriter();
    if (text !== "") writer.uint32(10).string(text);
    if (count !== 0) writer.uint32(16).int32(count);
    if (payload.length > 0) writer.uint32(26).bytes(payload);
    return writer.finish();
  },
  decode(bytes) {
    const read = { text: "", count: 0, payload: new Uint8Array(0) as Uint8Array };
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === 1) read.text = reader.string();
      else if (field === 2) read.count = reader.int32();
      else if (field === 3) read.payload = reader.bytes();
      else reader.skip(wireType, field);
    }
    return read;
  },
};

function method(name: string, isStream: boolean): Method<Note, Note> {
  const service = "sample.Notes";
  const path = `/${service}/${name}`;
  return { service, name, path, isStream, request: noteCodec, response: noteCodec };
}

export const echo: Method<Note, Note> = method("Echo", false);
export const fail: Method<Note, Note> = method("Fail", false);
export const repeat: Method<Note, Note> = method("Repeat", true);
export const unserved: Method<Note, Note> = method("Unserved", false);
