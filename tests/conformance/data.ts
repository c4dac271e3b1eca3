// SPDX-License-Identifier: Apache-2.0
// The cases, as their files have them: one JSON object a line. The data stands beside the
// repository and is not part of it; where it is absent there is nothing to run.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** A value in the files: numbers of 64 bits, dates and the like are texts. */
export type Plain = null | boolean | number | string | readonly Plain[] | Bag;

/** A list whose order is open. */
export interface Bag {
  readonly $bag: readonly Plain[];
}

/** Rows that a case expects. */
export interface ExpectedRows {
  readonly ordered?: boolean;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Plain[])[];
}

/** What a statement has to answer. */
export type Expected =
  | ({ readonly type: "rows" } & ExpectedRows)
  | { readonly type: "error"; readonly error: { readonly code: string; readonly message: string } }
  | {
      readonly type: "dml";
      readonly num_rows_modified: string;
      readonly table_after?: ExpectedRows;
      readonly returning?: ExpectedRows;
    };

/** A statement over tables, and its answer. */
export interface StatementCase {
  readonly id: string;
  readonly file: string;
  readonly sql: string;
  readonly kind?: "query" | "dml" | "gql" | "pipe_query";
  readonly tables?: readonly string[];
  readonly params?: readonly { readonly name: string; readonly type?: string; value?: Plain }[];
  readonly time_zone?: string;
  readonly expected: Expected;
  readonly spanner: {
    readonly sql?: string;
    readonly needs?: readonly string[];
    readonly engine?: readonly string[];
  };
}

/** A table that statements are about. */
export interface TableFixture {
  readonly file: string;
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly (readonly Plain[])[];
  readonly spanner: { readonly ddl: string; readonly dropped_columns: readonly string[] };
}

/** Statements of a schema change, and the schema or the error that follows. */
export interface SchemaChangeCase {
  readonly id: string;
  readonly file: string;
  readonly statements: readonly string[];
  readonly expected:
    | { readonly type: "ok"; readonly schema?: string }
    | {
        readonly type: "error";
        readonly message?: string;
        readonly code?: string;
        readonly regex?: boolean;
      };
}

/** A text, and whether the grammar takes it. */
export interface GrammarCase {
  readonly id: string;
  readonly file: string;
  readonly sql: string;
  readonly ok?: boolean;
  readonly bad?: boolean;
  /** In one of the files, what kind of text it is. */
  readonly kind?: string;
  /** In the other. */
  readonly stmt?: string;
}

/** Any case: what all of them have. */
export interface Case {
  readonly id: string;
}

/** The folder with the data: the one asked for, else the usual place beside the repository. */
export function findData(asked: string | undefined): string | undefined {
  const usual = resolve(import.meta.dirname, "../../../shared/conformance");
  const folder = asked ?? usual;
  return existsSync(folder) ? folder : undefined;
}

/** Names of the files with cases, in order. */
export function caseFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl") && name !== tablesFile)
    .sort();
}

/** The file with the tables of the others. */
export const tablesFile = "compliance_tables.jsonl";

/** The objects of a file. What they are is the file's word. */
export function readLines<T>(folder: string, file: string): readonly T[] {
  return readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}
