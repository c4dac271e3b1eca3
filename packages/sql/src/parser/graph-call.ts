// SPDX-License-Identifier: Apache-2.0

import type { GraphCall, GraphFunctionCall, GraphYield } from "../tree/graph.ts";
import type { Identifier } from "../tree/position.ts";
import { parseArgument } from "./call.ts";
import { type Cursor, present } from "./cursor.ts";

/** `[OPTIONAL] CALL`, then a query in braces or a function. */
export function parseGraphCall(cursor: Cursor): GraphCall | GraphFunctionCall {
  const start = cursor.start();
  const optional = cursor.takeWord("OPTIONAL");
  cursor.expectWord("CALL");
  if (cursor.isSymbol("(") || cursor.isSymbol("{")) {
    const variables = cursor.isSymbol("(") ? parseVariables(cursor) : undefined;
    const { body: query } = cursor.graphQuery("value");
    const position = cursor.since(start);
    return { kind: "graph-call", optional, ...present({ variables }), query, position };
  }
  const isParted = cursor.isWord("PER") && cursor.isSymbol("(", 1) && cursor.takeWord("PER");
  const partitionBy = isParted ? parseVariables(cursor) : undefined;
  const name = cursor.path();
  cursor.expectSymbol("(");
  const written = cursor.isSymbol(")") ? [] : cursor.list(() => parseArgument(cursor));
  cursor.expectListEnd();
  const columns = cursor.takeWord("YIELD") ? cursor.list(() => parseYield(cursor)) : undefined;
  return {
    kind: "graph-function-call",
    optional,
    ...present({ partitionBy }),
    name,
    arguments: written,
    ...present({ columns }),
    position: cursor.since(start),
  };
}

/** `(name, …)`, perhaps empty. */
function parseVariables(cursor: Cursor): Identifier[] {
  cursor.expectSymbol("(");
  const variables = cursor.isSymbol(")") ? [] : cursor.list(() => cursor.identifier());
  cursor.expectSymbol(")");
  return variables;
}

function parseYield(cursor: Cursor): GraphYield {
  const start = cursor.start();
  const column = cursor.identifier();
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  return { kind: "graph-yield", column, ...present({ alias }), position: cursor.since(start) };
}
