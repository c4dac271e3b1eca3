// SPDX-License-Identifier: Apache-2.0
// What a statement tells beside its rows: its plan in Spanner's words, and what it cost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom, systemClock } from "@spandrel/base";
import { documentedLimits } from "../limits/limits.ts";
import type { ExplainedNode } from "../planner/explain.ts";
import { Database } from "./database.ts";
import type { QueryResult, Statement } from "./query.ts";

test("a plan names the operators, what is scanned, and the sought key", async () => {
  const database = await filled();
  const { plan, undeclaredParameters } = await answered(database, {
    text: "SELECT Name FROM Singers WHERE SingerId = @id ORDER BY Name LIMIT 3",
    isPlanOnly: true,
  });
  assert.equal(
    draw(plan ?? []),
    `Distributed Union
  Distributed Union Local
    Serialize Result
      Sort Limit
        Filter Scan
          Scan TableScan Singers
            Reference Name
          [Seek Condition] Function SingerId = @id
        [Key] Reference $Name (ASC)
        [Limit] Constant "3"`,
  );
  assert.deepEqual(undeclaredParameters, [{ name: "id", type: { kind: "INT64" } }]);
});

test("an index that is read whole is told as a full scan", async () => {
  const database = await filled();
  const { plan = [] } = await answered(database, {
    text: "SELECT Name FROM Singers ORDER BY Name",
    isPlanOnly: true,
  });
  const scan = plan.find(({ name }) => name === "Scan");
  assert.deepEqual(scan?.metadata, {
    scan_type: "IndexScan",
    scan_target: "ByName",
    execution_method: "Row",
    "Full scan": "true",
  });
});

test("statistics count what was read and what was given back", async () => {
  const database = await filled();
  const result = await answered(database, {
    text: "SELECT Name FROM Singers@{FORCE_INDEX=_BASE_TABLE} WHERE LENGTH(Name) = 3",
    isPlanOnly: false,
    returnsPlan: true,
    returnsStatistics: true,
  });
  const statistics = result.statistics?.() ?? {};
  assert.equal(statistics["rows_returned"], "1");
  assert.equal(statistics["rows_scanned"], "3");
  assert.match(statistics["elapsed_time"] ?? "", /^[\d.]+ (?:msecs|secs)$/);
  assert.ok(result.plan !== undefined);
});

test("DML that is only planned tells its plan and writes nothing", async () => {
  const database = await filled();
  const transaction = database.begin();
  const text = "INSERT INTO Singers (SingerId, Name) VALUES (@id, @name)";
  const planned = await transaction.execute(statementOf({ text, isPlanOnly: true }), running);
  assert.equal(planned.plan?.[0]?.name, "Apply Mutations");
  assert.deepEqual(planned.undeclaredParameters, [
    { name: "id", type: { kind: "INT64" } },
    { name: "name", type: { kind: "STRING" } },
  ]);
  await transaction.commit([]);
  const count = await answered(database, { text: "SELECT * FROM Singers", isPlanOnly: false });
  assert.equal(count.rows, 3);
});

const running = new AbortController().signal;

type Asked = Pick<Statement, "text" | "isPlanOnly" | "returnsPlan" | "returnsStatistics">;

function statementOf(asked: Asked): Statement {
  return { ...asked, parameters: {}, parameterTypes: {} };
}

async function filled(): Promise<Database> {
  const database = new Database({
    clock: systemClock,
    random: seededRandom(1),
    limits: documentedLimits,
  });
  await database.changeSchema(
    "CREATE TABLE Singers (SingerId INT64 NOT NULL, Name STRING(100)) PRIMARY KEY (SingerId)",
  );
  await database.changeSchema("CREATE INDEX ByName ON Singers (Name)");
  const transaction = database.begin();
  const text = "INSERT INTO Singers (SingerId, Name) VALUES (1, 'Ann'), (2, 'Bert'), (3, 'Carla')";
  await transaction.execute(statementOf({ text, isPlanOnly: false }), running);
  await transaction.commit([]);
  return database;
}

async function answered(
  database: Database,
  asked: Asked,
): Promise<QueryResult & { readonly rows: number }> {
  const snapshot = await database.snapshot({ kind: "strong" });
  const result = snapshot.query(statementOf(asked), running);
  let rows = 0;
  for await (const batch of result.batches) rows += batch.length;
  return { ...result, rows };
}

function draw(nodes: readonly ExplainedNode[], place = 0, depth = 0, type = ""): string {
  const node = nodes[place];
  if (node === undefined) return "";
  const { call_type: call, scan_type: scan, scan_target: target } = node.metadata;
  const line = [type === "" ? "" : `[${type}]`, node.name, call, scan, target, node.description]
    .filter((word) => word !== undefined && word !== "")
    .join(" ");
  const children = node.links.map((link) => draw(nodes, link.child, depth + 1, link.type));
  return [`${"  ".repeat(depth)}${line}`, ...children].join("\n");
}
