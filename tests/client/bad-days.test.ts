// SPDX-License-Identifier: Apache-2.0
// Bad days: every operation, with every one of its calls failing with every code, hanging, or losing
// its session. Nothing hangs past its deadline, no row is lost or comes twice, no session is kept, no
// rejection goes unheard, and the database goes on afterwards.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { Code, codeName, createDeferred, StatusError } from "@spandrel/base";
import {
  BurstyPool,
  type Client,
  type Database,
  KeySet,
  type OperationOptions,
} from "@spandrel/client";
import { ScriptedServer, VirtualClock } from "@spandrel/testkit";
import { scriptedClient } from "./scripted-client.ts";

const unheard: unknown[] = [];
const hear = (reason: unknown): void => void unheard.push(reason);
process.on("unhandledRejection", hear);
after(() => {
  process.off("unhandledRejection", hear);
  assert.deepEqual(unheard, []);
});

const SELECT = "SELECT Id FROM T";
const UPDATE = "UPDATE T SET Id = 1 WHERE TRUE";
const rows = Array.from({ length: 5 }, (_, index) => [`${index}`]);
const ids = rows.map(([id]) => ({ Id: BigInt(id ?? 0) }));

interface World {
  readonly server: ScriptedServer;
  readonly clock: VirtualClock;
  readonly client: Client;
  readonly database: Database;
  readonly pool: BurstyPool;
}

const regularSessions = {
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: "false",
  GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false",
};

function worldOf(isMultiplexed: boolean): World {
  const server = new ScriptedServer();
  const clock = new VirtualClock();
  const client = scriptedClient(server, clock, {
    environment: isMultiplexed ? {} : regularSessions,
  });
  const pool = new BurstyPool();
  const columns = { Id: "INT64" } as const;
  server
    .answer(SELECT, { columns, rows })
    .answer(UPDATE, { rowCount: 2n, rowCountLowerBound: 2n })
    .answer("DELETE FROM T WHERE TRUE", { rowCountLowerBound: 2n })
    .answerRead("T", { columns, rows });
  return { server, clock, client, pool, database: client.instance("i").database("d", { pool }) };
}

/** What a program may do, each with what it gives on a good day. */
const operations: Readonly<
  Record<
    string,
    { run(database: Database, options: OperationOptions): Promise<unknown>; gives: unknown }
  >
> = {
  query: { run: (database, options) => database.query(SELECT, options).rows(), gives: ids },
  read: {
    run: (database, options) => database.read("T", ["Id"], KeySet.all(), options).rows(),
    gives: ids,
  },
  "multi-use snapshot": {
    run: async (database, options) => {
      await using snapshot = database.snapshot({ multiUse: true });
      const first = await snapshot.query(SELECT, options).rows();
      const second = await snapshot.read("T", ["Id"], KeySet.all(), options).rows();
      return [...first, ...second];
    },
    gives: [...ids, ...ids],
  },
  transaction: {
    run: (database, options) =>
      database.runInTransaction(async (transaction) => {
        const found = await transaction.query(SELECT).rows();
        const changed = await transaction.executeUpdate(UPDATE);
        const batch = await transaction.batchUpdate([UPDATE, UPDATE]);
        transaction.insert("T", [{ Id: 9n }]);
        return { found, changed, batch };
      }, options),
    gives: { found: ids, changed: 2n, batch: [2n, 2n] },
  },
  batch: {
    run: async (database, options) => {
      const result = await database
        .batch()
        .insert("T", [{ Id: 9n }])
        .commit(options);
      return result.commitTimestamp !== undefined;
    },
    gives: true,
  },
  "batch at least once": {
    run: async (database, options) => {
      const batch = database.batch({ atLeastOnce: true }).insert("T", [{ Id: 9n }]);
      return (await batch.commit(options)).commitTimestamp !== undefined;
    },
    gives: true,
  },
  "mutation groups": {
    run: async (database, options) => {
      const groups = database.mutationGroups();
      groups.group().insert("T", [{ Id: 9n }]);
      const indexes: number[] = [];
      for await (const answer of groups.batchWrite(options))
        indexes.push(...(answer.indexes ?? []));
      return indexes;
    },
    gives: [0],
  },
  "partitioned DML": {
    run: (database, options) => database.executePartitionedDml("DELETE FROM T WHERE TRUE", options),
    gives: 2n,
  },
  "batch snapshot": {
    run: async (database, options) => {
      await using snapshot = await database.batchSnapshot(options);
      const parts = await snapshot.partitionQuery(SELECT, options);
      const found: unknown[] = [];
      for (const part of parts) found.push(...(await snapshot.process(part, options).rows()));
      return found;
    },
    gives: [...ids, ...ids],
  },
};

