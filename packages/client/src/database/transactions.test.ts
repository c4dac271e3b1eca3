// SPDX-License-Identifier: Apache-2.0
// Calls that a program's transactions become, from the client down to a scripted server.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, createDeferred, StatusError } from "@spandrel/base";
import { spannerMethods } from "../call/methods.ts";
import { AbortedError, BatchUpdateError, OutcomeUnknownError } from "../errors/spanner-error.ts";
import { TransactionPingingPool } from "../session/transaction-pinging-pool.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { aborted, SELECT, UPDATE, unavailable, worldOf } from "./scripted-database.test.ts";

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe("a transaction inside of another", () => {
  test("is told to the logger; one after it, or beside it, is not", async () => {
    const events: string[] = [];
    const logger = { log: (_: string, event: string) => events.push(event) };
    const { clock, database } = worldOf({ logger });
    const run = (body: () => unknown = () => undefined): Promise<unknown> =>
      clock.until(database.runInTransaction(body));
    await run();
    await Promise.all([run(), run()]);
    assert.deepEqual(events, []);
    await run(() => database.runInTransaction(() => undefined));
    assert.deepEqual(events, ["a transaction is run inside of another of the same database"]);
  });
});

describe("read-write transactions", () => {
  test("begin with their first statement and number the statements", async () => {
    const { server, database } = worldOf();
    const found = await database.runInTransaction(
      async (transaction) => {
        const rows = await transaction.executeSql(SELECT).rows();
        assert.equal(await transaction.executeUpdate(UPDATE), 2n);
        assert.deepEqual(await transaction.batchUpdate([UPDATE, UPDATE]), [2n, 2n]);
        transaction.insert("Singers", { Id: 3n, Name: "Carol" });
        return rows.length;
      },
      { transactionTag: "tagged" },
    );
    assert.equal(found, 2);
    assert.deepEqual(server.methods, [
      "CreateSession",
      "ExecuteStreamingSql",
      "ExecuteSql",
      "ExecuteBatchDml",
      "Commit",
    ]);
    const [query] = server.requestsOf(spannerMethods.executeStreamingSql);
    const [update] = server.requestsOf(spannerMethods.executeSql);
    const [batch] = server.requestsOf(spannerMethods.executeBatchDml);
    const [commit] = server.requestsOf(spannerMethods.commit);
    assert.equal(query?.transaction?.selector?.$case, "begin");
    assert.equal(update?.transaction?.selector?.$case, "id");
    assert.deepEqual([query?.seqno ?? 0n, update?.seqno, batch?.seqno], [0n, 1n, 2n]);
    assert.deepEqual(commit?.mutations?.[0]?.operation, {
      $case: "insert",
      insert: { table: "Singers", columns: ["Id", "Name"], values: [["3", "Carol"]] },
    });
    for (const { metadata, request } of server.requests.slice(1)) {
      assert.equal(metadata["x-goog-spanner-route-to-leader"], "true");
      const { requestOptions } = request as { requestOptions?: { transactionTag?: string } };
      assert.equal(requestOptions?.transactionTag, "tagged");
    }
  });

  test("send the token with the highest number, also when a batch alone brought it", async () => {
    const { server, database } = worldOf();
    await database.runInTransaction((transaction) => transaction.batchUpdate([UPDATE]));
    const [commit] = server.requestsOf(spannerMethods.commit);
    assert.equal(text(commit?.precommitToken?.precommitToken), "token1");
    await database.runInTransaction(async (transaction) => {
      await transaction.executeSql(SELECT).rows();
      await transaction.executeUpdate(UPDATE);
    });
    const last = server.requestsOf(spannerMethods.commit).at(-1);
    assert.equal(last?.precommitToken?.seqNum, 5);
  });

  test("commit again with each token that the server answers, without the mutations", async () => {
    const { server, database } = worldOf();
    server.commitRetries = 2;
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate(UPDATE);
      transaction.delete("Singers", [[1n]]);
    });
    const commits = server.requestsOf(spannerMethods.commit);
    assert.deepEqual(
      commits.map(({ mutations }) => mutations?.length),
      [1, 0, 0],
    );
    server.commitRetries = 99;
    await assert.rejects(
      database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE)),
      { reason: "TOO_MANY_COMMIT_TOKENS" },
    );
  });

  test("do nothing when there is nothing to do", async () => {
    const { server, database } = worldOf();
    let seen: Transaction | undefined;
    assert.equal(
      await database.runInTransaction((transaction) => {
        seen = transaction;
        transaction.executeSql(SELECT); // Never read, so never sent.
        return "done";
      }),
      "done",
    );
    assert.deepEqual(server.methods, []);
    assert.equal(seen?.committed, undefined);
    assert.throws(() => seen?.insert("T", { a: 1n }), { reason: "TRANSACTION_ENDED" });
  });

  test("with mutations alone begin with one of them as key", async () => {
    const { server, database } = worldOf();
    await database.runInTransaction((transaction) => {
      transaction.insert("Singers", [{ Id: 1n }, { Id: 2n }]);
      transaction.update("Albums", { Id: 9n, Title: "x" });
    });
    assert.deepEqual(server.methods, ["CreateSession", "BeginTransaction", "Commit"]);
    const [begin] = server.requestsOf(spannerMethods.beginTransaction);
    assert.equal(begin?.mutationKey?.operation?.$case, "update");
    const [commit] = server.requestsOf(spannerMethods.commit);
    assert.ok(commit?.precommitToken);
  });

  test("with mutations alone ask for a token when beginning brought none", async () => {
    const { server, database } = worldOf();
    server.givesTokenOnBegin = false;
    await database.runInTransaction((transaction) => transaction.insert("Singers", { Id: 1n }));
    assert.deepEqual(server.methods, ["CreateSession", "BeginTransaction", "ExecuteSql", "Commit"]);
    const [ask] = server.requestsOf(spannerMethods.executeSql);
    assert.equal(ask?.sql, "SELECT 1");
    assert.equal(ask?.transaction?.selector?.$case, "id");
  });

  test("on a regular session begin without a key and commit without a token", async () => {
    const { server, database } = worldOf({
      environment: { GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "false" },
    });
    await database.runInTransaction((transaction) => transaction.insert("Singers", { Id: 1n }));
    const [begin] = server.requestsOf(spannerMethods.beginTransaction);
    const [commit] = server.requestsOf(spannerMethods.commit);
    assert.equal(begin?.mutationKey, undefined);
    assert.equal(commit?.precommitToken, undefined);
  });

  test("statements that run at once share one beginning", async () => {
    const { server, database } = worldOf();
    await database.runInTransaction((transaction) =>
      Promise.all([
        transaction.executeUpdate(UPDATE),
        transaction.executeSql(SELECT).rows(),
        transaction.batchUpdate([UPDATE]),
      ]),
    );
    const begins = server.requests.filter(({ request }) => {
      const { transaction } = request as { transaction?: { selector?: { $case: string } } };
      return transaction?.selector?.$case === "begin";
    });
    assert.equal(begins.length, 1);
  });

  test("a first statement that fails is executed again in a transaction begun for it", async () => {
    const { server, database } = worldOf();
    const exists = new StatusError(Code.ALREADY_EXISTS, "Row exists");
    server.answer("INSERT", { error: exists });
    await database.runInTransaction(async (transaction) => {
      await assert.rejects(transaction.executeUpdate("INSERT"), { code: Code.ALREADY_EXISTS });
      await assert.rejects(transaction.executeSql("INSERT").rows(), { code: Code.ALREADY_EXISTS });
      assert.equal(await transaction.executeUpdate(UPDATE), 2n);
    });
    assert.deepEqual(server.methods, [
      "CreateSession",
      "ExecuteSql",
      "BeginTransaction",
      "ExecuteSql",
      "ExecuteStreamingSql",
      "ExecuteSql",
      "Commit",
    ]);
    server.clearRequests();
    await assert.rejects(
      database.runInTransaction((transaction) => transaction.executeSql("INSERT").rows()),
      { code: Code.ALREADY_EXISTS },
    );
    assert.deepEqual(server.methods, [
      "ExecuteStreamingSql",
      "BeginTransaction",
      "ExecuteStreamingSql",
      "Rollback",
    ]);
  });

  test("a failing batch says how far it came and rolls back, also as first statement", async () => {
    const { server, database } = worldOf();
    const failing = new StatusError(Code.INVALID_ARGUMENT, "no such column");
    server.answer("BAD", { error: failing });
    await assert.rejects(
      database.runInTransaction((transaction) => transaction.batchUpdate([UPDATE, "BAD", UPDATE])),
      (error: unknown) => {
        assert.ok(error instanceof BatchUpdateError);
        assert.deepEqual(error.rowCounts, [2n]);
        assert.equal(error.code, Code.INVALID_ARGUMENT);
        return true;
      },
    );
    assert.equal(server.methods.at(-1), "Rollback");
    server.clearRequests();
    await assert.rejects(
      database.runInTransaction((transaction) => transaction.batchUpdate(["BAD"])),
      BatchUpdateError,
    );
    assert.deepEqual(server.methods, [
      "ExecuteBatchDml",
      "BeginTransaction",
      "ExecuteBatchDml",
      "Rollback",
    ]);
  });

  test("an error of the program rolls back and comes out as it is", async () => {
    const { server, database } = worldOf();
    const mine = new Error("changed my mind");
    const failed = database.runInTransaction(async (transaction) => {
      await transaction.executeSql(SELECT).rows();
      throw mine;
    });
    await assert.rejects(failed, (error) => error === mine);
    assert.deepEqual(server.methods, ["CreateSession", "ExecuteStreamingSql", "Rollback"]);
  });

  test("a failing rollback does not hide why it was needed", async () => {
    const { server, clock, database } = worldOf();
    server.fail("Rollback", new StatusError(Code.PERMISSION_DENIED, "no"));
    const failed = database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate(UPDATE);
      throw new Error("mine");
    });
    await assert.rejects(clock.until(failed), /mine/);
  });

  test("the function may end the transaction itself", async () => {
    const { server, database } = worldOf();
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate(UPDATE);
      const { commitTimestamp } = await transaction.commit();
      assert.ok(commitTimestamp);
      assert.equal(transaction.committed, commitTimestamp);
    });
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate(UPDATE);
      await transaction.rollback();
    });
    assert.deepEqual(server.methods.slice(1), ["ExecuteSql", "Commit", "ExecuteSql", "Rollback"]);
  });
});

