// SPDX-License-Identifier: Apache-2.0
// Where a server is, as people write it.
import { malformedAddress } from "../grpc/errors.ts";

/** A place to connect to. */
export interface Address {
  /** A name or an IP address; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** `host:port`, for people and for the header `:authority`. */
  readonly text: string;
}

/**
 * Reads `host:port`, `host`, `[::1]:9010`, `http://host:port` or `https://host:port`.
 *
 * Without a port it is the one of the scheme: 443 with TLS, 80 without.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the text is no address.
 */
export function parseAddress(text: string, isTlsAsked: boolean): Address {
  const [, scheme, rest = ""] = /^(?:(https?):\/\/|dns:(?:\/\/\/)?)?(.*?)\/?$/i.exec(text) ?? [];
  const isTls = isTlsAsked || scheme?.toLowerCase() === "https";
  const parts = /^(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]+))(?::([0-9]{1,5}))?$/i.exec(rest);
  const host = parts?.[1] ?? parts?.[2];
  const port = parts?.[3] === undefined ? (isTls ? 443 : 80) : Number(parts[3]);
  if (host === undefined || port > 65_535) throw malformedAddress(text);
  return { host, port, isTls, text: `${host.includes(":") ? `[${host}]` : host}:${port}` };
}
