// SPDX-License-Identifier: Apache-2.0
// Columns of tokens: what a search index is made of. Such a column is always generated, by one of a few
// functions that nothing else can call, and nobody ever sees its value. Its definition is checked and
// kept; nothing is searched here, so its value is NULL.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions
import { StatusError } from "@spandrel/base";
import { arrayOf, BYTES, printType, STRING, type Type } from "@spandrel/model";
import type { Argument, Expression as ExpressionTree, FunctionCall } from "@spandrel/sql";
import { analyzeColumnExpression } from "../analyzer/analyze.ts";
import { expressionInvalid } from "../errors/constraint.ts";
import {
  noTokenizer,
  tokenizerMismatch,
  tokenListNotGenerated,
  tokenListNotHidden,
} from "../errors/search-index.ts";
import type { Expression } from "../expression/expression.ts";
import { define, type Overload } from "../functions/signature.ts";
import type { Column, Schema } from "../schema/schema.ts";
import { nameOf } from "./name.ts";

/** What one argument of a tokenizer may be. */
type Accepts = "text" | "texts" | "number" | "INT64" | "BOOL" | "STRING" | "JSON" | "tokens";

interface Tokenizer {
  /** The first argument, given by its place. */
  readonly value: Accepts;
  /** The rest, each given by its name or left out. */
  readonly options: Readonly<Record<string, Accepts>>;
}

const ngrams: Tokenizer["options"] = { ngram_size_max: "INT64", ngram_size_min: "INT64" };

const tokenizers: Readonly<Record<string, Tokenizer>> = {
  TOKEN: { value: "text", options: {} },
  TOKENIZE_BOOL: { value: "BOOL", options: {} },
  TOKENIZE_FULLTEXT: {
    value: "text",
    options: {
      language_tag: "STRING",
      content_type: "STRING",
      token_category: "STRING",
      remove_diacritics: "BOOL",
    },
  },
  TOKENIZE_JSON: { value: "JSON", options: {} },
  TOKENIZE_NGRAMS: { value: "text", options: { ...ngrams, remove_diacritics: "BOOL" } },
  TOKENIZE_NUMBER: {
    value: "number",
    options: {
      comparison_type: "STRING",
      algorithm: "STRING",
      min: "number",
      max: "number",
      granularity: "number",
      tree_base: "INT64",
      precision: "INT64",
    },
  },
  TOKENIZE_SUBSTRING: {
    value: "text",
    options: {
      language_tag: "STRING",
      ...ngrams,
      relative_search_types: "texts",
      content_type: "STRING",
      remove_diacritics: "BOOL",
      short_tokens_only_for_anchors: "BOOL",
      support_relative_search: "BOOL",
    },
  },
  TOKENLIST_CONCAT: { value: "tokens", options: {} },
};

/** @throws {StatusError} INVALID_ARGUMENT when a column of tokens is not hidden, or not generated. */
export function requireTokenList(table: string, column: Column): void {
  if (column.isTokenList !== true) return;
  const label = `${table}.${column.name}`;
  if (column.generated === undefined) throw tokenListNotGenerated(label);
  if (!column.isHidden) throw tokenListNotHidden(label);
}

/** What is needed to resolve the expression of a column of tokens. */
export interface TokenListSource {
  /** What errors begin with. */
  readonly owner: string;
  readonly text: string;
  readonly columns: readonly Column[];
}

/**
 * Resolves the expression of a column of tokens: a call of a tokenizer.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it is anything else, or the arguments do not fit.
 */
export function resolveTokens(
  schema: Schema,
  tree: ExpressionTree,
  source: TokenListSource,
): Expression {
  const name = tree.kind === "call" ? nameOf(tree.name).toUpperCase() : "";
  const tokenizer = tokenizers[name];
  if (tree.kind !== "call" || tokenizer === undefined) throw noTokenizer(source.owner);
  const values = argumentsOf(schema, tree, source);
  if (!fits(tokenizer, values)) {
    throw tokenizerMismatch(source.owner, name, printGiven(values), printTaken(tokenizer));
  }
  return {
    kind: "call",
    type: BYTES,
    overload: overloadOf(name),
    arguments: values.map(({ value }) => value),
    isSafe: false,
  };
}

interface GivenValue {
  readonly name: string | undefined;
  readonly value: Expression;
}

function argumentsOf(
  schema: Schema,
  tree: FunctionCall,
  { owner, text, columns }: TokenListSource,
): readonly GivenValue[] {
  return tree.arguments.map((argument: Argument) => {
    const isNamed = argument.kind === "named-argument";
    const value = isNamed ? argument.value : argument;
    if (!isExpression(value)) throw noTokenizer(owner);
    const name = isNamed ? argument.name.name.toLowerCase() : undefined;
    try {
      return {
        name,
        value: analyzeColumnExpression(value, schema, { text, columns, type: undefined }),
      };
    } catch (thrown) {
      throw expressionInvalid(owner, StatusError.from(thrown));
    }
  });
}

const notExpressions: ReadonlySet<string> = new Set([
  "lambda",
  "object-argument",
  "star-argument",
  "aliased-argument",
  "named-argument",
]);

function isExpression(argument: Argument): argument is ExpressionTree {
  return !notExpressions.has(argument.kind);
}

function fits({ value, options }: Tokenizer, given: readonly GivenValue[]): boolean {
  const [first, ...rest] = given;
  if (first === undefined || first.name !== undefined || !accepts(value, first.value)) return false;
  const seen = new Set<string>();
  return rest.every(({ name, value: each }) => {
    const wanted = name === undefined ? undefined : options[name];
    if (name === undefined || wanted === undefined || seen.has(name)) return false;
    seen.add(name);
    return accepts(wanted, each);
  });
}

const numbers: ReadonlySet<string> = new Set(["INT64", "FLOAT32", "FLOAT64", "NUMERIC"]);

function accepts(wanted: Accepts, value: Expression): boolean {
  if (value.kind === "constant" && value.isUntyped) return true;
  const element = value.type.kind === "ARRAY" ? value.type.element : undefined;
  const kind = (element ?? value.type).kind;
  switch (wanted) {
    case "text":
      return kind === "STRING" || kind === "BYTES";
    case "number":
      return numbers.has(kind);
    case "texts":
      return element?.kind === "STRING";
    case "tokens":
      return element?.kind === "BYTES";
    default:
      return element === undefined && kind === wanted;
  }
}

const shown: Readonly<Record<string, Type>> = { text: STRING, texts: arrayOf(STRING) };

function printTaken({ value, options }: Tokenizer): string {
  const print = (accepted: Accepts): string => {
    const type = shown[accepted];
    return type === undefined ? accepted.toUpperCase() : printType(type);
  };
  const named = Object.entries(options).map(([name, each]) => `[${name} => ${print(each)}]`);
  return [print(value), ...named].join(", ");
}

function printGiven(values: readonly GivenValue[]): string {
  return values
    .map(({ name, value }) => `${name === undefined ? "" : `${name} => `}${printType(value.type)}`)
    .join(", ");
}

const overloads = new Map<string, Overload>();

function overloadOf(name: string): Overload {
  let found = overloads.get(name);
  if (found === undefined) {
    found = define(name, [], BYTES, () => null, { seesNull: true });
    overloads.set(name, found);
  }
  return found;
}
