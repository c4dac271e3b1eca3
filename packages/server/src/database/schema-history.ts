// SPDX-License-Identifier: Apache-2.0
// The schemas that a database has had, each from its moment on, and the statements that made them. The
// statements are all kept, since a schema is on the disk as what made it; the schemas only for as long
// as a read can ask for their moments.
import { parseDdl, SqlErrors } from "@spandrel/sql";
import { changeSchema } from "../ddl/change.ts";
import type { SchemaChange } from "../ddl/schema-change.ts";
import { ddlSyntaxError } from "../errors/schema.ts";
import type { Limits } from "../limits/limits.ts";
import { emptySchema, type Schema } from "../schema/schema.ts";

/** A statement that changed the schema, and when. */
export interface SchemaStatement {
  readonly atMicros: number;
  readonly statement: string;
}

interface SchemaVersion {
  readonly fromMicros: number;
  readonly schema: Schema;
}

/** See the top of this file. */
export class SchemaHistory {
  /** Oldest first; the last one holds now. */
  #versions: readonly SchemaVersion[];
  #statements: readonly SchemaStatement[];

  constructor(
    versions: readonly SchemaVersion[] = [{ fromMicros: 0, schema: emptySchema }],
    statements: readonly SchemaStatement[] = [],
  ) {
    this.#versions = versions;
    this.#statements = statements;
  }

  /** The schema that holds now. */
  get current(): Schema {
    return this.#versions.at(-1)?.schema ?? emptySchema;
  }

  /** Every statement so far, oldest first. */
  get statements(): readonly SchemaStatement[] {
    return this.#statements;
  }

  /** The schema of a moment. */
  at(micros: number): Schema {
    const version = this.#versions.findLast((each) => each.fromMicros <= micros);
    return version?.schema ?? emptySchema;
  }

  /** From a moment on another schema holds; those that no read from the horizon on sees are let go. */
  add(schema: Schema, { atMicros, statement }: SchemaStatement, horizonMicros: number): void {
    const first = this.#versions.findLastIndex((each) => each.fromMicros <= horizonMicros);
    const kept = this.#versions.slice(Math.max(0, first));
    this.#versions = [...kept, { fromMicros: atMicros, schema }];
    this.#statements = [...this.#statements, { atMicros, statement }];
  }

  /** A copy in constant time. */
  fork(): SchemaHistory {
    return new SchemaHistory(this.#versions, this.#statements);
  }
}

/**
 * What a statement makes of a schema.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a statement that cannot be read, else as `changeSchema`.
 */
export function planSchemaChange(before: Schema, text: string, limits: Limits): SchemaChange {
  return changeSchema(before, parseStatement(text), { limits, text });
}

/**
 * What a statement made of a schema, when it is carried out once more from a disk or a backup.
 *
 * Limits do not count: what was accepted is there again, also when a limit is lower by now or did not
 * exist then.
 *
 * @throws {StatusError} when it never was such a statement.
 */
export function repeatSchemaChange(before: Schema, text: string, limits: Limits): SchemaChange {
  const none = Object.keys(limits).map((name) => [name, Number.MAX_SAFE_INTEGER]);
  // Names that the server makes up are cut to this length, and have to be the same again.
  const { identifierLengthMax } = limits;
  return planSchemaChange(before, text, {
    ...limits,
    ...Object.fromEntries(none),
    identifierLengthMax,
  });
}

function parseStatement(text: string): ReturnType<typeof parseDdl> {
  try {
    return parseDdl(text);
  } catch (thrown) {
    if (thrown instanceof SqlErrors) throw ddlSyntaxError(text, thrown.message);
    throw thrown;
  }
}
