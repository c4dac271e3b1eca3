// SPDX-License-Identifier: Apache-2.0
// The client over TLS, with Node's own HTTP/2 on the other end.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { Code } from "@spandrel/base";
import { Router } from "../contract/router.ts";
import { echo, note } from "../contract/sample-service.test.ts";
import { answerByNode } from "./node-server.test.ts";
import { createGrpcTransport } from "./transport.ts";

// Made for this test, which is the only place that knows of it; good until 2120.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkuv+HHMF4ydoqN2j
D5G5ozjFExlawQImYov3XH6BjWKhRANCAAR8mHr6G/CxdY78ySQYXReLU5Ii5Dgq
KhqF8tDHDGprETXj2wkAn7CQEqO0VRD1+xZ3Y/EiCuZn0tStRc+crLer
-----END PRIVATE KEY-----
`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBNTCB3aADAgECAgEBMAoGCCqGSM49BAMCMBQxEjAQBgNVBAMMCWxvY2FsaG9z
dDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFDESMBAGA1UEAwwJ
bG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEfJh6+hvwsXWO/Mkk
GF0Xi1OSIuQ4KioahfLQxwxqaxE149sJAJ+wkBKjtFUQ9fsWd2PxIgrmZ9LUrUXP
nKy3q6MeMBwwGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMC
A0cAMEQCIHyiT4FdHKEDW8sIJOrlmEQpDSAl9FRLIO8R2YnyAvvCAiBd48866xrw
IvJ4NwtE7ZDl3F/QXuhjK6hlVPHn0P5L9g==
-----END CERTIFICATE-----
`;

let server: http2.Http2SecureServer;
let port: number;
const protocols: unknown[] = [];

before(async () => {
  const router = new Router().unary(echo, (request) => request);
  server = http2.createSecureServer({ key, cert });
  server.on("secureConnection", (socket) => protocols.push(socket.alpnProtocol));
  server.on("stream", (stream, headers) => void answerByNode(router, stream, headers));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
after(() => {
  server.close();
});

test("a server whose certificate is trusted is called, by name and by number, over h2", async () => {
  for (const host of ["localhost", "127.0.0.1"]) {
    const transport = createGrpcTransport({
      address: `https://${host}:${port}`,
      tls: { ca: cert },
    });
    const payload = new Uint8Array(3_000_000).map((_, index) => index * 7);
    const large = transport.unary(echo, note("large", 1, payload));
    const small = Array.from({ length: 200 }, (_, index) => transport.unary(echo, note("", index)));
    const answers = await Promise.all(small);
    assert.deepEqual(
      answers.map(({ count }) => count),
      answers.map((_, index) => index),
    );
    assert.deepEqual((await large).payload, payload);
    await transport.close();
  }
  assert.deepEqual(protocols, ["h2", "h2"]);
});

test("a certificate that nobody vouches for, or of another name, is UNAVAILABLE", async () => {
  for (const [tls, why] of [
    [{}, /^Cannot connect to localhost:\d+: self-signed certificate/],
    [
      { ca: cert, servername: "example.com" },
      /^Cannot connect to localhost:\d+: Hostname\/IP does/,
    ],
  ] as const) {
    const transport = createGrpcTransport({ address: `localhost:${port}`, tls });
    await assert.rejects(transport.unary(echo, note("")), { code: Code.UNAVAILABLE, message: why });
    await transport.close();
  }
});
