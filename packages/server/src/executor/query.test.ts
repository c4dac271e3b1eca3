// SPDX-License-Identifier: Apache-2.0
// From SQL text to rows, over rows in memory: what a query answers, which rows it reads for that, and
// what is said about statements that make no sense.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, StatusError } from "@spandrel/base";
import {
  arrayOf,
  comparatorOf,
  INT64,
  STRING,
  TIMESTAMP,
  type Type,
  type Value,
} from "@spandrel/model";
import { parseStatement } from "@spandrel/sql";
import { analyzeStatement } from "../analyzer/analyze.ts";
import type { ResolvedStatement } from "../analyzer/resolved.ts";
import { PENDING_COMMIT_TIMESTAMP } from "../expression/commit-timestamp.ts";
import { describePlan } from "../planner/describe.ts";
import { plan } from "../planner/planner.ts";
import type { InsertMode, KeyPrefix, KeyRange, Row, RowWriter, Scan } from "../rows/contract.ts";
import { packRow } from "../rows/row-codec.ts";
import {
  type Column,
  emptySchema,
  entryKeyOf,
  type Index,
  type KeyPart,
  plainColumn,
  plainTable,
  type Schema,
  type Table,
} from "../schema/schema.ts";
import { run, runDml } from "./run.ts";

let lastId = 0;

function column(name: string, type: Type): Column {
  lastId++;
  return {
    id: lastId,
    name,
    type,
    ...plainColumn,
  };
}

function ascending(part: Column | undefined): KeyPart {
  assert.ok(part !== undefined);
  return { column: part, isDescending: false };
}

function table(name: string, columns: readonly Column[], key: readonly KeyPart[]): Table {
  lastId++;
  return { id: lastId, name, columns, primaryKey: key, ...plainTable };
}

const singerColumns = [
  column("SingerId", INT64),
  column("FirstName", STRING),
  column("LastName", STRING),
  column("Rank", INT64),
  column("UpdatedAt", TIMESTAMP),
];
const singers = table("Singers", singerColumns, [ascending(singerColumns[0])]);

const albumColumns = [
  column("SingerId", INT64),
  column("AlbumId", INT64),
  column("Title", STRING),
  column("Budget", INT64),
];
const [albumSinger, albumId] = albumColumns;
assert.ok(albumSinger !== undefined && albumId !== undefined);
const albums = table("Albums", albumColumns, [
  ascending(albumSinger),
  { column: albumId, isDescending: true },
]);

const singersByName: Index = {
  id: 1_000,
  name: "SingersByName",
  table: "Singers",
  key: [ascending(singerColumns[2]), ascending(singerColumns[1])],
  storing: [],
  isUnique: false,
  isNullFiltered: false,
  notNullColumns: [],
  isManaged: false,
  interleavedIn: undefined,
};

const schema: Schema = {
  ...emptySchema,
  version: 1,
  nextId: 2_000,
  tables: new Map([
    ["singers", singers],
    ["albums", albums],
  ]),
  indexes: new Map([["singersbyname", singersByName]]),
};

/** Rows in arrays, in the order of the table's columns; counts what is read. */
class MemoryRows implements RowWriter {
  rowsRead = 0;
  readonly #rows = new Map<number, Row[]>();

  rowsOf(of: Table): Row[] {
    let rows = this.#rows.get(of.id);
    if (rows === undefined) {
      rows = [];
      this.#rows.set(of.id, rows);
    }
    return rows;
  }

  async *scan(scan: Scan): AsyncGenerator<readonly Row[]> {
    const { table: of, index, columns, ranges, isReverse, isPacked } = scan;
    const key = index === undefined ? of.primaryKey : entryKeyOf(index, of);
    const keyOf = (row: Row): Row => key.map((part) => valueAt(of, row, part.column));
    const found = this.rowsOf(of)
      .filter((row) => ranges.some((range) => isWithin(key, keyOf(row), range)))
      .sort((left, right) => compareKeys(key, keyOf(left), keyOf(right)) * (isReverse ? -1 : 1));
    this.rowsRead += found.length;
    for (let start = 0; start < found.length; start += 2) {
      yield found
        .slice(start, start + 2)
        .map((row) => columns.map((each) => valueAt(of, row, each)))
        .map((row) => (isPacked === true ? [packRow(columns, row)] : row));
    }
  }

