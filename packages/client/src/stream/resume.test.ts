// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, StatusError, seededRandom, silentLogger } from "@spandrel/base";
import { type PartialResultSet, TypeAnnotationCode, TypeCode } from "@spandrel/protocol";
import { createLocalTransport } from "@spandrel/rpc";
import { type Answer, ScriptedServer, VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { Caller } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { spannerMethods } from "../call/methods.ts";
import type { StreamSource } from "./resumable-stream.ts";
import { BYTES_HELD_MAX, MESSAGES_HELD_MAX, messageReceived, notOpened } from "./resume-state.ts";
import { StreamedResultSet } from "./streamed-result-set.ts";

const SQL = "SELECT n FROM Numbers";
const unavailable = new StatusError(Code.UNAVAILABLE, "gone for a moment");

interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly run: (timeoutMillis?: number) => StreamedResultSet;
}

async function worldOf(): Promise<World> {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const caller = new Caller({
    transport: createLocalTransport(server.router, { clock }),
    clock,
    random: seededRandom(1),
    logger: silentLogger,
    routeToLeaderEnabled: true,
  });
  const database = "projects/p/instances/i/databases/d";
  const headers = headersOf({ resource: database, routing: ["database", database] });
  const { name: session = "" } = await caller.unary(
    spannerMethods.createSession,
    { database, session: { multiplexed: true } },
    { headers },
  );
  const run = (timeoutMillis?: number): StreamedResultSet => {
    const calls = caller.startStream(spannerMethods.executeStreamingSql, { headers });
    const source: StreamSource = {
      caller,
      open: (resumeToken, deadline) => ({
        messages: calls.open({ session, sql: SQL, resumeToken }, deadline, undefined),
        classify: calls.classify,
      }),
      received: () => undefined,
      ended: () => undefined,
    };
    return new StreamedResultSet(source, { timeoutMillis });
  };
  return { server, clock, run };
}

function numbers(count: number, answer: Partial<Answer> = {}): Answer {
  const rows = Array.from({ length: count }, (_, index) => [String(index)]);
  return { columns: { n: "INT64" }, rows, ...answer };
}

