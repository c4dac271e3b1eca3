// SPDX-License-Identifier: Apache-2.0
// RENAME TABLE, and ALTER TABLE … RENAME TO. A view is kept as a text, so a table that one reads keeps
// its name; everything else that names the table follows.
// https://cloud.google.com/spanner/docs/table-name-synonym
import type { Path, RenameTable } from "@spandrel/sql";
import { schemaTableNotFound } from "../errors/schema.ts";
import { tableNeededByViews } from "../errors/view.ts";
import { type Definition, findTable, type Schema, type Table } from "../schema/schema.ts";
import { nameOf, namesOf, requireNewName } from "./name.ts";
import { putTable } from "./put-table.ts";
import type { ChangeContext, SchemaChange } from "./schema-change.ts";
import { readersOf } from "./view.ts";

/** The schema with tables renamed, one after the other. */
export function renameTables(
  schema: Schema,
  { renames }: RenameTable,
  context: ChangeContext,
): SchemaChange {
  let result = schema;
  for (const { from, to } of renames) {
    const table = findTable(result, nameOf(from));
    if (table === undefined) throw schemaTableNotFound(nameOf(from));
    result = renameTable(result, table, nameOf(to), context).schema;
  }
  return { schema: result, effects: [] };
}

/** The schema with a table renamed: whatever names the table names it anew. */
export function renameTable(
  schema: Schema,
  table: Table,
  to: string,
  context: ChangeContext,
): SchemaChange {
  const views = readersOf(schema, table, undefined);
  if (views.length > 0) throw tableNeededByViews(table.name, views, "rename");
  requireNewName(schema, "Table", to, context.limits);
  const from = table.name;
  const named = (name: string): string => (name === from ? to : name);
  let result = putTable(schema, { ...table, name: to });
  for (const each of result.tables.values()) {
    const { interleave, foreignKeys } = each;
    result = putTable(result, {
      ...each,
      interleave: interleave && { ...interleave, parent: named(interleave.parent) },
      foreignKeys: foreignKeys.map((key) => ({
        ...key,
        referencedTable: named(key.referencedTable),
      })),
    });
  }
  const indexes = [...result.indexes].map(
    ([name, index]) =>
      [
        name,
        { ...index, interleavedIn: index.interleavedIn && named(index.interleavedIn) },
      ] as const,
  );
  const synonyms = [...result.synonyms].map(([name, of]) => [name, named(of)] as const);
  const definitions = [...result.definitions].map(
    ([name, definition]) => [name, renamedIn(definition, from, to)] as const,
  );
  const privileges = result.privileges.map((each) =>
    each.objectKind === "TABLE" ? { ...each, object: named(each.object) } : each,
  );
  return {
    schema: {
      ...result,
      indexes: new Map(indexes),
      synonyms: new Map(synonyms),
      definitions: new Map(definitions),
      privileges,
    },
    effects: [],
  };
}

/** A definition that names a table, with its new name. */
function renamedIn(definition: Definition, from: string, to: string): Definition {
  const named = (path: Path): Path => (nameOf(path) === from ? pathOf(to, path) : path);
  const { statement } = definition;
  switch (statement.kind) {
    case "create-search-index":
    case "create-vector-index":
      return { ...definition, statement: { ...statement, table: named(statement.table) } };
    case "create-change-stream": {
      const { watch } = statement;
      if (watch?.kind !== "tables") return definition;
      const tables = watch.tables.map((each) => ({ ...each, table: named(each.table) }));
      return { ...definition, statement: { ...statement, watch: { ...watch, tables } } };
    }
    default:
      return definition;
  }
}

function pathOf(name: string, { position }: Path): Path {
  return { kind: "path", parts: namesOf(name, position), position };
}