const failures = Object.values(Code).filter((code) => code !== Code.OK);

/** Failures after which an operation has to end well, since only passing trouble was met. */
function mustEndWell(code: Code, method: string): boolean {
  if (code === Code.UNAVAILABLE) return true;
  // Where a transaction can be started over by itself, an abort costs nothing but time.
  return code === Code.ABORTED && ["Commit", "ExecuteSql", "ExecuteBatchDml"].includes(method);
}

const unknownOutcomes: readonly Code[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED];

async function afterwards({ clock, database, pool, client }: World): Promise<void> {
  assert.deepEqual(await clock.until(database.query(SELECT).rows()), ids);
  assert.equal(pool.stats().checkedOut, 0, "no session is kept");
  await clock.until(client.close());
}

/** The calls of an operation on a good day: which procedure, and the how many-th call of it. */
async function callsOf(name: string, isMultiplexed: boolean): Promise<[string, number][]> {
  const world = worldOf(isMultiplexed);
  const operation = operations[name];
  assert.deepEqual(await world.clock.until(operation!.run(world.database, {})), operation!.gives);
  const { methods } = world.server;
  await afterwards(world);
  return methods.map((method, index) => [
    method,
    methods.slice(0, index).filter((each) => each === method).length,
  ]);
}

for (const isMultiplexed of [true, false]) {
  describe(isMultiplexed ? "in the multiplexed session" : "in regular sessions", () => {
    for (const [name, { run, gives }] of Object.entries(operations)) {
      test(`${name}: every call fails with every code`, async () => {
        for (const [method, before] of await callsOf(name, isMultiplexed)) {
          for (const code of failures) {
            const where = `${codeName(code)} at ${method} ${before + 1}`;
            const world = worldOf(isMultiplexed);
            const good = Array.from({ length: before }, () => undefined);
            world.server.fail(method, ...good, new StatusError(code, "bad day"));
            try {
              const given = await world.clock.until(run(world.database, {}));
              assert.deepEqual(given, gives, where);
            } catch (error) {
              assert.ok(error instanceof StatusError, `${where}: ${error}`);
              assert.ok(!mustEndWell(code, method), `${where} should have ended well: ${error}`);
              const isUnknown = method === "Commit" && unknownOutcomes.includes(code);
              assert.equal(error.code, code, where);
              assert.equal(error.reason === "OUTCOME_UNKNOWN", isUnknown, where);
            }
            await afterwards(world);
          }
        }
      });

      test(`${name}: every call hangs, until the deadline or the signal ends it`, async () => {
        for (const [method] of await callsOf(name, isMultiplexed)) {
          for (const by of ["deadline", "signal"]) {
            const world = worldOf(isMultiplexed);
            const hang = createDeferred<void>();
            world.server.hold(method, hang.promise);
            const leave = new AbortController();
            const limits = by === "deadline" ? { timeoutMillis: 1_000 } : { signal: leave.signal };
            const running = run(world.database, limits);
            if (by === "signal") void world.clock.sleep(500).then(() => leave.abort());
            await assert.rejects(world.clock.until(running), {
              code: by === "deadline" ? Code.DEADLINE_EXCEEDED : Code.CANCELLED,
            });
            // A rollback of what was begun may be waited for, for five seconds at most.
            const millis = world.clock.monotonic() / 1_000_000n;
            assert.ok(millis <= 6_000n, `${method} by ${by}: ended after ${millis} ms`);
            hang.resolve();
            await afterwards(world);
          }
        }
      });

      test(`${name}: the session is lost before every call`, async () => {
        const calls = await callsOf(name, isMultiplexed);
        for (let at = 0; at < calls.length; at++) {
          const [method, before] = calls[at] ?? ["", 0];
          const world = worldOf(isMultiplexed);
          let seen = -1;
          const gate = {
            // Asked when the call has arrived: the server forgets everything just then.
            // biome-ignore lint/suspicious/noThenProperty: awaited by the scripted server
            then: (go: () => void) => {
              seen += 1;
              if (seen === before && method !== "CreateSession") world.server.forgetSessions();
              go();
            },
          };
          world.server.hold(method, gate as unknown as Promise<void>);
          const where = `${method} ${before + 1}`;
          try {
            assert.deepEqual(await world.clock.until(run(world.database, {})), gives, where);
          } catch (error) {
            assert.ok(error instanceof StatusError, `${where}: ${error}`);
            const isLost = error.code === Code.NOT_FOUND;
            assert.ok(isLost || error.code === Code.FAILED_PRECONDITION, `${where}: ${error}`);
            const isPinned = ["batch snapshot", "multi-use snapshot", "mutation groups"];
            assert.ok(isPinned.includes(name), `${name} should have moved: ${where}: ${error}`);
          }
          world.server.hold(method, Promise.resolve());
          await world.clock.until(
            world.database
              .query(SELECT)
              .rows()
              .catch(() => []),
          );
          await afterwards(world);
        }
      });
    }
  });
}

