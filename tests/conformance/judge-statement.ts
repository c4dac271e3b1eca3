// SPDX-License-Identifier: Apache-2.0
// Statements over tables: queries, whose rows are compared, and DML, whose count, table and
// returned rows are. The cases of one file share a database for each time zone; what DML does is
// taken back.
import { codeName, StatusError } from "@spandrel/base";
import { type Type, typeFromProto, type WireValue } from "@spandrel/model";
import { type ResultSet, TypeCode } from "@spandrel/protocol";
import { parseStatement, parseType, type TypeName } from "@spandrel/sql";
import { differenceOf } from "./compare.ts";
import type { Expected, ExpectedRows, Plain, StatementCase, TableFixture } from "./data.ts";
import type { TrialDatabase, TrialServer, TrialStatement } from "./trial-server.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** What the server does not have yet, in the words of the files. */
const notBuilt = new Set(["proto", "graph", "udf"]);

/** Results that Spanner's protocol does not carry, and columns that no table can have. */
const notCarried = new Set([
  "top_level_struct_column",
  "value_table_result",
  "top_level_select_as_struct",
  "dml_table_columns_dropped",
]);

/** Puts statements to a server. */
export class StatementJudge {
  readonly #server: TrialServer;
  readonly #fixtures: ReadonlyMap<string, TableFixture>;
  readonly #databases = new Map<string, { database: TrialDatabase; tables: Set<string> }>();

  constructor(server: TrialServer, fixtures: readonly TableFixture[]) {
    this.#server = server;
    this.#fixtures = new Map(fixtures.map((each) => [`${each.file}/${each.name}`, each]));
  }

  async judge(wanted: StatementCase): Promise<Verdict> {
    const waitsFor = whatItWaitsFor(wanted);
    if (waitsFor !== undefined) return { kind: "waiting", for: waitsFor };
    const statement: TrialStatement = {
      sql: wanted.spanner.sql ?? wanted.sql,
      parameters: parametersOf(wanted),
    };
    const { expected } = wanted;
    try {
      const database = await this.#databaseFor(wanted);
      if (wanted.kind !== "dml") return judgeRows(expected, await database.query(statement));
      return await this.#judgeDml(wanted, database, statement);
    } catch (thrown) {
      return judgeError(expected, StatusError.from(thrown));
    }
  }

  async #judgeDml(
    { file, expected }: StatementCase,
    database: TrialDatabase,
    statement: TrialStatement,
  ): Promise<Verdict> {
    if (expected.type !== "dml") {
      return judgeRows(expected, await database.tryOut(statement, async () => {}));
    }
    let difference: string | undefined;
    const result = await database.tryOut(statement, async (query) => {
      const after = expected.table_after;
      const fixture = this.#fixtures.get(`${file}/${targetOf(statement.sql)}`);
      if (after === undefined || fixture === undefined) return;
      const kept = keptColumns(after, new Set(fixture.spanner.dropped_columns));
      const names = kept.columns.map(({ name }) => `\`${name}\``).join(", ");
      const found = await query(`SELECT ${names} FROM \`${fixture.name}\``);
      difference = rowsDiffer(kept, found);
    });
    const { rowCount } = result.stats ?? {};
    const count = rowCount?.$case === "rowCountExact" ? rowCount.rowCountExact : undefined;
    if (String(count) !== expected.num_rows_modified) {
      return verdictOf(`${count} rows were written, expected ${expected.num_rows_modified}`);
    }
    if (difference === undefined && expected.returning !== undefined) {
      difference = rowsDiffer(expected.returning, result);
    }
    return verdictOf(difference);
  }

  async #databaseFor({
    file,
    tables = [],
    time_zone: zone,
  }: StatementCase): Promise<TrialDatabase> {
    const key = `${file}\0${zone}`;
    let known = this.#databases.get(key);
    if (known === undefined) {
      known = { database: await this.#server.newDatabase(), tables: new Set() };
      this.#databases.set(key, known);
      if (zone !== undefined) {
        const { database } = known;
        const option = `default_time_zone = '${zone}'`;
        await database.change([`ALTER DATABASE \`${database.id}\` SET OPTIONS (${option})`]);
      }
    }
    for (const name of tables) {
      const fixture = this.#fixtures.get(`${file}/${name}`);
      if (fixture === undefined || known.tables.has(name)) continue;
      await load(known.database, fixture);
      known.tables.add(name);
    }
    return known.database;
  }
}

