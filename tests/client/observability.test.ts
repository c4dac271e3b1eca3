// SPDX-License-Identifier: Apache-2.0
// What is seen of a client from outside: spans, metrics, messages of the diagnostics channel, and what
// the logger hears of sessions that nobody gave back.
import assert from "node:assert/strict";
import { tracingChannel } from "node:diagnostics_channel";
import { afterEach, test } from "node:test";
import type * as api from "@opentelemetry/api";
import { Code, type Logger, StatusError } from "@spandrel/base";
import {
  BurstyPool,
  CALL_CHANNEL,
  type CallMessage,
  type Client,
  type ClientOptions,
  type Database,
  type DatabaseOptions,
  FixedSizePool,
  type MeterProvider,
  SessionPoolExhaustedError,
  type TracerProvider,
} from "@spandrel/client";
import { ScriptedServer, VirtualClock } from "@spandrel/testkit";
import { scriptedClient } from "./scripted-client.ts";

// What `@opentelemetry/api` gives fits what the client asks for.
void ((given: api.TracerProvider): TracerProvider => given);
void ((given: api.MeterProvider): MeterProvider => given);

const SELECT = "SELECT Id FROM T";

type Labels = Record<string, unknown>;

class RecordedSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly attributes: Labels;
  readonly events: string[] = [];
  status: number | undefined;
  ends = 0;

  constructor(name: string, parent: string | undefined, attributes: Labels) {
    this.name = name;
    this.parent = parent;
    this.attributes = attributes;
  }

  setAttribute(name: string, value: unknown): void {
    this.attributes[name] = value;
  }

  addEvent(name: string): void {
    this.events.push(name);
  }

  setStatus({ code }: { code: number }): void {
    this.status = code;
  }

  recordException(): void {}

  spanContext(): { traceId: string; spanId: string; traceFlags: number } {
    return { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 };
  }

  end(): void {
    this.ends += 1;
  }
}

/** Keeps spans, and knows which one is active as long as nothing runs beside it. */
class Tracers implements TracerProvider {
  readonly spans: RecordedSpan[] = [];
  #active: string | undefined;

  getTracer(): ReturnType<TracerProvider["getTracer"]> {
    return {
      startSpan: (name, options) => this.#start(name, options?.attributes ?? {}),
      startActiveSpan: (name, options, run) => {
        const span = this.#start(name, options.attributes ?? {});
        this.#active = name;
        return run(span);
      },
    };
  }

  get names(): string[] {
    return this.spans.map(({ name }) => name);
  }

  #start(name: string, attributes: Labels): RecordedSpan {
    const span = new RecordedSpan(name, this.#active, { ...attributes });
    this.spans.push(span);
    return span;
  }
}

type Callback = (result: { observe(value: number, labels?: Labels): void }) => void;

class Meters implements MeterProvider {
  readonly values: [name: string, value: number, labels: Labels][] = [];
  readonly callbacks = new Map<string, Set<Callback>>();

  getMeter(): ReturnType<MeterProvider["getMeter"]> {
    const note = (name: string) => (value: number, labels?: Labels) => {
      this.values.push([name, value, labels ?? {}]);
    };
    return {
      createHistogram: (name) => ({ record: note(name) }),
      createCounter: (name) => ({ add: note(name) }),
      createObservableGauge: (name) => {
        const callbacks = new Set<Callback>();
        this.callbacks.set(name, callbacks);
        return {
          addCallback: (callback) => void callbacks.add(callback),
          removeCallback: (callback) => void callbacks.delete(callback),
        };
      },
    };
  }

  collect(): [name: string, value: number, labels: Labels][] {
    const seen: [string, number, Labels][] = [];
    for (const [name, callbacks] of this.callbacks)
      for (const callback of callbacks)
        callback({ observe: (value, labels = {}) => void seen.push([name, value, labels]) });
    return seen;
  }
}

class Lines implements Logger {
  readonly lines: [level: string, event: string, fields: Readonly<Record<string, unknown>>][] = [];

  log(level: string, event: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (level !== "debug") this.lines.push([level, event, fields]);
  }
}

let open: Client | undefined;
afterEach(async () => {
  await open?.close();
});

interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly database: Database;
}

