// SPDX-License-Identifier: Apache-2.0

import assert from "node:assert/strict";
import { test } from "node:test";
import { describeTree } from "../tree/walk.ts";
import { parseDdl } from "./parser.ts";

test("a table keeps its columns, its key, its parent and its policy", () => {
  const text = `
    CREATE TABLE Albums (
      SingerId INT64 NOT NULL,
      AlbumId INT64 NOT NULL,
      Title STRING(MAX) DEFAULT ('none'),
      CONSTRAINT positive CHECK (AlbumId > 0),
    ) PRIMARY KEY (SingerId, AlbumId DESC),
      INTERLEAVE IN PARENT Singers ON DELETE CASCADE`;
  assert.equal(
    describeTree(parseDdl(text)),
    [
      "create-table",
      "  name: path",
      '    parts: identifier name="Albums"',
      "  columns: column-definition notNull=true",
      '    name: identifier name="SingerId"',
      "    type: simple-type",
      "      name: path",
      '        parts: identifier name="INT64"',
      "  columns: column-definition notNull=true",
      '    name: identifier name="AlbumId"',
      "    type: simple-type",
      "      name: path",
      '        parts: identifier name="INT64"',
      "  columns: column-definition",
      '    name: identifier name="Title"',
      "    type: simple-type",
      "      name: path",
      '        parts: identifier name="STRING"',
      "      parameters: max",
      "    value: column-default",
      '      expression: string value="none"',
      "  constraints: check",
      '    expression: binary operator=">"',
      "      left: path",
      '        parts: identifier name="AlbumId"',
      '      right: integer value=0 text="0"',
      '    name: identifier name="positive"',
      "  primaryKey: primary-key",
      "    parts: key-part",
      "      column: path",
      '        parts: identifier name="SingerId"',
      '    parts: key-part direction="DESC"',
      "      column: path",
      '        parts: identifier name="AlbumId"',
      '  interleave: interleave inParent=true onDelete="CASCADE"',
      "    table: path",
      '      parts: identifier name="Singers"',
    ].join("\n"),
  );
});

test("the words of a generated column are those between its parentheses", () => {
  const text = "CREATE TABLE t (a INT64, b INT64 AS ( (a  *  2) ) STORED) PRIMARY KEY (a)";
  const table = parseDdl(text);
  assert.ok(table.kind === "create-table");
  const value = table.columns[1]?.value;
  assert.ok(value?.kind === "column-generated" && value.stored);
  assert.equal(
    text.slice(value.expression.position.start, value.expression.position.end),
    "(a  *  2)",
  );
});

test("words that start a clause may also be names of columns", () => {
  const table = parseDdl(
    "CREATE TABLE t (check INT64, constraint INT64, synonym INT64, foreign INT64) PRIMARY KEY (check)",
  );
  assert.ok(table.kind === "create-table");
  assert.deepEqual(
    table.columns.map(({ name }) => name.name),
    ["check", "constraint", "synonym", "foreign"],
  );
});

test("the single-row table has a key without parts, a table without a key has none", () => {
  const [empty, none] = ["CREATE TABLE t (a INT64) PRIMARY KEY ()", "CREATE TABLE t (a INT64)"].map(
    (text) => parseDdl(text),
  );
  assert.deepEqual(empty?.kind === "create-table" && empty.primaryKey?.parts, []);
  assert.equal(none?.kind === "create-table" && none.primaryKey, undefined);
});

test("an index tells unique from null-filtered and keeps what it stores", () => {
  const index = parseDdl(
    "CREATE UNIQUE NULL_FILTERED INDEX IF NOT EXISTS i ON t (a, b DESC) STORING (c), INTERLEAVE IN p",
  );
  assert.ok(index.kind === "create-index");
  assert.ok(index.unique && index.nullFiltered && index.ifNotExists);
  assert.deepEqual(
    index.storing.map(({ name }) => name),
    ["c"],
  );
  assert.equal(index.interleaveIn?.table?.parts[0]?.name, "p");
});

test("an alteration holds one action", () => {
  const actions = [
    "ADD COLUMN IF NOT EXISTS c STRING(10) NOT NULL",
    "ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES u (b) NOT ENFORCED",
    "DROP COLUMN c",
    "DROP CONSTRAINT k",
    "ALTER COLUMN c SET DEFAULT (1)",
    "SET ON DELETE NO ACTION",
    "REPLACE ROW DELETION POLICY (OLDER_THAN(c, INTERVAL 7 DAY))",
    "RENAME TO u, ADD SYNONYM t",
  ].map((action) => {
    const statement = parseDdl(`ALTER TABLE t ${action}`);
    return statement.kind === "alter-table" ? statement.action.kind : statement.kind;
  });
  assert.deepEqual(actions, [
    "add-column",
    "add-constraint",
    "drop-column",
    "drop-constraint",
    "alter-column",
    "set-on-delete",
    "replace-row-deletion-policy",
    "rename-to",
  ]);
});

test("a change stream watches all, whole tables, keys alone, or some columns", () => {
  const stream = parseDdl("CREATE CHANGE STREAM s FOR a, b(), c(x, y)");
  assert.ok(stream.kind === "create-change-stream" && stream.watch?.kind === "tables");
  assert.deepEqual(
    stream.watch.tables.map(({ columns }) => columns?.map(({ name }) => name)),
    [undefined, [], ["x", "y"]],
  );
  assert.throws(() => parseDdl("CREATE CHANGE STREAM s FOR a, ALL"), { name: "SqlErrors" });
});
