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
  const isText = regex
    ? matches(`${codeName(error.code)}: ${error.message}`, message)
    : squeeze(error.message).includes(squeeze(message));
  const isCode = code === undefined || code === codeName(error.code);
  return verdictOf(isText && isCode ? undefined : `${found}\nexpected ${code ?? ""} ${message}`);
}

/**
 * Patterns were written for a whole status, code and message. In some of them the spaces of a picture, or
 * all white space, was brought together.
 */
function matches(status: string, message: string): boolean {
  const pattern = new RegExp(`^(?:${message})$`, "s");
  return [status, status.replace(/ +/g, " "), squeeze(status)].some((each) => pattern.test(each));
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
