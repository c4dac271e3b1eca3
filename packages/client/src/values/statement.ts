// SPDX-License-Identifier: Apache-2.0
import type { Type, WireValue } from "@spandrel/model";
import type { Type as ProtoType } from "@spandrel/protocol";
import { encodeAs, encodeColumn, typeOf } from "./encode.ts";
import { protoTypeOf } from "./postgres.ts";
import type { InputValue } from "./typed-value.ts";

/** A statement with named parameters: `@name` in the text is `params.name`. */
export interface Statement {
  readonly sql: string;
  readonly params?: Readonly<Record<string, InputValue>>;
  /** Types of parameters whose values do not say the right one. */
  readonly types?: Readonly<Record<string, Type>>;
}

/** What may be run: text, a statement, or what the sql tag gives. */
export type StatementInput = string | Statement;

/** A piece of SQL with the values bound in it; pieces can be put into one another. */
export class Sql implements Statement {
  readonly sql: string;
  readonly params: Readonly<Record<string, InputValue>>;
  readonly #texts: readonly string[];
  readonly #values: readonly InputValue[];

  constructor(texts: readonly string[], values: readonly (InputValue | Sql)[], placeholder = "@p") {
    const flat = flatten(texts, values);
    this.#texts = flat.texts;
    this.#values = flat.values;
    this.sql = flat.texts.reduce((joined, text, index) => `${joined}${placeholder}${index}${text}`);
    this.params = Object.fromEntries(flat.values.map((value, index) => [`p${index + 1}`, value]));
  }

  static texts(piece: Sql): readonly string[] {
    return piece.#texts;
  }

  static values(piece: Sql): readonly InputValue[] {
    return piece.#values;
  }
}

function flatten(
  texts: readonly string[],
  values: readonly (InputValue | Sql)[],
): { texts: string[]; values: InputValue[] } {
  const flatTexts = [texts[0] ?? ""];
  const flatValues: InputValue[] = [];
  const append = (text: string): void => {
    flatTexts.push((flatTexts.pop() ?? "") + text);
  };
  values.forEach((value, index) => {
    if (value instanceof Sql) {
      const [first = "", ...others] = Sql.texts(value);
      append(first);
      flatTexts.push(...others);
      flatValues.push(...Sql.values(value));
    } else {
      flatTexts.push("");
      flatValues.push(value);
    }
    append(texts[index + 1] ?? "");
  });
  return { texts: flatTexts, values: flatValues };
}

/**
 * Makes a statement whose values are bound as parameters, never pasted into its text.
 *
 *     sql`SELECT Name FROM Singers WHERE SingerId = ${7n}`
 *
 * A value may itself be a piece of SQL made by this tag or by `identifier`.
 */
export function sql(texts: TemplateStringsArray, ...values: readonly (InputValue | Sql)[]): Sql {
  return new Sql(texts, values);
}

/**
 * As `sql`, for databases of PostgreSQL's dialect, whose parameters are `$1`, `$2`.
 *
 *     pgSql`SELECT name FROM singers WHERE singer_id = ${7n}`
 */
export function pgSql(texts: TemplateStringsArray, ...values: readonly (InputValue | Sql)[]): Sql {
  return new Sql(texts, values, "$");
}

/** As `identifier`, for databases of PostgreSQL's dialect. */
export function pgIdentifier(name: string): Sql {
  const parts = name.split(".").map((part) => `"${part.replaceAll('"', '""')}"`);
  return new Sql([parts.join(".")], []);
}

/** A name of a table, a column or an index, quoted, for use within a statement. */
export function identifier(name: string): Sql {
  const quoted = name
    .split(".")
    .map((part) => `\`${part.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``)
    .join(".");
  return new Sql([quoted], []);
}

/** A statement as a request carries it. */
export interface EncodedStatement {
  readonly sql: string;
  readonly params?: { [name: string]: WireValue };
  readonly paramTypes?: { [name: string]: ProtoType };
}

/**
 * Encodes a statement with its parameters.
 *
 * @throws {StatusError} INVALID_ARGUMENT when a value is not one of its type.
 */
export function encodeStatement(input: StatementInput): EncodedStatement {
  if (typeof input === "string") return { sql: input };
  const entries = Object.entries(input.params ?? {});
  if (entries.length === 0) return { sql: input.sql };
  const params: { [name: string]: WireValue } = {};
  const paramTypes: { [name: string]: ProtoType } = {};
  for (const [name, value] of entries) {
    const type = input.types?.[name] ?? typeOf(value);
    params[name] = type === undefined ? encodeColumn(value) : encodeAs(type, value);
    if (type !== undefined) paramTypes[name] = protoTypeOf(type);
  }
  return { sql: input.sql, params, paramTypes };
}
