// SPDX-License-Identifier: Apache-2.0
// What stands between a caller and a handler must be unseen until it is wanted, strike exactly what its
// rules name, and look like the real thing to whoever is struck.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, StatusError } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { type InterceptedCall, Router } from "../contract/router.ts";
import { echo, fail, type Note, note, repeat } from "../contract/sample-service.test.ts";
import type { Transport } from "../contract/transport.ts";
import { createLocalTransport } from "../local/transport.ts";
import type { FaultRule } from "./fault-rule.ts";
import { Faults } from "./faults.ts";
import { interceptBoth } from "./interceptors.ts";
import { RequestLog } from "./request-log.ts";

const describeCall = ({ request }: InterceptedCall) => ({ text: (request as Note).text });

function world(capacity?: number) {
  const clock = new VirtualClock();
  const happened: string[] = [];
  const served: string[] = [];
  const router = new Router()
    .unary(echo, (request) => {
      served.push(request.text);
      return request;
    })
    .unary(fail, () => {
      throw new StatusError(Code.ABORTED, "again");
    })
    .stream(repeat, async function* ({ text, count }) {
      served.push(text);
      for (let index = 0; index < count; index++) yield note(text, index);
    });
  const faults = new Faults({
    clock,
    methods: [echo, fail, repeat],
    describe: describeCall,
    effects: {
      "ring-a-bell": (call, answer) =>
        void happened.push(`${describeCall(call).text}:${(answer as Note | undefined)?.count}`),
    },
  });
  const log = new RequestLog({ clock, describe: describeCall, capacity });
  const transport = createLocalTransport(router.intercepted(interceptBoth(log, faults)), { clock });
  return { clock, faults, log, transport, happened, served };
}

async function outcome(transport: Transport, text = "", method = echo): Promise<string> {
  try {
    await transport.unary(method, note(text));
    return "OK";
  } catch (thrown) {
    return StatusError.from(thrown).codeName;
  }
}

async function outcomes(transport: Transport, count: number): Promise<string> {
  const all: string[] = [];
  for (let index = 0; index < count; index++) all.push(await outcome(transport, String(index)));
  return all.map((name) => (name === "OK" ? "." : "x")).join("");
}

async function messages(transport: Transport, count: number): Promise<readonly [number, string]> {
  let seen = 0;
  try {
    for await (const _ of transport.serverStream(repeat, note("s", count))) seen++;
    return [seen, "OK"];
  } catch (thrown) {
    return [seen, StatusError.from(thrown).codeName];
  }
}

const unavailable = { code: "UNAVAILABLE" } as const;

describe("while nothing is asked for", () => {
  test("a handler's work begins in the caller's own turn", async () => {
    const { transport, served } = world();
    const call = transport.unary(echo, note("now"));
    assert.deepEqual(served, ["now"]);
    await call;
  });

  test("nothing is logged and nothing is struck", async () => {
    const { transport, log, faults } = world();
    assert.equal(await outcomes(transport, 3), "...");
    assert.deepEqual([log.list(), faults.list()], [[], []]);
  });
});

describe("which calls a rule strikes", () => {
  const cases: readonly [string, Partial<FaultRule>, string][] = [
    ["every one", {}, "xxxxxx"],
    ["the third", { nth: 3 }, "..x..."],
    ["from the fourth on", { from: 4 }, "...xxx"],
    ["the first two", { times: 2 }, "xx...."],
    ["two from the third on", { from: 3, times: 2 }, "..xx.."],
    ["by its full path", { method: "/sample.Notes/Echo", nth: 1 }, "x....."],
    ["any method", { method: "*", nth: 2 }, ".x...."],
    ["another method", { method: "Fail" }, "......"],
    ["by a field of the request", { where: { text: "4" } }, "....x."],
    ["by a field that it has not", { where: { color: "4" } }, "......"],
  ];
  for (const [name, rule, expected] of cases) {
    test(name, async () => {
      const { transport, faults } = world();
      const { id } = faults.add({ method: "Echo", status: unavailable, ...rule });
      assert.equal(await outcomes(transport, 6), expected);
      assert.equal(faults.get(id)?.struck, expected.split("x").length - 1);
    });
  }

  test("chance is repeated by its seed, and another seed is another chance", async () => {
    const strikes = async (seed: number) => {
      const { transport, faults } = world();
      faults.add({ method: "Echo", status: unavailable, probability: 0.5, seed });
      return outcomes(transport, 64);
    };
    assert.equal(await strikes(7), await strikes(7));
    assert.notEqual(await strikes(7), await strikes(8));
    const struck = (await strikes(7)).split("x").length - 1;
    assert.ok(struck > 16 && struck < 48, `${struck} of 64`);
  });

  test("a rule that is removed strikes no more; its count is of the calls that it was about", async () => {
    const { transport, faults } = world();
    const { id } = faults.add({ method: "Echo", nth: 2, status: unavailable });
    const other = faults.add({ method: "Repeat", status: unavailable });
    await outcomes(transport, 3);
    const [fault] = faults.list();
    assert.deepEqual([fault?.id, fault?.matched, fault?.struck], [id, 3, 1]);
    assert.equal(faults.remove(id), true);
    assert.equal(faults.remove(id), false);
    assert.deepEqual(
      faults.list().map((each) => each.id),
      [other.id],
    );
    faults.clear();
    assert.equal(faults.isIdle, true);
  });
});

