// SPDX-License-Identifier: Apache-2.0
// Differences that are as they should be, each with its reason: the other engine is of 2023 and is
// GoogleSQL at large, where Spanner refuses, adds or decides otherwise. A recognizer is as narrow as
// it can be; what it does not recognize is a difference to be looked into.
import type { Answer } from "./answer.ts";

/** A difference and its reason. */
export interface Explanation {
  readonly reason: string;
  readonly applies: (sql: string, ours: Answer, theirs: Answer) => boolean;
}

const says = (answer: Answer, text: RegExp): boolean =>
  answer.kind === "error" && text.test(answer.message);

const shows = (answer: Answer, text: string): boolean =>
  answer.kind === "rows" && JSON.stringify(answer.rows).includes(text);

const areRows = (ours: Answer, theirs: Answer): boolean =>
  ours.kind === "rows" && theirs.kind === "rows";

/** What is calculated with rounding. */
const usesFloats =
  /\b(?:SUM|AVG|STDDEV|VARIANCE|VAR_SAMP|A?SINH?|A?COSH?|A?TANH?|ATAN2|COT|CBRT|EXP|POW|POWER|LN|LOG|LOG10|SQRT)/;

/** The rows with numbers of many digits rounded to twelve, and the tiny ones to zero. */
function blurred(answer: Answer): string | undefined {
  if (answer.kind === "error") return undefined;
  const rows = answer.rows.map((row) =>
    JSON.stringify(row).replace(/-?\d+(?:\.\d{6,})?(?:e[+-]?\d+)?/g, (digits) => {
      const value = Number(digits);
      return Math.abs(value) < 1e-15 ? "0" : String(Number(value.toPrecision(12)));
    }),
  );
  return rows.toSorted().join("\n");
}

/** The list. */
export const explanations: readonly Explanation[] = [
  {
    reason: "Spanner refuses the word NULL as an operand",
    applies: (_sql, ours) => says(ours, /cannot be literal NULL/),
  },
  {
    reason: "create_if_missing of JSON_SET is younger",
    applies: (sql, _ours, theirs) =>
      sql.includes("create_if_missing") && says(theirs, /does not match for function JSON_SET/),
  },
  {
    reason: "the filter of a derived table is asked of rows that a join inside drops later",
    applies: (sql, ours, theirs) =>
      ours.kind === "error" &&
      ours.phase === "evaluation" &&
      theirs.kind === "rows" &&
      /\(SELECT .* JOIN .*\) AS t\d+ .*\bON\b/.test(sql),
  },
  {
    reason: "the last digits of sums and of transcendental functions are the library's",
    applies: (sql, ours, theirs) =>
      ours.kind === "rows" && usesFloats.test(sql) && blurred(ours) === blurred(theirs),
  },
  {
    reason: "in a lambda the other engine refuses a literal that is too large for NUMERIC",
    applies: (sql, _ours, theirs) => /1e308/.test(sql) && says(theirs, /No matching .* LAMBDA/),
  },
  {
    reason: "the other engine's FORMAT ends a text at a character of code 0",
    applies: (sql, ours, theirs) =>
      sql.includes("FORMAT(") && shows(ours, "\\u0000") && theirs.kind === "rows",
  },
  {
    reason: "a variance of numbers near 2^53 is mostly rounding",
    applies: (sql, ours, theirs) =>
      /\b(?:STDDEV|VAR)/.test(sql) && sql.includes("9007199254740993") && areRows(ours, theirs),
  },
  {
    reason: "the other engine does not take an INT64 for a NUMERIC in ROUND with a mode",
    applies: (_sql, _ours, theirs) =>
      says(theirs, /function ROUND for argument types: INT64, INT64, STRING/),
  },
  {
    reason: "arrays may be generated longer here",
    applies: (_sql, _ours, theirs) => says(theirs, /arrays with more than 16000 elements/),
  },
  {
    reason: "AVG of an infinity is infinite here, and NaN there",
    applies: (sql, ours, theirs) =>
      /\bAVG\(/.test(sql) && shows(theirs, "NaN") && ours.kind === "rows",
  },
  {
    reason: "of DISTINCT and ORDER BY the other engine compares paths only",
    applies: (sql, _ours, theirs) =>
      /STRUCT\(|WITH\(/.test(sql) && says(theirs, /has both DISTINCT and ORDER BY arguments/),
  },
  {
    reason: "a year, month or day beyond 32 bits wraps around in the other engine",
    applies: (sql, ours, theirs) =>
      theirs.kind === "rows" &&
      /\bDATE\(/.test(sql) &&
      (says(ours, /invalid date: .*\d{10}/) || /SAFE\.DATE\(.*(?:@p2|\d{10})/.test(sql)),
  },
  {
    reason: "the other engine ran out of time",
    applies: (_sql, _ours, theirs) => says(theirs, /DEADLINE_EXCEEDED/),
  },
];

/** The reason of a difference, when it is known. */
export function explain(sql: string, ours: Answer, theirs: Answer): string | undefined {
  return explanations.find(({ applies }) => applies(sql, ours, theirs))?.reason;
}
