// SPDX-License-Identifier: Apache-2.0
// Loading what dump-text.ts writes, or what somebody has written by hand in its forms. The text comes in
// pieces of any size and is carried out as it comes: schema changes one by one, rows in commits of a few
// hundred. So a load is not one transaction: what was committed before something failed stays.
import type { WireValue } from "@spandrel/model";
import type { Mutation } from "@spandrel/protocol";
import { Fields, wrongField } from "@spandrel/rpc";
import { splitStatements } from "@spandrel/sql";
import type { Database } from "../database/database.ts";
import type { CommitBounds, DatabaseTransaction } from "../database/transaction.ts";
import { loadFailed, malformedLine } from "../errors/control.ts";
import type { DumpFormat } from "./dump-text.ts";

/** What a load has done. */
export interface LoadSummary {
  /** How many statements changed the schema. */
  readonly schemaChanges: number;
  /** How many rows were written. */
  readonly rows: number;
}

/** Text in pieces of any size. */
export type TextPieces = AsyncIterable<string> | Iterable<string>;

/**
 * Loads a dump into a database.
 *
 * @throws {StatusError} what is wrong, with the number of the statement or line where it showed; of
 * those before it, the last few hundred rows may not be there either.
 */
export async function loadText(
  database: Database,
  pieces: TextPieces,
  format: DumpFormat,
): Promise<LoadSummary> {
  const loader = new Loader(database);
  if (format === "sql") await loadStatements(loader, pieces);
  else await loadLines(loader, pieces);
  return loader.finish();
}

const isSchemaChange = /^(?:CREATE|ALTER|DROP|RENAME|GRANT|REVOKE|ANALYZE)\b/i;

async function loadStatements(loader: Loader, pieces: TextPieces): Promise<void> {
  let number = 0;
  for await (const statement of statementsOf(pieces)) {
    number++;
    try {
      if (isSchemaChange.test(statement)) await loader.changeSchema(statement);
      else await loader.execute(statement);
    } catch (thrown) {
      throw loadFailed(`Statement ${number}`, thrown);
    }
  }
}

/** The statements of a script that comes in pieces. */
async function* statementsOf(pieces: TextPieces): AsyncGenerator<string> {
  let held = "";
  let triedAt = 0;
  for await (const piece of pieces) {
    held += piece;
    // A statement that is longer than this is not looked through again with each of its pieces.
    if (held.length < triedAt * 2) continue;
    // What is cut at the end of a line is never cut within a comment that ends there.
    const end = held.lastIndexOf("\n") + 1;
    const statements = splitStatements(held.slice(0, end));
    const last = statements.at(-1);
    const isOpen = last !== undefined && !last.terminated;
    for (const { text, terminated } of statements) if (terminated) yield text;
    held = held.slice(isOpen ? last.position.start : end);
    triedAt = held.length;
  }
  for (const { text } of splitStatements(held)) yield text;
}

async function loadLines(loader: Loader, pieces: TextPieces): Promise<void> {
  let number = 0;
  for await (const line of linesOf(pieces)) {
    number++;
    if (line.trim() === "") continue;
    try {
      await loadLine(loader, line);
    } catch (thrown) {
      throw loadFailed(`Line ${number}`, thrown);
    }
  }
}

async function* linesOf(pieces: TextPieces): AsyncGenerator<string> {
  const held: string[] = [];
  for await (const piece of pieces) {
    const lines = piece.split("\n");
    for (const [index, line] of lines.entries()) {
      held.push(line);
      if (index === lines.length - 1) break;
      yield held.join("");
      held.length = 0;
    }
  }
  yield held.join("");
}

async function loadLine(loader: Loader, line: string): Promise<void> {
  const fields = new Fields(parseLine(line));
  const statements = fields.list("ddl");
  if (statements !== undefined) {
    fields.end();
    for (const [index, statement] of statements.entries()) {
      if (typeof statement !== "string") throw wrongField(`ddl[${index}]`, "must be a text");
      await loader.changeSchema(statement);
    }
    return;
  }
  const table = fields.requiredText("table");
  const row = fields.object("row");
  fields.end();
  if (row === undefined) throw wrongField("row", "is required");
  // What JSON.parse gives is what the wire can carry.
  const values = row.names.map((name) => (row.any(name) ?? null) as WireValue);
  await loader.insert(table, row.names, values);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (thrown) {
    throw malformedLine(`It is not JSON: ${String(thrown)}`);
  }
}

/** Rows and characters after which what was loaded is committed. */
const rowsPerCommit = 500;
const charactersPerCommit = 1_000_000;

/** Nobody waits for the commits of a load, and they are small but for the size of their rows. */
const unbounded: CommitBounds = {
  mutationsPerCommitMax: Number.POSITIVE_INFINITY,
  commitBytesMax: Number.POSITIVE_INFINITY,
};

/** A write of several rows that can still grow. */
interface Write {
  readonly table: string;
  readonly columns: readonly string[];
  readonly values: (readonly WireValue[])[];
}

/** Carries out what a dump says, and commits now and then. */
class Loader {
  readonly #database: Database;
  #transaction: DatabaseTransaction | undefined;
  #writes: Write[] = [];
  #pendingRows = 0;
  #pendingCharacters = 0;
  #rows = 0;
  #schemaChanges = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  async changeSchema(statement: string): Promise<void> {
    await this.#commit();
    await this.#database.changeSchema(statement);
    this.#schemaChanges++;
  }

  async execute(text: string): Promise<void> {
    this.#transaction ??= this.#database.beginLoad();
    const statement = { text, parameters: {}, parameterTypes: {}, isPlanOnly: false };
    try {
      const { batches, rowCount = 0n } = await this.#transaction.execute(
        statement,
        new AbortController().signal,
      );
      for await (const _ of batches); // a query, or what THEN RETURN gives, is of no interest
      await this.#added(Number(rowCount), text.length);
    } catch (thrown) {
      this.#transaction?.rollBack();
      this.#transaction = undefined;
      throw thrown;
    }
  }

  async insert(
    table: string,
    columns: readonly string[],
    values: readonly WireValue[],
  ): Promise<void> {
    let write = this.#writes.at(-1);
    const isSame =
      write?.table === table &&
      write.columns.length === columns.length &&
      write.columns.every((name, place) => name === columns[place]);
    if (write === undefined || !isSame) {
      write = { table, columns, values: [] };
      this.#writes.push(write);
    }
    write.values.push(values);
    await this.#added(1, JSON.stringify(values).length);
  }

  async finish(): Promise<LoadSummary> {
    await this.#commit();
    return { schemaChanges: this.#schemaChanges, rows: this.#rows };
  }

  async #added(rows: number, characters: number): Promise<void> {
    this.#pendingRows += rows;
    this.#pendingCharacters += characters;
    const isDue =
      this.#pendingRows >= rowsPerCommit || this.#pendingCharacters >= charactersPerCommit;
    if (isDue) await this.#commit();
  }

  async #commit(): Promise<void> {
    const transaction = this.#transaction ?? this.#database.beginLoad();
    const mutations = this.#writes.map(({ table, columns, values }): Mutation => {
      const insert = { table, columns: [...columns], values: values.map((each) => [...each]) };
      return { operation: { $case: "insert", insert } };
    });
    const rows = this.#pendingRows;
    this.#transaction = undefined;
    this.#writes = [];
    this.#pendingRows = 0;
    this.#pendingCharacters = 0;
    await transaction.commit(mutations, unbounded);
    this.#rows += rows;
  }
}
