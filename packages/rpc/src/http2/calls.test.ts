// SPDX-License-Identifier: Apache-2.0
// Our client and our server together: what a call may cost, and how it ends.
import assert from "node:assert/strict";
import { once } from "node:events";
import * as http2 from "node:http2";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { Code, createDeferred, StatusError, seededRandom } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { Router } from "../contract/router.ts";
import { echo, fail, note, repeat } from "../contract/sample-service.test.ts";
import type { Transport } from "../contract/transport.ts";
import { CALLS_SHARING, WINDOW_BYTES } from "./limits.ts";
import { type Listener, listen } from "./listener.ts";
import { listenByNode } from "./node-server.test.ts";
import { createGrpcTransport } from "./transport.ts";

/** Waits, turn by turn of the event loop, until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

function portOf(server: Server | http2.Http2Server): number {
  return (server.address() as AddressInfo).port;
}

describe("streams", () => {
  const megabyte = new Uint8Array(1_000_000);
  let produced = 0;
  let isEnded = false;
  let listener: Listener;
  let transport: Transport;

  before(async () => {
    const router = new Router().stream(repeat, async function* ({ count }) {
      produced = 0;
      isEnded = false;
      try {
        for (; produced < count; produced++) yield note("", produced, megabyte);
      } finally {
        isEnded = true;
      }
    });
    listener = await listen({ router });
    transport = createGrpcTransport({ address: listener.address });
  });
  after(async () => {
    await transport.close();
    await listener.close();
  });

  test("a reader that stops is sent no more than windows and buffers hold", async () => {
    const stream = transport.serverStream(repeat, note("", 1e9));
    await stream.next();
    let last = -1;
    while (last !== produced) {
      last = produced;
      for (let turn = 0; turn < 2_000; turn++) await new Promise(setImmediate);
    }
    assert.ok(produced * megabyte.length <= WINDOW_BYTES + 8_000_000, `${produced} produced`);
    assert.equal(isEnded, false);
    for (let index = 1; index < 100; index++) {
      assert.equal((await stream.next()).value.count, index);
    }
    await stream.return?.();
    await until(() => isEnded);
  });

  test("breaking out of a loop ends the handler's generator", async () => {
    for await (const message of transport.serverStream(repeat, note("", 1e9))) {
      if (message.count === 3) break;
    }
    await until(() => isEnded);
    assert.ok(produced < 100);
  });

  test("what was pulled but not yet sent comes back in order", async () => {
    const stream = transport.serverStream(repeat, note("", 3));
    const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    assert.deepEqual(
      results.map(({ done, value }) => (done ? "end" : value.count)),
      [0, 1, 2, "end"],
    );
  });

  test("nothing is sent before the first pull", async () => {
    produced = -1;
    const stream = transport.serverStream(repeat, note("", 1));
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
    assert.equal(produced, -1);
    await stream.return?.();
  });
});

describe("endings", () => {
  test("a deadline passes on both ends, by the clock that was given", async () => {
    const clock = new VirtualClock();
    const aborted = createDeferred<unknown>();
    const router = new Router().unary(fail, (_, { signal }) => {
      signal.addEventListener("abort", () => aborted.resolve(signal.reason));
      return new Promise(() => undefined);
    });
    const listener = await listen({ router, clock });
    const transport = createGrpcTransport({ address: listener.address });
    const call = transport.unary(fail, note(""), { timeoutMillis: 60_000 });
    const ended = assert.rejects(call, {
      code: Code.DEADLINE_EXCEEDED,
      message: "Deadline expired before operation could complete.",
    });
    await until(() => clock.sleeping === 1);
    await clock.advance(60_000);
    await ended;
    const reason = await aborted.promise;
    assert.ok(reason instanceof StatusError && reason.code === Code.DEADLINE_EXCEEDED);
    await transport.close();
    await listener.close();
  });

  test("a handler's bug is INTERNAL, and nothing of it is told", async () => {
    const router = new Router().unary(echo, () => {
      throw new Error("secret");
    });
    const listener = await listen({ router });
    const transport = createGrpcTransport({ address: listener.address });
    await assert.rejects(transport.unary(echo, note("")), (error: StatusError) => {
      assert.equal(error.code, Code.INTERNAL);
      assert.match(error.message, /^An internal error occurred.* incident [\w-]+\.$/);
      return true;
    });
    await transport.close();
    await listener.close();
  });

  test("a handler's header that HTTP cannot carry does not hide the status", async () => {
    const router = new Router().unary(echo, (_, context) => {
      context.setHeader("x-bad", "line\nbreak");
      context.setTrailer("x-worse", "line\nbreak");
      throw new StatusError(Code.OUT_OF_RANGE, "far");
    });
    const listener = await listen({ router });
    const transport = createGrpcTransport({ address: listener.address });
    await assert.rejects(transport.unary(echo, note("")), { code: Code.OUT_OF_RANGE });
    await transport.close();
    await listener.close();
  });

  test("nobody listening is UNAVAILABLE, and the text says where", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = `127.0.0.1:${portOf(server)}`;
    server.close();
    await once(server, "close");
    const transport = createGrpcTransport({ address });
    await assert.rejects(transport.unary(echo, note("")), (error: StatusError) => {
      assert.equal(error.code, Code.UNAVAILABLE);
      assert.ok(error.message.startsWith(`Cannot connect to ${address}: connect ECONNREFUSED`));
      return true;
    });
    await transport.close();
  });

  test("a connection that breaks is UNAVAILABLE, and the next call makes a new one", async () => {
    const router = new Router()
      .unary(echo, (request) => request)
      .unary(fail, () => new Promise(() => undefined));
    const { server, address, sessions } = await listenByNode(router);
    const transport = createGrpcTransport({ address });
    await transport.unary(echo, note(""));
    const broken = transport.unary(fail, note(""));
    const ended = assert.rejects(broken, { code: Code.UNAVAILABLE });
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    for (const session of sessions) session.socket.destroy();
    await ended;
    assert.equal((await transport.unary(echo, note("again"))).text, "again");
    assert.equal(sessions.length, 2);
    await transport.close();
    server.close();
  });

  test("after GOAWAY the call in flight ends well, and the next takes a new connection", async () => {
    const release = createDeferred<void>();
    const router = new Router()
      .unary(echo, (request) => request)
      .unary(fail, async (request) => {
        await release.promise;
        return request;
      });
    const { server, address, sessions } = await listenByNode(router);
    const transport = createGrpcTransport({ address });
    await transport.unary(echo, note(""));
    const slow = transport.unary(fail, note("slow"));
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    sessions[0]?.close();
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    assert.equal((await transport.unary(echo, note("next"))).text, "next");
    assert.equal(sessions.length, 2);
    release.resolve();
    assert.equal((await slow).text, "slow");
    await transport.close();
    server.close();
  });

  test("closing the transport cancels calls in flight and refuses later ones", async () => {
    const router = new Router().unary(fail, () => new Promise(() => undefined));
    const listener = await listen({ router });
    const transport = createGrpcTransport({ address: listener.address });
    const ended = assert.rejects(transport.unary(fail, note("")), { code: Code.CANCELLED });
    await transport.close();
    await ended;
    await assert.rejects(transport.unary(fail, note("")), { code: Code.UNAVAILABLE });
    await listener.close();
  });

  test("a peer that answers in HTML is named as such", async () => {
    const server = http2.createServer();
    server.on("stream", (stream, headers) => {
      const status = Number(headers["x-status"]);
      stream.respond({ ":status": status, "content-type": "text/html" });
      stream.end("<h1>Sorry</h1>");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const transport = createGrpcTransport({ address: `127.0.0.1:${portOf(server)}` });
    for (const [status, code] of [
      ["404", Code.UNIMPLEMENTED],
      ["503", Code.UNAVAILABLE],
      ["403", Code.PERMISSION_DENIED],
      ["200", Code.UNKNOWN],
    ] as const) {
      const call = transport.unary(echo, note(""), { metadata: { "x-status": status } });
      await assert.rejects(call, {
        code,
        message: `The peer does not answer in gRPC: HTTP status ${status}, content type text/html.`,
      });
    }
    await transport.close();
    server.close();
  });

  test("an answer that is nothing but trailers is understood", async () => {
    const server = http2.createServer();
    server.on("stream", (stream) => {
      stream.respond(
        { "content-type": "application/grpc", "grpc-status": "5", "grpc-message": "no%20such" },
        { endStream: true },
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const transport = createGrpcTransport({ address: `127.0.0.1:${portOf(server)}` });
    const call = transport.unary(echo, note(""));
    await assert.rejects(call, { code: Code.NOT_FOUND, message: "no such" });
    await transport.close();
    server.close();
  });

  test("an answer that is too long is refused", async () => {
    const router = new Router().unary(echo, (request) => request);
    const listener = await listen({ router });
    const transport = createGrpcTransport({ address: listener.address, messageBytesMax: 1_000 });
    await assert.rejects(transport.unary(echo, note("x".repeat(2_000))), {
      code: Code.RESOURCE_EXHAUSTED,
    });
    assert.equal((await transport.unary(echo, note("short"))).text, "short");
    await transport.close();
    await listener.close();
  });
});

describe("many calls", () => {
  test("calls beyond what the server takes at a time wait for their turn", async () => {
    let running = 0;
    let most = 0;
    const router = new Router().unary(echo, async (request) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return request;
    });
    const { server, address } = await listenByNode(router, { maxConcurrentStreams: 5 });
    const transport = createGrpcTransport({ address });
    await transport.unary(echo, note("")); // now the client knows the limit
    const aborter = new AbortController();
    const calls = Array.from({ length: 60 }, (_, index) =>
      transport.unary(echo, note("", index), { signal: aborter.signal }),
    );
    const answers = await Promise.all(calls);
    assert.deepEqual(
      answers.map(({ count }) => count),
      answers.map((_, index) => index),
    );
    assert.equal(most, 5);
    const late = Array.from({ length: 20 }, () =>
      transport.unary(echo, note(""), { signal: aborter.signal }),
    );
    aborter.abort();
    for (const outcome of await Promise.allSettled(late)) assert.equal(outcome.status, "rejected");
    await transport.close();
    server.close();
  });

  test("calls given up at any moment leave nothing behind, and hurt nobody", async () => {
    const random = seededRandom(7);
    let running = 0;
    const router = new Router()
      .unary(echo, async (request) => {
        running += 1;
        for (let turn = 0; turn < request.count; turn++) await new Promise(setImmediate);
        running -= 1;
        return request;
      })
      .stream(repeat, async function* ({ count, payload }) {
        running += 1;
        try {
          for (let index = 0; index < count; index++) {
            yield note("", index, payload);
            await new Promise(setImmediate);
          }
        } finally {
          running -= 1;
        }
      });
    const listener = await listen({ router });
    const transport = createGrpcTransport({ address: listener.address });
    const one = async (): Promise<string> => {
      const aborter = new AbortController();
      const { signal } = aborter;
      const turns = Math.floor(random.next() * 12);
      const abort = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        aborter.abort();
      };
      const request = note("", Math.floor(random.next() * 6), new Uint8Array(random.next() * 5e4));
      const aborted = abort();
      try {
        if (random.next() < 0.5) await transport.unary(echo, request, { signal });
        else for await (const _ of transport.serverStream(repeat, request, { signal }));
        return "OK";
      } catch (error) {
        return error instanceof StatusError ? error.codeName : String(error);
      } finally {
        await aborted;
      }
    };
    const outcomes = new Set<string>();
    for (let round = 0; round < 20; round++) {
      for (const outcome of await Promise.all(Array.from({ length: 50 }, one))) {
        outcomes.add(outcome);
      }
    }
    assert.deepEqual([...outcomes].sort(), ["CANCELLED", "OK"]);
    await until(() => running === 0);
    await transport.close();
    await listener.close();
  });

  test("a few calls share a connection, many are spread over the channels", async () => {
    const router = new Router().unary(echo, (request) => request);
    const { server, address, sessions } = await listenByNode(router);
    const transport = createGrpcTransport({ address, channels: 3 });
    const call = (count: number): Promise<unknown> =>
      Promise.all(Array.from({ length: count }, () => transport.unary(echo, note(""))));
    await call(CALLS_SHARING);
    assert.equal(sessions.length, 1);
    await call(10 * CALLS_SHARING);
    assert.equal(sessions.length, 3);
    await transport.close();
    server.close();
  });

  test("credentials are asked for before each call, and their failure is UNAUTHENTICATED", async () => {
    let calls = 0;
    const router = new Router().unary(echo, (_, { metadata }) =>
      note(metadata["authorization"] ?? ""),
    );
    const listener = await listen({ router });
    const transport = createGrpcTransport({
      address: listener.address,
      metadata: async () => {
        calls += 1;
        if (calls === 3) throw new Error("no key");
        return { authorization: `Bearer ${calls}` };
      },
    });
    assert.equal((await transport.unary(echo, note(""))).text, "Bearer 1");
    assert.equal((await transport.unary(echo, note(""))).text, "Bearer 2");
    await assert.rejects(transport.unary(echo, note("")), { code: Code.UNAUTHENTICATED });
    await transport.close();
    await listener.close();
  });
});

describe("silence", () => {
  let server: Server;
  let address: string;
  const sockets: Socket[] = [];

  before(async () => {
    // Accepts connections, and never says a word.
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.resume();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    address = `127.0.0.1:${portOf(server)}`;
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test("a peer that does not answer a ping is given up", async () => {
    const clock = new VirtualClock();
    const transport = createGrpcTransport({
      address,
      clock,
      keepAliveMillis: 30_000,
      keepAliveTimeoutMillis: 5_000,
    });
    const ended = assert.rejects(transport.unary(echo, note("")), {
      code: Code.UNAVAILABLE,
      message: `The connection to ${address} was lost: no answer to a ping within 5000 ms`,
    });
    const accepted = sockets.length;
    await until(() => sockets.length > accepted && clock.sleeping === 1);
    await clock.advance(34_999);
    assert.equal(clock.sleeping, 1);
    await clock.advance(1);
    await ended;
    await transport.close();
  });

  test("a connection that does not come about in time is UNAVAILABLE", async () => {
    const clock = new VirtualClock();
    const transport = createGrpcTransport({
      address,
      clock,
      tls: { rejectUnauthorized: false },
      connectTimeoutMillis: 7_000,
    });
    const ended = assert.rejects(transport.unary(echo, note("")), {
      code: Code.UNAVAILABLE,
      message: `Cannot connect to ${address}: no connection after 7000 ms`,
    });
    await until(() => clock.sleeping === 1);
    await clock.advance(7_000);
    await ended;
    assert.equal(clock.sleeping, 0);
    await transport.close();
  });
});