  async insert(
    of: Table,
    columns: readonly Column[],
    rows: readonly Row[],
    mode: InsertMode,
  ): Promise<readonly (Row | undefined)[]> {
    return rows.map((given) => {
      const value = (each: Column): Value => given[columns.indexOf(each)] ?? null;
      const key = of.primaryKey.map((part) => value(part.column));
      const old = this.#find(of, key);
      if (old >= 0 && mode === "INSERT") throw new StatusError(Code.ALREADY_EXISTS, "exists");
      if (old >= 0 && mode === "INSERT_OR_IGNORE") return undefined;
      const before = this.rowsOf(of)[old] ?? [];
      const row = of.columns.map((each, place) =>
        columns.includes(each) ? value(each) : (before[place] ?? null),
      );
      this.rowsOf(of).splice(old < 0 ? this.rowsOf(of).length : old, old < 0 ? 0 : 1, row);
      return row;
    });
  }

  async update(
    of: Table,
    columns: readonly Column[],
    rows: readonly Row[],
  ): Promise<readonly Row[]> {
    const written = await this.insert(of, columns, rows, "INSERT_OR_UPDATE");
    return written.filter((row) => row !== undefined);
  }

  async delete(of: Table, keys: readonly KeyPrefix[]): Promise<void> {
    for (const key of keys) this.rowsOf(of).splice(this.#find(of, key), 1);
  }

  #find(of: Table, key: Row): number {
    return this.rowsOf(of).findIndex((row) => {
      const own = of.primaryKey.map((part) => valueAt(of, row, part.column));
      return compareKeys(of.primaryKey, own, key) === 0;
    });
  }
}

function valueAt(of: Table, row: Row, wanted: Column): Value {
  return row[of.columns.findIndex((each) => each.id === wanted.id)] ?? null;
}

function compareKeys(key: readonly KeyPart[], left: Row, right: Row): number {
  for (const [place, part] of key.entries()) {
    const [a, b] = [left[place], right[place]];
    if (a === undefined || b === undefined) return 0;
    const order = comparatorOf(part.column.type)(a, b) * (part.isDescending ? -1 : 1);
    if (order !== 0) return order;
  }
  return 0;
}

function isWithin(key: readonly KeyPart[], row: Row, range: KeyRange): boolean {
  const start = compareKeys(key, row.slice(0, range.start.length), range.start);
  const end = compareKeys(key, row.slice(0, range.end.length), range.end);
  return (
    (start > 0 || (start === 0 && range.isStartClosed)) &&
    (end < 0 || (end === 0 && range.isEndClosed))
  );
}

function library(): MemoryRows {
  const rows = new MemoryRows();
  rows
    .rowsOf(singers)
    .push(
      [1n, "Marc", "Richards", 3n, null],
      [2n, "Catalina", "Smith", null, null],
      [3n, "Alice", "Trentor", 1n, null],
      [4n, "Lea", "Martin", 2n, null],
      [5n, "Ann", "Smith", 3n, null],
    );
  rows
    .rowsOf(albums)
    .push(
      [1n, 1n, "Total Junk", 100n],
      [1n, 2n, "Go, Go, Go", null],
      [2n, 1n, "Green", 50n],
      [2n, 2n, "Forever Hold Your Peace", 70n],
      [4n, 1n, "Nothing To Do With Me", 20n],
    );
  return rows;
}

interface Asked {
  readonly parameters?: Readonly<Record<string, Value>>;
  readonly types?: Readonly<Record<string, Type>>;
}

interface Answer {
  readonly statement: ResolvedStatement;
  readonly rows: readonly Row[];
  readonly rowCount: number | undefined;
  readonly plan: string;
}

async function ask(
  rows: MemoryRows,
  text: string,
  { parameters = {}, types = {} }: Asked = {},
): Promise<Answer> {
  const parameterTypes = new Map(Object.entries(types));
  const statement = analyzeStatement(parseStatement(text), schema, { parameterTypes, text });
  const planned = plan(statement, schema);
  const options = { parameters: new Map(Object.entries(parameters)), nowNanos: 0n };
  const description = describePlan(planned);
  if (statement.kind !== "query") {
    const { rowCount, returned = [] } = await runDml(planned, rows, options);
    return { statement, rows: returned, rowCount, plan: description };
  }
  const found: Row[] = [];
  for await (const batch of run(planned, rows, options).batches) found.push(...batch);
  return { statement, rows: found, rowCount: undefined, plan: description };
}

async function rowsOf(text: string, asked: Asked = {}): Promise<readonly Row[]> {
  return (await ask(library(), text, asked)).rows;
}