describe("what happens to a call", () => {
  test("before its effect nothing has been done; after it, all has, but nobody is told", async () => {
    const { transport, faults, served } = world();
    faults.add({ method: "Echo", where: { text: "before" }, status: unavailable });
    faults.add({ method: "Echo", where: { text: "after" }, when: "after", status: unavailable });
    assert.equal(await outcome(transport, "before"), "UNAVAILABLE");
    assert.deepEqual(served, []);
    assert.equal(await outcome(transport, "after"), "UNAVAILABLE");
    assert.deepEqual(served, ["after"]);
  });

  test("a status has its text and its details, given as objects or as JSON", async () => {
    const { transport, faults } = world();
    faults.add({
      method: "Echo",
      status: {
        code: "ABORTED",
        message: "try again",
        reason: "BUSY",
        details: [
          { kind: "RetryInfo", delayNanos: 5n },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.250s" } as never,
          {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            reason: "r",
            metadata: { a: "b" },
          } as never,
          { "@type": "type.googleapis.com/some.Other", value: "AQI=" } as never,
        ],
      },
    });
    await assert.rejects(transport.unary(echo, note("")), {
      code: Code.ABORTED,
      message: "try again",
      reason: "BUSY",
      details: [
        { kind: "RetryInfo", delayNanos: 5n },
        { kind: "RetryInfo", delayNanos: 1_250_000_000n },
        { kind: "ErrorInfo", reason: "r", domain: "", metadata: { a: "b" } },
        {
          kind: "Any",
          typeUrl: "type.googleapis.com/some.Other",
          value: new Uint8Array([1, 2]),
        },
      ],
    });
  });

  test("a delay is by the clock, and ends with the call", async () => {
    const { transport, faults, clock, served } = world();
    faults.add({ method: "Echo", delayMillis: 3_000 });
    const call = transport.unary(echo, note("late"));
    await clock.advance(2_999);
    assert.deepEqual(served, []);
    await clock.advance(1);
    await call;
    const aborter = new AbortController();
    const given = transport.unary(echo, note("never"), { signal: aborter.signal });
    await clock.settle();
    aborter.abort();
    await assert.rejects(given, { code: Code.CANCELLED });
    assert.equal(clock.sleeping, 0);
    assert.deepEqual(served, ["late"]);
  });

  test("a stream is cut behind a message, or ends with a status when all has been sent", async () => {
    const { transport, faults } = world();
    faults.add({ method: "Repeat", nth: 1, cutAfter: 2 });
    faults.add({ method: "Repeat", nth: 2, cutAfter: 0, status: { code: "INTERNAL" } });
    faults.add({ method: "Repeat", nth: 3, when: "after", status: unavailable });
    faults.add({ method: "Repeat", nth: 4, status: unavailable });
    assert.deepEqual(await messages(transport, 5), [2, "UNAVAILABLE"]);
    assert.deepEqual(await messages(transport, 5), [0, "INTERNAL"]);
    assert.deepEqual(await messages(transport, 5), [5, "UNAVAILABLE"]);
    assert.deepEqual(await messages(transport, 5), [0, "UNAVAILABLE"]);
    assert.deepEqual(await messages(transport, 5), [5, "OK"]);
  });

  test("an effect of the service sees the request, and the answer when it comes after", async () => {
    const { transport, faults, happened } = world();
    faults.add({ method: "*", effect: "ring-a-bell" });
    faults.add({ method: "*", effect: "ring-a-bell", when: "after" });
    await transport.unary(echo, note("one", 41));
    await messages(transport, 2);
    assert.deepEqual(happened, ["one:undefined", "one:41", "s:undefined", "s:0"]);
  });
});

