// SPDX-License-Identifier: Apache-2.0
// The messages of google.rpc that errors carry, written and read by hand: they are few and small,
// and this package has no generated code. Field numbers are those of google/rpc/status.proto and
// google/rpc/error_details.proto.
import { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { NANOS_PER_SECOND, type StatusDetail } from "@spandrel/base";

/** In front of every type name within an Any. */
export const TYPE_URL_PREFIX = "type.googleapis.com/";

/** What google.rpc.Status holds. */
export interface RpcStatus {
  readonly code: number;
  readonly message: string;
  readonly details: readonly StatusDetail[];
}

/** Writes a google.rpc.Status. */
export function encodeStatus(status: RpcStatus): Uint8Array {
  const writer = new BinaryWriter();
  if (status.code !== 0) writer.uint32(8).int32(status.code);
  writeText(writer, 2, status.message);
  for (const detail of status.details) {
    writer.uint32(26).fork();
    writeText(writer, 1, typeUrlOf(detail));
    writer.uint32(18).bytes(encodeDetail(detail));
    writer.join();
  }
  return writer.finish();
}

/**
 * Reads a google.rpc.Status; details of unknown types are kept as `Any`.
 *
 * @throws {Error} when the bytes are not such a message.
 */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  let code = 0;
  let message = "";
  const details: StatusDetail[] = [];
  readFields(bytes, (field, reader) => {
    if (field === 1) code = reader.int32();
    else if (field === 2) message = reader.string();
    else if (field === 3) details.push(decodeAny(reader.bytes()));
    else return false;
    return true;
  });
  return { code, message, details };
}

/** The type of a detail as an Any names it. */
export function typeUrlOf(detail: StatusDetail): string {
  return detail.kind === "Any" ? detail.typeUrl : `${TYPE_URL_PREFIX}google.rpc.${detail.kind}`;
}

/** Writes a detail as the message of its own type. */
export function encodeDetail(detail: StatusDetail): Uint8Array {
  const writer = new BinaryWriter();
  switch (detail.kind) {
    case "ResourceInfo":
      writeText(writer, 1, detail.resourceType);
      writeText(writer, 2, detail.resourceName);
      writeText(writer, 3, detail.owner);
      writeText(writer, 4, detail.description);
      break;
    case "RetryInfo":
      writer.uint32(10).fork();
      writer.uint32(8).int64(detail.delayNanos / NANOS_PER_SECOND);
      writer.uint32(16).int32(Number(detail.delayNanos % NANOS_PER_SECOND));
      writer.join();
      break;
    case "ErrorInfo":
      writeText(writer, 1, detail.reason);
      writeText(writer, 2, detail.domain);
      for (const [key, value] of Object.entries(detail.metadata)) {
        writePair(writer, 3, key, value);
      }
      break;
    case "BadRequest":
      for (const { field, description } of detail.violations) {
        writePair(writer, 1, field, description);
      }
      break;
    case "Help":
      for (const { description, url } of detail.links) writePair(writer, 1, description, url);
      break;
    case "Any":
      return detail.value;
  }
  return writer.finish();
}

function decodeAny(bytes: Uint8Array): StatusDetail {
  let typeUrl = "";
  let value: Uint8Array = new Uint8Array(0);
  readFields(bytes, (field, reader) => {
    if (field === 1) typeUrl = reader.string();
    else if (field === 2) value = reader.bytes();
    else return false;
    return true;
  });
  return decodeDetail(typeUrl, value);
}

/**
 * Reads a detail by the type that an Any names; an unknown type is kept as `Any`.
 *
 * @throws {Error} when the bytes are not such a message.
 */
export function decodeDetail(typeUrl: string, value: Uint8Array): StatusDetail {
  switch (typeUrl.slice(typeUrl.lastIndexOf("/") + 1)) {
    case "google.rpc.ResourceInfo": {
      const [resourceType = "", resourceName = "", owner = "", description = ""] = readTexts(value);
      return { kind: "ResourceInfo", resourceType, resourceName, owner, description };
    }
    case "google.rpc.RetryInfo":
      return { kind: "RetryInfo", delayNanos: readDelayNanos(value) };
    case "google.rpc.ErrorInfo": {
      const [reason = "", domain = ""] = readTexts(value);
      return {
        kind: "ErrorInfo",
        reason,
        domain,
        metadata: Object.fromEntries(readPairs(value, 3)),
      };
    }
    case "google.rpc.BadRequest": {
      const pairs = readPairs(value, 1);
      const violations = pairs.map(([field, description]) => ({ field, description }));
      return { kind: "BadRequest", violations };
    }
    case "google.rpc.Help": {
      const links = readPairs(value, 1).map(([description, url]) => ({ description, url }));
      return { kind: "Help", links };
    }
    default:
      return { kind: "Any", typeUrl, value };
  }
}

function writeText(writer: BinaryWriter, field: number, text: string): void {
  if (text !== "") writer.uint32((field << 3) | 2).string(text);
}

/** Writes a message of two texts, in the fields 1 and 2; an entry of a map is one too. */
function writePair(writer: BinaryWriter, field: number, first: string, second: string): void {
  writer.uint32((field << 3) | 2).fork();
  writeText(writer, 1, first);
  writeText(writer, 2, second);
  writer.join();
}

/** Calls `read` for each field; a field that it does not read (false) is skipped. */
function readFields(
  bytes: Uint8Array,
  read: (field: number, reader: BinaryReader) => boolean,
): void {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (!read(field, reader)) reader.skip(wireType, field);
  }
}

/** The texts in the fields 1 to 4, by field. */
function readTexts(bytes: Uint8Array): string[] {
  const texts: string[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field <= 4 && wireType === 2) texts[field - 1] = readLooseText(reader);
    else reader.skip(wireType, field);
  }
  return texts;
}

/** A map's entries stand among the texts: read whatever it is without insisting on UTF-8. */
function readLooseText(reader: BinaryReader): string {
  return new TextDecoder().decode(reader.bytes());
}

function readPairs(bytes: Uint8Array, pairField: number): [string, string][] {
  const pairs: [string, string][] = [];
  readFields(bytes, (field, reader) => {
    if (field !== pairField) return false;
    const [first = "", second = ""] = readTexts(reader.bytes());
    pairs.push([first, second]);
    return true;
  });
  return pairs;
}

function readDelayNanos(bytes: Uint8Array): bigint {
  let delayNanos = 0n;
  readFields(bytes, (field, reader) => {
    if (field !== 1) return false;
    readFields(reader.bytes(), (part, duration) => {
      if (part === 1) delayNanos += BigInt(duration.int64()) * NANOS_PER_SECOND;
      else if (part === 2) delayNanos += BigInt(duration.int32());
      else return false;
      return true;
    });
    return true;
  });
  return delayNanos;
}
