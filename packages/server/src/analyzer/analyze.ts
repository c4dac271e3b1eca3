// SPDX-License-Identifier: Apache-2.0
// The analyzer: from a tree and a schema to a resolved statement. It finds what every name means,
// which overload every call takes, where casts belong and what type every parameter has, and it says
// what is wrong in Spanner's words, with the place.
//
// It does not choose how to read: that is the planner's. The result depends on the text, the declared
// types of parameters and the schema alone, never on values or time, so it can be kept and reused.
import type { Type } from "@spandrel/model";
import type { Expression as ExpressionTree, Statement } from "@spandrel/sql";
import { structResult, tokenListResult, unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { holdsTokenList } from "../functions/token-list.ts";
import type { Column, Schema } from "../schema/schema.ts";
import { Analysis, type AnalysisOptions, type Entrances } from "./analysis.ts";
import { coerce, coercionCost } from "./coercion.ts";
import { analyzeDelete, analyzeInsert, analyzeUpdate } from "./dml.ts";
import { analyzeTree } from "./expression.ts";
import { printTypesOf } from "./match.ts";
import { analyzeQueryTree } from "./query.ts";
import type { ResolvedStatement } from "./resolved.ts";
import { type NamedColumn, scopeOf } from "./scope.ts";

const entrances: Entrances = { expression: analyzeTree, query: analyzeQueryTree };

/**
 * Analyzes a statement.
 *
 * Parameters that are not declared get the type that their use asks for, INT64 when nothing does.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the statement makes no sense, UNIMPLEMENTED when Spanner
 * does not do what it asks for.
 */
export function analyzeStatement(
  statement: Statement,
  schema: Schema,
  options: AnalysisOptions,
): ResolvedStatement {
  const analysis = new Analysis(schema, options, entrances);
  switch (statement.kind) {
    case "query": {
      const query = analysis.query(statement, undefined, new Map());
      const isShown = options.keptAs !== "view";
      if (isShown && query.columns.some(({ type }) => type.kind === "STRUCT")) {
        throw structResult();
      }
      if (isShown && query.columns.some(({ type }) => holdsTokenList(type))) {
        throw tokenListResult();
      }
      return {
        kind: "query",
        query,
        columns: query.columns.map(({ name, type }) => ({ name, type })),
        parameters: analysis.parameters,
        subqueries: analysis.subqueries,
        definitions: analysis.definitions,
      };
    }
    case "insert":
      return analyzeInsert(analysis, statement);
    case "update":
      return analyzeUpdate(analysis, statement);
    case "delete":
      return analyzeDelete(analysis, statement);
    case "call-statement":
      throw unsupportedQuery("CALL is not supported", analysis.place(statement));
  }
}

/** What an expression in a schema may see. */
export interface ColumnExpressionOptions {
  readonly text: string;
  /** The columns of the table, in its order; column numbers in the result are positions here. */
  readonly columns: readonly Column[];
  /** The type that the value must have; undefined leaves it open. */
  readonly type: Type | undefined;
}

/**
 * Analyzes an expression of the schema: a default, a generated column, a check.
 *
 * @throws {StatusError} INVALID_ARGUMENT when it makes no sense, or is not of the type.
 */
export function analyzeColumnExpression(
  tree: ExpressionTree,
  schema: Schema,
  { text, columns, type }: ColumnExpressionOptions,
): Expression {
  const options = { parameterTypes: new Map(), text, keptAs: "column expression" } as const;
  const analysis = new Analysis(schema, options, entrances);
  const named = columns.map(
    (column): NamedColumn => ({
      name: column.name,
      expression: {
        kind: "column",
        type: column.type,
        column: analysis.newColumn(),
        name: column.name,
      },
    }),
  );
  const expression = analysis.expression(tree, {
    scope: scopeOf([{ columns: named, variables: [] }], undefined),
    clause: "a column expression",
    aggregates: undefined,
    definitions: new Map(),
  });
  if (analysis.subqueries.length > 0) {
    throw analysis.error(tree, "Subqueries are not allowed in column expressions");
  }
  if (analysis.parameters.size > 0) {
    throw analysis.error(tree, "Query parameters cannot be used inside column expressions");
  }
  if (type === undefined) return expression;
  if (coercionCost(expression, type) === undefined) {
    throw analysis.error(
      tree,
      `Expected type ${type.kind}; found ${printTypesOf([expression])[0]}`,
    );
  }
  return coerce(analysis, expression, type, tree);
}