describe("a stream", () => {
  for (const method of ["ExecuteStreamingSql", "StreamingRead"]) {
    test(`${method} is cut at every message, by every code, with tokens anywhere`, async () => {
      for (const tokens of [1, 2, 3, 99]) {
        for (let afterMessages = 0; afterMessages <= rows.length; afterMessages++) {
          for (const code of failures) {
            const { server, clock, database, client } = worldOf(true);
            const hasToken = (message: number): boolean => message % tokens === 0;
            const answer = { columns: { Id: "INT64" }, rows, hasToken } as const;
            server.answer(SELECT, answer).answerRead("T", answer);
            const error = new StatusError(code, "cut");
            server.breakStreams(method, { afterMessages, error }, { afterMessages: 1, error });
            const result =
              method === "StreamingRead"
                ? database.read("T", ["Id"], KeySet.all())
                : database.query(SELECT);
            if (code === Code.UNAVAILABLE) {
              assert.deepEqual(await clock.until(result.rows()), ids);
            } else {
              await assert.rejects(clock.until(result.rows()), { code });
            }
            await client.close();
          }
        }
      }
    });
  }

  test("is read right wherever its values are cut, at every character", async () => {
    const columns = {
      S: "STRING",
      I: "INT64",
      B: "BYTES",
      N: "NUMERIC",
      J: "JSON",
      A: { kind: "ARRAY", element: { kind: "STRING" } },
    } as const;
    const row = ["Zoë 𝄞", "-12", "AQID", "3.25", '{"a":[1,2]}', ["ab", "cd", ""]];
    const texts = row.map((value) => (typeof value === "string" ? value : undefined));
    const whole = worldOf(true);
    whole.server.answer(SELECT, { columns, rows: [row, row] });
    const expected = await whole.database.query(SELECT).rows();
    await whole.client.close();
    for (const [column, text] of texts.entries()) {
      const length = text?.length ?? 0;
      for (let at = 0; at <= length; at++) {
        for (let second = at; second <= length; second++) {
          if (text === undefined) continue;
          const { server, database, client } = worldOf(true);
          const head = [...row, ...row.slice(0, column), text.slice(0, at)];
          const tail = [text.slice(second), ...row.slice(column + 1)];
          const messages = [
            { values: head, chunkedValue: true },
            { values: [text.slice(at, second)], chunkedValue: true },
            { values: tail },
          ];
          server.answer(SELECT, { columns, messages });
          const found = await database.query(SELECT).rows();
          assert.deepEqual(found, expected, `column ${column} cut at ${at} and ${second}`);
          await client.close();
        }
      }
    }
  });

  test("is read right wherever an array is cut, between elements and within one", async () => {
    const columns = { A: { kind: "ARRAY", element: { kind: "STRING" } } } as const;
    const list = ["ab", "", "cde"];
    for (const [index, element] of list.entries()) {
      for (let at = 0; at <= element.length; at++) {
        const { server, database, client } = worldOf(true);
        const head = [...list.slice(0, index), element.slice(0, at)];
        const tail = [element.slice(at), ...list.slice(index + 1)];
        const messages = [{ values: [head], chunkedValue: true }, { values: [tail] }];
        server.answer(SELECT, { columns, messages });
        assert.deepEqual(await database.query(SELECT).rows(), [{ A: list }]);
        await client.close();
      }
    }
  });
});
