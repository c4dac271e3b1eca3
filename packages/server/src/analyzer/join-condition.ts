// SPDX-License-Identifier: Apache-2.0
// ON and USING: when rows of two sides belong together, and the names that both sides bring.
import { BOOL } from "@spandrel/model";
import type { Hint, Identifier, Join as JoinTree } from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import type { Analysis } from "./analysis.ts";
import { toBool } from "./case.ts";
import { coerce, coercionCost } from "./coercion.ts";
import type { FromClause, FromContext } from "./from-clause.ts";
import { applyOperator } from "./operator-call.ts";
import { lookUp, mergeNames, type NamedColumn, type Names, scopeOf } from "./scope.ts";

/** A join but for its left side. */
export type JoinStep = Omit<JoinTree, "left" | "kind"> &
  Pick<JoinTree, "position"> & { readonly kind: string };

/** The method that a hint asks for. */
export function methodOf(hint: Hint | undefined): string | undefined {
  const entry = hint?.entries.find((each) =>
    ["JOIN_METHOD", "JOIN_TYPE"].includes(each.name.name.toUpperCase()),
  );
  if (entry === undefined) return undefined;
  const { value } = entry;
  return value.kind === "path" ? value.parts[0]?.name.toUpperCase() : undefined;
}

/** @throws {StatusError} INVALID_ARGUMENT when both sides have an alias. */
export function checkAliases(
  tree: JoinStep,
  left: Names,
  right: Names,
  { analysis }: FromContext,
): void {
  const taken = new Set(left.variables.map(({ name }) => name.toLowerCase()));
  for (const { name } of right.variables) {
    if (name !== "" && taken.has(name.toLowerCase())) {
      throw analysis.error(tree.right, `Duplicate table alias ${name} in the same FROM clause`);
    }
  }
}

/** The condition of a join, and the names of its columns. */
export interface JoinNames {
  readonly condition: Expression | undefined;
  readonly names: Names;
  /** Columns that only a computation over both sides gives. */
  readonly computed: readonly { readonly column: number; readonly expression: Expression }[];
}

/** Analyzes the condition of a join. */
export function conditionOf(
  tree: JoinStep,
  left: FromClause,
  right: FromClause,
  context: FromContext,
): JoinNames {
  const { analysis } = context;
  const both = mergeNames(left.names, right.names);
  const { condition } = tree;
  if (condition === undefined) {
    const isArrayJoin =
      right.relation.kind === "unnest" && (tree.type === "INNER" || tree.type === "LEFT");
    if (tree.type !== "CROSS" && tree.type !== "COMMA" && !isArrayJoin) {
      throw analysis.error(
        tree,
        `${tree.type} JOIN must have an immediately following ON or USING clause`,
      );
    }
    return { condition: undefined, names: both, computed: [] };
  }
  if (condition.kind === "using")
    return usingColumns(tree, condition.columns, left, right, context);
  const on = analysis.expression(condition.condition, {
    scope: scopeOf([mergeNames(context.left, both)], context.outer),
    clause: "JOIN ON clause",
    aggregates: undefined,
    definitions: context.definitions,
  });
  return {
    condition: toBool(analysis, on, condition.condition, "JOIN ON clause"),
    names: both,
    computed: [],
  };
}

/** USING names columns of both sides; each comes once, first, from the side that surely has it. */
function usingColumns(
  tree: JoinStep,
  names: readonly Identifier[],
  left: FromClause,
  right: FromClause,
  { analysis }: FromContext,
): JoinNames {
  const tests: Expression[] = [];
  const merged: NamedColumn[] = [];
  const computed: { column: number; expression: Expression }[] = [];
  for (const name of names) {
    const a = usedColumn(analysis, name, left.names, "left");
    const b = usedColumn(analysis, name, right.names, "right");
    tests.push(applyOperator(analysis, "$equal", [a, b], name));
    if (tree.type !== "FULL") {
      merged.push({ name: name.name, expression: tree.type === "RIGHT" ? b : a });
      continue;
    }
    const column = analysis.newColumn();
    const other = coercionCost(b, a.type) === undefined ? b : coerce(analysis, b, a.type, name);
    computed.push({
      column,
      expression: { kind: "coalesce", type: a.type, operands: [a, other] },
    });
    merged.push({
      name: name.name,
      expression: { kind: "column", type: a.type, column, name: name.name },
    });
  }
  const used = new Set(names.map((name) => name.name.toLowerCase()));
  const rest = (side: Names): readonly NamedColumn[] =>
    side.columns.filter((column) => !used.has(column.name.toLowerCase()));
  const [only] = tests;
  return {
    condition:
      only !== undefined && tests.length === 1
        ? only
        : { kind: "and", type: BOOL, operands: tests },
    names: {
      columns: [...merged, ...rest(left.names), ...rest(right.names)],
      variables: [...left.names.variables, ...right.names.variables],
    },
    computed,
  };
}

function usedColumn(
  analysis: Analysis,
  name: Identifier,
  names: Names,
  side: "left" | "right",
): Expression {
  const found = lookUp(scopeOf([{ ...names, variables: [] }], undefined), name.name);
  if (found?.kind === "column") return found.expression;
  if (found?.kind === "ambiguous") {
    throw analysis.error(
      name,
      `Column ${name.name} in USING clause is ambiguous on ${side} side of join`,
    );
  }
  throw analysis.error(
    name,
    `Column ${name.name} in USING clause not found on ${side} side of join`,
  );
}
