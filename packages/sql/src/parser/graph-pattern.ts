// SPDX-License-Identifier: Apache-2.0

import type {
  GraphEdge,
  GraphNode,
  GraphPath,
  GraphPathElement,
  GraphPathMode,
  GraphPattern,
  GraphSearch,
  GraphSubpath,
} from "../tree/graph-pattern.ts";
import type { Hint } from "../tree/hint.ts";
import { isCount, parseCount } from "./count.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseCost, parseFiller } from "./graph-filler.ts";
import { parseQuantifier, startsQuantifier } from "./graph-quantifier.ts";
import { parseHint } from "./hint.ts";

/** `path, … [WHERE condition]`. */
export function parseGraphPattern(cursor: Cursor): GraphPattern {
  const start = cursor.start();
  const paths = cursor.list(() => parsePath(cursor, cursor.start(), parseHint(cursor)));
  const where = cursor.takeWord("WHERE") ? cursor.expression() : undefined;
  return { kind: "graph-pattern", paths, ...present({ where }), position: cursor.since(start) };
}

/** `[name =] [search prefix] [mode] element …`, after a hint. */
function parsePath(cursor: Cursor, start: number, hint: Hint | undefined): GraphPath {
  const name = isPathName(cursor) ? cursor.identifier() : undefined;
  if (name !== undefined) cursor.expectSymbol("=");
  const search = parseSearch(cursor);
  const mode = parseMode(cursor);
  if (name === undefined && cursor.isName()) {
    cursor.take();
    cursor.expectSymbol("=");
  }
  const elements = parseElements(cursor);
  return {
    kind: "graph-path",
    ...present({ hint, name, search, mode }),
    elements,
    position: cursor.since(start),
  };
}

function isPathName(cursor: Cursor): boolean {
  return cursor.isName() && cursor.isSymbol("=", 1);
}

/** `ALL [SHORTEST | CHEAPEST]`, `ANY [SHORTEST | CHEAPEST | count]`, or `SHORTEST count`. */
function parseSearch(cursor: Cursor): GraphSearch | undefined {
  if (!startsSearch(cursor)) return undefined;
  const start = cursor.start();
  const keep = cursor.takeWord("ALL") ? "ALL" : cursor.takeWord("ANY") ? "ANY" : "COUNT";
  const order = parseSearchOrder(cursor);
  const isCounted = keep === "COUNT" || (keep === "ANY" && order === undefined && isCount(cursor));
  const count = isCounted ? parseCount(cursor) : undefined;
  return {
    kind: "graph-search",
    keep,
    ...present({ order, count }),
    position: cursor.since(start),
  };
}

function parseSearchOrder(cursor: Cursor): GraphSearch["order"] {
  if (cursor.takeWord("SHORTEST")) return "SHORTEST";
  return cursor.takeWord("CHEAPEST") ? "CHEAPEST" : undefined;
}

/** Alone, SHORTEST and CHEAPEST are names: only a count makes them words. */
function startsSearch(cursor: Cursor): boolean {
  if (cursor.isWord("ALL") || cursor.isWord("ANY")) return true;
  return (cursor.isWord("SHORTEST") || cursor.isWord("CHEAPEST")) && isCount(cursor, 1);
}

const modes: readonly GraphPathMode[] = ["WALK", "TRAIL", "SIMPLE", "ACYCLIC"];
const modeWords: ReadonlySet<string> = new Set(modes);

/** `WALK`, `TRAIL`, `SIMPLE`, or `ACYCLIC`, and perhaps `PATH` or `PATHS`. */
function parseMode(cursor: Cursor): GraphPathMode | undefined {
  const mode = modes.find((word) => cursor.takeWord(word));
  if (mode !== undefined && !cursor.takeWord("PATH")) cursor.takeWord("PATHS");
  return mode;
}

/** Inside parentheses a mode's word may also be a node's variable. */
function startsMode(cursor: Cursor): boolean {
  if (!cursor.isAnyWord(modeWords)) return false;
  return startsElement(cursor, 1) || cursor.isWord("PATH", 1) || cursor.isWord("PATHS", 1);
}

function startsElement(cursor: Cursor, ahead = 0): boolean {
  return ["(", "-", "->", "<"].some((symbol) => cursor.isSymbol(symbol, ahead));
}

