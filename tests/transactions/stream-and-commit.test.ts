// SPDX-License-Identifier: Apache-2.0
// A stream of rows that is still under way when its transaction ends: what was not sent is not sent any
// more, the error says why, and the commit stands.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, StatusError } from "@spandrel/base";
import { Client } from "@spandrel/client";
import { SpannerDefinition, type TransactionSelector } from "@spandrel/protocol";
import { methodsOf, type Transport } from "@spandrel/rpc";
import { createServer } from "@spandrel/server";

const spanner = methodsOf(SpannerDefinition);

interface World {
  readonly transport: Transport;
  /** A new session. */
  readonly newSession: () => Promise<string>;
}

/** A database with forty rows of 300,000 characters: several messages. */
async function withRows(work: (world: World) => Promise<void>): Promise<void> {
  const { transport } = createServer();
  await using client = new Client({ project: "p", transport, environment: {} });
  const instance = client.instance("main");
  await (await instance.create()).result();
  await using database = instance.database("db");
  const ddlStatements = ["CREATE TABLE T (Id INT64 NOT NULL, Text STRING(MAX)) PRIMARY KEY (Id)"];
  await (await database.create({ ddlStatements })).result();
  const text = "x".repeat(300_000);
  const rows = Array.from({ length: 40 }, (_, id) => ({ Id: BigInt(id), Text: text }));
  await database.batch().insert("T", rows).commit();
  const newSession = async () => {
    const request = { database: "projects/p/instances/main/databases/db" };
    return (await transport.unary(spanner.createSession, request)).name ?? "";
  };
  await work({ transport, newSession });
}

const begin: TransactionSelector = {
  selector: { $case: "begin", begin: { mode: { $case: "readWrite", readWrite: {} } } },
};

function isEnded(error: unknown): boolean {
  return error instanceof StatusError && error.code === Code.FAILED_PRECONDITION;
}

test("a transaction that commits ends its streams with FAILED_PRECONDITION", () =>
  withRows(async ({ transport, newSession }) => {
    const session = await newSession();
    const sql = "SELECT Id, Text FROM T";
    const request = { session, sql, transaction: begin };
    const stream = transport.serverStream(spanner.executeStreamingSql, request);
    const first = await stream.next();
    const transactionId = first.value?.metadata?.transaction?.id ?? assert.fail("no transaction");
    await transport.unary(spanner.commit, {
      session,
      transaction: { $case: "transactionId", transactionId },
    });
    await assert.rejects(async () => {
      for await (const message of stream) assert.notEqual(message.last, true, "all rows came");
    }, isEnded);
  }));

test("a read that waits for a lock when its own transaction commits is told, and holds up nothing", () =>
  withRows(async ({ transport, newSession }) => {
    const [older, younger] = [await newSession(), await newSession()];
    const keys = (id: string) => ({ table: "T", columns: ["Id"], keySet: { keys: [[id]] } });
    const sql = "UPDATE T SET Text = '' WHERE Id = 1";
    const holder = await transport.unary(spanner.executeSql, {
      session: older,
      sql,
      seqno: 1n,
      transaction: begin,
    });
    const begun = await transport.unary(spanner.read, {
      session: younger,
      transaction: begin,
      ...keys("2"),
    });
    const id = begun.metadata?.transaction?.id ?? assert.fail("no transaction");
    const selector: TransactionSelector = { selector: { $case: "id", id } };
    const waiting = transport.unary(spanner.read, {
      session: younger,
      transaction: selector,
      ...keys("1"),
    });
    waiting.catch(() => undefined);
    await transport.unary(spanner.commit, {
      session: younger,
      transaction: { $case: "transactionId", transactionId: id },
    });
    await assert.rejects(waiting, isEnded);
    const held = holder.metadata?.transaction?.id ?? assert.fail("no transaction");
    await transport.unary(spanner.commit, {
      session: older,
      transaction: { $case: "transactionId", transactionId: held },
    });
  }));