const columnOf = (rows: readonly Record<string, unknown>[]): number[] =>
  rows.map((row) => Number(row["n"]));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("a stream that breaks", () => {
  test("goes on without repeating or losing a row, wherever and however often it breaks", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
        fc.boolean(),
        async (count, rowsPerMessage, breaks, tokens, saysLast) => {
          const { server, clock, run } = await worldOf();
          const hasToken = (message: number): boolean => tokens[message % tokens.length] ?? true;
          server.answer(SQL, numbers(count, { rowsPerMessage, hasToken, saysLast }));
          const errors = breaks.map((afterMessages) => ({ afterMessages, error: unavailable }));
          server.breakStreams("ExecuteStreamingSql", ...errors);
          assert.deepEqual(columnOf(await clock.until(run().rows())), upTo(count));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("waits some milliseconds, longer each time, and as long as the server says", async () => {
    const { server, clock, run } = await worldOf();
    server.answer(SQL, numbers(1));
    server.fail("ExecuteStreamingSql", ...Array.from({ length: 5 }, () => unavailable));
    await clock.until(run().rows());
    const five = clock.monotonic();
    assert.ok(five > 80_000_000n && five < 250_000_000n, `${five} ns for five failures`);
    const busy = new StatusError(Code.RESOURCE_EXHAUSTED, "busy", {
      details: [{ kind: "RetryInfo", delayNanos: 2_000_000_000n }],
    });
    server.fail("ExecuteStreamingSql", busy);
    await clock.until(run().rows());
    assert.equal(clock.monotonic() - five, 2_000_000_000n);
  });

  test("stops at its deadline, which covers all attempts", async () => {
    const { server, clock, run } = await worldOf();
    server.answer(SQL, numbers(1));
    server.fail("ExecuteStreamingSql", ...Array.from({ length: 999 }, () => unavailable));
    await assert.rejects(clock.until(run(1_000).rows()), { code: Code.UNAVAILABLE });
    assert.ok(clock.monotonic() <= 1_000_000_000n);
  });

  test("is not resumed after an error that will not pass", async () => {
    for (const error of [
      new StatusError(Code.INTERNAL, "broken invariant"),
      new StatusError(Code.RESOURCE_EXHAUSTED, "too much"),
      new StatusError(Code.DEADLINE_EXCEEDED, "late"),
    ]) {
      const { server, run } = await worldOf();
      server
        .answer(SQL, numbers(5))
        .breakStreams("ExecuteStreamingSql", { afterMessages: 2, error });
      await assert.rejects(run().rows(), { code: error.code });
      assert.equal(server.methods.filter((method) => method === "ExecuteStreamingSql").length, 1);
    }
  });

  test("is resumed after an INTERNAL error that only says that the connection broke", async () => {
    const { server, clock, run } = await worldOf();
    const error = new StatusError(Code.INTERNAL, "stream terminated by RST_STREAM");
    server.answer(SQL, numbers(5)).breakStreams("ExecuteStreamingSql", { afterMessages: 2, error });
    assert.equal((await clock.until(run().rows())).length, 5);
  });

  test("without tokens is held back only so far, and then cannot be mended", async () => {
    const { server, clock, run } = await worldOf();
    const count = MESSAGES_HELD_MAX * 2;
    server.answer(SQL, numbers(count, { hasToken: () => false }));
    server.breakStreams("ExecuteStreamingSql", {
      afterMessages: MESSAGES_HELD_MAX,
      error: unavailable,
    });
    assert.equal((await clock.until(run().rows())).length, count, "nothing was delivered yet");
    server.breakStreams("ExecuteStreamingSql", {
      afterMessages: MESSAGES_HELD_MAX + 2,
      error: unavailable,
    });
    await assert.rejects(clock.until(run().rows()), { code: Code.UNAVAILABLE });
  });
});

test("long messages without a token are held back only up to so many bytes", () => {
  const message = { byteLength: BYTES_HELD_MAX / 4 };
  let state = notOpened<typeof message>();
  const delivered = [1, 2, 3, 4, 5].map(() => {
    const received = messageReceived(state, message);
    state = received.state;
    return received.deliver.length;
  });
  assert.deepEqual(delivered, [0, 0, 0, 0, 5]);
  assert.equal(state.isExposed, true);
});

describe("a result", () => {
  test("ends with the message that says so, without waiting for the trailers", async () => {
    const { server, run } = await worldOf();
    const messages: PartialResultSet[] = [{ values: ["1"], last: true }, { values: ["2"] }];
    server.answer(SQL, { columns: { n: "INT64" }, messages });
    assert.deepEqual(columnOf(await run().rows()), [1]);
  });

  test("comes in batches, and stops being fetched when a loop over them is left", async () => {
    const { server, run } = await worldOf();
    server.answer(SQL, numbers(100, { rowsPerMessage: 10 }));
    const sizes: number[] = [];
    for await (const batch of run().batches()) {
      sizes.push(batch.length);
      if (sizes.length === 3) break;
    }
    assert.deepEqual(sizes, [10, 10, 10]);
  });

  test("comes as lists too, in which names count for nothing", async () => {
    const { server, run } = await worldOf();
    const fields = ["a", "a", ""].map((name) => ({ name, type: { code: TypeCode.INT64 } }));
    const messages: PartialResultSet[] = [
      { metadata: { rowType: { fields } }, values: ["1", "2", "3", "4"] },
      { values: ["5"], chunkedValue: true },
      { values: ["0", null as never] },
    ];
    server.answer(SQL, { columns: {}, messages });
    const result = run();
    assert.deepEqual(await result.toArrays(), [
      [1n, 2n, 3n],
      [4n, 50n, null],
    ]);
    assert.deepEqual(
      result.fields.map(({ name }) => name),
      ["a", "a_2", "_2"],
    );
  });

  test("of a row that ends too early is an error, not a short row", async () => {
    const { server, run } = await worldOf();
    const messages: PartialResultSet[] = [{ values: ["1"] }];
    server.answer(SQL, { columns: { a: "INT64", b: "INT64" }, messages });
    await assert.rejects(run().rows(), { reason: "TRUNCATED_RESULT" });
  });

  test("keeps every column of a row, also when names are missing or repeat", async () => {
    const { server, run } = await worldOf();
    const messages: PartialResultSet[] = [
      {
        metadata: {
          rowType: {
            fields: ["", "a", "a", "a_2", "__proto__"].map((name) => ({ name, type: { code: 2 } })),
          },
        },
        values: ["0", "1", "2", "3", "4"],
      },
    ];
    server.answer(SQL, { messages });
    const row = await run().one();
    assert.deepEqual(Object.entries(row), [
      ["_0", 0n],
      ["a", 1n],
      ["a_3", 2n],
      ["a_2", 3n],
      ["__proto__", 4n],
    ]);
  });

  test("shows PostgreSQL's numeric as text, which may be NaN", async () => {
    const { server, run } = await worldOf();
    const numeric = { code: TypeCode.NUMERIC, typeAnnotation: TypeAnnotationCode.PG_NUMERIC };
    const fields = [
      { name: "n", type: numeric },
      { name: "list", type: { code: TypeCode.ARRAY, arrayElementType: numeric } },
    ];
    const values = ["NaN", ["123456789012345678901234567890123456789012.5"]];
    server.answer(SQL, { messages: [{ metadata: { rowType: { fields } }, values }] });
    assert.deepEqual(await run().one(), { n: values[0], list: values[1] });
  });

  test("has one row or none, when that is what was asked for", async () => {
    const { server, run } = await worldOf();
    server.answer(SQL, numbers(0));
    assert.equal(await run().oneOrNone(), undefined);
    await assert.rejects(run().one(), { code: Code.NOT_FOUND, reason: "NO_ROW" });
    server.answer(SQL, numbers(1));
    assert.deepEqual(await run().one(), { n: 0n });
  });
});
