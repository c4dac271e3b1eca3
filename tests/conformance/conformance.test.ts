// SPDX-License-Identifier: Apache-2.0
// The list of known failures is true: nothing else fails, and all of it does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseStatement, SqlErrors } from "@spandrel/sql";
import { differenceOf } from "./compare.ts";
import { findData, type GrammarCase, readLines } from "./data.ts";
import { readKnownFailures, surprisesOf } from "./known-failures.ts";
import { foreignConstructOf, notInSpanner } from "./not-in-spanner.ts";
import { runFolder } from "./run.ts";

const folder = findData(process.env["SPANDREL_CONFORMANCE"]);

test("what others wrote down about GoogleSQL holds, but for the failures that are known", {
  skip: folder === undefined ? "there is no conformance data here" : false,
  timeout: 300_000,
}, async () => {
  const failed: string[] = [];
  const passed: string[] = [];
  for await (const { cases } of runFolder(folder ?? "")) {
    for (const { id, verdict } of cases) {
      if (verdict.kind === "failed") failed.push(id);
      if (verdict.kind === "passed") passed.push(id);
    }
  }
  assert.ok(passed.length > 1_000, "the cases were run");
  assert.deepEqual(surprisesOf(readKnownFailures() ?? new Set(), failed, passed), {
    broken: [],
    mended: [],
  });
});

test("what Spanner does not have is told with a reason, and cases are about it", {
  skip: folder === undefined ? "there is no conformance data here" : false,
}, () => {
  const cases = readLines<GrammarCase>(folder ?? "", "googlesql_parser.jsonl");
  const found = new Set(cases.map(foreignConstructOf));
  for (const { construct, reason, link } of notInSpanner) {
    assert.ok(found.has(construct), construct);
    assert.match(reason, /^[A-Z].*\.$/);
    assert.match(link, /^https:\/\/cloud\.google\.com\/spanner\//);
  }
  const known = readKnownFailures() ?? new Set();
  const foreign = cases.filter((each) => foreignConstructOf(each) !== undefined);
  for (const { ok, sql } of foreign) {
    // What the parser takes is judged, so the table hides nothing that works.
    if (ok === true) assert.throws(() => parseStatement(sql), SqlErrors, sql);
  }
  assert.deepEqual(
    foreign.filter(({ id }) => known.has(id)),
    [],
  );
});

test("a case that is not on the list may not fail, and one that passes must leave it", () => {
  const known = new Set(["old", "fixed", "not run"]);
  assert.deepEqual(surprisesOf(known, ["old", "new"], ["fixed", "fine"]), {
    broken: ["new"],
    mended: ["fixed"],
  });
});

test("rows without an order are compared as bags, floats by their last places", () => {
  const columns = [{ name: "x", type: "FLOAT64" }];
  const types = [{ kind: "FLOAT64" }] as const;
  const third = 1 / 3;
  const wanted = { columns, rows: [[third], ["NaN"]] };
  assert.equal(differenceOf(wanted, types, [["NaN"], [third + Number.EPSILON / 4]]), undefined);
  assert.match(differenceOf(wanted, types, [["NaN"], [0.34]]) ?? "", /in any order/);
  assert.match(
    differenceOf({ ...wanted, ordered: true }, types, [["NaN"], [third]]) ?? "",
    /row 0/,
  );
  assert.match(differenceOf(wanted, types, [["NaN"]]) ?? "", /1 rows, expected 2/);
});
