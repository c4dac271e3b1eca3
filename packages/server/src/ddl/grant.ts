// SPDX-License-Identifier: Apache-2.0
// GRANT and REVOKE: what roles may do. It is kept and shown; nothing is refused because of it.
// https://cloud.google.com/spanner/docs/fgac-about
import type { Grant, GrantTarget, Identifier, Path, Revoke } from "@spandrel/sql";
import { definitionNotFound, privilegesOnObject, privilegesOnRole } from "../errors/definition.ts";
import { schemaColumnNotFound, schemaTableNotFound } from "../errors/schema.ts";
import {
  findColumn,
  findTable,
  type Privilege,
  type RoleMembership,
  type Schema,
} from "../schema/schema.ts";
import { nameOf } from "./name.ts";
import type { SchemaChange } from "./schema-change.ts";

/** Roles that every database has. */
const systemRoles = new Set(["public", "spanner_info_reader", "spanner_sys_reader"]);

/** GRANT: what is granted already stays as it is. */
export function grant(schema: Schema, statement: Grant): SchemaChange {
  const { privileges, memberships } = meant(schema, statement);
  let kept = schema.privileges;
  for (const each of privileges) kept = withPrivilege(kept, each);
  const added = memberships.filter(
    (each) => !schema.memberships.some((present) => isSameMembership(present, each)),
  );
  return changed(schema, kept, [...schema.memberships, ...added]);
}

/** REVOKE: what was not granted is passed over. */
export function revoke(schema: Schema, statement: Revoke): SchemaChange {
  const { privileges, memberships } = meant(schema, statement);
  let kept = schema.privileges;
  for (const each of privileges) kept = withoutPrivilege(kept, each);
  const left = schema.memberships.filter(
    (present) => !memberships.some((each) => isSameMembership(present, each)),
  );
  return changed(schema, kept, left);
}

/** @throws {StatusError} FAILED_PRECONDITION when a role may still do something, or is a member. */
export function requireNoPrivileges(schema: Schema, role: string): void {
  const lower = role.toLowerCase();
  const isHeld =
    schema.privileges.some((each) => each.role.toLowerCase() === lower) ||
    schema.memberships.some((each) =>
      [each.role, each.member].some((name) => name.toLowerCase() === lower),
    );
  if (isHeld) throw privilegesOnRole(role);
}

/** @throws {StatusError} FAILED_PRECONDITION when some role may do something with it. */
export function requireUngranted(schema: Schema, kind: string, name: string): void {
  const lower = name.toLowerCase();
  const found = schema.privileges.find(
    ({ objectKind, object }) => objectKind === kind && object.toLowerCase() === lower,
  );
  if (found !== undefined) throw privilegesOnObject(kind, name, found.role);
}

interface Meant {
  readonly privileges: readonly Privilege[];
  readonly memberships: readonly RoleMembership[];
}

/** Every single thing that a statement grants or takes. */
function meant(schema: Schema, { granted, roles }: Grant | Revoke): Meant {
  const members = roles.map((role) => roleNamed(schema, role));
  if (granted.kind === "roles") {
    const of = granted.roles.map((role) => roleNamed(schema, role));
    const memberships = of.flatMap((role) => members.map((member) => ({ role, member })));
    return { privileges: [], memberships };
  }
  const objects = objectsOf(schema, granted.target);
  const privileges = granted.privileges.flatMap(({ name, columns }) =>
    objects.flatMap((object) =>
      members.map((role): Privilege => {
        const objectKind = granted.target.type;
        const named = columnsNamed(schema, objectKind, object, columns);
        return { privilege: name, columns: named, objectKind, object, role };
      }),
    ),
  );
  return { privileges, memberships: [] };
}

function roleNamed(schema: Schema, { name }: Identifier): string {
  const found = schema.definitions.get(name.toLowerCase());
  if (found?.kind === "ROLE") return found.name;
  if (systemRoles.has(name.toLowerCase())) return name.toLowerCase();
  throw definitionNotFound("Role", name);
}

function objectsOf(schema: Schema, target: GrantTarget): readonly string[] {
  if (target.kind === "objects") {
    return target.names.map((name) => objectNamed(schema, target.type, name));
  }
  const schemas = target.schemas.map((path) => nameOf(path).toLowerCase());
  const isInside = (name: string): boolean =>
    schemas.includes(
      name.includes(".") ? name.slice(0, name.indexOf(".")).toLowerCase() : "default",
    );
  const names =
    target.type === "TABLE"
      ? [...schema.tables.values()].map(({ name }) => name)
      : [...schema.definitions.values()]
          .filter(({ kind }) => kind === target.type)
          .map(({ name }) => name);
  return names.filter(isInside);
}

function objectNamed(schema: Schema, kind: GrantTarget["type"], path: Path): string {
  const name = nameOf(path);
  switch (kind) {
    case "TABLE": {
      const table = findTable(schema, name);
      if (table === undefined) throw schemaTableNotFound(name);
      return table.name;
    }
    case "VIEW":
    case "SEQUENCE":
    case "CHANGE STREAM": {
      const found = schema.definitions.get(name.toLowerCase());
      if (found?.kind !== kind) throw definitionNotFound(kind, name);
      return found.name;
    }
    default:
      return name;
  }
}

function columnsNamed(
  schema: Schema,
  kind: string,
  object: string,
  names: readonly Identifier[],
): readonly string[] {
  const table = kind === "TABLE" ? findTable(schema, object) : undefined;
  return names.map(({ name }) => {
    if (table === undefined) return name;
    const column = findColumn(table, name);
    if (column === undefined) throw schemaColumnNotFound(object, name);
    return column.name;
  });
}

function withPrivilege(all: readonly Privilege[], added: Privilege): readonly Privilege[] {
  const present = all.find((each) => isSame(each, added));
  if (present === undefined) return [...all, added];
  const columns = [...new Set([...present.columns, ...added.columns])];
  return all.map((each) => (each === present ? { ...present, columns } : each));
}

function withoutPrivilege(all: readonly Privilege[], taken: Privilege): readonly Privilege[] {
  return all.flatMap((each) => {
    if (!isSame(each, taken)) return [each];
    const columns = each.columns.filter((name) => !taken.columns.includes(name));
    return columns.length === 0 ? [] : [{ ...each, columns }];
  });
}

/** The same privilege of the same role on the same object; on the whole of it, or on columns. */
function isSame(left: Privilege, right: Privilege): boolean {
  return (
    left.privilege === right.privilege &&
    left.objectKind === right.objectKind &&
    left.object === right.object &&
    left.role === right.role &&
    (left.columns.length === 0) === (right.columns.length === 0)
  );
}

function isSameMembership(left: RoleMembership, right: RoleMembership): boolean {
  return left.role === right.role && left.member === right.member;
}

function changed(
  schema: Schema,
  privileges: readonly Privilege[],
  memberships: readonly RoleMembership[],
): SchemaChange {
  return {
    schema: { ...schema, version: schema.version + 1, privileges, memberships },
    effects: [],
  };
}
