// SPDX-License-Identifier: Apache-2.0
// Things that hold no rows and are known by the statement that defines them: what named schemas,
// roles, views, sequences, change streams, models and the rest have in common.
import type { DdlStatement } from "@spandrel/sql";
import { definitionNotFound, schemaNotEmpty } from "../errors/definition.ts";
import { modelNotFound } from "../errors/model.ts";
import { viewNeededByViews } from "../errors/view.ts";
import type { Definition, DefinitionKind, Schema } from "../schema/schema.ts";
import { type NamedKind, requireNewName } from "./name.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";

const kindNames: Readonly<Record<DefinitionKind, NamedKind>> = {
  VIEW: "View",
  SEQUENCE: "Sequence",
  SCHEMA: "Schema",
  "CHANGE STREAM": "Change Stream",
  ROLE: "Role",
  MODEL: "Model",
  "SEARCH INDEX": "Index",
  "VECTOR INDEX": "Index",
  "LOCALITY GROUP": "Locality group",
  PLACEMENT: "Placement",
};

/** What a definition says if it is a view. */
export type ViewBody = Pick<Definition, "text" | "reads" | "views" | "columns">;

const noView: ViewBody = { text: "", reads: [], views: [], columns: [] };

/** What a new definition consists of. */
interface NewDefinition {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly statement: DdlStatement;
  readonly ifNotExists: boolean;
  readonly view?: ViewBody;
}

/** The schema with a definition in it. */
export function define(
  schema: Schema,
  { kind, name, statement, ifNotExists, view = noView }: NewDefinition,
  { limits }: ChangeContext,
): SchemaChange {
  const present = schema.definitions.get(name.toLowerCase());
  if (present?.kind === kind && ifNotExists) return unchanged(schema);
  requireNewName(schema, kindNames[kind], name, limits);
  const definition: Definition = { id: schema.nextId, kind, name, statement, ...view };
  return {
    schema: putDefinition({ ...schema, nextId: schema.nextId + 1 }, definition),
    effects: [],
  };
}

/** The definitions of a kind, in the order of their creation. */
export function definitionsOf(schema: Schema, kind: DefinitionKind): readonly Definition[] {
  return [...schema.definitions.values()].filter((definition) => definition.kind === kind);
}

/** The schema without a definition. */
export function dropDefinition(
  schema: Schema,
  kind: DefinitionKind,
  name: string,
  ifExists: boolean,
): SchemaChange {
  const found = findDefinition(schema, kind, name, ifExists);
  if (found === undefined) return unchanged(schema);
  const dependents = [...schema.definitions.values()].filter(({ views }) =>
    views.includes(name.toLowerCase()),
  );
  if (dependents.length > 0) {
    throw viewNeededByViews(
      found.name,
      dependents.map((view) => view.name),
    );
  }
  if (kind === "SCHEMA") {
    requireEmpty(schema, found);
  }
  const definitions = new Map(schema.definitions);
  definitions.delete(name.toLowerCase());
  return {
    schema: { ...schema, version: schema.version + 1, definitions },
    effects: [],
  };
}

/** @throws {StatusError} FAILED_PRECONDITION when something is in a named schema. */
function requireEmpty(schema: Schema, { name }: Definition): void {
  const prefix = `${name.toLowerCase()}.`;
  const inside = (things: Iterable<{ readonly name: string }>): readonly string[] =>
    [...things].map((thing) => thing.name).filter((each) => each.toLowerCase().startsWith(prefix));
  const indexes = [...schema.indexes.values()].filter(({ isManaged }) => !isManaged);
  const rest = [...schema.definitions.values()].filter(
    ({ kind }) => kind !== "VIEW" && kind !== "SEQUENCE",
  );
  const dependents = {
    tables: inside(schema.tables.values()),
    views: inside(definitionsOf(schema, "VIEW")),
    indexes: inside(indexes),
    sequences: inside(definitionsOf(schema, "SEQUENCE")),
    objects: inside(rest),
  };
  const isEmpty = Object.values(dependents).every((names) => names.length === 0);
  if (!isEmpty) throw schemaNotEmpty(name, dependents);
}

/** @throws {StatusError} NOT_FOUND when it is not there, unless it need not be. */
export function findDefinition(
  schema: Schema,
  kind: DefinitionKind,
  name: string,
  ifExists: boolean,
): Definition | undefined {
  const found = schema.definitions.get(name.toLowerCase());
  if (found?.kind === kind) return found;
  if (ifExists) return undefined;
  throw kind === "MODEL" ? modelNotFound(name) : definitionNotFound(kindNames[kind], name);
}

/** The schema with a definition in it, new or in place of the one with its name. */
export function putDefinition(schema: Schema, definition: Definition): Schema {
  const definitions = new Map(schema.definitions).set(definition.name.toLowerCase(), definition);
  return { ...schema, version: schema.version + 1, definitions };
}

/** The schema with another statement for a definition. */
export function replaced(schema: Schema, found: Definition, statement: DdlStatement): SchemaChange {
  return { schema: putDefinition(schema, { ...found, statement }), effects: [] };
}
