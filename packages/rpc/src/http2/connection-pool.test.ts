// SPDX-License-Identifier: Apache-2.0
// Which connection a call takes, as a server of Node's sees it.
import assert from "node:assert/strict";
import type { ServerHttp2Session, Settings } from "node:http2";
import { test } from "node:test";
import { Code, createDeferred, seededRandom } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { Router } from "../contract/router.ts";
import { echo, note } from "../contract/sample-service.test.ts";
import type { CallOptions, Transport } from "../contract/transport.ts";
import type { ChannelRange } from "./connection-pool.ts";
import { CALLS_SHARING, IDLE_LOOK_MILLIS } from "./limits.ts";
import { listenByNode } from "./node-server.test.ts";
import { createGrpcTransport } from "./transport.ts";

interface World {
  readonly transport: Transport;
  readonly clock: VirtualClock;
  /** Connections as they were opened. */
  readonly sessions: readonly ServerHttp2Session[];
  /** Calls with the text "wait" are answered from now on. */
  readonly answer: () => void;
  /** The connections that the calls of one name came over, in their order. */
  connectionsOf(name: string): number[];
}

interface Terms {
  readonly channels?: ChannelRange;
  /** What the server says of itself. */
  readonly settings?: Settings;
}

/** Runs a test of several connections to a server that notes which calls come over which. */
async function inWorld(
  run: (world: World) => Promise<void>,
  { channels = { min: 3, max: 3 }, settings = {} }: Terms = {},
): Promise<void> {
  const clock = new VirtualClock();
  const { promise: answered, resolve: answer } = createDeferred<void>();
  const router = new Router().unary(echo, async (request) => {
    if (request.text === "wait") await answered;
    return request;
  });
  const { server, address, sessions } = await listenByNode(router, settings);
  const opened: readonly unknown[] = sessions;
  const came = new Map<string, number[]>();
  server.on("stream", ({ session }, { "x-name": name = "" }) => {
    const connection = opened.indexOf(session);
    came.set(String(name), [...(came.get(String(name)) ?? []), connection]);
  });
  const transport = createGrpcTransport({ address, channels, clock });
  const connectionsOf = (name: string): number[] => came.get(name) ?? [];
  try {
    await run({ transport, clock, sessions, answer, connectionsOf });
  } finally {
    answer();
    await transport.close();
    server.close();
  }
}

/** Options of calls that belong together. */
function belongingTo(name: string): CallOptions {
  return { affinity: {}, metadata: { "x-name": name } };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn();
}

test("calls that belong together share a connection, while all of them are in use", () =>
  inWorld(async ({ transport, sessions, connectionsOf }) => {
    const random = seededRandom(1);
    const names = Array.from({ length: 6 * CALLS_SHARING }, (_, index) => `${index}`);
    await Promise.all(
      names.map(async (name) => {
        const together = belongingTo(name);
        for (let call = 0; call < 5; call++) {
          // In an order that changes, so that connections are now busy and now not.
          for (let turns = random.next() * 8; turns > 1; turns--) await nextTurn();
          await transport.unary(echo, note(""), together);
          for await (const _ of transport.serverStream(echo, note(""), together));
        }
      }),
    );
    assert.equal(sessions.length, 3);
    const homes = names.map((name) => [...new Set(connectionsOf(name))]);
    assert.deepEqual(new Set(homes.map(({ length }) => length)), new Set([1]));
    assert.equal(new Set(homes.flat()).size, 3, "and they are spread over the connections");
  }));

for (const [how, end] of [
  ["was lost", (session?: ServerHttp2Session) => session?.destroy()],
  ["is draining", (session?: ServerHttp2Session) => session?.goaway()],
] as const) {
  test(`when a connection ${how}, calls that belong together move to another one`, () =>
    inWorld(async ({ transport, sessions, answer, connectionsOf }) => {
      const together = belongingTo("a");
      await transport.unary(echo, note(""), together);
      const underWay = Promise.allSettled([transport.unary(echo, note("wait"), together)]);
      await until(() => connectionsOf("a").length === 2);
      end(sessions[0]);
      // Calls that are made before the client learns of it may be lost as well.
      while (!connectionsOf("a").includes(1)) {
        await transport.unary(echo, note(""), together).catch(() => undefined);
      }
      await transport.unary(echo, note(""), together);
      assert.deepEqual(connectionsOf("a").slice(-2), [1, 1]);
      assert.equal(sessions.length, 2);
      answer();
      const [{ status }] = await underWay;
      assert.equal(status, how === "was lost" ? "rejected" : "fulfilled");
    }));
}

test("when a connection is full, a call does not wait for those that it belongs to", () =>
  inWorld(
    async ({ transport, sessions, answer, connectionsOf }) => {
      const together = belongingTo("a");
      await transport.unary(echo, note(""), together);
      await until(() => sessions.length === 1);
      const waiting = transport.unary(echo, note("wait"), together);
      await until(() => connectionsOf("a").length === 2);
      await transport.unary(echo, note(""), together);
      answer();
      await waiting;
      await transport.unary(echo, note(""), together);
      assert.deepEqual(connectionsOf("a"), [0, 0, 1, 1], "and what follows goes after it");
    },
    { settings: { maxConcurrentStreams: 1 } },
  ));

test("connections beyond the least are closed when nobody calls, and opened when many do", () =>
  inWorld(
    async ({ transport, clock, sessions, connectionsOf }) => {
      const callMany = (): Promise<unknown> => {
        const calls = Array.from({ length: 6 * CALLS_SHARING }, () => note(""));
        return Promise.all(calls.map((request) => transport.unary(echo, request)));
      };
      const isOpen = (): boolean[] => sessions.map(({ destroyed }) => !destroyed);
      await callMany();
      assert.deepEqual(isOpen(), [true, true, true]);
      await clock.advance(IDLE_LOOK_MILLIS);
      await transport.unary(echo, note(""));
      assert.deepEqual(isOpen(), [true, true, true], "they had calls in the minute before");
      await clock.advance(IDLE_LOOK_MILLIS);
      await until(() => sessions[1]?.destroyed === true && sessions[2]?.destroyed === true);
      assert.equal(clock.sleeping, 0, "nobody looks for what is not there");
      await transport.unary(echo, note(""), belongingTo("later"));
      assert.deepEqual(connectionsOf("later"), [0]);
      await callMany();
      assert.deepEqual(isOpen(), [true, false, false, true, true]);
    },
    { channels: { min: 1, max: 3 } },
  ));

test("a connection with a call in flight is not closed, however long that takes", () =>
  inWorld(
    async ({ transport, clock, sessions, answer }) => {
      const calls = Array.from({ length: CALLS_SHARING + 1 }, () =>
        transport.unary(echo, note("wait")),
      );
      await until(() => sessions.length === 2);
      for (let looks = 0; looks < 5; looks++) await clock.advance(IDLE_LOOK_MILLIS);
      answer();
      assert.equal((await Promise.all(calls)).length, CALLS_SHARING + 1);
      await clock.advance(2 * IDLE_LOOK_MILLIS);
      await until(() => sessions[1]?.destroyed === true);
      assert.equal(sessions[0]?.destroyed, false);
    },
    { channels: { min: 1, max: 2 } },
  ));

test("numbers of channels that are none are refused", () => {
  for (const channels of [0, 1.5, Number.NaN, { min: 3, max: 2 }, { min: 0, max: 2 }])
    assert.throws(() => createGrpcTransport({ address: "localhost:1", channels }), {
      code: Code.INVALID_ARGUMENT,
      reason: "INVALID_CHANNELS",
    });
});
