// SPDX-License-Identifier: Apache-2.0
// What the client does about every kind of failure, call by call: golden/*.golden. A command names an
// operation, the procedure that fails and how; the result says which calls the server saw, when, and
// what the program was given.
//
//   transaction: Commit ABORTED, retry in 100 ms
//   ---
//   transaction: at 0 ms: CreateSession, ExecuteSql, Commit
//   transaction: at 100 ms: ExecuteSql, Commit
//   transaction: gives 2 rows changed
import { Code, codeName, StatusError } from "@spandrel/base";
import { type Database, KeySet } from "@spandrel/client";
import {
  type GoldenCommand,
  type GoldenWorld,
  ScriptedServer,
  sessionNotFound,
  testGoldens,
  VirtualClock,
} from "@spandrel/testkit";
import { scriptedClient } from "./scripted-client.ts";

const SELECT = "SELECT Id FROM T";
const UPDATE = "UPDATE T SET Id = 1 WHERE TRUE";
const columns = { Id: "INT64" } as const;
const rows = [["1"], ["2"], ["3"], ["4"]];

/** What a program may do, by the names that scripts use. */
const operations: Readonly<Record<string, (database: Database) => Promise<string>>> = {
  query: async (database) => `${(await database.query(SELECT).rows()).length} rows`,
  read: async (database) =>
    `${(await database.read("T", ["Id"], KeySet.all()).rows()).length} rows`,
  snapshot: async (database) => {
    await using snapshot = database.snapshot({ multiUse: true });
    const first = await snapshot.query(SELECT).rows();
    const second = await snapshot.query(SELECT).rows();
    return `${first.length} and ${second.length} rows`;
  },
  "list-sessions": async (database) => {
    let count = 0;
    for await (const _ of database.listSessions()) count += 1;
    return `${count} sessions`;
  },
  transaction: (database) =>
    database.runInTransaction(
      async (transaction) => `${await transaction.executeUpdate(UPDATE)} rows changed`,
    ),
  "read-in-transaction": (database) =>
    database.runInTransaction(async (transaction) => {
      const found = await transaction.query(SELECT).rows();
      await transaction.executeUpdate(UPDATE);
      return `${found.length} rows`;
    }),
  batch: async (database) => {
    await database
      .batch()
      .insert("T", [{ Id: 9n }])
      .commit();
    return "a commit";
  },
  "batch-at-least-once": async (database) => {
    await database
      .batch({ atLeastOnce: true })
      .insert("T", [{ Id: 9n }])
      .commit();
    return "a commit";
  },
  "partitioned-dml": async (database) => `${await database.executePartitionedDml(UPDATE)} rows`,
};

class RetryWorld implements GoldenWorld {
  mustEnd(): boolean {
    return true;
  }

  async run({ actor, text }: GoldenCommand): Promise<string> {
    const operation = operations[actor];
    if (operation === undefined) throw new Error(`no operation is called ${actor}`);
    const server = new ScriptedServer();
    const clock = new VirtualClock();
    const seen = new Map<number, string[]>();
    for (const { method } of server.router.routes()) {
      // Asked when a call arrives: writes down when that was.
      const arrival = (go: () => void): void => {
        const atMillis = Number(clock.monotonic() / 1_000_000n);
        seen.set(atMillis, [...(seen.get(atMillis) ?? []), method.name]);
        go();
      };
      // biome-ignore lint/suspicious/noThenProperty: awaited by the scripted server
      server.hold(method.name, { then: arrival } as unknown as Promise<void>);
    }
    server
      .answer(SELECT, { columns, rows, hasToken: (message) => message % 2 === 0 })
      .answer(UPDATE, { rowCount: 2n, rowCountLowerBound: 2n })
      .answerRead("T", { columns, rows });
    if (text !== "all goes well") fail(server, text);
    const client = scriptedClient(server, clock);
    const database = client.instance("i").database("d");
    const outcome = await clock.until(describe(operation(database)));
    await clock.until(client.close());
    const calls = [...seen].map(([millis, methods]) => `at ${millis} ms: ${methods.join(", ")}`);
    if (calls.length > 5) calls.splice(3, calls.length - 4, `… ${calls.length - 4} times more`);
    return [...calls, outcome].join("\n");
  }
}

async function describe(result: Promise<string>): Promise<string> {
  try {
    return `gives ${await result}`;
  } catch (thrown) {
    const error = StatusError.from(thrown);
    return `throws ${error.name} ${codeName(error.code)}: ${error.message}`;
  }
}

const form =
  /^(?<method>\w+) (?<code>[A-Z_]+)(?<text> "[^"]*")?(?:, retry in (?<millis>\d+) ms)?(?<lost> for the session)?(?: after (?<messages>\d) messages)?(?<always>, always)?$/;

/** Tells the server how to fail. */
function fail(server: ScriptedServer, text: string): void {
  const groups = form.exec(text)?.groups;
  if (groups === undefined) throw new Error(`not understood: ${text}`);
  const { method = "", code: name = "", text: words, millis, lost, messages, always } = groups;
  const code = Object.entries(Code).find(([each]) => each === name)?.[1];
  if (code === undefined) throw new Error(`no code is called ${name}`);
  const delayNanos = millis === undefined ? undefined : BigInt(millis) * 1_000_000n;
  const details = delayNanos === undefined ? [] : [{ kind: "RetryInfo", delayNanos } as const];
  const error =
    lost === undefined
      ? new StatusError(code, words?.slice(2, -1) ?? "a bad day", { details })
      : sessionNotFound("projects/p/instances/i/databases/d/sessions/lost");
  const times = always === undefined ? 1 : 1_000;
  if (messages === undefined) server.fail(method, ...Array.from({ length: times }, () => error));
  else server.breakStreams(method, { afterMessages: Number(messages), error });
}

testGoldens(new URL("golden/", import.meta.url), () => new RetryWorld());
