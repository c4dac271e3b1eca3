// SPDX-License-Identifier: Apache-2.0
// Names of things in a schema: how they may be spelled, and that no two things share one. Tables,
// indexes, synonyms, constraints, views and sequences all draw from the same names.
import type { Path } from "@spandrel/sql";
import { namedSchemaNotFound } from "../errors/definition.ts";
import { duplicateName, invalidName, reservedName } from "../errors/schema.ts";
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
  | "Role";

/** A name as the statement spells it, with its named schema when it has one. */
export function nameOf(path: Pick<Path, "parts">): string {
  return path.parts.map((part) => part.name).join(".");
}

const identifier = /^[A-Za-z][A-Za-z0-9_]*$/;

/** A name is letters, digits and underscores behind a first letter. */
export function requireIdentifier(kind: NamedKind, name: string, limits: Limits): void {
  if (!identifier.test(name) || name.length > limits.identifierLengthMax) {
    throw invalidName(kind, name);
  }
  if (name.toUpperCase() === "PRIMARY_KEY" && kind !== "Column") throw reservedName(kind);
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
  const [namedSchema] = parts.length > 1 ? parts : [];
  if (namedSchema !== undefined) requireNamedSchema(schema, namedSchema);
  if (isTaken(schema, name)) throw duplicateName(name);
}

/** @throws {StatusError} NOT_FOUND when there is no such named schema. */
function requireNamedSchema(schema: Schema, name: string): void {
  if (schema.definitions.get(name.toLowerCase())?.kind !== "SCHEMA")
    throw namedSchemaNotFound(name);
}

/** Whether anything in the schema goes by a name. */
export function isTaken(schema: Schema, name: string): boolean {
  if (findTable(schema, name) !== undefined || findIndex(schema, name) !== undefined) return true;
  const lower = name.toLowerCase();
  if (schema.definitions.has(lower)) return true;
  for (const { foreignKeys, checks } of schema.tables.values()) {
    if (foreignKeys.some((each) => each.name.toLowerCase() === lower)) return true;
    if (checks.some((each) => each.name.toLowerCase() === lower)) return true;
  }
  return false;
}

/**
 * A name that the database makes up: what it is for, a hash of that, a number.
 *
 * `isNameTaken` says whether one is in use; the first free number is taken.
 */
export function madeUpName(base: string, isNameTaken: (name: string) => boolean): string {
  const stem = `${base}_${hashOf(base)}`;
  for (let number = 1; ; number++) {
    const name = `${stem}_${number}`;
    if (!isNameTaken(name)) return name;
  }
}

/** 64 bits as 16 hexadecimal digits: FNV-1a. */
export function hashOf(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).toUpperCase().padStart(16, "0");
}
