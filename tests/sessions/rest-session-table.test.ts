// SPDX-License-Identifier: Apache-2.0
// The comparison of regular and multiplexed sessions over REST: plain `fetch`, plain JSON, and the
// error envelope of Google's APIs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "@spandrel/server";
import { VirtualClock } from "@spandrel/testkit";

interface Answer {
  readonly status: number;
  /** What the server says in JSON; each test looks at the fields that it knows. */
  readonly body: Readonly<Record<string, unknown>>;
}

type Ask = (verb: string, path: string, body?: unknown) => Promise<Answer>;

const minute = 60_000;
const day = 24 * 60 * minute;
const database = "projects/p/instances/main/databases/notes";

async function withServer(work: (ask: Ask, clock: VirtualClock) => Promise<void>): Promise<void> {
  const clock = new VirtualClock();
  await using server = await startServer({ port: 0, restPort: 0, clock });
  const ask: Ask = async (verb, path, body) => {
    const response = await fetch(`http://${server.restAddress}/v1/${path}`, {
      method: verb,
      headers: { authorization: "Bearer anything-at-all" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer["body"] };
  };
  await ask("POST", "projects/p/instances", { instanceId: "main" });
  await ask("POST", "projects/p/instances/main/databases", {
    createStatement: "CREATE DATABASE notes",
    extraStatements: ["CREATE TABLE Notes (Id INT64 NOT NULL) PRIMARY KEY (Id)"],
  });
  await work(ask, clock);
}

async function create(ask: Ask, session: object): Promise<Answer["body"] & { name: string }> {
  const { body } = await ask("POST", `${database}/sessions`, { session });
  return body as Answer["body"] & { name: string };
}

async function begin(ask: Ask, session: string, readWrite: object = {}): Promise<Answer> {
  return ask("POST", `${session}:beginTransaction`, { options: { readWrite } });
}

function readIn(ask: Ask, session: string, transaction: object): Promise<Answer> {
  const request = { table: "Notes", columns: ["Id"], keySet: { all: true }, transaction };
  return ask("POST", `${session}:read`, request);
}

test("a regular session runs one transaction, a multiplexed one any number", () =>
  withServer(async (ask) => {
    for (const multiplexed of [false, true]) {
      const { name } = await create(ask, { multiplexed });
      const first = await begin(ask, name);
      const second = await begin(ask, name);
      const answers = [
        await readIn(ask, name, { id: first.body["id"] }),
        await readIn(ask, name, { id: second.body["id"] }),
      ];
      assert.deepEqual(
        answers.map(({ status }) => status),
        multiplexed ? [200, 200] : [400, 200],
      );
      if (!multiplexed) {
        assert.deepEqual(answers[0]?.body, {
          error: {
            code: 400,
            message:
              "This transaction has been invalidated by a later transaction in the same session.",
            status: "FAILED_PRECONDITION",
          },
        });
      }
    }
  }));

test("labels are kept on a regular session and refused on a multiplexed one", () =>
  withServer(async (ask) => {
    const { name, labels } = await create(ask, { labels: { env: "Dev".toLowerCase() } });
    await create(ask, { labels: { team: "maps" } });
    assert.deepEqual(labels, { env: "dev" });
    const listed = await ask("GET", `${database}/sessions?filter=labels.env:DEV`);
    assert.deepEqual(
      (listed.body["sessions"] as { name: string }[]).map((each) => each.name),
      [name],
    );
    const refused = await ask("POST", `${database}/sessions`, {
      session: { multiplexed: true, labels: { env: "dev" } },
    });
    assert.deepEqual(refused, {
      status: 400,
      body: {
        error: {
          code: 400,
          message: "Labels are not supported in multiplexed sessions",
          status: "INVALID_ARGUMENT",
        },
      },
    });
    const malformed = await ask("POST", `${database}/sessions`, {
      session: { labels: { "Not-Lower": "x" } },
    });
    assert.equal(malformed.status, 400);
  }));

test("the answer to CreateSession has the fields of its kind, and an id of its length", () =>
  withServer(async (ask) => {
    const regular = await create(ask, { labels: { env: "dev" }, creatorRole: "reader" });
    const multiplexed = await create(ask, { multiplexed: true, creatorRole: "reader" });
    assert.deepEqual(Object.keys(regular).sort(), [
      "approximateLastUseTime",
      "createTime",
      "creatorRole",
      "labels",
      "name",
    ]);
    assert.deepEqual(Object.keys(multiplexed).sort(), [
      "createTime",
      "creatorRole",
      "multiplexed",
      "name",
    ]);
    assert.equal(multiplexed["multiplexed"], true);
    assert.match(regular.name, /\/sessions\/[\w-]{62}$/);
    assert.match(multiplexed.name, /\/sessions\/[\w-]{68}$/);
    assert.equal((await ask("GET", regular.name)).body["creatorRole"], "reader");
    assert.equal((await ask("GET", multiplexed.name)).body["creatorRole"], "reader");
  }));

test("only regular sessions are deleted, listed and created in batch", () =>
  withServer(async (ask) => {
    const regular = await create(ask, {});
    const multiplexed = await create(ask, { multiplexed: true });
    const listed = await ask("GET", `${database}/sessions`);
    assert.equal((listed.body["sessions"] as unknown[]).length, 1);
    assert.equal((await ask("DELETE", regular.name)).status, 200);
    const gone = await ask("GET", regular.name);
    assert.deepEqual(gone, {
      status: 404,
      body: {
        error: {
          code: 404,
          message: `Session not found: ${regular.name}`,
          status: "NOT_FOUND",
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.ResourceInfo",
              resourceType: "type.googleapis.com/google.spanner.v1.Session",
              resourceName: regular.name,
              description: "Session does not exist.",
            },
          ],
        },
      },
    });
    const refused = await ask("DELETE", multiplexed.name);
    assert.equal(refused.status, 400);
    assert.equal((await ask("GET", multiplexed.name)).status, 200);
    const batch = (multiplexedToo: boolean) =>
      ask("POST", `${database}/sessions:batchCreate`, {
        sessionCount: 250,
        sessionTemplate: { multiplexed: multiplexedToo, labels: multiplexedToo ? {} : { a: "b" } },
      });
    const created = await batch(false);
    const sessions = created.body["session"] as { labels: object }[];
    assert.equal(sessions.length, 100);
    assert.ok(sessions.every(({ labels }) => "a" in labels));
    assert.equal((await batch(true)).status, 400);
  }));

