// SPDX-License-Identifier: Apache-2.0
// Who may do what: the privileges of roles, and the roles that are members of others. They are
// told as they were granted; nothing is refused because of them.
// https://cloud.google.com/spanner/docs/fgac-privileges
import { findTable, type Privilege, type Schema } from "../schema/schema.ts";
import { type Fact, splitName, type Teller, tableName } from "./description.ts";

const tableKinds = new Set(["TABLE", "VIEW"]);

function grantsOn(schema: Schema, isWanted: (each: Privilege) => boolean): readonly Privilege[] {
  return schema.privileges.filter(isWanted);
}

function isOnTable({ objectKind }: Privilege): boolean {
  return tableKinds.has(objectKind);
}

function granted({ privilege, role }: Privilege): Fact {
  return { PRIVILEGE_TYPE: privilege, GRANTEE: role };
}

const notGrantable: Fact = { IS_GRANTABLE: "NO" };

const tablePrivileges: Teller = (schema) =>
  grantsOn(schema, (each) => isOnTable(each) && each.columns.length === 0).map((each) => ({
    ...tableName(each.object),
    ...granted(each),
  }));

const columnPrivileges: Teller = (schema) =>
  grantsOn(schema, isOnTable).flatMap((each) =>
    each.columns.map((column) => ({
      ...tableName(each.object),
      COLUMN_NAME: column,
      ...granted(each),
    })),
  );

/** What is granted on a whole table is granted on each of its columns; but for DELETE, of rows. */
const inheritedPrivileges: Teller = (schema) =>
  grantsOn(schema, (each) => isOnTable(each) && each.privilege !== "DELETE").flatMap((each) => {
    if (each.columns.length > 0) return [];
    const columns = findTable(schema, each.object)?.columns ?? [];
    return columns.map(({ name }) => ({
      ...tableName(each.object),
      COLUMN_NAME: name,
      ...granted(each),
    }));
  });

const streamPrivileges: Teller = (schema) =>
  grantsOn(schema, ({ objectKind }) => objectKind === "CHANGE STREAM").map((each) => {
    const { schema: stream, name } = splitName(each.object);
    return {
      CHANGE_STREAM_CATALOG: "",
      CHANGE_STREAM_SCHEMA: stream,
      CHANGE_STREAM_NAME: name,
      ...granted(each),
    };
  });

const routinePrivileges: Teller = (schema) =>
  grantsOn(schema, ({ objectKind }) => objectKind === "TABLE FUNCTION").map((each) => {
    const { schema: routine, name } = splitName(each.object);
    return {
      SPECIFIC_CATALOG: "",
      SPECIFIC_SCHEMA: routine,
      SPECIFIC_NAME: name,
      ...granted(each),
    };
  });

const roleGrantees: Teller = ({ memberships }) =>
  memberships.map(({ role, member }) => ({ ROLE_NAME: role, GRANTEE: member }));

function withGrantable(teller: Teller): Teller {
  return (schema) => teller(schema).map((fact) => ({ ...fact, ...notGrantable }));
}

/** The tellers of these tables. */
export const privilegeTellers: Readonly<Record<string, Teller>> = {
  TABLE_PRIVILEGES: tablePrivileges,
  COLUMN_PRIVILEGES: columnPrivileges,
  CHANGE_STREAM_PRIVILEGES: streamPrivileges,
  ROUTINE_PRIVILEGES: routinePrivileges,
  ROLE_GRANTEES: roleGrantees,
  ROLE_TABLE_GRANTS: withGrantable(tablePrivileges),
  ROLE_COLUMN_GRANTS: withGrantable((schema) => [
    ...columnPrivileges(schema),
    ...inheritedPrivileges(schema),
  ]),
  ROLE_CHANGE_STREAM_GRANTS: streamPrivileges,
  ROLE_ROUTINE_GRANTS: withGrantable(routinePrivileges),
};
