// SPDX-License-Identifier: Apache-2.0
// Runs the cases of a folder, file by file, each by the judge of its kind.
import {
  type Case,
  caseFiles,
  type GrammarCase,
  readLines,
  type SchemaChangeCase,
  type StatementCase,
  type TableFixture,
  tablesFile,
} from "./data.ts";
import { judgeGrammar } from "./judge-grammar.ts";
import { judgeSchemaChange } from "./judge-schema-change.ts";
import { StatementJudge } from "./judge-statement.ts";
import { TrialServer } from "./trial-server.ts";
import type { Verdict } from "./verdict.ts";

/** One case that was run. */
export interface Judged {
  readonly id: string;
  readonly verdict: Verdict;
}

/** The cases of one file. */
export interface JudgedFile {
  readonly file: string;
  readonly cases: readonly Judged[];
}

/** Which cases are run: all of them, or those with one id. */
export type Wanted = (wanted: Case) => boolean;

/** Runs every file of a folder. */
export async function* runFolder(
  folder: string,
  isWanted: Wanted = () => true,
): AsyncGenerator<JudgedFile> {
  const server = await TrialServer.start();
  const statements = new StatementJudge(server, readLines<TableFixture>(folder, tablesFile));
  for (const file of caseFiles(folder)) {
    const cases: Judged[] = [];
    const judge = async <T extends Case>(by: (wanted: T) => Promise<Verdict> | Verdict) => {
      for (const each of readLines<T>(folder, file)) {
        if (isWanted(each)) cases.push({ id: each.id, verdict: await by(each) });
      }
    };
    if (file === "emulator_schema_changes.jsonl") {
      await judge<SchemaChangeCase>((each) => judgeSchemaChange(server, each));
    } else if (file === "googlesql_parser.jsonl" || file === "memefish.jsonl") {
      await judge<GrammarCase>(judgeGrammar);
    } else {
      await judge<StatementCase>((each) => statements.judge(each));
    }
    yield { file, cases };
  }
}