describe("what a query answers", () => {
  test("a query without order comes in key order, a descending part backward", async () => {
    assert.deepEqual(await rowsOf("SELECT SingerId, AlbumId FROM Albums"), [
      [1n, 2n],
      [1n, 1n],
      [2n, 2n],
      [2n, 1n],
      [4n, 1n],
    ]);
  });

  test("NULL makes a condition unknown, and unknown rows are left out on both sides", async () => {
    assert.deepEqual(await rowsOf("SELECT SingerId FROM Singers WHERE Rank > 1"), [
      [1n],
      [4n],
      [5n],
    ]);
    assert.deepEqual(await rowsOf("SELECT SingerId FROM Singers WHERE NOT Rank > 1"), [[3n]]);
  });

  test("NOT IN a list with NULL is never true", async () => {
    assert.deepEqual(await rowsOf("SELECT 1 FROM Singers WHERE SingerId NOT IN (1, NULL)"), []);
  });

  test("groups have NULL among them, and HAVING sees the aggregates", async () => {
    const text =
      "SELECT Rank, COUNT(*) AS n FROM Singers GROUP BY Rank HAVING n > 0 ORDER BY Rank DESC";
    assert.deepEqual(await rowsOf(text), [
      [3n, 2n],
      [2n, 1n],
      [1n, 1n],
      [null, 1n],
    ]);
  });

  test("a left join keeps singers without albums", async () => {
    const text =
      "SELECT s.SingerId, a.Title FROM Singers s LEFT JOIN Albums a " +
      "ON s.SingerId = a.SingerId AND a.Budget > 60 WHERE s.SingerId < 4";
    assert.deepEqual(await rowsOf(text), [
      [1n, "Total Junk"],
      [2n, "Forever Hold Your Peace"],
      [3n, null],
    ]);
  });

  test("a full join keeps what has no match on either side", async () => {
    const text =
      "SELECT a, b FROM UNNEST([1, 2]) a FULL JOIN UNNEST([2, 3]) b ON a = b ORDER BY a, b";
    assert.deepEqual(await rowsOf(text), [
      [null, 3n],
      [1n, null],
      [2n, 2n],
    ]);
  });

  test("a subquery reads the row around it", async () => {
    const text =
      "SELECT SingerId, ARRAY(SELECT AlbumId FROM Albums a WHERE a.SingerId = s.SingerId ORDER BY 1) " +
      "FROM Singers s WHERE EXISTS (SELECT 1 FROM Albums a WHERE a.SingerId = s.SingerId AND Budget < 60)";
    assert.deepEqual(await rowsOf(text), [
      [2n, [1n, 2n]],
      [4n, [1n]],
    ]);
  });

  test("a branch of IF that is not taken does no harm, even when it is a subquery", async () => {
    const text =
      "SELECT IF(SingerId > 3, 0, (SELECT 1 / (SingerId - 4))) FROM Singers WHERE SingerId = 4";
    assert.deepEqual(await rowsOf(text), [[0]]);
  });

  test("WITH queries, set operations and LIMIT go together", async () => {
    const text =
      "WITH names AS (SELECT LastName AS n FROM Singers) " +
      "(SELECT n FROM names EXCEPT DISTINCT SELECT 'Smith') ORDER BY n LIMIT 2 OFFSET 1";
    assert.deepEqual(await rowsOf(text), [["Richards"], ["Trentor"]]);
  });

  test("a parameter without a type takes the type of its use, wherever that is found", async () => {
    const text = "SELECT SingerId FROM Singers WHERE (@name IS NULL OR LastName = @name)";
    const { statement, rows } = await ask(library(), text, { parameters: { name: "Smith" } });
    assert.deepEqual(statement.parameters, new Map([["name", STRING]]));
    assert.deepEqual(rows, [[2n], [5n]]);
  });
});