test("sessions are listed page by page, each once", () =>
  withServer(async (ask) => {
    const names = new Set<string>();
    for (let count = 0; count < 7; count++) names.add((await create(ask, {})).name);
    const seen: string[] = [];
    let token = "";
    do {
      const page = await ask("GET", `${database}/sessions?pageSize=3&pageToken=${token}`);
      const sessions = page.body["sessions"] as { name: string }[];
      assert.ok(sessions.length <= 3);
      seen.push(...sessions.map(({ name }) => name));
      token = (page.body["nextPageToken"] as string | undefined) ?? "";
    } while (token !== "");
    assert.deepEqual(new Set(seen), names);
    assert.equal(seen.length, 7);
  }));

test("an hour without use ends a regular session, 28 days end both", () =>
  withServer(async (ask, clock) => {
    const regular = await create(ask, {});
    const multiplexed = await create(ask, { multiplexed: true });
    await clock.advance(59 * minute);
    assert.equal((await ask("GET", regular.name)).status, 200);
    await clock.advance(61 * minute);
    assert.equal((await ask("GET", regular.name)).status, 404);
    await clock.advance(27 * day);
    assert.equal((await ask("GET", multiplexed.name)).status, 200);
    await clock.advance(1 * day);
    assert.equal((await ask("GET", multiplexed.name)).status, 404);
  }));

test("every result on a multiplexed session brings a precommit token, which the commit must return", () =>
  withServer(async (ask) => {
    const { name } = await create(ask, { multiplexed: true });
    const first = await readIn(ask, name, { begin: { readWrite: {} } });
    const { transaction } = first.body["metadata"] as { transaction: { id: string } };
    const second = await readIn(ask, name, { id: transaction.id });
    const tokens = [first, second].map(
      ({ body }) => body["precommitToken"] as { precommitToken: string; seqNum: number },
    );
    assert.deepEqual(
      tokens.map(({ seqNum }) => seqNum),
      [1, 2],
    );
    const commit = (precommitToken?: object) =>
      ask("POST", `${name}:commit`, { transactionId: transaction.id, precommitToken });
    assert.equal((await commit()).status, 400);
    assert.equal((await commit({ precommitToken: "bm90IG1pbmU=", seqNum: 9 })).status, 400);
    assert.equal((await commit(tokens[1])).status, 200);
    const regular = await create(ask, {});
    const plain = await readIn(ask, regular.name, { begin: { readWrite: {} } });
    assert.equal("precommitToken" in plain.body, false);
  }));

test("a retry names the transaction before it on a multiplexed session only", () =>
  withServer(async (ask) => {
    for (const multiplexed of [false, true]) {
      const { name } = await create(ask, { multiplexed });
      const first = await begin(ask, name);
      const again = await begin(ask, name, {
        multiplexedSessionPreviousTransactionId: first.body["id"],
      });
      assert.equal(again.status, multiplexed ? 200 : 400);
    }
  }));
