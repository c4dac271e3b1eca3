// SPDX-License-Identifier: Apache-2.0
import { Code } from "@spandrel/base";
import type { OperationOptions } from "../call/caller.ts";
import { tableNotFound } from "../errors/admin.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import type { Field, StreamedResultSet } from "../stream/streamed-result-set.ts";
import type { Statement } from "../values/statement.ts";

/** The two dialects of SQL that a database can speak. */
export type Dialect = "GOOGLE_STANDARD_SQL" | "POSTGRESQL";

/** What a table needs of its database. */
export interface TableHome {
  readonly dialect: Dialect;
  query<T>(statement: Statement, options: OperationOptions): StreamedResultSet<T>;
}

/** A table of a database, by its name; whether it exists is not asked before a call. */
export class Table {
  /** The name without the schema. */
  readonly id: string;
  /** The schema; the dialect's default when none was named. */
  readonly schemaName: string;
  readonly #home: TableHome;

  constructor(home: TableHome, id: string, schemaName: string = defaultSchema(home.dialect)) {
    this.id = id;
    this.schemaName = schemaName;
    this.#home = home;
  }

  /** The name as statements write it, quoted; without the schema when that is the default one. */
  get qualifiedName(): string {
    const { dialect } = this.#home;
    const isDefault = this.schemaName === defaultSchema(dialect);
    const parts = isDefault ? [this.id] : [this.schemaName, this.id];
    return parts.map((part) => quoted(part, dialect)).join(".");
  }

  /** Asks whether the table exists. */
  async exists(options: OperationOptions = {}): Promise<boolean> {
    for await (const { id } of tablesOf(this.#home, this.schemaName, options))
      if (id === this.id) return true;
    return false;
  }

  /**
   * The columns in order, with their types.
   *
   * @throws {SpannerError} NOT_FOUND when the table does not exist.
   */
  async columns(options: OperationOptions = {}): Promise<readonly Field[]> {
    const result = this.#home.query(
      { sql: `SELECT * FROM ${this.qualifiedName} LIMIT 0` },
      options,
    );
    try {
      await result.rows();
      return result.fields;
    } catch (error) {
      const isWrong = error instanceof SpannerError && error.code === Code.INVALID_ARGUMENT;
      if (isWrong && !(await this.exists(options))) throw tableNotFound(this.qualifiedName, error);
      throw error;
    }
  }
}

/** The tables of one schema, or of all. */
export async function* tablesOf(
  home: TableHome,
  schema: string | undefined,
  options: OperationOptions,
): AsyncGenerator<Table, void, undefined> {
  const isPostgres = home.dialect === "POSTGRESQL";
  const text =
    "SELECT table_schema AS s, table_name AS t FROM information_schema.tables " +
    "WHERE table_type = 'BASE TABLE'";
  const own = schema === undefined ? "" : ` AND table_schema = ${isPostgres ? "$1" : "@p1"}`;
  const committed = isPostgres ? "" : " AND SPANNER_STATE = 'COMMITTED'";
  const statement = {
    sql: `${text}${committed}${own} ORDER BY 1, 2`,
    params: schema === undefined ? {} : { p1: schema },
  };
  for await (const { s, t } of home.query<{ s: string; t: string }>(statement, options))
    yield new Table(home, t, s);
}

/** The schema of tables that name none. */
export function defaultSchema(dialect: Dialect): string {
  return dialect === "POSTGRESQL" ? "public" : "";
}

function quoted(part: string, dialect: Dialect): string {
  if (dialect === "POSTGRESQL") return `"${part.replaceAll('"', '""')}"`;
  return `\`${part.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
