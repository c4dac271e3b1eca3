// SPDX-License-Identifier: Apache-2.0
// The in-process transport must be told from a wire by its speed only.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BugError, Code, type Logger, StatusError } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { type CallContext, Router } from "../contract/router.ts";
import { echo, fail, note, repeat, unserved } from "../contract/sample-service.test.ts";
import type { Metadata } from "../contract/transport.ts";
import { createLocalTransport } from "./transport.ts";

function never(): Promise<never> {
  return new Promise(() => undefined);
}

describe("one message", () => {
  test("the very object reaches the handler, and its answer the caller", async () => {
    const request = note("hi");
    const transport = createLocalTransport(new Router().unary(echo, (given) => given));
    assert.equal(await transport.unary(echo, request), request);
  });

  test("headers and trailers reach the caller, also when the call fails", async () => {
    const router = new Router().unary(fail, (_, context) => {
      context.setTrailer("X-Farewell", context.metadata["x-name"] ?? "");
      throw new StatusError(Code.ABORTED, "again");
    });
    let trailers: Metadata | undefined;
    const call = createLocalTransport(router).unary(fail, note(""), {
      metadata: { "x-name": "Ada" },
      onTrailers: (received) => {
        trailers = received;
      },
    });
    await assert.rejects(call, { code: Code.ABORTED });
    assert.deepEqual(trailers, { "x-farewell": "Ada" });
  });

  test("what nobody serves is UNIMPLEMENTED", async () => {
    const transport = createLocalTransport(new Router());
    await assert.rejects(transport.unary(unserved, note("")), {
      code: Code.UNIMPLEMENTED,
      message: "Method not found: /sample.Notes/Unserved",
    });
  });

  test("a deadline passes for the caller and for the handler", async () => {
    const clock = new VirtualClock();
    let context: CallContext | undefined;
    const router = new Router().unary(echo, (_, given) => {
      context = given;
      return never();
    });
    const transport = createLocalTransport(router, { clock });
    const call = assert.rejects(transport.unary(echo, note(""), { timeoutMillis: 1_000 }), {
      code: Code.DEADLINE_EXCEEDED,
    });
    await clock.advance(999);
    assert.equal(context?.signal.aborted, false);
    await clock.advance(1);
    await call;
    assert.equal(context?.signal.aborted, true);
    assert.equal(clock.sleeping, 0);
  });

  test("an aborted signal cancels, before the call and during it", async () => {
    let calls = 0;
    const router = new Router().unary(echo, () => {
      calls += 1;
      return never();
    });
    const transport = createLocalTransport(router);
    const aborter = new AbortController();
    const options = { signal: aborter.signal };
    const during = assert.rejects(transport.unary(echo, note(""), options), {
      code: Code.CANCELLED,
    });
    aborter.abort();
    await during;
    await assert.rejects(transport.unary(echo, note(""), options), { code: Code.CANCELLED });
    assert.equal(calls, 1);
  });

  test("a bug in the handler tells the caller an incident and the log the rest", async () => {
    const lines: Readonly<Record<string, unknown>>[] = [];
    const logger: Logger = { log: (_level, _event, fields = {}) => lines.push(fields) };
    const router = new Router().unary(echo, () => {
      throw new BugError("secret of the house");
    });
    const call = createLocalTransport(router, { logger }).unary(echo, note(""));
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof StatusError && error.code === Code.INTERNAL);
    assert.ok(!error.message.includes("secret"));
    const [line] = lines;
    assert.ok(error.message.includes(String(line?.["incident"])));
    assert.match(String(line?.["error"]), /secret of the house/);
  });

  test("closing cancels calls in flight and refuses later ones", async () => {
    const transport = createLocalTransport(new Router().unary(echo, never));
    const call = assert.rejects(transport.unary(echo, note("")), { code: Code.CANCELLED });
    await transport.close();
    await call;
    await assert.rejects(transport.unary(echo, note("")), { code: Code.UNAVAILABLE });
  });
});

describe("a stream", () => {
  test("is pulled: the handler is at most one message ahead", async () => {
    let made = 0;
    const router = new Router().stream(repeat, async function* ({ count }) {
      for (; made < count; made++) yield note("", made);
    });
    const stream = createLocalTransport(router).serverStream(repeat, note("", 100));
    assert.equal(made, 0);
    for (let index = 0; index < 10; index++) {
      const { value } = await stream.next();
      assert.equal(value.count, index);
    }
    assert.equal(made, 9);
  });

  test("left early, ends the handler's generator and aborts its signal", async () => {
    const seen: string[] = [];
    const router = new Router().stream(repeat, async function* (_, { signal }) {
      signal.addEventListener("abort", () => seen.push("aborted"));
      try {
        for (;;) yield note("x");
      } finally {
        seen.push("ended");
      }
    });
    for await (const _ of createLocalTransport(router).serverStream(repeat, note(""))) break;
    assert.deepEqual(seen, ["aborted", "ended"]);
  });

  test("fails after the messages that came before", async () => {
    const router = new Router().stream(repeat, async function* () {
      yield note("only");
      throw new StatusError(Code.DATA_LOSS, "lost");
    });
    const stream = createLocalTransport(router).serverStream(repeat, note(""));
    assert.equal((await stream.next()).value.text, "only");
    await assert.rejects(stream.next(), { code: Code.DATA_LOSS, message: "lost" });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  test("that never waits still meets its deadline", async () => {
    const router = new Router().stream(repeat, async function* () {
      for (;;) yield note("busy");
    });
    const stream = createLocalTransport(router).serverStream(repeat, note(""), {
      timeoutMillis: 20,
    });
    await assert.rejects(
      async () => {
        for await (const _ of stream);
      },
      { code: Code.DEADLINE_EXCEEDED },
    );
  });

  test("answers overlapping pulls in their order", async () => {
    const router = new Router().stream(repeat, async function* ({ count }) {
      for (let index = 0; index < count; index++) yield note("", index);
    });
    const stream = createLocalTransport(router).serverStream(repeat, note("", 3));
    const results = await Promise.all([stream.next(), stream.next(), stream.next(), stream.next()]);
    assert.deepEqual(
      results.map(({ done, value }) => (done ? "end" : value.count)),
      [0, 1, 2, "end"],
    );
  });
});
