// SPDX-License-Identifier: Apache-2.0
// Where data lies: locality groups (on which kind of disk) and placements (in which region). They are
// kept and shown; here everything lies in one place.
// https://cloud.google.com/spanner/docs/create-manage-locality-groups
// https://cloud.google.com/spanner/docs/create-manage-data-placements
import type { AlterOptionsOnly, CreateOptionsOnly, DdlStatement, Options } from "@spandrel/sql";
import {
  defaultLocalityGroup,
  definitionNotFound,
  localityGroupInUse,
  placementOptionMissing,
  tooManyLocalityGroups,
  tooManyPlacements,
} from "../errors/definition.ts";
import type { Schema } from "../schema/schema.ts";
import { define, definitionsOf, dropDefinition, findDefinition, replaced } from "./definition.ts";
import { nameOf } from "./name.ts";
import {
  inOrderOf,
  isSet,
  mergeOptions,
  type OptionRules,
  requireOptions,
  textOption,
} from "./options.ts";
import { type ChangeContext, type SchemaChange, unchanged } from "./schema-change.ts";

const localityGroupOptions: OptionRules = {
  storage: "string",
  ssd_to_hdd_spill_timespan: "string",
};

const placementOptions: OptionRules = { instance_partition: "string", default_leader: "string" };

/** The group of everything that names no other: it is there without having been created. */
const theDefault = "default";

/** CREATE LOCALITY GROUP or CREATE PLACEMENT. */
export function createPlace(
  schema: Schema,
  statement: CreateOptionsOnly,
  context: ChangeContext,
): SchemaChange {
  const isGroup = statement.kind === "create-locality-group";
  const kind = isGroup ? "LOCALITY GROUP" : "PLACEMENT";
  requireOptions(statement.options, isGroup ? localityGroupOptions : placementOptions, context);
  const name = nameOf(statement.name);
  if (isGroup) requireRoomForGroup(schema, name, context);
  else {
    if (!isSet(statement.options, "instance_partition")) throw placementOptionMissing(name);
    requireRoomForPlacement(schema, name, context);
  }
  const { ifNotExists } = statement;
  return define(schema, { kind, name, statement, ifNotExists }, context);
}

function requireRoomForGroup(schema: Schema, name: string, { limits }: ChangeContext): void {
  if (name.toLowerCase() === theDefault) throw defaultLocalityGroup("created");
  const { localityGroupsPerDatabaseMax } = limits;
  if (definitionsOf(schema, "LOCALITY GROUP").length >= localityGroupsPerDatabaseMax) {
    throw tooManyLocalityGroups(name, localityGroupsPerDatabaseMax);
  }
}

function requireRoomForPlacement(schema: Schema, name: string, { limits }: ChangeContext): void {
  const { placementsPerDatabaseMax } = limits;
  if (definitionsOf(schema, "PLACEMENT").length >= placementsPerDatabaseMax) {
    throw tooManyPlacements(name, placementsPerDatabaseMax);
  }
}

/** ALTER LOCALITY GROUP or ALTER PLACEMENT. */
export function alterPlace(
  schema: Schema,
  statement: AlterOptionsOnly,
  context: ChangeContext,
): SchemaChange {
  const isGroup = statement.kind === "alter-locality-group";
  const kind = isGroup ? "LOCALITY GROUP" : "PLACEMENT";
  const rules = isGroup ? localityGroupOptions : placementOptions;
  requireOptions(statement.options, rules, context);
  const name = nameOf(statement.name);
  const isDefault = isGroup && name.toLowerCase() === theDefault;
  const found = findDefinition(schema, kind, name, isDefault);
  if (found === undefined) {
    // The statement itself stands for the default group from now on.
    return define(schema, { kind, name, statement, ifNotExists: false }, context);
  }
  const { statement: before } = found;
  if (!isPlace(before)) return unchanged(schema);
  const options = inOrderOf(rules, mergeOptions(before.options, statement.options));
  return replaced(schema, found, { ...before, options });
}

function isPlace(statement: DdlStatement): statement is CreateOptionsOnly | AlterOptionsOnly {
  return places.has(statement.kind);
}

const places: ReadonlySet<string> = new Set([
  "create-locality-group",
  "create-placement",
  "alter-locality-group",
]);

/** DROP LOCALITY GROUP: nothing may name it. */
export function dropLocalityGroup(schema: Schema, name: string, ifExists: boolean): SchemaChange {
  const lower = name.toLowerCase();
  if (lower === theDefault) throw defaultLocalityGroup("dropped");
  const owners = [
    ...schema.indexes.values(),
    ...[...schema.tables.values()].flatMap((table) => [table, ...table.columns]),
  ];
  if (owners.some(({ localityGroup }) => localityGroup?.toLowerCase() === lower)) {
    throw localityGroupInUse(name);
  }
  return dropDefinition(schema, "LOCALITY GROUP", name, ifExists);
}

/** The option `locality_group` of a table, a column or an index; undefined when it is not set. */
export function localityGroupOf(schema: Schema, options: Options | undefined): string | undefined {
  const name = textOption(options, "locality_group");
  if (name === undefined || name.toLowerCase() === theDefault) return name;
  const found = schema.definitions.get(name.toLowerCase());
  if (found?.kind !== "LOCALITY GROUP") throw definitionNotFound("Locality group", name);
  return found.name;
}
