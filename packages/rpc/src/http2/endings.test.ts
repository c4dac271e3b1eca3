// SPDX-License-Identifier: Apache-2.0
// How a call ends when the server says so in frames rather than in a status: what the caller is told,
// and whether the next call works. The server writes its frames by hand.
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { Code, concatBytes } from "@spandrel/base";
import { echo, note } from "../contract/sample-service.test.ts";
import type { CallOptions, Transport } from "../contract/transport.ts";
import { ErrorCode } from "../endpoint/errors.ts";
import { Flag, FrameType } from "../endpoint/frame.ts";
import { frame, uint32 } from "../endpoint/recorder.test.ts";
import { frameOf } from "../grpc/frame.ts";
import { HeaderEncoder } from "../hpack/encoder.ts";
import { createGrpcTransport } from "./transport.ts";

const { END_HEADERS, END_STREAM } = Flag;

let server: Server;
let address: string;
let sockets: Socket[] = [];
/** What the server writes when a connection has asked for something. */
let reply: (id: number) => readonly Uint8Array[];

before(async () => {
  server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => undefined);
    socket.setNoDelay(true);
    socket.write(frame(FrameType.SETTINGS, 0, 0));
    let id = 1;
    socket.on("data", (bytes: Buffer) => {
      // Each request of these tests comes in one piece, and ends with its data.
      if (!bytes.includes("end of request")) return;
      for (const piece of reply(id)) socket.write(piece);
      id += 2;
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  sockets = [];
});
after(() => {
  server.close();
});

const headers = (id: number, flags: number, fields: Record<string, string>): Uint8Array =>
  frame(FrameType.HEADERS, flags | END_HEADERS, id, new HeaderEncoder().encode(fields));

const ok = { ":status": "200", "content-type": "application/grpc" };
const good = (id: number): Uint8Array[] => [
  headers(id, 0, ok),
  frame(FrameType.DATA, 0, id, frameOf(echo.response.encode(note("good")))),
  headers(id, END_STREAM, { "grpc-status": "0" }),
];
const goaway = (lastId: number, code: number, debug = ""): Uint8Array =>
  frame(FrameType.GOAWAY, 0, 0, [
    ...uint32(lastId),
    ...uint32(code),
    ...new TextEncoder().encode(debug),
  ]);

async function calling(story: (call: () => Promise<string>) => Promise<void>): Promise<void> {
  const transport: Transport = createGrpcTransport({ address });
  const options: CallOptions = { timeoutMillis: 20_000 };
  try {
    await story(async () => (await transport.unary(echo, note("end of request"), options)).text);
  } finally {
    await transport.close();
    for (const socket of sockets) socket.destroy();
  }
}

for (const [code, expected, text] of [
  [ErrorCode.REFUSED_STREAM, Code.UNAVAILABLE, /refused the call; it did not start\.$/],
  [ErrorCode.CANCEL, Code.CANCELLED, /without a status: the stream was reset with code 8\.$/],
  [ErrorCode.ENHANCE_YOUR_CALM, Code.RESOURCE_EXHAUSTED, /reset with code 11\.$/],
  [ErrorCode.INADEQUATE_SECURITY, Code.PERMISSION_DENIED, /reset with code 12\.$/],
  [ErrorCode.PROTOCOL_ERROR, Code.INTERNAL, /reset with code 1\.$/],
] as const) {
  test(`a stream that is reset with code ${code} ends its call alone`, () =>
    calling(async (call) => {
      reply = (id) => (id === 1 ? [frame(FrameType.RST_STREAM, 0, id, uint32(code))] : good(id));
      await assert.rejects(call(), { code: expected, message: text });
      assert.equal(await call(), "good");
      assert.equal(sockets.length, 1, "on the same connection");
    }));
}

test("an answer whose headers break the rules ends its call alone", () =>
  calling(async (call) => {
    const doubled = frame(FrameType.HEADERS, END_HEADERS, 1, [0x88, 0x88]); // :status 200 twice
    reply = (id) => (id === 1 ? [doubled] : good(id));
    await assert.rejects(call(), { code: Code.INTERNAL, message: /reset with code 1\.$/ });
    assert.equal(await call(), "good");
    assert.equal(sockets.length, 1);
  }));

test("an answer without a status ends its call", () =>
  calling(async (call) => {
    reply = (id) => [headers(id, 0, ok), frame(FrameType.DATA, END_STREAM, id)];
    await assert.rejects(call(), { code: Code.INTERNAL, message: /ended without a status/ });
  }));

test("an answer that is cut off in a message ends its call", () =>
  calling(async (call) => {
    reply = (id) => [
      headers(id, 0, ok),
      frame(FrameType.DATA, 0, id, [0, 0, 0, 0, 9, 1]),
      headers(id, END_STREAM, { "grpc-status": "0" }),
    ];
    await assert.rejects(call(), { code: Code.INTERNAL, reason: "TRUNCATED_FRAME" });
  }));

test("a server that breaks the protocol is UNAVAILABLE, told why, and called anew", () =>
  calling(async (call) => {
    reply = () => [frame(FrameType.PUSH_PROMISE, END_HEADERS, 1, [0, 0, 0, 2])];
    await assert.rejects(call(), {
      code: Code.UNAVAILABLE,
      message: `The connection to ${address} was lost: nobody may push here`,
    });
    reply = good;
    assert.equal(await call(), "good");
    assert.equal(sockets.length, 2);
  }));

test("a GOAWAY that never saw the call refuses it, and the next takes a new connection", () =>
  calling(async (call) => {
    reply = () => [goaway(0, ErrorCode.NO_ERROR)];
    await assert.rejects(call(), { code: Code.UNAVAILABLE, reason: "STREAM_REFUSED" });
    reply = good;
    assert.equal(await call(), "good");
    assert.equal(sockets.length, 2);
    if (!sockets[0]?.closed) await once(sockets[0]!, "close");
  }));

test("a GOAWAY with an error says why the calls that it cut off were lost", () =>
  calling(async (call) => {
    reply = () => {
      setImmediate(() => sockets[0]?.end());
      return [goaway(1, ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings")];
    };
    await assert.rejects(call(), {
      code: Code.UNAVAILABLE,
      message:
        `The connection to ${address} was lost: ` +
        "the server ended it with ENHANCE_YOUR_CALM: too_many_pings",
    });
  }));

test("a server that ends its side is not called again on that connection", () =>
  calling(async (call) => {
    reply = good;
    assert.equal(await call(), "good");
    sockets[0]?.end();
    await once(sockets[0]!, "close");
    assert.equal(await call(), "good");
    assert.equal(sockets.length, 2);
  }));

test("interim answers and frames of the future are passed over", () =>
  calling(async (call) => {
    reply = (id) => [
      headers(id, 0, { ":status": "103" }),
      concatBytes([
        frame(0xfe, 0xff, id, [1, 2, 3]),
        frame(FrameType.PRIORITY, 0, 77, [0, 0, 0, 0, 1]),
      ]),
      ...good(id),
    ];
    assert.equal(await call(), "good");
  }));