describe("what a query reads", () => {
  test("a whole key is one row", async () => {
    const rows = library();
    await ask(rows, "SELECT * FROM Singers WHERE SingerId = @id", { parameters: { id: 3n } });
    assert.equal(rows.rowsRead, 1);
  });

  test("a parameter that is NULL reads nothing", async () => {
    const rows = library();
    const asked = { parameters: { id: null } };
    assert.deepEqual(
      (await ask(rows, "SELECT 1 FROM Singers WHERE SingerId = @id", asked)).rows,
      [],
    );
    assert.equal(rows.rowsRead, 0);
  });

  test("a range of a descending part is read from its large end", async () => {
    const rows = library();
    const text = "SELECT AlbumId FROM Albums WHERE SingerId = 1 AND AlbumId <= 1";
    assert.deepEqual((await ask(rows, text)).rows, [[1n]]);
    assert.equal(rows.rowsRead, 1);
  });

  test("an index finds names, and the rows are looked up behind it", async () => {
    const rows = library();
    const text = "SELECT Rank FROM Singers WHERE LastName = 'Smith' ORDER BY FirstName";
    const answer = await ask(rows, text);
    assert.deepEqual(answer.rows, [[3n], [null]]);
    assert.equal(rows.rowsRead, 4);
    assert.equal(
      answer.plan,
      [
        "project $Rank",
        "  inner lookup join $SingerId = $SingerId",
        '    scan SingersByName of Singers seek LastName = "Smith" (SingerId, FirstName)',
        "    scan Singers by batch (Rank, SingerId)",
      ].join("\n"),
    );
  });

  test("a small side of a join looks the other side up by its key", async () => {
    const rows = library();
    const text =
      "SELECT a.Title FROM Singers s JOIN Albums a ON a.SingerId = s.SingerId WHERE s.SingerId IN UNNEST(@ids)";
    const asked = { parameters: { ids: [4n, null, 1n] }, types: { ids: arrayOf(INT64) } };
    assert.equal((await ask(rows, text, asked)).rows.length, 3);
    assert.equal(rows.rowsRead, 5);
  });

  test("the order of a key needs no sort, forward or backward", async () => {
    const text = "SELECT SingerId FROM Albums ORDER BY SingerId DESC, AlbumId LIMIT 1";
    const { plan: description } = await ask(library(), text);
    assert.equal(
      description,
      'project $SingerId\n  limit "1"\n    scan Albums backward (SingerId, AlbumId)',
    );
  });
});

describe("what DML writes", () => {
  test("INSERT gives back what THEN RETURN asks for", async () => {
    const rows = library();
    const text =
      "INSERT INTO Singers (SingerId, FirstName, UpdatedAt) VALUES (9, 'Zoë', PENDING_COMMIT_TIMESTAMP()) " +
      "THEN RETURN SingerId + 1 AS next";
    const answer = await ask(rows, text);
    assert.deepEqual(answer.rows, [[10n]]);
    assert.deepEqual(rows.rowsOf(singers).at(-1), [
      9n,
      "Zoë",
      null,
      null,
      PENDING_COMMIT_TIMESTAMP,
    ]);
  });

  test("UPDATE sees every row as it was before the statement", async () => {
    const rows = library();
    const text =
      "UPDATE Singers SET Rank = (SELECT COUNT(*) FROM Singers WHERE Rank IS NULL) WHERE TRUE";
    assert.equal((await ask(rows, text)).rowCount, 5);
    assert.ok(rows.rowsOf(singers).every((row) => row[3] === 1n));
  });

  test("DELETE gives back the rows that are gone", async () => {
    const rows = library();
    const answer = await ask(rows, "DELETE FROM Albums WHERE Budget IS NULL THEN RETURN Title");
    assert.deepEqual([answer.rowCount, answer.rows], [1, [["Go, Go, Go"]]]);
    assert.equal(rows.rowsOf(albums).length, 4);
  });

  test("ON CONFLICT DO UPDATE sees both rows, and ACTION says which was done", async () => {
    const text =
      "INSERT INTO Singers (SingerId, FirstName) VALUES (1, 'x'), (8, 'y') " +
      "ON CONFLICT(SingerId) DO UPDATE SET FirstName = CONCAT(excluded.FirstName, Singers.FirstName) " +
      "THEN RETURN WITH ACTION AS done FirstName";
    assert.deepEqual((await ask(library(), text)).rows, [
      ["xMarc", "UPDATE"],
      ["y", "INSERT"],
    ]);
  });
});

