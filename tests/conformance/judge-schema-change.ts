// SPDX-License-Identifier: Apache-2.0
// Schema changes: all statements at once on an empty database, then the schema as it prints itself.
import { codeName, StatusError } from "@spandrel/base";
import type { SchemaChangeCase } from "./data.ts";
import type { TrialServer } from "./trial-server.ts";
import { type Verdict, verdictOf } from "./verdict.ts";

/** Changes the schema of a new database. */
export async function judgeSchemaChange(
  server: TrialServer,
  { statements, expected }: SchemaChangeCase,
): Promise<Verdict> {
  const database = await server.newDatabase();
  try {
    await database.change(statements);
  } catch (thrown) {
    const error = StatusError.from(thrown);
    const found = `${codeName(error.code)} ${error.message}`;
    return expected.type === "ok" ? verdictOf(found) : judgeError(expected, error, found);
  }
  if (expected.type === "error") return verdictOf(`no error, expected ${expected.message}`);
  // Each statement is ended, since some cases expect the last one ended and some do not.
  const schema = squeeze((await database.ddl()).map((each) => `${each};`).join("\n"));
  const wanted = squeeze(expected.schema ?? "");
  return verdictOf(schema.includes(wanted) ? undefined : `${schema}\nexpected ${wanted}`);
}

function judgeError(
  expected: Extract<SchemaChangeCase["expected"], { type: "error" }>,
  error: StatusError,
  found: string,
): Verdict {
  const { message = "", code, regex = false } = expected;
  // Patterns were written for a whole status as text: the code stands before the message.
  const isText = regex
    ? new RegExp(`^(?:${message})$`, "s").test(`${codeName(error.code)}: ${error.message}`)
    : squeeze(error.message).includes(squeeze(message));
  const isCode = code === undefined || code === codeName(error.code);
  return verdictOf(isText && isCode ? undefined : `${found}\nexpected ${code ?? ""} ${message}`);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
