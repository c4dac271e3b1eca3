// SPDX-License-Identifier: Apache-2.0
// A database describes itself: what tools and object mappers ask of INFORMATION_SCHEMA.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "@spandrel/base";
import { execute, newDatabase, statementOf, wireRowsOf } from "../../golden/test-database.ts";
import type { Database } from "./database.ts";

const ddl = [
  `CREATE TABLE Singers (
    SingerId INT64 NOT NULL,
    Name STRING(100) NOT NULL,
    UpdatedAt TIMESTAMP OPTIONS (allow_commit_timestamp = true),
  ) PRIMARY KEY (SingerId)`,
  `CREATE TABLE Albums (
    SingerId INT64 NOT NULL,
    AlbumId INT64 NOT NULL,
    Title STRING(MAX),
    Tags ARRAY<STRING(20)>,
  ) PRIMARY KEY (SingerId, AlbumId DESC), INTERLEAVE IN PARENT Singers ON DELETE CASCADE`,
  "CREATE UNIQUE NULL_FILTERED INDEX ByTitle ON Albums (Title DESC) STORING (Tags)",
];

test("tables tell their parents, and the schema's own tables are views of it", async () => {
  const database = await described();
  assert.deepEqual(
    await ask(
      database,
      `SELECT TABLE_NAME, TABLE_TYPE, PARENT_TABLE_NAME, ON_DELETE_ACTION, INTERLEAVE_TYPE
       FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = '' ORDER BY 1`,
    ),
    [
      ["Albums", "BASE TABLE", "Singers", "CASCADE", "IN PARENT"],
      ["Singers", "BASE TABLE", null, null, null],
    ],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES
       WHERE TABLE_SCHEMA = 'INFORMATION_SCHEMA' AND TABLE_NAME = 'TABLES'`,
    ),
    [["VIEW"]],
  );
});

test("columns come with the types of the DDL, under names in any case", async () => {
  const database = await described();
  assert.deepEqual(
    await ask(
      database,
      `SELECT column_name, ordinal_position, spanner_type, is_nullable
       FROM information_schema.columns WHERE table_name = 'Albums' ORDER BY ordinal_position`,
    ),
    [
      ["SingerId", "1", "INT64", "NO"],
      ["AlbumId", "2", "INT64", "NO"],
      ["Title", "3", "STRING(MAX)", "YES"],
      ["Tags", "4", "ARRAY<STRING(20)>", "YES"],
    ],
  );
  assert.deepEqual(await ask(database, "SELECT * FROM INFORMATION_SCHEMA.COLUMN_OPTIONS"), [
    ["", "", "Singers", "UpdatedAt", "allow_commit_timestamp", "BOOL", "TRUE"],
  ]);
});

test("indexes are listed with the primary keys, stored columns without a place", async () => {
  const database = await described();
  assert.deepEqual(
    await ask(
      database,
      `SELECT i.INDEX_NAME, i.INDEX_TYPE, i.IS_UNIQUE, i.IS_NULL_FILTERED, c.COLUMN_NAME,
              c.ORDINAL_POSITION, c.COLUMN_ORDERING
       FROM INFORMATION_SCHEMA.INDEXES AS i
       JOIN INFORMATION_SCHEMA.INDEX_COLUMNS AS c USING (TABLE_SCHEMA, TABLE_NAME, INDEX_NAME)
       WHERE TABLE_NAME = 'Albums' ORDER BY INDEX_NAME, ORDINAL_POSITION`,
    ),
    [
      ["ByTitle", "INDEX", true, true, "Tags", null, null],
      ["ByTitle", "INDEX", true, true, "Title", "1", "DESC"],
      ["PRIMARY_KEY", "PRIMARY_KEY", true, false, "SingerId", "1", "ASC"],
      ["PRIMARY_KEY", "PRIMARY_KEY", true, false, "AlbumId", "2", "DESC"],
    ],
  );
});

test("primary keys and NOT NULL are constraints", async () => {
  const database = await described();
  assert.deepEqual(
    await ask(
      database,
      `SELECT CONSTRAINT_NAME, CONSTRAINT_TYPE FROM INFORMATION_SCHEMA.TABLE_CONSTRAINTS
       WHERE TABLE_NAME = 'Singers' ORDER BY 1`,
    ),
    [
      ["CK_IS_NOT_NULL_Singers_Name", "CHECK"],
      ["CK_IS_NOT_NULL_Singers_SingerId", "CHECK"],
      ["PK_Singers", "PRIMARY KEY"],
    ],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT CHECK_CLAUSE FROM INFORMATION_SCHEMA.CHECK_CONSTRAINTS
       WHERE CONSTRAINT_NAME = 'CK_IS_NOT_NULL_Singers_Name'`,
    ),
    [["Name IS NOT NULL"]],
  );
});

