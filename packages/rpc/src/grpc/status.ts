// SPDX-License-Identifier: Apache-2.0
// A status as trailers: `grpc-status`, `grpc-message` (UTF-8, percent-encoded), and the details,
// both all together in `grpc-status-details-bin` and, as Spanner does, some of them on their own.
import { Code, codeOf, fromBase64, type StatusDetail, StatusError, toBase64 } from "@spandrel/base";
import {
  decodeDetail,
  decodeStatus,
  encodeDetail,
  encodeStatus,
  TYPE_URL_PREFIX,
} from "./details.ts";
import type { HttpHeaders } from "./metadata.ts";

/** Longest `grpc-message`, encoded. Peers built on gRPC's C core refuse 16 KiB of trailers. */
const MESSAGE_BYTES_MAX = 4_096;
/** Longest `grpc-status-details-bin`, before base64; longer details are left out. */
const DETAILS_BYTES_MAX = 6_144;

const trailerByKind: Partial<Record<StatusDetail["kind"], string>> = {
  ResourceInfo: "google.rpc.resourceinfo-bin",
  RetryInfo: "google.rpc.retryinfo-bin",
};
const typeByTrailer = [
  ["google.rpc.resourceinfo-bin", `${TYPE_URL_PREFIX}google.rpc.ResourceInfo`],
  ["google.rpc.retryinfo-bin", `${TYPE_URL_PREFIX}google.rpc.RetryInfo`],
] as const;

/** Adds the trailers that say how a failed call ended. */
export function addStatusTrailers(trailers: Record<string, string>, error: StatusError): void {
  trailers["grpc-status"] = String(error.code);
  if (error.message !== "") trailers["grpc-message"] = encodeMessage(error.message);
  if (error.details.length === 0) return;
  const { code, message, details } = error;
  const bytes = encodeStatus({ code, message, details });
  if (bytes.length <= DETAILS_BYTES_MAX) trailers["grpc-status-details-bin"] = encodeBinary(bytes);
  for (const detail of details) {
    const key = trailerByKind[detail.kind];
    if (key !== undefined) trailers[key] = encodeBinary(encodeDetail(detail));
  }
}

/**
 * Reads the status from trailers: a StatusError, "ok", or undefined when they hold no status.
 *
 * Details that cannot be read are left out: the code and the text are still worth having.
 */
export function statusOfTrailers(trailers: HttpHeaders): StatusError | "ok" | undefined {
  const status = textOf(trailers["grpc-status"]);
  if (status === undefined) return undefined;
  if (status === "0") return "ok";
  const code = /^[0-9]{1,9}$/.test(status) ? codeOf(Number(status)) : Code.UNKNOWN;
  const message = decodeMessage(textOf(trailers["grpc-message"]) ?? "");
  const details = detailsOf(trailers);
  const info = details.find((detail) => detail.kind === "ErrorInfo");
  // A peer that calls a failure OK is not understood.
  const failure = code === Code.OK ? Code.UNKNOWN : code;
  return new StatusError(failure, message, { details, reason: info?.reason ?? "" });
}

function detailsOf(trailers: HttpHeaders): readonly StatusDetail[] {
  const details: StatusDetail[] = [];
  const all = decodeBinary(textOf(trailers["grpc-status-details-bin"]));
  if (all !== undefined) details.push(...(tryDecode(() => decodeStatus(all).details) ?? []));
  for (const [key, typeUrl] of typeByTrailer) {
    const bytes = decodeBinary(textOf(trailers[key]));
    if (bytes === undefined) continue;
    const detail = tryDecode(() => decodeDetail(typeUrl, bytes));
    if (detail !== undefined && !details.some(({ kind }) => kind === detail.kind)) {
      details.push(detail);
    }
  }
  return details;
}

function tryDecode<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined; // a broken detail must not hide the status that it belongs to
  }
}

function textOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value[0] : value;
}

/** Bytes as the value of a `-bin` header: base64 without padding. */
export function encodeBinary(bytes: Uint8Array): string {
  return toBase64(bytes).replace(/=+$/, "");
}

/** Reads the value of a `-bin` header, padded or not; undefined when it is no base64. */
export function decodeBinary(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const bare = text.replace(/=+$/, "");
  return fromBase64(bare + "=".repeat((4 - (bare.length % 4)) % 4));
}

const encoder = new TextEncoder();

/**
 * Percent-encodes a text for `grpc-message`: all but printable ASCII, and the percent sign.
 *
 * A text that gets too long for a header is cut and ends in three dots.
 */
export function encodeMessage(text: string): string {
  if (text.length <= MESSAGE_BYTES_MAX && /^[ -$&-~]*$/.test(text)) return text;
  let encoded = "";
  for (const character of text.toWellFormed()) {
    const next = /^[ -$&-~]$/.test(character) ? character : percentEncoded(character);
    if (encoded.length + next.length > MESSAGE_BYTES_MAX - 3) return `${encoded}...`;
    encoded += next;
  }
  return encoded;
}

function percentEncoded(character: string): string {
  let encoded = "";
  for (const byte of encoder.encode(character)) {
    encoded += `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/** Reads a percent-encoded text; what is no valid encoding is taken as it stands. */
export function decodeMessage(encoded: string): string {
  if (!encoded.includes("%")) return encoded;
  const bytes: number[] = [];
  for (let index = 0; index < encoded.length; index++) {
    const hex = encoded.slice(index + 1, index + 3);
    if (encoded[index] === "%" && /^[0-9A-Fa-f]{2}$/.test(hex)) {
      bytes.push(Number.parseInt(hex, 16));
      index += 2;
    } else {
      // Node hands headers over as latin1, in which a sloppy peer's UTF-8 is still UTF-8.
      bytes.push(encoded.charCodeAt(index) & 0xff);
    }
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** The code that an HTTP status stands for when a peer does not answer in gRPC. */
export function codeOfHttpStatus(status: number): Code {
  switch (status) {
    case 400:
      return Code.INTERNAL;
    case 401:
      return Code.UNAUTHENTICATED;
    case 403:
      return Code.PERMISSION_DENIED;
    case 404:
      return Code.UNIMPLEMENTED;
    case 429:
    case 502:
    case 503:
    case 504:
      return Code.UNAVAILABLE;
    default:
      return Code.UNKNOWN;
  }
}