function worldOf(options: ClientOptions, databaseOptions: DatabaseOptions = {}): World {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const client = scriptedClient(server, clock, options);
  open = client;
  server
    .answer(SELECT, { columns: { Id: "INT64" }, rows: [["1"]] })
    .answer("UPDATE T SET Id = 1 WHERE TRUE", { rowCount: 1n })
    .answerRead("T", { columns: { Id: "INT64" }, rows: [["1"]] });
  return { server, clock, client, database: client.instance("i").database("d", databaseOptions) };
}

test("each call has a span, and a transaction one around those of its calls", async () => {
  const tracers = new Tracers();
  const { client, database } = worldOf({ observability: { tracerProvider: tracers } });
  await database.query(SELECT).rows();
  await database.read("T", ["Id"], [[1n]], { requestTag: "hot" }).rows();
  await database.runInTransaction(
    async (transaction) => {
      await transaction.executeUpdate("UPDATE T SET Id = 1 WHERE TRUE");
      await transaction.batchUpdate(["UPDATE T SET Id = 1 WHERE TRUE"]);
    },
    { transactionTag: "move" },
  );
  await client.close();
  assert.deepEqual(tracers.names, [
    "CloudSpanner.CreateMultiplexedSession",
    "CloudSpanner.Snapshot.execute_sql",
    "CloudSpanner.Snapshot.read",
    "CloudSpanner.Database.run_in_transaction",
    "CloudSpanner.Transaction.execute_update",
    "CloudSpanner.DMLTransaction",
    "CloudSpanner.Transaction.commit",
  ]);
  assert.ok(tracers.spans.every(({ ends, status }) => ends === 1 && status === 1));
  const [created, query, read, run, update] = tracers.spans;
  assert.equal(created?.attributes["is_multiplexed"], true);
  assert.equal(query?.attributes["db.system.name"], "gcp.spanner");
  assert.equal(query?.attributes["db.namespace"], database.name);
  assert.equal(query?.attributes["db.operation.name"], "ExecuteStreamingSql");
  assert.match(String(query?.attributes["x_goog_spanner_request_id"]), /^1\.\d+\.\d+\.1\.2\.1$/);
  assert.equal(read?.attributes["request.tag"], "hot");
  assert.equal(read?.attributes["db.collection.name"], "T");
  assert.equal(run?.attributes["transaction.tag"], "move");
  assert.equal(update?.parent, "CloudSpanner.Database.run_in_transaction");
});

