// SPDX-License-Identifier: Apache-2.0
// The scripts of golden/expressions: what expressions give, and which of them are refused. Every
// command is a query without tables; its rows are shown as values on the wire, `!` marks an error.

import { encodeValue } from "@spandrel/model";
import { parseStatement } from "@spandrel/sql";
import { type GoldenWorld, testGoldens } from "@spandrel/testkit";
import { analyzeStatement } from "../analyzer/analyze.ts";
import { plan } from "../planner/planner.ts";
import type { Row, RowWriter } from "../rows/contract.ts";
import { emptySchema } from "../schema/schema.ts";
import { run } from "./run.ts";

/** There are no tables, so nothing is ever read or written. */
const noRows: RowWriter = {
  scan: () => (async function* none(): AsyncGenerator<readonly Row[]> {})(),
  insert: async () => [],
  update: async () => [],
  delete: async () => {},
};

const world: GoldenWorld = {
  run: async ({ text }) => {
    const tree = parseStatement(text);
    const statement = analyzeStatement(tree, emptySchema, { parameterTypes: new Map(), text });
    const lines: string[] = [];
    const options = { parameters: new Map(), nowNanos: 0n };
    for await (const batch of run(plan(statement, emptySchema), noRows, options).batches) {
      for (const row of batch) lines.push(printRow(row, statement));
    }
    return lines.join("\n");
  },
  mustEnd: () => true,
};

function printRow(row: Row, statement: ReturnType<typeof analyzeStatement>): string {
  const columns = statement.kind === "query" ? statement.query.columns : [];
  const shown = columns.map(({ type }, index) => {
    const value = row[index] ?? null;
    return value === null ? "NULL" : JSON.stringify(encodeValue(type, value));
  });
  return shown.join(" ");
}

testGoldens(new URL("../../golden/expressions/", import.meta.url), () => world);
