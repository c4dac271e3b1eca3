// SPDX-License-Identifier: Apache-2.0
// Which headers of an HTTP/2 message are the caller's or the handler's own, and which belong to
// HTTP or gRPC and stay here.
import type { Metadata } from "../contract/transport.ts";

/** Headers as Node gives them: a header that came several times may be an array. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers that HTTP or gRPC itself uses; no caller and no handler sees or sets them. */
function isReserved(key: string): boolean {
  return (
    key.startsWith(":") ||
    key.startsWith("grpc-") ||
    key === "content-type" ||
    key === "te" ||
    key === "date" ||
    key === "connection"
  );
}

/** What of some headers is metadata. */
export function metadataOf(headers: HttpHeaders): Metadata {
  const metadata: Record<string, string> = {};
  for (const key in headers) {
    if (isReserved(key)) continue;
    const value = headers[key];
    if (value === undefined) continue;
    metadata[key] = typeof value === "string" ? value : value.join(", ");
  }
  return metadata;
}

/** Copies metadata onto headers that are about to be sent, leaving reserved ones alone. */
export function addMetadata(headers: Record<string, string>, metadata: Metadata): void {
  for (const key in metadata) {
    const value = metadata[key];
    if (value === undefined) continue;
    const name = nameOf(key);
    if (name !== "") headers[name] = value;
  }
}

/** Names of headers by the keys that callers use, which are few and the same in every call. */
const names = new Map<string, string>();
const NAMES_MAX = 256;

/** The header that a key of metadata becomes; empty when it is reserved. */
function nameOf(key: string): string {
  let name = names.get(key);
  if (name === undefined) {
    name = isReserved(key) ? "" : key.toLowerCase();
    if (names.size < NAMES_MAX) names.set(key, name);
  }
  return name;
}
