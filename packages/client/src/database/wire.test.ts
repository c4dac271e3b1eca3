// SPDX-License-Identifier: Apache-2.0
// The same client over a socket: what passes as objects in other tests passes as bytes here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arrayOf, INT64, STRING, structOf } from "@spandrel/model";
import { listen } from "@spandrel/rpc/serve";
import { ScriptedServer } from "@spandrel/testkit";
import { spannerMethods } from "../call/methods.ts";
import { struct } from "../values/encode.ts";
import { Numeric } from "../values/numeric.ts";
import { Timestamp } from "../values/timestamp.ts";
import { array, json, numeric } from "../values/typed-value.ts";
import { Client } from "./client.ts";

const SQL = "SELECT * FROM Everything";

test("rows, parameters, mutations and errors survive the wire", async () => {
  const server = new ScriptedServer();
  server.answer(SQL, {
    columns: {
      id: "INT64",
      price: "NUMERIC",
      at: "TIMESTAMP",
      raw: "BYTES",
      tags: arrayOf(STRING),
      pair: structOf([
        { name: "x", type: INT64 },
        { name: "y", type: STRING },
      ]),
      doc: "JSON",
      nothing: "STRING",
      ratio: "FLOAT64",
      fact: "BOOL",
    },
    rows: [
      [
        "9007199254740993",
        "1.5",
        "2026-01-01T00:00:00.000000001Z",
        "AP8=",
        ["a", null],
        ["1", "z"],
        '{"a":1}',
        null,
        "NaN",
        true,
      ],
    ],
  });
  server.answer("UPDATE", { rowCount: 3n });
  const listener = await listen({ host: "127.0.0.1", port: 0, router: server.router });
  const client = new Client({
    project: "p",
    environment: { SPANNER_EMULATOR_HOST: `127.0.0.1:${listener.port}` },
  });
  try {
    const database = client.instance("i").database("d");
    const params = {
      a: null,
      b: array(INT64, []),
      c: struct({ x: 1n }),
      d: json({ deep: [1, { a: null }] }),
      e: numeric("0.1"),
      f: Timestamp.from("2026-01-01T00:00:00.000000001Z"),
      g: Number.NaN,
    };
    assert.deepEqual(await database.query({ sql: SQL, params }).one(), {
      id: 9_007_199_254_740_993n,
      price: Numeric.from("1.5"),
      at: Timestamp.from("2026-01-01T00:00:00.000000001Z"),
      raw: Uint8Array.of(0, 255),
      tags: ["a", null],
      pair: { x: 1n, y: "z" },
      doc: { a: 1 },
      nothing: null,
      ratio: Number.NaN,
      fact: true,
    });
    const [request] = server.requestsOf(spannerMethods.executeStreamingSql);
    assert.deepEqual(request?.params, {
      a: null,
      b: [],
      c: ["1"],
      d: '{"deep":[1,{"a":null}]}',
      e: "0.1",
      f: "2026-01-01T00:00:00.000000001Z",
      g: "NaN",
    });
    const changed = await database.runInTransaction(async (transaction) => {
      transaction.insert("T", [{ a: 1n, b: null }]);
      return transaction.executeUpdate("UPDATE");
    });
    assert.equal(changed, 3n);
    server.forgetSessions();
    assert.equal((await database.query(SQL).rows()).length, 1, "details of errors arrive as well");
    await assert.rejects(database.query("SELEC").rows(), { codeName: "INVALID_ARGUMENT" });
  } finally {
    await client.close();
    await listener.close();
  }
});
