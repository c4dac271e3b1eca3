// SPDX-License-Identifier: Apache-2.0
// Certificates for tests of encrypted connections, made on the spot: nothing secret lies in the
// repository, and nothing expires. What is written here is the least that TLS asks of a certificate.
// https://www.rfc-editor.org/rfc/rfc5280#section-4.1
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A certificate and its key, as PEM. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** One who signs certificates. */
export interface TestAuthority extends TestCertificate {
  /** A certificate for a server on this machine, or for a client of that name. */
  issue(name: string): TestCertificate;
}

/** Makes an authority that nobody trusts unless told to. */
export function createTestAuthority(name: string): TestAuthority {
  const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
  let serial = 1;
  const make = (subject: string, publicKey: KeyObject, isAuthority: boolean): string => {
    const algorithm = sequence(oid("2a8648ce3d040302")); // ECDSA with SHA-256
    const content = sequence(
      tagged(0xa0, integer(2)), // version 3
      integer(serial++),
      algorithm,
      nameOf(name),
      sequence(time("20200101000000Z"), time("21200101000000Z")),
      nameOf(subject),
      publicKey.export({ type: "spki", format: "der" }),
      tagged(0xa3, sequence(...extensions(isAuthority))),
    );
    const signature = bitString(sign("sha256", content, own.privateKey));
    return pem("CERTIFICATE", sequence(content, algorithm, signature));
  };
  return {
    certificate: make(name, own.publicKey, true),
    key: keyOf(own.privateKey),
    issue: (subject) => {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return { certificate: make(subject, pair.publicKey, false), key: keyOf(pair.privateKey) };
    },
  };
}

function extensions(isAuthority: boolean): Uint8Array[] {
  if (isAuthority) {
    return [sequence(oid("551d13"), octets(sequence(tagged(0x01, Uint8Array.of(0xff)))))];
  }
  const localhost = tagged(0x82, new TextEncoder().encode("localhost"));
  const loopback = tagged(0x87, Uint8Array.of(127, 0, 0, 1));
  return [sequence(oid("551d11"), octets(sequence(localhost, loopback)))];
}

function nameOf(text: string): Uint8Array {
  const commonName = tagged(0x0c, new TextEncoder().encode(text));
  return sequence(tagged(0x31, sequence(oid("550403"), commonName)));
}

function keyOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x30, ...parts);
const octets = (content: Uint8Array): Uint8Array => tagged(0x04, content);
const integer = (value: number): Uint8Array => tagged(0x02, Uint8Array.of(value));
const bitString = (bits: Uint8Array): Uint8Array => tagged(0x03, Uint8Array.of(0), bits);
const time = (text: string): Uint8Array => tagged(0x18, new TextEncoder().encode(text));
const oid = (hex: string): Uint8Array =>
  tagged(
    0x06,
    Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16)),
  );

/** A value with its tag and length in front: https://www.itu.int/rec/T-REC-X.690 */
function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function pem(label: string, bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes)).replaceAll(/.{64}/g, "$&\n");
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}
