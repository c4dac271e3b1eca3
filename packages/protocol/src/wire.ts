// SPDX-License-Identifier: Apache-2.0
// What generated code reads and writes bytes with: the two classes of protobuf-es, by the methods that
// generated code calls. Their declarations stand here since the classes become part of this package
// when it is built: who installs it gets no other package with it, and its types must name none.
import { BinaryReader as Reader, BinaryWriter as Writer } from "@bufbuild/protobuf/wire";

/** Reads the fields of a message from front to back. */
export interface BinaryReader {
  /** Where the next byte is read. */
  readonly pos: number;
  /** How many bytes there are. */
  readonly len: number;
  uint32(): number;
  int32(): number;
  uint64(): bigint | string;
  int64(): bigint | string;
  float(): number;
  double(): number;
  bool(): boolean;
  string(): string;
  bytes(): Uint8Array;
  /** Goes on behind a field whose tag was read. */
  skip(wireType: number): Uint8Array;
}

/** @throws {Error} from each method, when the bytes are not such a field. */
export const BinaryReader: new (bytes: Uint8Array) => BinaryReader = Reader;

/** Writes the fields of a message, one behind the other. */
export interface BinaryWriter {
  uint32(value: number): this;
  int32(value: number): this;
  uint64(value: bigint | number | string): this;
  int64(value: bigint | number | string): this;
  float(value: number): this;
  double(value: number): this;
  bool(value: boolean): this;
  string(value: string): this;
  bytes(value: Uint8Array): this;
  /** Begins a message within the message. */
  fork(): this;
  /** Ends it: its length and its bytes are a field of the outer one. */
  join(): this;
  /** The bytes of what was written. */
  finish(): Uint8Array<ArrayBuffer>;
}

/** @throws {Error} from each method, when the value does not fit into such a field. */
export const BinaryWriter: new () => BinaryWriter = Writer;