test("foreign keys tell what they rely on, and checks their conditions", async () => {
  const database = await described([
    `CREATE TABLE Concerts (
      ConcertId INT64 NOT NULL,
      SingerId INT64,
      Place STRING(20),
      CONSTRAINT FK_Singer FOREIGN KEY (SingerId) REFERENCES Singers (SingerId) ON DELETE CASCADE,
      CONSTRAINT CK_Place CHECK (Place != ''),
    ) PRIMARY KEY (ConcertId)`,
  ]);
  assert.deepEqual(
    await ask(
      database,
      `SELECT r.CONSTRAINT_NAME, r.UNIQUE_CONSTRAINT_NAME, r.DELETE_RULE, k.COLUMN_NAME,
              k.POSITION_IN_UNIQUE_CONSTRAINT, u.TABLE_NAME, u.COLUMN_NAME
       FROM INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS AS r
       JOIN INFORMATION_SCHEMA.KEY_COLUMN_USAGE AS k USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME)
       JOIN INFORMATION_SCHEMA.CONSTRAINT_COLUMN_USAGE AS u
         ON u.CONSTRAINT_NAME = r.CONSTRAINT_NAME`,
    ),
    [["FK_Singer", "PK_Singers", "CASCADE", "SingerId", "1", "Singers", "SingerId"]],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT CHECK_CLAUSE FROM INFORMATION_SCHEMA.CHECK_CONSTRAINTS
       WHERE CONSTRAINT_NAME = 'CK_Place'`,
    ),
    [["Place != ''"]],
  );
});

test("views tell their query, and the columns that it gives", async () => {
  const database = await described([
    "CREATE VIEW Names SQL SECURITY INVOKER AS SELECT s.Name AS Singer FROM Singers AS s",
  ]);
  assert.deepEqual(
    await ask(
      database,
      "SELECT TABLE_NAME, VIEW_DEFINITION, SECURITY_TYPE FROM INFORMATION_SCHEMA.VIEWS",
    ),
    [["Names", "SELECT s.Name AS Singer FROM Singers AS s", "INVOKER"]],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT COLUMN_NAME, SPANNER_TYPE FROM INFORMATION_SCHEMA.COLUMNS
       WHERE TABLE_NAME = 'Names'`,
    ),
    [["Singer", "STRING(MAX)"]],
  );
  assert.deepEqual(await ask(database, "SELECT COUNT(*) FROM Names WHERE Singer > 'A'"), [["0"]]);
});

test("a sequence gives numbers out where rows may be written, and nowhere else", async () => {
  const database = await described([
    "CREATE SEQUENCE Numbers OPTIONS (sequence_kind = 'bit_reversed_positive')",
  ]);
  const next = "SELECT GET_NEXT_SEQUENCE_VALUE(SEQUENCE Numbers)";
  await assert.rejects(ask(database, next), /only allowed in read-write transactions/);
  const transaction = database.begin();
  const numbers = new Set<unknown>();
  for (let count = 0; count < 3; count++) {
    for (const [number] of await execute(transaction, next)) numbers.add(number);
  }
  transaction.rollBack();
  assert.equal(numbers.size, 3);
  assert.deepEqual(await ask(database, "SELECT NAME FROM INFORMATION_SCHEMA.SEQUENCES"), [
    ["Numbers"],
  ]);
});

test("a model tells what goes in and what comes out", async () => {
  const database = await described([
    `CREATE MODEL Taste INPUT (Name STRING(MAX), Ages ARRAY<INT64>) OUTPUT (Score FLOAT64)
     REMOTE OPTIONS (endpoint = '//ai/taste', default_batch_size = 5)`,
  ]);
  assert.deepEqual(
    await ask(
      database,
      `SELECT COLUMN_KIND, COLUMN_NAME, DATA_TYPE, ORDINAL_POSITION, IS_EXPLICIT
       FROM INFORMATION_SCHEMA.MODEL_COLUMNS WHERE MODEL_NAME = 'Taste'
       ORDER BY COLUMN_KIND, ORDINAL_POSITION`,
    ),
    [
      ["INPUT", "Name", "STRING(MAX)", "1", true],
      ["INPUT", "Ages", "ARRAY<INT64>", "2", true],
      ["OUTPUT", "Score", "FLOAT64", "1", true],
    ],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT OPTION_NAME, OPTION_TYPE, OPTION_VALUE FROM INFORMATION_SCHEMA.MODELS AS m
       JOIN INFORMATION_SCHEMA.MODEL_OPTIONS AS o ON o.MODEL_NAME = m.MODEL_NAME
       WHERE m.IS_REMOTE ORDER BY 1`,
    ),
    [
      ["default_batch_size", "INT64", "5"],
      ["endpoint", "STRING", "//ai/taste"],
    ],
  );
});

test("indexes for searching are listed with all others", async () => {
  const database = await described([
    `CREATE TABLE Notes (
      NoteId INT64 NOT NULL,
      Body STRING(MAX),
      WrittenAt INT64 NOT NULL,
      Meaning ARRAY<FLOAT32>(vector_length=>4) NOT NULL,
      Words TOKENLIST AS (TOKENIZE_FULLTEXT(Body)) HIDDEN,
    ) PRIMARY KEY (NoteId)`,
    `CREATE SEARCH INDEX ByWords ON Notes (Words) STORING (Meaning) PARTITION BY NoteId
     ORDER BY WrittenAt DESC WHERE Body IS NOT NULL`,
    "CREATE VECTOR INDEX ByMeaning ON Notes (Meaning) OPTIONS (distance_type = 'COSINE')",
  ]);
  assert.deepEqual(
    await ask(
      database,
      `SELECT INDEX_NAME, INDEX_TYPE, FILTER, SEARCH_PARTITION_BY, SEARCH_ORDER_BY
       FROM INFORMATION_SCHEMA.INDEXES WHERE TABLE_NAME = 'Notes' ORDER BY 1`,
    ),
    [
      ["ByMeaning", "VECTOR", null, [], []],
      ["ByWords", "SEARCH", "Body IS NOT NULL", ["NoteId"], ["WrittenAt DESC"]],
      ["PRIMARY_KEY", "PRIMARY_KEY", null, null, null],
    ],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT COLUMN_NAME, ORDINAL_POSITION, SPANNER_TYPE FROM INFORMATION_SCHEMA.INDEX_COLUMNS
       WHERE INDEX_NAME = 'ByWords' ORDER BY 1`,
    ),
    [
      ["Meaning", null, "ARRAY<FLOAT32>(vector_length=>4)"],
      ["Words", "1", "TOKENLIST"],
    ],
  );
  assert.deepEqual(
    await ask(database, "SELECT INDEX_NAME, OPTION_VALUE FROM INFORMATION_SCHEMA.INDEX_OPTIONS"),
    [["ByMeaning", "COSINE"]],
  );
});

