// SPDX-License-Identifier: Apache-2.0
// What GoogleSQL's grammar has and Spanner's documentation does not. The grammar serves several
// products: the cases about the others' parts say nothing about Spanner. They are counted apart,
// never as passed.
//
// A construct stands here only when Spanner's reference has no word of it and our parser refuses it
// for that reason. What the parser takes and the analyzer refuses is judged like anything else.
import type { GrammarCase } from "./data.ts";

/** A construct that Spanner does not have. */
export interface ForeignConstruct {
  readonly construct: string;
  /** Why Spanner is known not to have it. */
  readonly reason: string;
  /** The page of Spanner's documentation that would have it. */
  readonly link: string;
  /** The files the construct is looked for in; absent means all of them. */
  readonly files?: RegExp;
  /** How the construct is told from the text. */
  readonly text: RegExp;
}

const reference = "https://cloud.google.com/spanner/docs/reference/standard-sql";
const querySyntax = `${reference}/query-syntax`;
const pipeSyntax = `${reference}/pipe-syntax`;
const operators = `${reference}/operators`;
const functionCalls = `${reference}/aggregate-function-calls`;
const changes = `${reference}/dml-syntax`;

/** The constructs, each with its reason. */
export const notInSpanner: readonly ForeignConstruct[] = [
  {
    construct: "PIVOT",
    reason: "The FROM clause of the reference has no PIVOT operator, nor has pipe syntax.",
    link: querySyntax,
    text: /(?<!FROM\s)\bPIVOT\s*\(/i,
  },
  {
    construct: "UNPIVOT",
    reason: "The FROM clause of the reference has no UNPIVOT operator, nor has pipe syntax.",
    link: querySyntax,
    text: /(?<!FROM\s)\bUNPIVOT\s*(?:\(|(?:INCLUDE|EXCLUDE)\s+NULLS)/i,
  },
  {
    construct: "MATCH_RECOGNIZE",
    reason: "The FROM clause of the reference has no row pattern matching.",
    link: querySyntax,
    text: /\bMATCH_RECOGNIZE\s*(?:@\{[^}]*\}\s*)?\(/i,
  },
  {
    construct: "ALIGN",
    reason: "The FROM clause of the reference has no time series alignment, nor has pipe syntax.",
    link: querySyntax,
    files: /align_operator/,
    text: /\bALIGN\b/i,
  },
  {
    construct: "MERGE",
    reason: "The statements that change rows are INSERT, UPDATE, and DELETE.",
    link: changes,
    text: /^\s*(?:@\S+\s*)?MERGE\b/i,
  },
  {
    construct: "SELECT WITH, and privacy",
    reason:
      "Nothing stands between SELECT and its list in the reference but hints, DISTINCT, and AS.",
    link: querySyntax,
    text: /\bSELECT\s+(?:@\{[^}]*\}\s*)?WITH\s+\w|\bWITH\s+REPORT\b/i,
  },
  {
    construct: "CLAMPED BETWEEN",
    reason: "An aggregate call in the reference has no bounds for its inputs.",
    link: functionCalls,
    text: /(?:\b(?!select\b|distinct\b)\w+|[)*])\s+CLAMPED\s+BETWEEN\b/i,
  },
  {
    construct: "GROUP ROWS",
    reason: "An aggregate call in the reference has no query over the rows of its group.",
    link: functionCalls,
    text: /\bGROUP\s+ROWS\b|\bGROUP_ROWS\s*\(/i,
  },
  {
    construct: "GROUP BY in an aggregate call",
    reason: "The clauses of an aggregate call in the reference have no GROUP BY.",
    link: functionCalls,
    files: /aggregation/,
    text: /\b(?:avg|count|max|sum)\((?:[^()]|\([^()]*\))*\bGROUP\s+BY\b/i,
  },
  {
    construct: "OFFSET in an aggregate call",
    reason: "LIMIT of an aggregate call in the reference has a count and nothing else.",
    link: functionCalls,
    files: /aggregation/,
    text: /\([^()]*\bLIMIT\s+\S+\s+OFFSET\b/i,
  },
  {
    construct: "unpacking with **",
    reason: "The reference has no expression that spreads columns.",
    link: querySyntax,
    files: /unpack_expression/,
    text: /\*\*/,
  },
  {
    construct: "comparison with ANY, SOME, or ALL",
    reason: "Of the comparison operators of the reference only LIKE has quantifiers.",
    link: operators,
    files: /quantified_comparisons/,
    text: /[=<>]\s*(?:ANY|SOME|ALL)\b/i,
  },
  {
    construct: "pipe operators with effects or branches",
    reason:
      "Pipe syntax in the reference only queries: it neither writes nor branches nor describes.",
    link: pipeSyntax,
    text: /\|>\s*(?:CREATE|EXPORT|FORK|IF|INSERT|LOG|TEE|DESCRIBE|STATIC_DESCRIBE)\b/i,
  },
  {
    construct: "recursive pipe operators",
    reason: "WITH in the reference is not recursive, and pipe syntax has no RECURSIVE UNION.",
    link: pipeSyntax,
    text: /\|>\s*(?:(?:FULL|LEFT)\s+)?(?:OUTER\s+)?RECURSIVE\b/i,
  },
  {
    construct: "WITH DEPTH",
    reason: "WITH in the reference is not recursive, so it has no depth.",
    link: querySyntax,
    text: /\bWITH\s+DEPTH\b/i,
  },
  {
    construct: "STRUCT with braces",
    reason: "Only protocol buffers are made with braces in the reference, structs are not.",
    link: operators,
    text: /\bSTRUCT\s*(?:<[^{]*>)?\s*\{/i,
  },
  {
    construct: "extensions of protocol buffers as targets",
    reason: "What is changed in the reference is a column or a field of one, not an extension.",
    link: changes,
    files: /dml_|replace_fields/,
    text: /\.\s*\(\w|AS\s+\((?!\s*SELECT\b)/i,
  },
  {
    construct: "a path into a value in place of a table",
    reason: "UPDATE in the reference names a table.",
    link: changes,
    files: /dml_update/,
    text: /^update\s+[\w.]+\[/i,
  },
  {
    construct: "OFFSET of nested statements",
    reason: "UPDATE and DELETE in the reference name rows of a table, which have no offset.",
    link: changes,
    files: /dml_/,
    text: /\b(?:update|delete)\s+\w+\s+with\s+offset\b/i,
  },
  {
    construct: "dashes in names",
    reason: "A name with a dash needs backticks in the reference.",
    link: `${reference}/lexical`,
    files: /dml_/,
    text: /^(?:delete|insert(?:\s+into)?)\s+\w+-/i,
  },
  {
    construct: "NATURAL JOIN",
    reason: "The join types of the reference have no NATURAL.",
    link: `${querySyntax}#join_types`,
    text: /\bNATURAL\s+JOIN\b/i,
  },
  {
    construct: "UNNEST of several arrays",
    reason: "UNNEST in the reference takes one array and no mode.",
    link: `${querySyntax}#unnest_operator`,
    files: /^(?:in|named_arguments)\.test/,
    text: /\bUNNEST\([^()]*,/i,
  },
  {
    construct: "the type RANGE",
    reason: "The data types of the reference have no RANGE.",
    link: `${reference}/data-types`,
    text: /\bRANGE\s*</i,
  },
  {
    construct: "COLLATE in a type",
    reason: "In the reference COLLATE belongs to ORDER BY, not to types.",
    link: `${reference}/data-types`,
    files: /^parser\.test/,
    text: /\bCAST\([^)]*\bCOLLATE\b/i,
  },
  {
    construct: "INPUT TABLE",
    reason: "A table-valued function in the reference has no such argument.",
    link: pipeSyntax,
    text: /\bINPUT\s+TABLE\b/i,
  },
  {
    construct: "several statements in one text",
    reason: "Spanner has no scripts on the server: a request holds one statement.",
    link: `${reference}/procedural-language`,
    files: /graph_query_statement/,
    text: /;\s*SELECT\b/i,
  },
];

/**
 * Cases that ask for a refusal only because their run turned a feature off. Spanner has the feature:
 * a query may begin with FROM, IS DISTINCT FROM is an operator, and GRAPH_TABLE is no function.
 */
const asksForLess: ReadonlySet<string> = new Set(
  [
    "from.test#1493",
    "graph_table.test#27",
    "is_distinct.test#233~",
    "is_distinct.test#233~NOT",
    "pipe_from_query.test#1",
    "pipe_from_query.test#9",
    "pipe_from_query.test#23",
    "pipe_parenthesized_query_alias.test#52~",
    "pipe_parenthesized_query_alias.test#318~FROM",
  ].map((name) => `googlesql/parser/${name}`),
);

/** What of a case Spanner does not have, if there is such a thing. */
export function foreignConstructOf({ id, file, sql }: GrammarCase): string | undefined {
  if (asksForLess.has(id)) return "a run without a feature that Spanner has";
  const text = sql.replaceAll(/(?:#|--)[^\n]*/g, "");
  const found = notInSpanner.find(
    (foreign) => (foreign.files?.test(file) ?? true) && foreign.text.test(text),
  );
  return found?.construct;
}