function parseElements(cursor: Cursor): GraphPathElement[] {
  const elements: GraphPathElement[] = [];
  for (;;) {
    // The hint before the first element is the path's.
    const hint = elements.length === 0 ? undefined : parseHint(cursor);
    if (!startsElement(cursor)) {
      if (elements.length > 0 && hint === undefined) return elements;
      throw hint === undefined ? cursor.unexpected() : cursor.expected('"(" or "-" or "<" or ->');
    }
    const element = parseElement(cursor, hint);
    if (hint !== undefined && isPlainEdge(elements.at(-1)) && isPlainEdge(element)) {
      throw cursor.error("Hint cannot be used in between two GraphEdgePatterns", hint.position);
    }
    elements.push(element);
  }
}

function isPlainEdge(element: GraphPathElement | undefined): boolean {
  return element?.kind === "graph-edge" && element.quantifier === undefined;
}

function parseElement(cursor: Cursor, hint: Hint | undefined): GraphPathElement {
  if (!cursor.isSymbol("(")) return parseEdge(cursor, hint);
  return cursor.nested(() => parseNodeOrSubpath(cursor, hint));
}

function parseNodeOrSubpath(cursor: Cursor, hint: Hint | undefined): GraphNode | GraphSubpath {
  const start = cursor.start();
  cursor.expectSymbol("(");
  const innerStart = cursor.start();
  const inner = parseHint(cursor);
  if (startsPath(cursor)) {
    const path = parsePath(cursor, innerStart, inner);
    const where = cursor.takeWord("WHERE") ? cursor.expression() : undefined;
    cursor.expectSymbol(")");
    const quantifier = parseQuantifier(cursor);
    const position = cursor.since(start);
    return { kind: "graph-subpath", ...present({ hint, where, quantifier }), path, position };
  }
  const filler = parseFiller(cursor, inner);
  cursor.expectSymbol(")");
  const position = cursor.since(start);
  if (startsQuantifier(cursor)) {
    throw cursor.error("Quantifier cannot be used on a node pattern", position);
  }
  return { kind: "graph-node", ...present({ hint }), ...filler, position };
}

function startsPath(cursor: Cursor): boolean {
  if (startsElement(cursor) || isPathName(cursor)) return true;
  return startsSearch(cursor) || startsMode(cursor);
}

/** `-[…]-`, `-[…]->`, `<-[…]-`, or one of them without its brackets. */
function parseEdge(cursor: Cursor, hint: Hint | undefined): GraphEdge {
  const start = cursor.start();
  const parts = cursor.takeSymbol("->") ? { direction: "RIGHT" as const } : parseEdgeParts(cursor);
  const quantifier = parseQuantifier(cursor);
  return {
    kind: "graph-edge",
    ...parts,
    ...present({ hint, quantifier }),
    position: cursor.since(start),
  };
}

function parseEdgeParts(cursor: Cursor): Omit<GraphEdge, "kind" | "position"> {
  const isLeft = cursor.takeSymbol("<");
  if (!cursor.isSymbol("-")) throw cursor.expected('"-"');
  if (isLeft) refuseGap(cursor, "<", "-");
  cursor.expectSymbol("-");
  if (!cursor.isSymbol("[")) return { direction: isLeft ? "LEFT" : "ANY" };
  refuseGap(cursor, "-", "[");
  cursor.expectSymbol("[");
  const filler = parseFiller(cursor, parseHint(cursor));
  const cost = parseCost(cursor);
  cursor.expectSymbol("]");
  if (cursor.isSymbol("-") || cursor.isSymbol("->")) refuseGap(cursor, "]", "-");
  const isRight = !isLeft && cursor.takeSymbol("->");
  if (!isRight) cursor.expectSymbol("-");
  const direction = isLeft ? "LEFT" : isRight ? "RIGHT" : "ANY";
  return { direction, ...filler, ...present({ cost }) };
}

/** The marks of an edge stand side by side. */
function refuseGap(cursor: Cursor, first: string, second: string): void {
  const end = cursor.end();
  if (end === cursor.start()) return;
  throw cursor.error(`Syntax error: Unexpected whitespace between "${first}" and "${second}"`, {
    start: end - first.length,
    end,
  });
}
