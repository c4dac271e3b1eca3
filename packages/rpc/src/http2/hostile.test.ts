// SPDX-License-Identifier: Apache-2.0
// Whatever comes in by the port, the server answers clearly and stays up.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import { connect } from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { Code } from "@spandrel/base";
import { Router } from "../contract/router.ts";
import { echo, note, noteCodec } from "../contract/sample-service.test.ts";
import type { Transport } from "../contract/transport.ts";
import { frameOf } from "../grpc/frame.ts";
import { type Listener, listen } from "./listener.ts";
import { createGrpcTransport } from "./transport.ts";

let listener: Listener;
let transport: Transport;

before(async () => {
  const router = new Router().unary(echo, (request) => request);
  listener = await listen({ router, messageBytesMax: 10_000 });
  transport = createGrpcTransport({ address: listener.address });
});
after(async () => {
  await transport.close();
  await listener.close();
});
afterEach(async () => {
  assert.equal((await transport.unary(echo, note("still up"))).text, "still up");
});

interface Reply {
  readonly headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader;
  readonly trailers: http2.IncomingHttpHeaders | undefined;
}

/** Sends bytes as a gRPC call with whatever headers, and gives what comes back. */
async function call(headers: http2.OutgoingHttpHeaders, ...pieces: Uint8Array[]): Promise<Reply> {
  const session = http2.connect(`http://${listener.address}`);
  try {
    const stream = session.request({
      ":method": "POST",
      ":path": echo.path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    let trailers: http2.IncomingHttpHeaders | undefined;
    stream.on("trailers", (received) => {
      trailers = received;
    });
    stream.on("error", () => undefined);
    for (const piece of pieces) stream.write(piece);
    stream.end();
    const [received] = (await once(stream, "response")) as [Reply["headers"]];
    stream.resume();
    await once(stream, "close");
    return { headers: received, trailers };
  } finally {
    session.close();
  }
}

/** Sends bytes to the port, and gives what comes back until the end. */
async function say(bytes: string | Uint8Array): Promise<string> {
  const socket = connect(listener.port, "127.0.0.1");
  socket.end(bytes);
  let answer = "";
  socket.on("data", (piece: Buffer) => {
    answer += piece.toString("latin1");
  });
  socket.on("error", () => undefined);
  await once(socket, "close");
  return answer;
}

function grpcStatus(reply: Reply): number {
  assert.equal(reply.headers["grpc-status"], undefined, "headers come before the trailers");
  return Number(reply.trailers?.["grpc-status"]);
}

describe("requests that are not gRPC", () => {
  test("HTTP/1.1 is told what the port speaks", async () => {
    const answer = await say("POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    assert.match(answer, /^HTTP\/1\.1 426 /);
    assert.match(answer, /gRPC over HTTP\/2 only/);
  });

  test("random bytes end the connection", async () => {
    const bytes = Uint8Array.from({ length: 5_000 }, (_, index) => (index * 7_919) % 251);
    assert.match(await say(bytes), /^(HTTP\/1\.1 400 |$)/);
  });

  test("a preface with rubbish after it ends the connection", async () => {
    await say(`PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${"rubbish".repeat(100)}`);
  });

  test("half a preface and silence ends the connection", async () => {
    assert.equal(await say("PRI * HT"), "");
  });

  test("a preface that comes byte by byte is understood", async () => {
    const socket = connect(listener.port, "127.0.0.1");
    await once(socket, "connect");
    socket.setNoDelay(true);
    for (const letter of "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") {
      socket.write(letter);
      await new Promise(setImmediate);
    }
    socket.write(Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0)); // empty SETTINGS
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.equal(answer[3], 4, "the server answers with SETTINGS");
    socket.destroy();
  });

  test("a wrong content type is 415", async () => {
    const { headers } = await call({ "content-type": "application/grpc-web" });
    assert.equal(headers[":status"], 415);
  });

  test("a wrong HTTP method is 405", async () => {
    const { headers } = await call({ ":method": "PUT" });
    assert.equal(headers[":status"], 405);
  });
});

describe("gRPC that is broken", () => {
  test("a frame that is cut off", async () => {
    const frame = frameOf(noteCodec.encode(note("hello")));
    assert.equal(grpcStatus(await call({}, frame.subarray(0, 7))), Code.INTERNAL);
    assert.equal(grpcStatus(await call({}, frame.subarray(0, 3))), Code.INTERNAL);
  });

  test("a frame that is too long", async () => {
    const reply = await call({}, Uint8Array.of(0, 0x7f, 0, 0, 0, 1, 2, 3));
    assert.equal(grpcStatus(reply), Code.RESOURCE_EXHAUSTED);
    const text = "A message of 2130706432 bytes exceeds the limit of 10000 bytes.";
    assert.equal(reply.trailers?.["grpc-message"], text);
  });

  test("a message that is no protobuf", async () => {
    const reply = await call({}, frameOf(Uint8Array.of(10, 200, 1)));
    assert.equal(grpcStatus(reply), Code.INTERNAL);
    assert.equal(reply.trailers?.["grpc-message"], "The request message cannot be decoded.");
  });

  test("no message, or two", async () => {
    const frame = frameOf(noteCodec.encode(note("hello")));
    assert.equal(grpcStatus(await call({})), Code.UNIMPLEMENTED);
    assert.equal(grpcStatus(await call({}, frame, frame)), Code.UNIMPLEMENTED);
  });

  test("an unknown encoding is told what is known", async () => {
    const reply = await call({ "grpc-encoding": "snappy" }, frameOf(new Uint8Array(0)));
    assert.equal(grpcStatus(reply), Code.UNIMPLEMENTED);
    assert.equal(reply.headers["grpc-accept-encoding"], "identity,gzip");
  });

  test("a deadline that is no deadline", async () => {
    const reply = await call({ "grpc-timeout": "soon" }, frameOf(new Uint8Array(0)));
    assert.equal(grpcStatus(reply), Code.INTERNAL);
  });

  test("a path that nobody serves", async () => {
    for (const path of ["/", "/sample.Notes", "/sample.Notes/echo"]) {
      assert.equal(grpcStatus(await call({ ":path": path })), Code.UNIMPLEMENTED, path);
    }
  });

  test("a client that vanishes in the middle of its request", async () => {
    const session = http2.connect(`http://${listener.address}`);
    const stream = session.request({ ":method": "POST", ":path": echo.path });
    stream.on("error", () => undefined);
    stream.write(Uint8Array.of(0, 0, 0));
    await once(session, "remoteSettings");
    session.destroy();
  });
});