describe("steps and elements", () => {
  test("a pipe gives every step the rows of the one before", async () => {
    const text =
      "FROM Albums AS a |> WHERE a.Budget > 10 |> AGGREGATE SUM(Budget) AS total GROUP BY SingerId " +
      "|> EXTEND total / 10 AS tenth |> ORDER BY total DESC |> LIMIT 2 |> DROP total";
    assert.deepEqual(await rowsOf(text), [
      [2n, 12],
      [1n, 10],
    ]);
  });

  test("a subquery in a lambda is run for the elements that it is asked about", async () => {
    const text =
      "SELECT ARRAY_FILTER([1, 2, 3, 4], id -> EXISTS(SELECT 1 FROM Albums a " +
      "WHERE a.SingerId = id AND a.Budget < s.SingerId * 10)) FROM Singers s WHERE SingerId = 5";
    assert.deepEqual(await rowsOf(text), [[[4n]]]);
    const more =
      "SELECT ARRAY_TRANSFORM([1, 4], id -> (SELECT COUNT(*) FROM Albums WHERE SingerId = id))";
    assert.deepEqual(await rowsOf(more), [[[2n, 1n]]]);
  });

  test("ASSERT_ROWS_MODIFIED refuses another number of rows", async () => {
    await assert.rejects(rowsOf("DELETE FROM Singers WHERE SingerId < 3 ASSERT_ROWS_MODIFIED 3"), {
      code: Code.OUT_OF_RANGE,
      message: "ASSERT_ROWS_MODIFIED expected 3 rows modified, but found 2",
    });
  });

  test("of two rows with one key an upsert leaves the last", async () => {
    const rows = library();
    const text = "INSERT OR UPDATE INTO Singers (SingerId, FirstName) VALUES (7, 'a'), (7, 'b')";
    assert.equal((await ask(rows, text)).rowCount, 1);
    assert.deepEqual(rows.rowsOf(singers).at(-1), [7n, "b", null, null, null]);
  });

  test("a row whose key has NULL is found behind its index entry", async () => {
    const rows = library();
    rows.rowsOf(singers).push([null, "No", "Key", 9n, null]);
    assert.deepEqual((await ask(rows, "SELECT Rank FROM Singers WHERE LastName = 'Key'")).rows, [
      [9n],
    ]);
  });
});

describe("what is said about a statement that makes no sense", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["SELECT * FROM Singer", "Table not found: Singer; Did you mean Singers? [at 1:15]"],
    ["SELECT Nam FROM Singers", "Unrecognized name: Nam [at 1:8]"],
    ["SELECT LastNme FROM Singers", "Unrecognized name: LastNme; Did you mean LastName? [at 1:8]"],
    [
      "SELECT SingerId = 'a' FROM Singers",
      "No matching signature for operator = for argument types: INT64, STRING. Supported signature: ANY = ANY [at 1:8]",
    ],
    ["SELECT 1 = NULL", "Operands of = cannot be literal NULL [at 1:12]"],
    ["SELECT INITCAP('a')", "Function not found: INITCAP [at 1:8]"],
    [
      "SELECT SingerId, COUNT(*) FROM Singers",
      "SELECT list expression references column SingerId which is neither grouped nor aggregated [at 1:8]",
    ],
    [
      "UPDATE Singers SET SingerId = 1 WHERE TRUE",
      "Cannot UPDATE value on primary key column SingerId [at 1:20]",
    ],
    ["DELETE FROM Singers", "DELETE must have a WHERE clause [at 1:1]"],
  ];
  for (const [text, message] of cases) {
    test(text, async () => {
      await assert.rejects(rowsOf(text), (error: unknown) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, Code.INVALID_ARGUMENT);
        assert.equal(error.message.split("\n")[0], message);
        return true;
      });
    });
  }

  test("a struct cannot be a column of a result", async () => {
    await assert.rejects(rowsOf("SELECT STRUCT(1 AS a)"), { code: Code.UNIMPLEMENTED });
  });
});

test("a query that was called off stops between batches", async () => {
  const text = "SELECT SingerId FROM Singers";
  const statement = analyzeStatement(parseStatement(text), schema, {
    parameterTypes: new Map(),
    text,
  });
  const abort = new AbortController();
  const options = { parameters: new Map(), nowNanos: 0n, signal: abort.signal };
  const filtered = plan(statement, schema);
  abort.abort();
  await assert.rejects(async () => {
    for await (const batch of run(filtered, library(), options).batches) assert.ok(batch);
  });
});

test("a sort that would hold more than it may is refused", async () => {
  const text = "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 10000)) AS n ORDER BY n DESC";
  const statement = analyzeStatement(parseStatement(text), schema, {
    parameterTypes: new Map(),
    text,
  });
  const options = { parameters: new Map(), nowNanos: 0n, memoryBytesMax: 10_000 };
  await assert.rejects(
    async () => {
      for await (const batch of run(plan(statement, schema), library(), options).batches) {
        assert.ok(batch);
      }
    },
    { code: Code.RESOURCE_EXHAUSTED },
  );
});