test("a regular session has the other name, and says so", async () => {
  const tracers = new Tracers();
  const { database } = worldOf({
    observability: { tracerProvider: tracers },
    environment: { GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false" },
  });
  await database.query(SELECT).rows();
  assert.deepEqual(tracers.names, [
    "CloudSpanner.CreateSession",
    "CloudSpanner.Snapshot.execute_sql",
  ]);
  assert.ok(tracers.spans.every(({ attributes }) => attributes["is_multiplexed"] === false));
});

for (const [variable, option, isThere] of [
  [undefined, undefined, false],
  [undefined, true, true],
  ["true", undefined, true],
  ["false", true, false],
] as const) {
  test(`the text of statements is ${isThere ? "" : "not "}seen: ${variable}, ${option}`, async () => {
    const tracers = new Tracers();
    const { database } = worldOf({
      observability: { tracerProvider: tracers, enableExtendedTracing: option },
      environment: variable ? { SPANNER_ENABLE_EXTENDED_TRACING: variable } : {},
    });
    await database.query(SELECT).rows();
    const texts = tracers.spans.map(({ attributes }) => attributes["db.query.text"]);
    assert.deepEqual(texts, [undefined, isThere ? SELECT : undefined]);
  });
}

test("a stream that resumes is one span, with an event for what broke", async () => {
  const tracers = new Tracers();
  const { database, server, clock } = worldOf({ observability: { tracerProvider: tracers } });
  const error = new StatusError(Code.UNAVAILABLE, "gone");
  server.breakStreams("ExecuteStreamingSql", { afterMessages: 0, error });
  await clock.until(database.query(SELECT).rows());
  const span = tracers.spans[1];
  assert.deepEqual([span?.events, span?.status, span?.ends], [["attempt failed"], 1, 1]);
  assert.match(String(span?.attributes["x_goog_spanner_request_id"]), /\.2$/);
});

test("a failed call and a stream that was left both end their spans", async () => {
  const tracers = new Tracers();
  const { database, server } = worldOf({ observability: { tracerProvider: tracers } });
  server.fail("ExecuteStreamingSql", undefined, new StatusError(Code.INVALID_ARGUMENT, "wrong"));
  for await (const _ of database.query(SELECT)) break;
  await assert.rejects(database.query(SELECT).rows(), { code: Code.INVALID_ARGUMENT });
  const [, left, failed] = tracers.spans;
  assert.deepEqual([left?.status, left?.ends], [1, 1]);
  assert.deepEqual([failed?.status, failed?.ends], [2, 1]);
  assert.equal(failed?.attributes["error.type"], "INVALID_ARGUMENT");
});

test("end-to-end tracing sends the span along, when asked for", async () => {
  const tracers = new Tracers();
  const { database, server } = worldOf({
    observability: { tracerProvider: tracers, enableEndToEndTracing: true },
  });
  await database.query(SELECT).rows();
  const { metadata } = server.requests.at(-1) ?? {};
  assert.equal(metadata?.["x-goog-spanner-end-to-end-tracing"], "true");
  assert.equal(metadata?.["traceparent"], `00-${"a".repeat(32)}-${"b".repeat(16)}-01`);
});

test("calls and attempts are counted and timed, with their outcome", async () => {
  const meters = new Meters();
  const { database, server, clock } = worldOf({ observability: { meterProvider: meters } });
  server.fail("Commit", new StatusError(Code.UNAVAILABLE, "gone"));
  await clock.until(
    database
      .batch()
      .insert("T", [{ Id: 1n }])
      .commit(),
  );
  const count = (name: string): unknown[] =>
    meters.values
      .filter(([each, , labels]) => each === name && labels["method"] === "Commit")
      .map(([, , labels]) => [labels["status"], labels["database"], labels["is_multiplexed"]]);
  assert.deepEqual(count("operation_count"), [["OK", "d", true]]);
  assert.deepEqual(count("attempt_count"), [
    ["UNAVAILABLE", "d", true],
    ["OK", "d", true],
  ]);
  assert.equal(count("operation_latencies").length, 1);
  const durations = meters.values.filter(([name]) => name === "db.client.operation.duration");
  assert.equal(durations.at(-1)?.[2]["db.operation.name"], "Commit");
  const millis = meters.values.find(([name]) => name === "operation_latencies")?.[1];
  assert.ok(millis !== undefined && millis >= 0);
});

test("SPANNER_DISABLE_BUILTIN_METRICS=true makes no metrics, and asks for no meter", async () => {
  const meters = new Meters();
  const { database } = worldOf({
    observability: { meterProvider: meters },
    environment: { SPANNER_DISABLE_BUILTIN_METRICS: "true" },
  });
  await database.query(SELECT).rows();
  assert.deepEqual([meters.values, meters.callbacks.size], [[], 0]);
});

test("gauges tell of sessions, multiplexed and pooled, until the client is closed", async () => {
  const meters = new Meters();
  const pool = new FixedSizePool({ size: 3 });
  const options = { observability: { meterProvider: meters } };
  const { database, client } = worldOf(options, { pool });
  await database.query(SELECT).rows();
  const session = await pool.get();
  const found = meters
    .collect()
    .map(([name, value, { type, is_multiplexed: isMultiplexed }]) => [
      name,
      value,
      type ?? isMultiplexed,
    ]);
  assert.deepEqual(found, [
    ["open_session_count", 1, true],
    ["open_session_count", 3, false],
    ["num_sessions_in_pool", 2, "num_sessions_available"],
    ["num_sessions_in_pool", 1, "num_in_use_sessions"],
    ["max_allowed_sessions", 3, undefined],
    ["num_waiting_callers", 0, undefined],
  ]);
  await pool.put(session);
  await client.close();
  assert.deepEqual(meters.collect(), []);
});

test("sessions that are handed out, come back, or do not come in time are counted", async () => {
  const meters = new Meters();
  const pools = [new FixedSizePool({ size: 1 }), new BurstyPool()];
  for (const pool of pools) {
    const { database, clock } = worldOf({ observability: { meterProvider: meters } }, { pool });
    await database.query(SELECT).rows();
    await database.query(SELECT).rows();
    const session = await pool.get();
    if (pool instanceof FixedSizePool) {
      const late = assert.rejects(pool.get({ timeoutMillis: 10 }), SessionPoolExhaustedError);
      await clock.until(late);
    }
    await pool.put(session);
  }
  const { database, clock, server } = worldOf({ observability: { meterProvider: meters } });
  server.hold("CreateSession", new Promise(() => undefined));
  await clock.until(
    assert.rejects(database.query(SELECT, { timeoutMillis: 10 }).rows(), {
      code: Code.DEADLINE_EXCEEDED,
    }),
  );
  const counts = new Map<string, number>();
  for (const [name, value, labels] of meters.values) {
    if (!/^(num_(acquired|released)_sessions|get_session_timeouts)$/.test(name)) continue;
    assert.equal(labels["database"], "projects/p/instances/i/databases/d");
    const key = `${name} ${labels["is_multiplexed"]}`;
    counts.set(key, (counts.get(key) ?? 0) + value);
  }
  assert.deepEqual(Object.fromEntries(counts), {
    "num_acquired_sessions true": 4,
    "num_released_sessions true": 4,
    "num_acquired_sessions false": 2,
    "get_session_timeouts false": 1,
    "num_released_sessions false": 2,
    "get_session_timeouts true": 1,
  });
});

test("the diagnostics channel tells of each call, as long as somebody listens", async () => {
  const { database, server } = worldOf({});
  const seen: string[] = [];
  const note =
    (event: string) =>
    (message: unknown): void => {
      const { method, requestId, error } = message as CallMessage;
      seen.push(`${event} ${method} ${requestId === "" ? "" : "id"} ${error?.codeName ?? ""}`);
    };
  const channel = tracingChannel(CALL_CHANNEL);
  const subscribers = {
    start: note("start"),
    end: () => undefined,
    asyncStart: () => undefined,
    asyncEnd: note("end"),
    error: note("error"),
  };
  channel.subscribe(subscribers);
  server.fail("ExecuteStreamingSql", new StatusError(Code.INVALID_ARGUMENT, "wrong"));
  await assert.rejects(database.query(SELECT).rows());
  channel.unsubscribe(subscribers);
  await database.query(SELECT).rows();
  assert.deepEqual(seen, [
    "start CreateSession  ",
    "end CreateSession id ",
    "start ExecuteStreamingSql  ",
    "error ExecuteStreamingSql id INVALID_ARGUMENT",
    "end ExecuteStreamingSql id INVALID_ARGUMENT",
  ]);
});

for (const pool of [
  new FixedSizePool({ size: 2, traceCheckouts: true }),
  new BurstyPool({ traceCheckouts: true }),
]) {
  test(`${pool.constructor.name} reports who never gave a session back`, async () => {
    const logger = new Lines();
    const { database } = worldOf({ logger }, { pool });
    async function whoForgets(): Promise<void> {
      await pool.get();
    }
    await whoForgets();
    await database.close();
    await database.close();
    const [level, event, fields] = logger.lines[0] ?? [];
    assert.deepEqual([level, event], ["warn", "sessions were never given back to their pool"]);
    assert.equal(fields?.["checkedOut"], 1);
    assert.match(String(fields?.["checkouts"]), /whoForgets/);
    assert.equal(logger.lines.length, 1);
  });
}

test("a session that is out for an hour without any use is told of once, with who took it", async () => {
  for (const pool of [
    new FixedSizePool({ size: 2, traceCheckouts: true }),
    new BurstyPool({ traceCheckouts: true }),
  ]) {
    const logger = new Lines();
    const { database, clock } = worldOf({ logger }, { pool });
    async function whoForgets(): Promise<void> {
      await pool.get();
    }
    await whoForgets();
    for (const _ of [1, 2]) {
      await clock.until(clock.sleep(61 * 60_000));
      await using checkout = await pool.session();
      await checkout.session.ping();
    }
    assert.equal(logger.lines.length, 1);
    const [level, event, fields] = logger.lines[0] ?? [];
    assert.deepEqual(
      [level, event],
      ["warn", "a session is checked out and was not used for an hour"],
    );
    assert.match(String(fields?.["checkout"]), /whoForgets/);
    await database.close();
  }
});

test("the logger hears what commits applied, where the database asks for that", async () => {
  const logger = new Lines();
  const { database } = worldOf({ logger }, { logCommitStats: true });
  await database
    .batch({ transactionTag: "t" })
    .insert("T", [{ Id: 1n }])
    .commit();
  await database
    .batch({ atLeastOnce: true })
    .insert("T", [{ Id: 1n }])
    .commit();
  const told = logger.lines.map(([, event, fields]) => [event, fields["mutationCount"]]);
  assert.deepEqual(told, [
    ["commit stats", 1n],
    ["commit stats", 1n],
  ]);
});
