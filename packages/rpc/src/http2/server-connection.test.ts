// SPDX-License-Identifier: Apache-2.0
// A connection of the server, on a socket that takes what it is given only when the test says so.
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { test } from "node:test";
import { concatBytes } from "@spandrel/base";
import { Flag, FrameType, PREFACE } from "../endpoint/frame.ts";
import { frame, told, uint32 } from "../endpoint/recorder.test.ts";
import { nobody, type StreamHandler } from "../endpoint/stream.ts";
import { HeaderEncoder } from "../hpack/encoder.ts";
import { REQUESTS_RUNNING_MAX, UNSENT_OUTPUT_MAX } from "./limits.ts";
import { type RequestStream, ServerConnection } from "./server-connection.ts";

/** As much of a socket as a connection uses. */
class SlowSocket extends Duplex {
  written: Uint8Array[] = [];
  #taken: (() => void) | undefined;

  override _write(bytes: Uint8Array, _: string, taken: () => void): void {
    this.written.push(new Uint8Array(bytes)); // a copy
    this.#taken = taken;
  }

  override _read(): void {
    // What comes is pushed.
  }

  /** The peer reads all that was written, and what is written because of that. */
  async peerReads(): Promise<void> {
    while (this.writableLength > 0) {
      this.#taken?.();
      await new Promise(setImmediate);
    }
  }

  setNoDelay(): void {
    // Nothing is delayed.
  }

  destroySoon(): void {
    this.destroy();
  }

  told(): string[] {
    const lines = told(concatBytes(this.written));
    this.written = [];
    return lines;
  }
}

const greeting = concatBytes([PREFACE, frame(FrameType.SETTINGS, 0, 0)]);

// An encoder that has not seen anything makes a block that any connection understands.
const block = new HeaderEncoder().encode({ ":method": "POST", ":scheme": "http", ":path": "/x" });

function request(id: number): Uint8Array {
  return frame(FrameType.HEADERS, Flag.END_HEADERS | Flag.END_STREAM, id, block);
}

/** A connection on such a socket, and the requests that came. */
function connectionOn(socket: SlowSocket): {
  readonly connection: ServerConnection;
  readonly requests: RequestStream[];
} {
  const requests: RequestStream[] = [];
  const handler = (to: RequestStream): StreamHandler => {
    requests.push(to);
    return nobody;
  };
  // A Duplex with the methods that are used is a socket here.
  const connection = new ServerConnection(socket as unknown as Socket, greeting, handler);
  return { connection, requests };
}

test("a client that asks and does not read is not read from until it reads", async () => {
  const socket = new SlowSocket();
  const { requests } = connectionOn(socket);
  const long = "x".repeat(2_000);
  let asked = 0;
  for (; !socket.isPaused() && asked < 10_000; asked++) {
    socket.push(request(2 * asked + 1));
    await new Promise(setImmediate);
    const to = requests.at(-1)!;
    to.endpoint.sendHeaders(to.stream, { ":status": "200", "x-long": `${asked}${long}` }, true);
    to.done();
  }
  assert.equal(asked, requests.length);
  assert.ok(asked * long.length < 2 * UNSENT_OUTPUT_MAX, `${asked} answers wait`);
  socket.push(request(2 * asked + 1));
  await new Promise(setImmediate);
  assert.equal(requests.length, asked, "the next one is not looked at");
  await socket.peerReads();
  assert.equal(socket.isPaused(), false);
  assert.equal(requests.length, asked + 1);
});

test("answers of one turn leave in one piece", async () => {
  const socket = new SlowSocket();
  const { requests } = connectionOn(socket);
  await socket.peerReads();
  socket.told();
  socket.push(concatBytes([request(1), request(3), request(5)]));
  await new Promise(setImmediate);
  for (const { endpoint, stream } of requests) {
    void Promise.resolve().then(() => endpoint.sendHeaders(stream, { ":status": "200" }));
    void Promise.resolve().then(() => endpoint.sendData(stream, new Uint8Array(10)));
    void Promise.resolve().then(() => endpoint.endWithTrailers(stream, { "grpc-status": "0" }));
  }
  await new Promise(setImmediate);
  assert.equal(socket.written.length, 1);
  assert.equal(socket.told().length, 9);
});

test("closing ends the connection after the answers that are under way", async () => {
  const socket = new SlowSocket();
  const { connection, requests } = connectionOn(socket);
  await socket.peerReads();
  socket.push(request(1));
  await new Promise(setImmediate);
  connection.close();
  await new Promise(setImmediate);
  assert.deepEqual(socket.told().slice(-1), ["GOAWAY after 1 NO_ERROR"]);
  await socket.peerReads();
  assert.equal(socket.destroyed, false);
  const { endpoint, stream } = requests[0]!;
  endpoint.sendHeaders(stream, { ":status": "204" }, true);
  await new Promise(setImmediate);
  assert.equal(socket.destroyed, false, "the answer has not left");
  await socket.peerReads();
  assert.deepEqual(socket.told(), ["HEADERS 1, end"]);
  assert.equal(socket.destroyed, true);
});

test("what the client gives up is at work until it is done, and counts as long", async () => {
  const socket = new SlowSocket();
  const { requests } = connectionOn(socket);
  let id = 1;
  const askAndGiveUp = async (count: number): Promise<void> => {
    const frames: Uint8Array[] = [];
    for (let index = 0; index < count; index++, id += 2) {
      frames.push(request(id), frame(FrameType.RST_STREAM, 0, id, uint32(8)));
    }
    socket.push(concatBytes(frames));
    await new Promise(setImmediate);
  };
  await askAndGiveUp(40_000);
  assert.equal(requests.length, REQUESTS_RUNNING_MAX);
  await socket.peerReads();
  assert.equal(socket.destroyed, true, "a client that does nothing else is cut off");
});