describe("aborted transactions", () => {
  test("start over within milliseconds, and name the attempt before", async () => {
    const { server, clock, database } = worldOf();
    server.fail("Commit", aborted());
    let runs = 0;
    await clock.until(
      database.runInTransaction(async (transaction) => {
        runs += 1;
        await transaction.executeSql(SELECT).rows();
      }),
    );
    assert.equal(runs, 2);
    assert.ok(clock.monotonic() >= 10_000_000n && clock.monotonic() <= 20_000_000n);
    const selectors = server
      .requestsOf(spannerMethods.executeStreamingSql)
      .map(({ transaction }) => transaction?.selector);
    const [first, second] = selectors.map((selector) =>
      selector?.$case === "begin" && selector.begin.mode?.$case === "readWrite"
        ? text(selector.begin.mode.readWrite.multiplexedSessionPreviousTransactionId)
        : "?",
    );
    assert.deepEqual([first, second], ["", "t1"]);
  });

  test("keep the last known id when an attempt never got one", async () => {
    const { server, clock, database } = worldOf();
    server.fail("Commit", aborted());
    server.fail("ExecuteSql", undefined, aborted());
    await clock.until(
      database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE)),
    );
    const last = server.requestsOf(spannerMethods.executeSql).at(-1)?.transaction?.selector;
    assert.ok(last?.$case === "begin" && last.begin.mode?.$case === "readWrite");
    assert.equal(text(last.begin.mode.readWrite.multiplexedSessionPreviousTransactionId), "t1");
  });

  test("wait as long as the server says", async () => {
    const { server, clock, database } = worldOf();
    server.fail("ExecuteSql", aborted(1_500));
    await clock.until(
      database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE)),
    );
    assert.equal(clock.monotonic(), 1_500_000_000n);
  });

  test("fail at once when the wait would pass the deadline", async () => {
    const { server, clock, database } = worldOf();
    server.fail("ExecuteSql", aborted(1_500));
    const failed = database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE), {
      timeoutMillis: 1_000,
    });
    await assert.rejects(clock.until(failed), AbortedError);
    assert.equal(clock.monotonic(), 0n);
  });

  test("are tried for thirty seconds by default", async () => {
    const { server, clock, database } = worldOf();
    server.fail("ExecuteSql", ...Array.from({ length: 999 }, () => aborted()));
    const failed = database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE));
    await assert.rejects(clock.until(failed), AbortedError);
    const seconds = Number(clock.monotonic()) / 1e9;
    assert.ok(seconds > 20 && seconds <= 30, `gave up after ${seconds} s`);
  });

  test("start over even when the function swallowed the error", async () => {
    const { server, clock, database } = worldOf();
    server.fail("ExecuteSql", aborted());
    let runs = 0;
    await clock.until(
      database.runInTransaction(async (transaction) => {
        runs += 1;
        await transaction.executeUpdate(UPDATE).catch(() => 0n);
      }),
    );
    assert.equal(runs, 2);
  });

  test("can be asked for by the program, which frees the locks first", async () => {
    const { server, clock, database } = worldOf();
    let runs = 0;
    await clock.until(
      database.runInTransaction(async (transaction) => {
        runs += 1;
        await transaction.executeUpdate(UPDATE);
        if (runs === 1) throw new AbortedError("try again");
      }),
    );
    assert.deepEqual(server.methods.slice(1), ["ExecuteSql", "Rollback", "ExecuteSql", "Commit"]);
  });

  test("move to a new session when the server has lost the old one", async () => {
    const { server, database } = worldOf();
    await database.query(SELECT).rows();
    server.forgetSessions().clearRequests();
    await database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE));
    assert.deepEqual(server.methods, ["ExecuteSql", "CreateSession", "ExecuteSql", "Commit"]);
    let runs = 0;
    await database.runInTransaction(async (transaction) => {
      runs += 1;
      await transaction.executeUpdate(UPDATE);
      if (runs === 1) server.forgetSessions();
    });
    assert.equal(runs, 2);
    const last = server.requestsOf(spannerMethods.executeSql).at(-1)?.transaction?.selector;
    assert.ok(last?.$case === "begin" && last.begin.mode?.$case === "readWrite");
    const { multiplexedSessionPreviousTransactionId: previous } = last.begin.mode.readWrite;
    assert.equal(previous, undefined, "an id of the lost session means nothing in the new one");
  });
});

