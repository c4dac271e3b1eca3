// SPDX-License-Identifier: Apache-2.0

import type {
  Grant,
  GrantableType,
  Granted,
  GrantTarget,
  Privilege,
  Revoke,
} from "../tree/ddl-role.ts";
import type { Identifier, Path } from "../tree/position.ts";
import type { Cursor } from "./cursor.ts";

/** `GRANT … TO ROLE role, …`. */
export function parseGrant(cursor: Cursor): Grant {
  const start = cursor.start();
  cursor.expectWord("GRANT");
  const granted = parseGranted(cursor);
  cursor.expectWords("TO", "ROLE");
  const roles = parseNames(cursor);
  return { kind: "grant", granted, roles, position: cursor.since(start) };
}

/** `REVOKE … FROM ROLE role, …`. */
export function parseRevoke(cursor: Cursor): Revoke {
  const start = cursor.start();
  cursor.expectWord("REVOKE");
  const granted = parseGranted(cursor);
  cursor.expectWords("FROM", "ROLE");
  const roles = parseNames(cursor);
  return { kind: "revoke", granted, roles, position: cursor.since(start) };
}

function parseNames(cursor: Cursor): Identifier[] {
  return cursor.list(() => cursor.identifier());
}

function parseGranted(cursor: Cursor): Granted {
  if (cursor.takeWord("ROLE")) return { kind: "roles", roles: parseNames(cursor) };
  const privileges = cursor.list(() => parsePrivilege(cursor));
  cursor.expectWord("ON");
  const target = parseTarget(cursor);
  if (target.type === "SEQUENCE") checkSequencePrivileges(cursor, privileges);
  return { kind: "privileges", privileges, target };
}

const privilegeNames: readonly Privilege["name"][] = [
  "SELECT",
  "INSERT",
  "UPDATE",
  "DELETE",
  "EXECUTE",
  "USAGE",
];

function parsePrivilege(cursor: Cursor): Privilege {
  const start = cursor.start();
  const name = privilegeNames.find((word) => cursor.takeWord(word));
  if (name === undefined) throw cursor.unexpected();
  const columns = cursor.isSymbol("(") ? cursor.parenthesized(() => cursor.identifier()) : [];
  return { kind: "privilege", name, columns, position: cursor.since(start) };
}

function checkSequencePrivileges(cursor: Cursor, privileges: readonly Privilege[]): void {
  const wrong = privileges.find(({ name }) => name !== "SELECT" && name !== "UPDATE");
  if (wrong === undefined) return;
  throw cursor.error(
    `Syntax error: Unexpected keyword ${wrong.name}; a sequence has only SELECT and UPDATE`,
    wrong.position,
  );
}

const singular: ReadonlyMap<GrantableType, readonly string[]> = new Map([
  ["TABLE FUNCTION", ["TABLE", "FUNCTION"]],
  ["TABLE", ["TABLE"]],
  ["VIEW", ["VIEW"]],
  ["CHANGE STREAM", ["CHANGE", "STREAM"]],
  ["FUNCTION", ["FUNCTION"]],
  ["SEQUENCE", ["SEQUENCE"]],
  ["MODEL", ["MODEL"]],
  ["SCHEMA", ["SCHEMA"]],
]);

const plural: ReadonlyMap<GrantableType, readonly string[]> = new Map([
  ["TABLE FUNCTION", ["TABLE", "FUNCTIONS"]],
  ["TABLE", ["TABLES"]],
  ["VIEW", ["VIEWS"]],
  ["CHANGE STREAM", ["CHANGE", "STREAMS"]],
  ["FUNCTION", ["FUNCTIONS"]],
  ["SEQUENCE", ["SEQUENCES"]],
  ["MODEL", ["MODELS"]],
]);

function parseTarget(cursor: Cursor): GrantTarget {
  if (cursor.takeWord("ALL")) {
    const type = parseGrantableType(cursor, plural);
    cursor.expectWords("IN", "SCHEMA");
    return { kind: "all-in-schema", type, schemas: cursor.list(() => parseSchemaName(cursor)) };
  }
  const type = parseGrantableType(cursor, singular);
  const names = cursor.list(() => (type === "SCHEMA" ? parseSchemaName(cursor) : cursor.path()));
  return { kind: "objects", type, names };
}

/** A schema's name; `DEFAULT` stands for the unnamed one. */
function parseSchemaName(cursor: Cursor): Path {
  if (!cursor.isWord("DEFAULT")) return cursor.path();
  const start = cursor.start();
  const part = cursor.anyWord();
  return { kind: "path", parts: [part], position: cursor.since(start) };
}

function parseGrantableType(
  cursor: Cursor,
  words: ReadonlyMap<GrantableType, readonly string[]>,
): GrantableType {
  for (const [type, spelling] of words) {
    if (cursor.takeWords(...spelling)) return type;
  }
  throw cursor.unexpected();
}