function whatItWaitsFor({ kind, params = [], spanner }: StatementCase): string | undefined {
  if (kind === "gql") return "graph";
  const feature = spanner.needs?.find((each) => notBuilt.has(each));
  if (feature !== undefined) return feature;
  const shape = spanner.engine?.find(
    (each) => notCarried.has(each) || each.startsWith("column_type:"),
  );
  if (shape !== undefined) return shape;
  return params.some(({ value }) => value === undefined) ? "parameters without a value" : undefined;
}

async function load(database: TrialDatabase, fixture: TableFixture): Promise<void> {
  const { ddl, dropped_columns: dropped } = fixture.spanner;
  await database.change([ddl]);
  const places = fixture.columns.flatMap(({ name }, place) =>
    dropped.includes(name) ? [] : [{ name, place }],
  );
  const rows = fixture.rows.map((row) => places.map(({ place }) => wireOf(row[place] ?? null)));
  const names = places.map(({ name }) => name);
  if (rows.length > 0) await database.load(fixture.name, names, rows);
}

/** Values of the files are those of the wire, but for some floats and for lists without order. */
function wireOf(value: Plain): WireValue {
  if (value === null || typeof value !== "object") return value === "-0" ? -0 : value;
  return ("$bag" in value ? value.$bag : value).map(wireOf);
}

function parametersOf({ params = [] }: StatementCase): TrialStatement["parameters"] {
  return new Map(
    params.map(({ name, type = "INT64", value = null }) => [
      name,
      { type: typeNamed(parseType(type)), value: wireOf(value) },
    ]),
  );
}

function typeNamed(name: TypeName): Type {
  switch (name.kind) {
    case "array-type":
      return { kind: "ARRAY", element: typeNamed(name.element) };
    case "struct-type":
      return {
        kind: "STRUCT",
        fields: name.fields.map((field) => ({
          name: field.name?.name ?? "",
          type: typeNamed(field.type),
        })),
      };
    case "simple-type":
      return scalarNamed(name.name.parts[0]?.name.toUpperCase() ?? "");
    case "function-type":
      throw new TypeError("no parameter is a function");
  }
}

function scalarNamed(name: string): Type {
  const code = Object.entries(TypeCode).find(([each]) => each === name)?.[1];
  const type = typeFromProto({ code: code ?? TypeCode.TYPE_CODE_UNSPECIFIED });
  if (type === undefined) throw new TypeError(`no parameter is a ${name}`);
  return type;
}

function judgeRows(expected: Expected, result: ResultSet): Verdict {
  if (expected.type === "error") {
    const { code, message } = expected.error;
    return verdictOf(`no error, expected ${code} ${message}`);
  }
  if (expected.type !== "rows") return verdictOf("rows, where DML was expected");
  return verdictOf(rowsDiffer(expected, result));
}

function judgeError(expected: Expected, error: StatusError): Verdict {
  const found = `${codeName(error.code)} ${error.message}`;
  if (expected.type !== "error") return verdictOf(found);
  const { code, message } = expected.error;
  return verdictOf(
    codeName(error.code) === code ? undefined : `${found}, expected ${code} ${message}`,
  );
}

function rowsDiffer(
  expected: ExpectedRows,
  { metadata, rows = [] }: ResultSet,
): string | undefined {
  const types = (metadata?.rowType?.fields ?? []).map(({ type }) => typeFromProto(type ?? {}));
  if (types.includes(undefined)) return "a column of a type that is not known";
  // The rows of a ResultSet are values of the wire by the protocol's definition.
  const wire = rows as readonly (readonly WireValue[])[];
  return differenceOf(
    expected,
    types.filter((type) => type !== undefined),
    wire,
  );
}

function keptColumns({ columns, rows }: ExpectedRows, dropped: ReadonlySet<string>): ExpectedRows {
  const places = columns.flatMap(({ name }, place) => (dropped.has(name) ? [] : [place]));
  return {
    columns: columns.filter(({ name }) => !dropped.has(name)),
    rows: rows.map((row) => places.map((place) => row[place] ?? null)),
  };
}

/** The table that a statement writes. */
function targetOf(sql: string): string {
  const statement = parseStatement(sql);
  return "table" in statement ? statement.table.parts.map(({ name }) => name).join(".") : "";
}
