// SPDX-License-Identifier: Apache-2.0

import type { DdlStatement, Drop, DroppableType } from "../tree/ddl.ts";
import type { Cursor } from "./cursor.ts";
import { present } from "./cursor.ts";
import { parseCreatePropertyGraph } from "./ddl-graph.ts";
import {
  parseAlterIndex,
  parseCreateIndex,
  parseCreateSearchIndex,
  parseCreateVectorIndex,
} from "./ddl-index.ts";
import {
  parseAlterChangeStream,
  parseAlterDatabase,
  parseAlterModel,
  parseAlterOptionsOnly,
  parseAlterProtoBundle,
  parseAlterSequence,
  parseCreateChangeStream,
  parseCreateFunction,
  parseCreateModel,
  parseCreateOptionsOnly,
  parseCreateProtoBundle,
  parseCreateSequence,
  parseCreateView,
  parseIfExists,
} from "./ddl-other.ts";
import { parseGrant, parseRevoke } from "./ddl-role.ts";
import {
  parseAlterTable,
  parseCreateTable,
  parseIfNotExists,
  parseRenameTable,
} from "./ddl-table.ts";

/** One schema statement. */
export function parseDdlStatement(cursor: Cursor): DdlStatement {
  const start = cursor.start();
  if (cursor.takeWord("CREATE")) return parseCreate(cursor, start);
  if (cursor.takeWord("ALTER")) return parseAlter(cursor, start);
  if (cursor.takeWord("DROP")) return parseDrop(cursor, start);
  if (cursor.isWord("RENAME")) return parseRenameTable(cursor);
  if (cursor.isWord("GRANT")) return parseGrant(cursor);
  if (cursor.isWord("REVOKE")) return parseRevoke(cursor);
  if (cursor.takeWord("ANALYZE")) return { kind: "analyze", position: cursor.since(start) };
  throw cursor.unexpected();
}

function parseCreate(cursor: Cursor, start: number): DdlStatement {
  const orReplace = cursor.takeWords("OR", "REPLACE");
  if (cursor.isWord("VIEW")) return parseCreateView(cursor, start, orReplace);
  if (cursor.isWord("FUNCTION")) return parseCreateFunction(cursor, start, orReplace);
  if (cursor.isWord("MODEL")) return parseCreateModel(cursor, start, orReplace);
  if (cursor.isWord("PROPERTY")) return parseCreatePropertyGraph(cursor, start, orReplace);
  if (orReplace) throw cursor.unexpected();
  if (cursor.isWord("TABLE")) return parseCreateTable(cursor, start);
  if (cursor.isAnyWord(indexWords)) return parseCreateIndex(cursor, start);
  if (cursor.isWord("SEARCH")) return parseCreateSearchIndex(cursor, start);
  if (cursor.isWord("VECTOR")) return parseCreateVectorIndex(cursor, start);
  if (cursor.isWord("SEQUENCE")) return parseCreateSequence(cursor, start);
  if (cursor.isWord("CHANGE")) return parseCreateChangeStream(cursor, start);
  if (cursor.isWord("PROTO")) return parseCreateProtoBundle(cursor, start);
  if (cursor.takeWord("SCHEMA")) {
    const ifNotExists = parseIfNotExists(cursor);
    const name = cursor.identifier();
    return { kind: "create-schema", ifNotExists, name, position: cursor.since(start) };
  }
  if (cursor.takeWord("ROLE")) {
    return { kind: "create-role", name: cursor.identifier(), position: cursor.since(start) };
  }
  if (cursor.takeWord("DATABASE")) {
    return { kind: "create-database", name: cursor.identifier(), position: cursor.since(start) };
  }
  if (cursor.takeWords("LOCALITY", "GROUP")) {
    return parseCreateOptionsOnly(cursor, start, "create-locality-group");
  }
  if (cursor.takeWord("PLACEMENT"))
    return parseCreateOptionsOnly(cursor, start, "create-placement");
  throw cursor.unexpected();
}

const indexWords: ReadonlySet<string> = new Set(["INDEX", "UNIQUE", "NULL_FILTERED"]);

function parseAlter(cursor: Cursor, start: number): DdlStatement {
  if (cursor.isWord("TABLE")) return parseAlterTable(cursor, start);
  if (cursor.isWord("INDEX") || cursor.isWord("SEARCH") || cursor.isWord("VECTOR")) {
    return parseAlterIndex(cursor, start);
  }
  if (cursor.isWord("DATABASE")) return parseAlterDatabase(cursor, start);
  if (cursor.isWord("SEQUENCE")) return parseAlterSequence(cursor, start);
  if (cursor.isWord("CHANGE")) return parseAlterChangeStream(cursor, start);
  if (cursor.isWord("MODEL")) return parseAlterModel(cursor, start);
  if (cursor.isWord("PROTO")) return parseAlterProtoBundle(cursor, start);
  if (cursor.takeWord("STATISTICS"))
    return parseAlterOptionsOnly(cursor, start, "alter-statistics");
  if (cursor.takeWord("PLACEMENT")) return parseAlterOptionsOnly(cursor, start, "alter-placement");
  if (cursor.takeWords("LOCALITY", "GROUP")) {
    return parseAlterOptionsOnly(cursor, start, "alter-locality-group");
  }
  throw cursor.unexpected();
}

const droppable: readonly DroppableType[] = [
  "TABLE",
  "INDEX",
  "SEARCH INDEX",
  "VECTOR INDEX",
  "VIEW",
  "SEQUENCE",
  "SCHEMA",
  "CHANGE STREAM",
  "ROLE",
  "FUNCTION",
  "MODEL",
  "PROTO BUNDLE",
  "LOCALITY GROUP",
  "PLACEMENT",
  "PROPERTY GRAPH",
  "DATABASE",
];

function parseDrop(cursor: Cursor, start: number): Drop {
  const type = droppable.find((words) => cursor.takeWords(...words.split(" ")));
  if (type === undefined) throw cursor.unexpected();
  const ifExists = parseIfExists(cursor);
  const name = type === "PROTO BUNDLE" ? undefined : cursor.path();
  return { kind: "drop", type, ifExists, ...present({ name }), position: cursor.since(start) };
}
