// SPDX-License-Identifier: Apache-2.0
// Which headers of an HTTP/2 message are the caller's or the handler's own, and which belong to
// HTTP or gRPC and stay here.
import type { Metadata } from "../contract/transport.ts";

/** Headers as Node gives them: a header that came several times may be an array. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers that HTTP or gRPC itself uses; no caller and no handler sees or sets them. */
export function isReserved(key: string): boolean {
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
    if (value !== undefined && !isReserved(key)) headers[key.toLowerCase()] = value;
  }
}
