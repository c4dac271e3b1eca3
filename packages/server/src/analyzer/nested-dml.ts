// SPDX-License-Identifier: Apache-2.0
// Nested DML: statements in parentheses in the SET of an UPDATE, which change the elements of an array
// column. Each becomes a function of the array; several on one column work one after the other.
import { INT64, type Type } from "@spandrel/model";
import type { DmlStatement, Expression as ExpressionTree, Insert, TreeNode } from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { type Column, findColumn, type Table } from "../schema/schema.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { toBool } from "./case.ts";
import { castTo, coerce, coercionCost } from "./coercion.ts";
import { printTypesOf } from "./match.ts";
import { applyOperator } from "./operator-call.ts";
import { lookUp, type Names, scopeOf } from "./scope.ts";

/** A column and what becomes of it. */
export interface NestedChange {
  readonly target: Column;
  readonly value: Expression;
}

/** Analyzes the nested statements of an UPDATE. */
export function analyzeNested(
  analysis: Analysis,
  table: Table,
  statements: readonly DmlStatement[],
  names: Names,
): readonly NestedChange[] {
  const changes = new Map<Column, Expression>();
  for (const statement of statements) {
    const target = arrayColumn(analysis, table, statement);
    const before = changes.get(target) ?? columnIn(names, target);
    changes.set(target, new NestedStatement(analysis, target, names, statement).over(before));
  }
  return [...changes].map(([target, value]) => ({ target, value }));
}

function arrayColumn(analysis: Analysis, table: Table, statement: DmlStatement): Column {
  const name = statement.table.parts.at(-1);
  const column = name === undefined ? undefined : findColumn(table, name.name);
  if (column === undefined || statement.table.parts.length > 2) {
    throw unsupportedQuery(
      "Nested DML statements change array columns only",
      analysis.place(statement.table),
    );
  }
  if (column.type.kind !== "ARRAY") {
    throw analysis.error(statement.table, "The target of a nested DML statement must be an array");
  }
  return column;
}

function columnIn(names: Names, target: Column): Expression {
  const meaning = lookUp(scopeOf([{ ...names, variables: [] }], undefined), target.name);
  if (meaning?.kind === "column") return meaning.expression;
  throw new RangeError(`the table has no column ${target.name}`);
}

/** One statement over the elements of one column. */
class NestedStatement {
  readonly #analysis: Analysis;
  readonly #element: Type;
  readonly #alias: string;
  readonly #names: Names;
  readonly #statement: DmlStatement;

  constructor(analysis: Analysis, target: Column, names: Names, statement: DmlStatement) {
    this.#analysis = analysis;
    this.#element = target.type.kind === "ARRAY" ? target.type.element : INT64;
    this.#alias = ("alias" in statement ? statement.alias?.name : undefined) ?? target.name;
    this.#names = names;
    this.#statement = statement;
  }

  over(array: Expression): Expression {
    const statement = this.#statement;
    const expected = this.#expected();
    switch (statement.kind) {
      case "delete": {
        const goes = this.#lambda((context) => this.#condition(statement.where, context));
        return this.#apply("$nested_delete", [array, goes, ...expected]);
      }
      case "update": {
        const [assignment, ...more] = statement.assignments;
        if (assignment === undefined || more.length > 0 || statement.nested.length > 0) {
          throw this.#unsupported(statement);
        }
        const changes = this.#lambda((context) => this.#condition(statement.where, context));
        const change = this.#lambda((context) => this.#value(assignment.value, context));
        return this.#apply("$nested_update", [array, changes, change, ...expected]);
      }
      case "insert":
        return this.#apply("$nested_insert", [array, this.#inserted(statement), ...expected]);
    }
  }

  #unsupported(at: TreeNode): Error {
    return unsupportedQuery("This form of nested DML is not supported", this.#analysis.place(at));
  }

  #apply(name: string, operands: readonly Expression[]): Expression {
    return applyOperator(this.#analysis, name, operands, this.#statement);
  }

  #expected(): readonly Expression[] {
    const tree = this.#statement.assertRowsModified;
    if (tree === undefined) return [];
    const context = this.#context(undefined);
    const expected = this.#analysis.expression(tree, context);
    return [castTo(coerce(this.#analysis, expected, INT64, tree), INT64)];
  }

  #context(scope: ExpressionContext["scope"]): ExpressionContext {
    return { scope, clause: "nested DML", aggregates: undefined, definitions: new Map() };
  }

  /** The element goes by the alias; the columns of the row are around it. */
  #lambda(analyze: (context: ExpressionContext) => Expression): Expression {
    const column = this.#analysis.newColumn();
    const name = this.#alias;
    const element: Expression = { kind: "column", type: this.#element, column, name };
    const around = scopeOf([this.#names], undefined);
    const scope = scopeOf([{ columns: [{ name, expression: element }], variables: [] }], around);
    const before = this.#analysis.subqueries.length;
    const body = analyze(this.#context(scope));
    if (this.#analysis.subqueries.length > before) throw this.#unsupported(this.#statement);
    return { kind: "lambda", type: body.type, parameters: [column], body };
  }

  #condition(tree: ExpressionTree | undefined, context: ExpressionContext): Expression {
    if (tree === undefined)
      throw this.#analysis.error(
        this.#statement,
        "A nested DML statement must have a WHERE clause",
      );
    const condition = this.#analysis.expression(tree, context);
    return toBool(this.#analysis, condition, tree, "WHERE clause");
  }

  #value(tree: TreeNode, context: ExpressionContext): Expression {
    if (tree.kind === "default") throw this.#unsupported(tree);
    const value = this.#analysis.expression(tree as ExpressionTree, context);
    return this.#asElement(value, tree);
  }

  #asElement(value: Expression, at: TreeNode): Expression {
    if (coercionCost(value, this.#element) === undefined) {
      throw this.#analysis.error(
        at,
        `Value has type ${printTypesOf([value])[0]} which cannot be an element of the array`,
      );
    }
    return coerce(this.#analysis, value, this.#element, at);
  }

  #inserted({ source }: Insert): Expression {
    const type: Type = { kind: "ARRAY", element: this.#element };
    const scope = scopeOf([this.#names], undefined);
    if (source.kind === "values") {
      const elements = source.rows.map((row) => {
        const [value, ...more] = row.values;
        if (value === undefined || more.length > 0) throw this.#unsupported(row);
        return this.#value(value, this.#context(scope));
      });
      return { kind: "array", type, isDeclared: true, elements };
    }
    const query = this.#analysis.query(source, scope, new Map());
    const [only] = query.columns;
    if (only === undefined || query.columns.length > 1) throw this.#unsupported(source);
    const column = this.#analysis.newColumn();
    const reference: Expression = {
      kind: "column",
      type: only.type,
      column: only.column,
      name: "",
    };
    const number = this.#analysis.addSubquery({
      relation: {
        kind: "compute",
        input: query.relation,
        columns: [{ column, expression: this.#asElement(reference, source) }],
      },
      columns: [{ name: "", column, type: this.#element }],
      isValueTable: false,
    });
    return { kind: "subquery", type, form: "array", query: number, operand: undefined };
  }
}
