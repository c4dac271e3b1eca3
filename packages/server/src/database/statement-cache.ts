// SPDX-License-Identifier: Apache-2.0
// Statements that were understood before. What a text means depends on the text, the declared types of
// its parameters and the schema alone, so it is parsed, analyzed and planned once for all three.
import type { Type } from "@spandrel/model";
import { printType } from "@spandrel/model";
import { parseStatement, SqlErrors } from "@spandrel/sql";
import { analyzeStatement } from "../analyzer/analyze.ts";
import type { ResolvedStatement } from "../analyzer/resolved.ts";
import { checkStatementLength, checkStatementSize } from "../analyzer/statement-size.ts";
import { syntaxErrors } from "../errors/query.ts";
import type { StatementLimits } from "../limits/limits.ts";
import { readsInformation } from "../planner/information.ts";
import type { Plan } from "../planner/plan.ts";
import { plan } from "../planner/planner.ts";
import type { Schema } from "../schema/schema.ts";

/** A statement that is understood. */
export interface Prepared {
  readonly statement: ResolvedStatement;
  readonly plan: Plan;
  /** Whether it reads the information schema, which has rules of its own. */
  readonly readsInformation: boolean;
}

/** Statements that are kept; the one that was added first goes first. */
const keptMax = 2_000;

/** See the top of this file. */
export class StatementCache {
  readonly #limits: StatementLimits;
  #schema: Schema | undefined;
  #kept = new Map<string, Prepared>();

  constructor(limits: StatementLimits) {
    this.#limits = limits;
  }

  /**
   * Understands a statement.
   *
   * `guessedTypes` are for parameters that are not declared and whose use asks for nothing.
   *
   * @throws {StatusError} INVALID_ARGUMENT when it cannot be read or makes no sense, UNIMPLEMENTED when
   * Spanner does not do what it asks for.
   */
  prepare(
    text: string,
    parameterTypes: Readonly<Record<string, Type>>,
    schema: Schema,
    guessedTypes: Readonly<Record<string, Type>> = {},
  ): Prepared {
    // Reads at an old moment may bring an old schema; they are rare, and begin the cache anew.
    if (this.#schema !== schema) {
      this.#schema = schema;
      this.#kept = new Map();
    }
    const key = keyOf(keyOf(text, parameterTypes), guessedTypes);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const prepared = prepare(text, parameterTypes, guessedTypes, schema, this.#limits);
    this.#kept.set(key, prepared);
    if (this.#kept.size > keptMax) {
      const [first] = this.#kept.keys();
      if (first !== undefined) this.#kept.delete(first);
    }
    return prepared;
  }
}

function keyOf(text: string, parameterTypes: Readonly<Record<string, Type>>): string {
  let key = text;
  for (const name in parameterTypes) {
    const type = parameterTypes[name];
    if (type !== undefined) key += `\0${name}\0${printType(type)}`;
  }
  return key;
}

function byLowerName(types: Readonly<Record<string, Type>>): ReadonlyMap<string, Type> {
  return new Map(Object.entries(types).map(([name, type]) => [name.toLowerCase(), type]));
}

function prepare(
  text: string,
  types: Readonly<Record<string, Type>>,
  guesses: Readonly<Record<string, Type>>,
  schema: Schema,
  limits: StatementLimits,
): Prepared {
  checkStatementLength(text, limits);
  const parameterTypes = byLowerName(types);
  const guessedTypes = byLowerName(guesses);
  try {
    const tree = parseStatement(text);
    checkStatementSize(text, tree, limits);
    const statement = analyzeStatement(tree, schema, {
      parameterTypes,
      guessedTypes,
      text,
    });
    const planned = plan(statement, schema);
    return { statement, plan: planned, readsInformation: readsInformation(planned) };
  } catch (thrown) {
    if (thrown instanceof SqlErrors) throw syntaxErrors(thrown);
    throw thrown;
  }
}