test("locality groups, placements and readers of change streams are told", async () => {
  const database = await described([
    "CREATE LOCALITY GROUP cold OPTIONS (storage = 'hdd')",
    "CREATE PLACEMENT europe OPTIONS (instance_partition = 'eu')",
    "CREATE CHANGE STREAM Everything FOR ALL",
    "ALTER TABLE Singers ALTER COLUMN Name SET OPTIONS (locality_group = 'cold')",
  ]);
  assert.deepEqual(await ask(database, "SELECT * FROM INFORMATION_SCHEMA.LOCALITY_GROUP_OPTIONS"), [
    ["cold", "storage", "hdd"],
  ]);
  assert.deepEqual(await ask(database, "SELECT * FROM INFORMATION_SCHEMA.PLACEMENTS ORDER BY 1"), [
    ["default", true],
    ["europe", false],
  ]);
  assert.deepEqual(
    await ask(database, "SELECT ROUTINE_NAME, ROUTINE_TYPE FROM INFORMATION_SCHEMA.ROUTINES"),
    [["READ_Everything", "TABLE FUNCTION"]],
  );
  assert.deepEqual(
    await ask(
      database,
      `SELECT COLUMN_NAME, OPTION_VALUE FROM INFORMATION_SCHEMA.COLUMN_OPTIONS
       WHERE OPTION_NAME = 'locality_group'`,
    ),
    [["Name", "cold"]],
  );
});

test("every column of the description describes itself", async () => {
  const database = await described();
  const tables = await ask(
    database,
    "SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'INFORMATION_SCHEMA'",
  );
  for (const [name] of tables) {
    const [counted] = await ask(
      database,
      `SELECT COUNT(*) FROM INFORMATION_SCHEMA.COLUMNS
       WHERE TABLE_SCHEMA = 'INFORMATION_SCHEMA' AND TABLE_NAME = '${name}'`,
    );
    const snapshot = await database.snapshot({ kind: "strong" });
    const all = snapshot.query(statementOf(`SELECT * FROM INFORMATION_SCHEMA.${name}`), running);
    assert.deepEqual(counted, [String(all.columns.length)], String(name));
    for await (const batch of all.batches) {
      for (const row of batch) assert.equal(row.length, all.columns.length);
    }
  }
});

test("a read-write transaction cannot ask, and nobody can write", async () => {
  const database = await described();
  const transaction = database.begin();
  await assert.rejects(
    transaction.execute(statementOf("SELECT * FROM INFORMATION_SCHEMA.TABLES"), running),
    { message: "Unsupported concurrency mode in query using INFORMATION_SCHEMA." },
  );
  await assert.rejects(
    transaction.execute(statementOf("DELETE FROM INFORMATION_SCHEMA.TABLES WHERE TRUE"), running),
    /Table not found: INFORMATION_SCHEMA\.TABLES/,
  );
  transaction.rollBack();
});

const running = new AbortController().signal;

async function described(more: readonly string[] = []): Promise<Database> {
  return newDatabase([...ddl, ...more], { clock: systemClock });
}

async function ask(database: Database, text: string): Promise<unknown[][]> {
  const snapshot = await database.snapshot({ kind: "strong" });
  return wireRowsOf(snapshot.query(statementOf(text), running));
}