describe("a rule that is wrong is refused with the name of its field", () => {
  const wrong: readonly [unknown, string][] = [
    [{ status: unavailable }, "method"],
    [{ method: "Ecko", status: unavailable }, "method"],
    [{ method: "Echo" }, "status"],
    [{ method: "Echo", status: { message: "x" } }, "status.code"],
    [{ method: "Echo", status: { code: "OK" } }, "status.code"],
    [{ method: "Echo", status: { code: "ABORTED", colour: 1 } }, "status.colour"],
    [{ method: "Echo", status: { code: "ABORTED", details: [{}] } }, "status.details[0].@type"],
    [{ method: "Echo", status: { code: "ABORTED", details: [7] } }, "status.details[0]"],
    [
      {
        method: "Echo",
        status: {
          code: "ABORTED",
          details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "soon" }],
        },
      },
      "status.details[0].retryDelay",
    ],
    [{ method: "Echo", status: unavailable, nth: 0 }, "nth"],
    [{ method: "Echo", status: unavailable, from: 1.5 }, "from"],
    [{ method: "Echo", status: unavailable, times: "2" }, "times"],
    [{ method: "Echo", status: unavailable, probability: 1.1 }, "probability"],
    [{ method: "Echo", status: unavailable, where: { text: 1 } }, "where.text"],
    [{ method: "Echo", status: unavailable, when: "during" }, "when"],
    [{ method: "Echo", delayMillis: -1 }, "delayMillis"],
    [{ method: "Repeat", cutAfter: 1, when: "after" }, "when"],
    [{ method: "Echo", effect: "explode" }, "effect"],
    [{ method: "Echo", status: unavailable, nht: 1 }, "nht"],
    ["Echo", "(body)"],
  ];
  for (const [rule, field] of wrong) {
    test(JSON.stringify(rule), () => {
      const { faults } = world();
      try {
        faults.add(rule as FaultRule);
        assert.fail("it was accepted");
      } catch (thrown) {
        assert.ok(thrown instanceof StatusError, String(thrown));
        assert.equal(thrown.code, Code.INVALID_ARGUMENT);
        assert.equal(thrown.findDetail("BadRequest")?.violations[0]?.field, field);
        assert.ok(thrown.message.startsWith(`${field}: `), thrown.message);
      }
      assert.equal(faults.isIdle, true);
    });
  }
});

describe("the log of requests", () => {
  test("says what was called, when, with which fields, and how it ended", async () => {
    const { transport, log, clock } = world();
    log.start();
    await transport.unary(echo, note("hello"));
    await clock.advance(5);
    await outcome(transport, "bad", fail);
    await messages(transport, 3);
    for await (const _ of transport.serverStream(repeat, note("left", 9))) break;
    const seen = log.list().map(({ method, fields, status, messages, message }) => {
      return [method, fields["text"], status, messages, message];
    });
    assert.deepEqual(seen.slice(0, 3), [
      ["Echo", "hello", "OK", 1, ""],
      ["Fail", "bad", "ABORTED", 0, "again"],
      ["Repeat", "s", "OK", 3, ""],
    ]);
    assert.deepEqual(seen[3]?.slice(0, 4), ["Repeat", "left", "CANCELLED", 1]);
    const [first, second] = log.list();
    assert.equal((second?.startedNanos ?? 0n) - (first?.endedNanos ?? 0n), 5_000_000n);
    assert.equal(first?.path, "/sample.Notes/Echo");
  });

  test("shows a call that is under way without an end, and what a fault did to it", async () => {
    const { transport, log, faults, clock } = world();
    log.start();
    faults.add({ method: "Echo", delayMillis: 100, status: unavailable });
    const call = outcome(transport, "slow");
    await clock.settle();
    assert.deepEqual(
      log.list().map(({ status, endedNanos }) => [status, endedNanos]),
      [[undefined, undefined]],
    );
    await clock.advance(100);
    assert.equal(await call, "UNAVAILABLE");
    assert.equal(log.list()[0]?.status, "UNAVAILABLE");
  });

  test("keeps the newest when there are too many; stopping keeps what there is, clearing nothing", async () => {
    const { transport, log } = world(3);
    log.start();
    await outcomes(transport, 5);
    assert.deepEqual(
      log.list().map(({ number, fields }) => [number, fields["text"]]),
      [
        [2, "2"],
        [3, "3"],
        [4, "4"],
      ],
    );
    assert.equal(log.dropped, 2);
    log.stop();
    await outcomes(transport, 5);
    assert.equal(log.list().at(-1)?.number, 4);
    log.clear();
    assert.deepEqual([log.list(), log.dropped, log.isRecording], [[], 0, false]);
    log.start();
    await outcomes(transport, 1);
    assert.deepEqual(
      log.list().map(({ number }) => number),
      [5],
    );
  });
});
