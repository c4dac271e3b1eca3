// SPDX-License-Identifier: Apache-2.0
// Names in sight. A scope has columns, which can be named alone, and range variables: the aliases of
// FROM, through which columns can be named, or the whole row. What a scope does not have, the scope
// around it may: that of the outer query.
import type { Type } from "@spandrel/model";
import type { Expression } from "../expression/expression.ts";
import { isTokenList } from "../functions/token-list.ts";

/** A column under a name; an empty name cannot be called. */
export interface NamedColumn {
  readonly name: string;
  readonly expression: Expression;
  /** Whether `*` passes it over: a HIDDEN column of a table. */
  readonly isHidden?: boolean;
}

/** An alias of FROM. */
export interface RangeVariable {
  readonly name: string;
  readonly columns: readonly NamedColumn[];
  /** What the alias alone means, when it is not the struct of the columns. */
  readonly value: Expression | undefined;
}

/** What a FROM clause brings into sight, in the order of `*`. */
export interface Names {
  readonly columns: readonly NamedColumn[];
  readonly variables: readonly RangeVariable[];
}

/** What a name means. */
export type Meaning =
  | { readonly kind: "column"; readonly expression: Expression }
  | { readonly kind: "variable"; readonly variable: RangeVariable }
  | { readonly kind: "ambiguous" };

/** Names, and those around them. */
export interface Scope {
  readonly parent: Scope | undefined;
  /** By names in lower case. */
  readonly meanings: ReadonlyMap<string, Meaning>;
  /** What the meanings were made of: names as they were declared. */
  readonly lists: readonly Names[];
}

/** Nothing in sight. */
export const noNames: Names = { columns: [], variables: [] };

/** Makes a scope of names; earlier lists of names hide later ones. */
export function scopeOf(lists: readonly Names[], parent: Scope | undefined): Scope {
  const meanings = new Map<string, Meaning>();
  for (const names of lists) {
    const found = meaningsOf(names);
    for (const [name, meaning] of found) if (!meanings.has(name)) meanings.set(name, meaning);
  }
  return { parent, meanings, lists };
}

/** An alias hides columns of its name; two columns of one name are ambiguous. */
function meaningsOf({ columns, variables }: Names): Map<string, Meaning> {
  const meanings = new Map<string, Meaning>();
  for (const { name, expression } of columns) {
    if (name === "") continue;
    const key = name.toLowerCase();
    const known = meanings.get(key);
    const isSame = known?.kind === "column" && known.expression === expression;
    if (!isSame) {
      meanings.set(
        key,
        known === undefined ? { kind: "column", expression } : { kind: "ambiguous" },
      );
    }
  }
  for (const variable of variables) {
    if (variable.name === "") continue;
    meanings.set(variable.name.toLowerCase(), { kind: "variable", variable });
  }
  return meanings;
}

/** Finds what a name means, here or around. */
export function lookUp(scope: Scope | undefined, name: string): Meaning | undefined {
  const key = name.toLowerCase();
  for (let at = scope; at !== undefined; at = at.parent) {
    const meaning = at.meanings.get(key);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}

/** Whether an expression is a column of a range variable in sight, and could be named through it. */
export function isColumnOfVariable(scope: Scope | undefined, expression: Expression): boolean {
  for (let at = scope; at !== undefined; at = at.parent) {
    for (const meaning of at.meanings.values()) {
      if (meaning.kind !== "variable") continue;
      if (meaning.variable.columns.some((column) => column.expression === expression)) return true;
    }
  }
  return false;
}

/** All names in sight as they were declared, for suggestions. */
export function namesInSight(scope: Scope | undefined): readonly string[] {
  const names: string[] = [];
  for (let at = scope; at !== undefined; at = at.parent) {
    for (const { columns, variables } of at.lists) {
      for (const { name } of [...columns, ...variables]) if (name !== "") names.push(name);
    }
  }
  return names;
}

/** Names of both. */
export function mergeNames(left: Names, right: Names): Names {
  return {
    columns: [...left.columns, ...right.columns],
    variables: [...left.variables, ...right.variables],
  };
}

/** The value of a range variable: itself, or the struct of its columns, but for lists of tokens. */
export function valueOfVariable(variable: RangeVariable): Expression {
  if (variable.value !== undefined) return variable.value;
  const columns = variable.columns.filter(({ expression }) => !isTokenList(expression.type));
  const type: Type = {
    kind: "STRUCT",
    fields: columns.map(({ name, expression }) => ({ name, type: expression.type })),
  };
  return {
    kind: "struct",
    type,
    isDeclared: true,
    fields: columns.map(({ expression }) => expression),
  };
}

/** The fields of a struct as columns; none when it is no struct. */
export function fieldsOf(expression: Expression): readonly NamedColumn[] {
  const { type } = expression;
  if (type.kind !== "STRUCT") return [];
  return type.fields.map((field, index) => ({
    name: field.name,
    expression: { kind: "field", type: field.type, operand: expression, index },
  }));
}
