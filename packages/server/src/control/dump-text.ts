// SPDX-License-Identifier: Apache-2.0
// A dump as text, in one of two forms:
//
//   sql    the statements of the schema and INSERT statements, each ended by a semicolon; no literal
//          spans lines, so a program that reads by lines finds a statement's end at the end of one
//   json   a line for each thing: {"ddl":["CREATE …"]}, then {"table":"Singers","row":{"Id":"1"}}, with
//          values as Spanner's own JSON writes them: https://cloud.google.com/spanner/docs/reference/rest/v1/ResultSet
import { encodeValue, type WireValue } from "@spandrel/model";
import { quoteIdentifier } from "@spandrel/sql";
import { cellsOf, type DumpPart, printPath } from "./dump.ts";
import { sqlLiteral } from "./sql-literal.ts";

/** How a dump is written. */
export type DumpFormat = "sql" | "json";

/** An INSERT statement ends when it has so many rows, or is so long. */
const rowsPerInsertMax = 100;
const insertCharactersMax = 100_000;

/** Lines of JSON go out when they are so long together. */
const pieceCharactersMax = 100_000;

/** The text of a dump, in pieces that end with a line. */
export async function* dumpText(
  parts: AsyncIterable<DumpPart>,
  format: DumpFormat,
): AsyncGenerator<string> {
  for await (const part of parts) {
    if (format === "sql") yield* sqlOf(part);
    else yield* jsonOf(part);
  }
}

function* sqlOf(part: DumpPart): Generator<string> {
  if (part.kind === "ddl") {
    for (const statement of part.statements) yield `${statement};\n`;
    return;
  }
  const names = part.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const head = `INSERT INTO ${printPath(part.table.name)} (${names}) VALUES`;
  let rows: string[] = [];
  let characters = 0;
  for (const row of part.rows) {
    const cells = [...cellsOf(part.columns, row)].map(([{ type }, value]) =>
      sqlLiteral(type, value),
    );
    const text = `\n  (${cells.join(", ")})`;
    rows.push(text);
    characters += text.length;
    if (rows.length < rowsPerInsertMax && characters < insertCharactersMax) continue;
    yield `${head}${rows.join(",")};\n`;
    rows = [];
    characters = 0;
  }
  if (rows.length > 0) yield `${head}${rows.join(",")};\n`;
}

function* jsonOf(part: DumpPart): Generator<string> {
  if (part.kind === "ddl") {
    yield `${JSON.stringify({ ddl: part.statements })}\n`;
    return;
  }
  const head = `{"table":${JSON.stringify(part.table.name)},"row":{`;
  let lines = "";
  for (const row of part.rows) {
    const cells = [...cellsOf(part.columns, row)].map(
      ([{ name, type }, value]) => `${JSON.stringify(name)}:${wireText(encodeValue(type, value))}`,
    );
    lines += `${head}${cells.join(",")}}}\n`;
    if (lines.length < pieceCharactersMax) continue;
    yield lines;
    lines = "";
  }
  if (lines !== "") yield lines;
}

/** A wire value as JSON; unlike JSON.stringify, it keeps the sign of zero. */
function wireText(value: WireValue): string {
  if (typeof value === "number" && Object.is(value, -0)) return "-0.0";
  // The type of a list among others is lost by Array.isArray when it is read-only.
  if (Array.isArray(value)) return `[${(value as readonly WireValue[]).map(wireText).join(",")}]`;
  return JSON.stringify(value);
}
