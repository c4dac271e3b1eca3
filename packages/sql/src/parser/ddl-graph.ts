// SPDX-License-Identifier: Apache-2.0

import type {
  CreatePropertyGraph,
  GraphElementTable,
  GraphEndpoint,
  GraphLabel,
  GraphProperties,
  GraphProperty,
} from "../tree/ddl-graph.ts";
import type { Identifier } from "../tree/position.ts";
import { type Cursor, present } from "./cursor.ts";
import { parseIfNotExists } from "./ddl-table.ts";
import { parseOptions } from "./hint.ts";

/** `PROPERTY GRAPH [IF NOT EXISTS] name …`, after CREATE [OR REPLACE]. */
export function parseCreatePropertyGraph(
  cursor: Cursor,
  start: number,
  orReplace: boolean,
): CreatePropertyGraph {
  cursor.expectWords("PROPERTY", "GRAPH");
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.path();
  const options = parseOptions(cursor);
  cursor.expectWords("NODE", "TABLES");
  const nodeTables = parseElementTables(cursor);
  const edgeTables = cursor.takeWords("EDGE", "TABLES") ? parseElementTables(cursor) : [];
  return {
    kind: "create-property-graph",
    orReplace,
    ifNotExists,
    name,
    nodeTables,
    edgeTables,
    ...present({ options }),
    position: cursor.since(start),
  };
}

function parseElementTables(cursor: Cursor): GraphElementTable[] {
  cursor.expectSymbol("(");
  const tables = [parseElementTable(cursor)];
  while (cursor.takeSymbol(",") && !cursor.isSymbol(")")) tables.push(parseElementTable(cursor));
  cursor.expectListEnd();
  return tables;
}

function parseElementTable(cursor: Cursor): GraphElementTable {
  const start = cursor.start();
  const table = cursor.path();
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  const key = cursor.takeWord("KEY") ? parseNames(cursor) : undefined;
  const source = parseEndpoint(cursor, "SOURCE");
  const destination = parseEndpoint(cursor, "DESTINATION");
  const labels = parseLabels(cursor);
  const dynamicLabel = parseDynamic(cursor, "LABEL");
  const dynamicProperties = parseDynamic(cursor, "PROPERTIES");
  return {
    kind: "graph-element-table",
    table,
    ...present({ alias, key, source, destination }),
    labels,
    ...present({ dynamicLabel, dynamicProperties }),
    position: cursor.since(start),
  };
}

function parseNames(cursor: Cursor): Identifier[] {
  return cursor.parenthesized(() => cursor.identifier());
}

function parseEndpoint(cursor: Cursor, word: "SOURCE" | "DESTINATION"): GraphEndpoint | undefined {
  const start = cursor.start();
  if (!cursor.takeWords(word, "KEY")) return undefined;
  const columns = parseNames(cursor);
  cursor.expectWord("REFERENCES");
  const node = cursor.identifier();
  const nodeColumns = cursor.isSymbol("(") ? parseNames(cursor) : undefined;
  return {
    kind: "graph-endpoint",
    columns,
    node,
    ...present({ nodeColumns }),
    position: cursor.since(start),
  };
}

/** Labels with their properties; properties alone belong to the default label. */
function parseLabels(cursor: Cursor): GraphLabel[] {
  const labels: GraphLabel[] = [];
  for (;;) {
    const start = cursor.start();
    const isDefault = cursor.takeWords("DEFAULT", "LABEL");
    const name = !isDefault && cursor.takeWord("LABEL") ? cursor.identifier() : undefined;
    const properties = parseProperties(cursor);
    if (!isDefault && name === undefined && properties === undefined) return labels;
    labels.push({
      kind: "graph-label",
      ...present({ name, properties }),
      position: cursor.since(start),
    });
  }
}

function parseProperties(cursor: Cursor): GraphProperties | undefined {
  if (cursor.takeWords("NO", "PROPERTIES")) return { kind: "none" };
  if (!cursor.takeWord("PROPERTIES")) return undefined;
  if (cursor.isSymbol("(")) {
    return { kind: "list", properties: cursor.parenthesized(() => parseProperty(cursor)) };
  }
  cursor.takeWord("ARE");
  cursor.expectWord("ALL");
  cursor.expectWord("COLUMNS");
  return { kind: "all", except: cursor.takeWord("EXCEPT") ? parseNames(cursor) : [] };
}

function parseProperty(cursor: Cursor): GraphProperty {
  const start = cursor.start();
  const value = cursor.expression();
  const alias = cursor.takeWord("AS") ? cursor.identifier() : undefined;
  return { kind: "graph-property", value, ...present({ alias }), position: cursor.since(start) };
}

function parseDynamic(cursor: Cursor, word: "LABEL" | "PROPERTIES"): Identifier | undefined {
  if (!cursor.takeWords("DYNAMIC", word)) return undefined;
  cursor.expectSymbol("(");
  const column = cursor.identifier();
  cursor.expectSymbol(")");
  return column;
}
