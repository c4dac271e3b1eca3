// SPDX-License-Identifier: Apache-2.0
// What an INSERT inserts: rows written out, or those of a query, in the types of the columns that
// they are for. A DEFAULT is what the column says.
import { printType, STRING } from "@spandrel/model";
import type {
  DefaultValue,
  Expression as ExpressionTree,
  Insert,
  InsertValues,
  TreeNode,
} from "@spandrel/sql";
import { cannotWriteColumn } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import type { Column, Table } from "../schema/schema.ts";
import type { Analysis } from "./analysis.ts";
import { coerce, coercionCost } from "./coercion.ts";
import { printTypesOf } from "./match.ts";
import { referenceTo } from "./order-by.ts";
import type { ComputedColumn, OutputColumn, Relation, ResolvedQuery } from "./resolved.ts";
import { type Names, scopeOf } from "./scope.ts";

/**
 * The columns that a statement really gives, by their places in its list: a column that makes its own
 * value, and is DEFAULT in every row, might as well not have been named.
 */
export function givenPlaces({ source }: Insert, named: readonly Column[]): ReadonlySet<number> {
  const isGiven = ({ generated, identity }: Column, place: number): boolean => {
    if (source.kind !== "values" || (generated ?? identity) === undefined) return true;
    return source.rows.some(({ values }) => values[place]?.kind !== "default");
  };
  return new Set(
    [...named.keys()].filter((place) => {
      const column = named[place];
      return column !== undefined && isGiven(column, place);
    }),
  );
}

/** Values in the types of the columns that they are for; DEFAULT is what the column says. */
export function valuesOf(
  analysis: Analysis,
  tree: InsertValues,
  table: Table,
  named: readonly Column[],
  places: ReadonlySet<number>,
): ResolvedQuery {
  const columns = named
    .filter((_, place) => places.has(place))
    .map(
      (target): OutputColumn => ({
        name: target.name,
        column: analysis.newColumn(),
        type: target.type,
      }),
    );
  const rows = tree.rows.map((row) => {
    if (row.values.length !== named.length) {
      throw analysis.error(
        row,
        `Inserted row has wrong column count; Has ${row.values.length}, expected ${named.length}`,
      );
    }
    return named.flatMap((target, place) => {
      if (!places.has(place)) return [];
      return writtenValue(analysis, row.values[place] ?? row, table, target, undefined);
    });
  });
  const relation: Relation = { kind: "values", columns: columns.map(({ column }) => column), rows };
  return { relation, columns, isValueTable: false };
}

/** A value for a column, cast to the column's type. */
export function writtenValue(
  analysis: Analysis,
  tree: ExpressionTree | DefaultValue | TreeNode,
  table: Table,
  target: Column,
  names: Names | undefined,
): Expression {
  if (tree.kind === "default") return defaultOf(table, target);
  if (target.generated !== undefined) throw cannotWriteColumn(table.name, target.name);
  const value = analysis.expression(tree as ExpressionTree, {
    scope: names === undefined ? undefined : scopeOf([names], undefined),
    clause: names === undefined ? "INSERT VALUES" : "UPDATE SET",
    aggregates: undefined,
    definitions: new Map(),
  });
  return toColumn(analysis, value, target, tree);
}

function defaultOf(table: Table, target: Column): Expression {
  if (target.generated !== undefined) throw cannotWriteColumn(table.name, target.name);
  return (
    target.defaultValue?.expression ?? {
      kind: "constant",
      type: target.type,
      value: null,
      isUntyped: false,
    }
  );
}

function toColumn(analysis: Analysis, value: Expression, target: Column, at: TreeNode): Expression {
  if (coercionCost(value, target.type) === undefined) {
    throw analysis.error(
      at,
      `Value has type ${printTypesOf([value])[0]} which cannot be inserted into column ${target.name}, which has type ${printType(target.type)}`,
    );
  }
  return coerce(analysis, value, target.type, at);
}

/** The rows of a query, cast to the types of the columns. */
export function selectedRows(
  analysis: Analysis,
  tree: Insert,
  query: ResolvedQuery,
  targets: readonly Column[],
): ResolvedQuery {
  if (query.columns.length !== targets.length) {
    throw analysis.error(
      tree.source,
      `Inserted row has wrong column count; Has ${query.columns.length}, expected ${targets.length}`,
    );
  }
  const computed = targets.map((target, index): ComputedColumn => {
    const column = query.columns[index];
    if (target.generated !== undefined)
      throw cannotWriteColumn(tree.table.parts[0]?.name ?? "", target.name);
    const value: Expression =
      column === undefined
        ? { kind: "constant", type: target.type, value: null, isUntyped: true }
        : (openValue(query.relation, column.column) ?? referenceTo(column));
    return {
      column: analysis.newColumn(),
      expression: toColumn(analysis, value, target, tree.source),
    };
  });
  return {
    relation: { kind: "compute", input: query.relation, columns: computed },
    columns: computed.map(({ column }, index) => ({
      name: targets[index]?.name ?? "",
      column,
      type: targets[index]?.type ?? STRING,
    })),
    isValueTable: false,
  };
}

/** A literal or parameter in a SELECT list takes on the type of the column it is inserted into. */
function openValue(relation: Relation, column: number): Expression | undefined {
  if (relation.kind !== "compute") return undefined;
  const expression = relation.columns.find((each) => each.column === column)?.expression;
  return expression?.kind === "constant" || expression?.kind === "parameter"
    ? expression
    : undefined;
}
