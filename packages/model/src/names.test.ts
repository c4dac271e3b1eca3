// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  databaseName,
  isDatabaseId,
  isInstanceId,
  parseDatabaseName,
  parseInstanceName,
  parseSessionName,
  sessionName,
} from "./names.ts";

test("names are taken apart and put together the same", () => {
  const parts = { project: "p", instance: "i", database: "d", session: "s" };
  const name = sessionName(parts);
  assert.equal(name, "projects/p/instances/i/databases/d/sessions/s");
  assert.deepEqual(parseSessionName(name), parts);
  assert.equal(parseDatabaseName(name), undefined);
  assert.deepEqual(parseDatabaseName(databaseName(parts)), {
    project: "p",
    instance: "i",
    database: "d",
  });
  assert.equal(parseInstanceName("projects/p/instances/"), undefined);
});

test("ids have the lengths and letters that Spanner allows", () => {
  for (const id of ["ab", "a-b", "a1", `a${"b".repeat(63)}`]) assert.ok(isInstanceId(id), id);
  for (const id of ["a", "Ab", "1a", "a-", "a_b", `a${"b".repeat(64)}`]) {
    assert.equal(isInstanceId(id), false, id);
  }
  for (const id of ["ab", "a_b", "a-b", `a${"b".repeat(29)}`]) assert.ok(isDatabaseId(id), id);
  for (const id of ["a", "aB", "a-", `a${"b".repeat(30)}`])
    assert.equal(isDatabaseId(id), false, id);
});
