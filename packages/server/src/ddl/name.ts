// SPDX-License-Identifier: Apache-2.0
// Names of things in a schema: how they may be spelled, and that no two things share one. Tables,
// indexes, synonyms, constraints, views and sequences all draw from the same names.
import type { Identifier, Path, Position } from "@spandrel/sql";
import { namedSchemaNotFound } from "../errors/definition.ts";
import { duplicateName, invalidName, reservedName } from "../errors/schema.ts";
import { farmFingerprint } from "../functions/farm-fingerprint.ts";
import type { Limits } from "../limits/limits.ts";
import { findIndex, findTable, type Schema } from "../schema/schema.ts";

/** The kinds of things in the words that errors use. */
export type NamedKind =
  | "Table"
  | "Column"
  | "Index"
  | "Foreign Key"
  | "Check Constraint"
  | "View"
  | "Sequence"
  | "Schema"
  | "Change Stream"
  | "Role"
  | "Model"
  | "Locality group"
  | "Placement";

/** A name as the statement spells it, with its named schema when it has one. */
export function nameOf(path: Pick<Path, "parts">): string {
  return path.parts.map((part) => part.name).join(".");
}

/** The parts of a name, as if they had been written at a place. */
export function namesOf(name: string, position: Position): readonly Identifier[] {
  return name.split(".").map((part) => ({ kind: "identifier", name: part, position }));
}

/** The named schema that a name is in; empty for the default one. */
export function namedSchemaOf(name: string): string {
  return name.slice(0, Math.max(name.indexOf("."), 0)).toLowerCase();
}

const identifier = /^[A-Za-z][A-Za-z0-9_]*$/;

/** A name is letters, digits and underscores behind a first letter. */
export function requireIdentifier(kind: NamedKind, name: string, limits: Limits): void {
  if (!identifier.test(name) || name.length > limits.identifierLengthMax) {
    throw invalidName(kind, name);
  }
  if (name.toUpperCase() === "PRIMARY_KEY" && kind !== "Column")
    throw reservedName(kind === "Index" ? "a secondary index" : kind);
}

/**
 * A name for something new: well formed, in a schema that exists, and free.
 *
 * @throws {StatusError} when it is not.
 */
export function requireNewName(
  schema: Schema,
  kind: NamedKind,
  name: string,
  limits: Limits,
): void {
  const parts = name.split(".");
  for (const part of parts) requireIdentifier(kind, part, limits);
  if (kind === "Index" && parts.at(-1)?.startsWith("Dir_") === true) throw invalidName(kind, name);
  const [namedSchema] = parts.length > 1 ? parts : [];
  if (namedSchema !== undefined) requireNamedSchema(schema, namedSchema);
  if (isTaken(schema, name)) throw duplicateName(name);
}

/** @throws {StatusError} NOT_FOUND when there is no such named schema. */
function requireNamedSchema(schema: Schema, name: string): void {
  if (schema.definitions.get(name.toLowerCase())?.kind !== "SCHEMA")
    throw namedSchemaNotFound(name);
}

/** The function that gives the records of a change stream. */
export function readFunctionOf(stream: string): string {
  return stream.replace(/[^.]+$/, (name) => `READ_${name}`);
}

function isReadFunction(schema: Schema, name: string): boolean {
  const stream = name.replace(/(^|\.)read_([^.]+)$/, "$1$2");
  return stream !== name && schema.definitions.get(stream)?.kind === "CHANGE STREAM";
}

/** Whether anything in the schema goes by a name. */
export function isTaken(schema: Schema, name: string): boolean {
  if (findTable(schema, name) !== undefined || findIndex(schema, name) !== undefined) return true;
  const lower = name.toLowerCase();
  if (schema.definitions.has(lower) || isReadFunction(schema, lower)) return true;
  for (const { foreignKeys, checks } of schema.tables.values()) {
    if (foreignKeys.some((each) => each.name.toLowerCase() === lower)) return true;
    if (checks.some((each) => each.name.toLowerCase() === lower)) return true;
  }
  return false;
}

/**
 * A name that the database makes up: what it is for, a fingerprint of that, a number.
 *
 * `isNameTaken` says whether one is in use; the first free number is taken.
 */
export function madeUpName(
  base: string,
  limits: Limits,
  isNameTaken: (name: string) => boolean,
): string {
  const fingerprint = fingerprintOf(base);
  for (let number = 1; ; number++) {
    const name = withSuffix(base, `${fingerprint}_${number}`, limits);
    if (!isNameTaken(name)) return name;
  }
}

/** The name of an index that the database makes: `U` stands for unique, `N` for null-filtered. */
export function madeUpIndexName(
  table: string,
  columns: readonly string[],
  code: "" | "U" | "N",
  limits: Limits,
): string {
  const base = ["IDX", table, ...columns].join("_");
  const end = code === "" ? "" : `${code}_`;
  const fingerprint = fingerprintOf(code === "" ? base : `${base}_${code}`);
  return withSuffix(base, `${end}${fingerprint}`, limits);
}

/** A long name gives way to what tells it apart. */
function withSuffix(base: string, suffix: string, limits: Limits): string {
  const room = limits.identifierLengthMax - suffix.length - 1;
  return `${base.slice(0, room).replace(/_$/, "")}_${suffix}`;
}

/** Spanner puts this before what it takes a fingerprint of, so that names are the same here. */
const seed = "2695C62E33338E4B";

/** 64 bits as 16 hexadecimal digits. */
function fingerprintOf(text: string): string {
  const bytes = new TextEncoder().encode(`${seed}_${text}`);
  const fingerprint = BigInt.asUintN(64, farmFingerprint(bytes));
  return fingerprint.toString(16).toUpperCase().padStart(16, "0");
}
