// SPDX-License-Identifier: Apache-2.0
// The client over TLS, with Node's own HTTP/2 on the other end.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { Code } from "@spandrel/base";
import { createTestAuthority } from "@spandrel/testkit";
import { Router } from "../contract/router.ts";
import { echo, note } from "../contract/sample-service.test.ts";
import { answerByNode } from "./node-server.test.ts";
import { createGrpcTransport } from "./transport.ts";

const authority = createTestAuthority("an authority");
const ca = authority.certificate;
const { certificate: cert, key } = authority.issue("server");

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
      tls: { ca },
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
    [{}, /^Cannot connect to localhost:\d+: unable to verify the first certificate/],
    [{ ca, servername: "example.com" }, /^Cannot connect to localhost:\d+: Hostname\/IP does/],
  ] as const) {
    const transport = createGrpcTransport({ address: `localhost:${port}`, tls });
    await assert.rejects(transport.unary(echo, note("")), {
      code: Code.UNAVAILABLE,
      reason: "NOT_TRUSTED",
      message: why,
    });
    await transport.close();
  }
});
