// SPDX-License-Identifier: Apache-2.0
// What an engine says to a statement, and how two answers compare.
import { differenceOf } from "../conformance/compare.ts";
import { parseColumnType } from "./column-type.ts";
import type { Cell } from "./tables.ts";

/** Rows, or the reason why there are none. */
export type Answer =
  | {
      readonly kind: "rows";
      readonly types: readonly string[];
      readonly rows: readonly (readonly Cell[])[];
    }
  /** `analysis`: the statement is refused as it stands; `evaluation`: it failed while running. */
  | {
      readonly kind: "error";
      readonly phase: "analysis" | "evaluation" | "other";
      readonly message: string;
    };

/** Undefined when both say the same; else where they differ. */
export function compareAnswers(
  ours: Answer,
  theirs: Answer,
  isOrdered: boolean,
): string | undefined {
  if (ours.kind === "error" || theirs.kind === "error") {
    if (ours.kind === "error" && theirs.kind === "error" && ours.phase === theirs.phase) {
      return undefined;
    }
    return `${kindOf(ours)} instead of ${kindOf(theirs)}`;
  }
  if (ours.types.join() !== theirs.types.join()) {
    return `type ${ours.types.join()} instead of ${theirs.types.join()}`;
  }
  const columns = theirs.types.map((type) => ({ name: "", type }));
  const types = theirs.types.map(parseColumnType);
  const difference = differenceOf(
    { ordered: isOrdered, columns, rows: theirs.rows },
    types,
    ours.rows,
  );
  return difference === undefined ? undefined : "other rows";
}

/** What kind of an answer it is, for telling one difference from another. */
export function kindOf(answer: Answer): string {
  return answer.kind === "rows" ? "rows" : `${answer.phase} error`;
}
