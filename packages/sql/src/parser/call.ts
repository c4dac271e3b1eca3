// SPDX-License-Identifier: Apache-2.0

import type {
  Argument,
  Expression,
  FunctionCall,
  HavingModifier,
  Lambda,
  NamedArgument,
  ObjectArgument,
} from "../tree/expression.ts";
import type { Identifier, Path } from "../tree/position.ts";
import type { OrderItem } from "../tree/query.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseHint } from "./hint.ts";
import { parseOrderBy } from "./order.ts";
import { parseWindow } from "./window.ts";

/** A call after its name. A chained call has its first argument already. */
export function parseCall(cursor: Cursor, name: Path, chained?: Expression): FunctionCall {
  const start = chained?.position.start ?? name.position.start;
  cursor.expectSymbol("(");
  const distinct = cursor.takeWord("DISTINCT");
  const written = parseArguments(cursor);
  const modifiers = parseModifiers(cursor);
  if (!cursor.takeSymbol(")")) throw cursor.expected('")"');
  if (cursor.isSymbol("(")) throw cursor.error("Syntax error: Double function call parentheses");
  const hint = parseHint(cursor);
  const over = cursor.takeWord("OVER") ? parseWindow(cursor) : undefined;
  return {
    kind: "call",
    name,
    chained: chained !== undefined,
    arguments: chained === undefined ? written : [chained, ...written],
    distinct,
    ...modifiers,
    ...present({ hint, over }),
    position: cursor.since(start),
  };
}

/** What may follow the arguments inside the parentheses. */
type Modifiers = Pick<FunctionCall, "nulls" | "where" | "having" | "limit"> & {
  readonly orderBy: readonly OrderItem[];
};

function parseModifiers(cursor: Cursor): Modifiers {
  const nulls = parseNullHandling(cursor);
  const where = cursor.takeWord("WHERE") ? cursor.expression() : undefined;
  const having = parseHavingModifier(cursor);
  const orderBy = parseOrderBy(cursor)?.items ?? [];
  const limit = cursor.takeWord("LIMIT") ? cursor.expression() : undefined;
  return { orderBy, ...present({ nulls, where, having, limit }) };
}

function parseNullHandling(cursor: Cursor): "IGNORE" | "RESPECT" | undefined {
  if (cursor.takeWords("IGNORE", "NULLS")) return "IGNORE";
  if (cursor.takeWords("RESPECT", "NULLS")) return "RESPECT";
  return undefined;
}

function parseHavingModifier(cursor: Cursor): HavingModifier | undefined {
  const start = cursor.start();
  if (!cursor.takeWord("HAVING")) return undefined;
  const extreme = cursor.isWord("MAX") ? "MAX" : "MIN";
  if (!cursor.takeWord(extreme)) throw cursor.expected("keyword MAX or keyword MIN");
  const value = cursor.expression();
  return { kind: "having-modifier", extreme, value, position: cursor.since(start) };
}

const afterArguments: ReadonlySet<string> = new Set([
  "IGNORE",
  "RESPECT",
  "WHERE",
  "HAVING",
  "ORDER",
  "LIMIT",
]);

function parseArguments(cursor: Cursor): Argument[] {
  if (cursor.isSymbol(")") || cursor.isAnyWord(afterArguments)) return [];
  if (!cursor.isSymbol("*")) return cursor.list(() => parseArgument(cursor));
  const star: Argument = { kind: "star-argument", position: cursor.since(cursor.start()) };
  const { start, end } = cursor.take();
  const rest = cursor.takeSymbol(",") ? cursor.list(() => parseArgument(cursor)) : [];
  return [{ ...star, position: { start, end } }, ...rest];
}

/** One argument: a value, a lambda, `name => value`, `value AS name`, or a schema object. */
export function parseArgument(cursor: Cursor): Argument {
  if (cursor.isName() && cursor.isSymbol("=>", 1)) return parseNamedArgument(cursor);
  const object = objectHere(cursor);
  if (object !== undefined) return parseObjectArgument(cursor, object);
  if (isLambda(cursor)) return parseLambda(cursor);
  const start = cursor.start();
  const value = cursor.expression();
  if (!cursor.takeWord("AS")) return value;
  const alias = cursor.identifier();
  return { kind: "aliased-argument", value, alias, position: cursor.since(start) };
}

function parseNamedArgument(cursor: Cursor): NamedArgument {
  const start = cursor.start();
  const name = cursor.identifier();
  cursor.expectSymbol("=>");
  const value = parseNamedValue(cursor);
  return { kind: "named-argument", name, value, position: cursor.since(start) };
}

function parseNamedValue(cursor: Cursor): NamedArgument["value"] {
  const object = objectHere(cursor);
  if (object !== undefined) return parseObjectArgument(cursor, object);
  return isLambda(cursor) ? parseLambda(cursor) : cursor.expression();
}

const objects: readonly ObjectArgument["object"][] = [
  "SEQUENCE",
  "TABLE",
  "MODEL",
  "CONNECTION",
  "GRAPH",
];

/** The word for a schema object is only special when a name follows it. */
function objectHere(cursor: Cursor): ObjectArgument["object"] | undefined {
  if (!cursor.isName(1)) return undefined;
  return objects.find((object) => cursor.isWord(object));
}

function parseObjectArgument(cursor: Cursor, object: ObjectArgument["object"]): ObjectArgument {
  const start = cursor.start();
  cursor.expectWord(object);
  const name = cursor.path();
  return { kind: "object-argument", object, name, position: cursor.since(start) };
}

/** `x -> …` or `(x, y) -> …`, told by looking ahead for the arrow. */
function isLambda(cursor: Cursor): boolean {
  if (cursor.isName()) return cursor.isSymbol("->", 1);
  if (!cursor.isSymbol("(")) return false;
  if (cursor.isSymbol(")", 1)) return cursor.isSymbol("->", 2);
  let ahead = 1;
  while (cursor.isName(ahead) && cursor.isSymbol(",", ahead + 1)) ahead += 2;
  return (
    cursor.isName(ahead) && cursor.isSymbol(")", ahead + 1) && cursor.isSymbol("->", ahead + 2)
  );
}

function parseLambda(cursor: Cursor): Lambda {
  const start = cursor.start();
  const parameters = parseLambdaParameters(cursor);
  cursor.expectSymbol("->");
  const body = cursor.expression();
  return { kind: "lambda", parameters, body, position: cursor.since(start) };
}

function parseLambdaParameters(cursor: Cursor): Identifier[] {
  if (cursor.isName()) return [cursor.identifier()];
  cursor.expectSymbol("(");
  const parameters = cursor.isSymbol(")") ? [] : cursor.list(() => cursor.identifier());
  cursor.expectSymbol(")");
  return parameters;
}