describe("commits", () => {
  test("are sent again after a passing failure, as the same request", async () => {
    const { server, clock, database } = worldOf();
    server.fail("Commit", unavailable);
    await clock.until(
      database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE)),
    );
    const ids = server.requests
      .filter(({ method }) => method === "Commit")
      .map(({ metadata }) => metadata["x-goog-spanner-request-id"]?.split("."));
    assert.equal(ids[0]?.[4], ids[1]?.[4]);
    assert.deepEqual([ids[0]?.[5], ids[1]?.[5]], ["1", "2"]);
  });

  test("whose answer does not come leave the outcome unknown", async () => {
    const { server, clock, database } = worldOf();
    server.hold("Commit", createDeferred<void>().promise);
    const controller = new AbortController();
    const failed = database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE), {
      signal: controller.signal,
    });
    await clock.settle();
    controller.abort();
    await assert.rejects(failed, OutcomeUnknownError);
  });
});

test("a transaction takes the one that its pool has begun ahead", async () => {
  const pool = new TransactionPingingPool({ size: 1 });
  const { server, clock, database } = worldOf(
    { environment: { GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_FOR_RW: "FALSE" } },
    { pool },
  );
  await pool.fill();
  server.clearRequests();
  await database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE));
  assert.deepEqual(server.methods, ["ExecuteSql", "Commit"]);
  const [update] = server.requestsOf(spannerMethods.executeSql);
  assert.equal(update?.transaction?.selector?.$case, "id");
  await pool.beginPendingTransactions();
  server.clearRequests().fail("ExecuteSql", aborted());
  await clock.until(database.runInTransaction((transaction) => transaction.executeUpdate(UPDATE)));
  const selectors = server
    .requestsOf(spannerMethods.executeSql)
    .map(({ transaction }) => transaction?.selector?.$case);
  assert.deepEqual(selectors, ["id", "begin"], "the second attempt trusts nothing begun ahead");
});
