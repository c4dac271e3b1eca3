// SPDX-License-Identifier: Apache-2.0
// The page that holds the client against the list names only what is there.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as client from "@spandrel/client";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}docs/reference/client-api.md`, "utf8");
const report = readFileSync(`${root}api/client.api.md`, "utf8");

/** The members of each class, by the report of the public surface. */
function membersOf(name: string): string {
  const start = report.search(new RegExp(`^export (abstract )?class ${name}\\b`, "m"));
  return start < 0 ? "" : report.slice(start, report.indexOf("\n}", start));
}

test("every member that the page names is in the report of the public surface", () => {
  const named = [...page.matchAll(/`([A-Z]\w+)\.(\w+)`/g)];
  assert.ok(named.length > 100);
  const missing = named.filter(([, name = "", member = ""]) => {
    return !new RegExp(`^\\s.*\\b${member}\\b[(:<?]`, "m").test(membersOf(name));
  });
  assert.deepEqual(
    missing.map(([text]) => text),
    [],
  );
});

test("every name of a value that the page has is exported", () => {
  const exported = new Set(Object.keys(client));
  for (const name of ["KeyRange", "CALL_CHANNEL", "PG_OID", "pgSql", "sql", "googleCredentials"])
    assert.ok(exported.has(name) && page.includes(name), name);
});

test("every test that the page names is there", () => {
  const files = [...page.matchAll(/\| ((?:packages|tests)\/\S+) \|/g)].map(
    ([, file]) => file ?? "",
  );
  assert.ok(files.length > 50);
  assert.deepEqual(
    files.filter((file) => !existsSync(`${root}${file}`)),
    [],
  );
});
