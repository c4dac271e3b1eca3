// SPDX-License-Identifier: Apache-2.0
// Which columns an expression or a relation reads that it does not produce itself: for grouping, for
// moving filters, and for finding out which queries depend on the row around them.
import type { Expression } from "../expression/expression.ts";
import { columnsIn, subqueriesIn } from "../expression/walk.ts";
import type { AggregatedColumn, Relation, ResolvedQuery, SortKey } from "./resolved.ts";

/** Where subqueries are found by number. */
export interface Subqueries {
  readonly subqueries: readonly ResolvedQuery[];
}

/** The columns that an expression reads, its subqueries included. */
export function columnsReadBy(statement: Subqueries, expression: Expression): ReadonlySet<number> {
  const own = columnsIn(expression);
  const numbers = subqueriesIn(expression);
  if (numbers.length === 0) return own;
  const all = new Set(own);
  for (const number of numbers) {
    const query = statement.subqueries[number];
    if (query === undefined) continue;
    for (const column of freeColumnsOfQuery(statement, query)) all.add(column);
  }
  return all;
}

/** The columns that a query reads from around: also one that it selects just so. */
export function freeColumnsOfQuery(
  statement: Subqueries,
  { relation, columns }: Pick<ResolvedQuery, "relation" | "columns">,
): ReadonlySet<number> {
  const reader = new Reader(statement);
  reader.visit(relation);
  for (const { column } of columns) reader.read.add(column);
  for (const column of reader.produced) reader.read.delete(column);
  return reader.read;
}

/** The columns that a relation reads and does not produce. */
export function freeColumnsOf(statement: Subqueries, relation: Relation): ReadonlySet<number> {
  const reader = new Reader(statement);
  reader.visit(relation);
  for (const column of reader.produced) reader.read.delete(column);
  return reader.read;
}

/** The columns that a relation, or anything in it, gives a number to. */
export function columnsMadeIn(statement: Subqueries, relation: Relation): ReadonlySet<number> {
  const reader = new Reader(statement);
  reader.visit(relation);
  return reader.produced;
}

/** Numbers are unique in a statement, so a column produced anywhere inside is not a free one. */
class Reader {
  readonly read = new Set<number>();
  readonly produced = new Set<number>();
  readonly #statement: Subqueries;

  constructor(statement: Subqueries) {
    this.#statement = statement;
  }

  visit(relation: Relation): void {
    switch (relation.kind) {
      case "one row":
        return;
      case "scan":
        this.#make(relation.columns.map(({ column }) => column));
        return;
      case "unnest":
        this.#make([relation.element]);
        if (relation.offset !== undefined) this.#make([relation.offset]);
        this.#take(relation.array);
        return;
      case "values":
        this.#make(relation.columns);
        for (const row of relation.rows) for (const value of row) this.#take(value);
        return;
      case "definition":
        this.#make(relation.columns);
        return;
      case "filter":
        this.visit(relation.input);
        this.#take(relation.condition);
        return;
      case "compute":
        this.visit(relation.input);
        for (const { column, expression } of relation.columns) {
          this.#make([column]);
          this.#take(expression);
        }
        return;
      case "aggregate":
        this.visit(relation.input);
        for (const { column, expression } of relation.groups) {
          this.#make([column]);
          this.#take(expression);
        }
        for (const aggregated of relation.aggregates) this.#takeAggregate(aggregated);
        return;
      case "join":
        this.visit(relation.left);
        this.visit(relation.right);
        this.#take(relation.condition);
        return;
      case "sort":
        this.visit(relation.input);
        this.#takeKeys(relation.keys);
        return;
      case "limit":
        this.visit(relation.input);
        this.#take(relation.count);
        this.#take(relation.offset);
        return;
      case "set operation":
        for (const input of relation.inputs) {
          this.visit(input.relation);
          for (const column of input.columns) this.read.add(column);
        }
        this.#make(relation.columns.map(({ column }) => column));
        return;
      case "sample":
        this.visit(relation.input);
        if (relation.weight !== undefined) this.#make([relation.weight]);
        this.#take(relation.size);
        return;
    }
  }

  #make(columns: readonly number[]): void {
    for (const column of columns) this.produced.add(column);
  }

  #take(expression: Expression | undefined): void {
    if (expression === undefined) return;
    for (const column of columnsReadBy(this.#statement, expression)) this.read.add(column);
  }

  #takeKeys(keys: readonly SortKey[]): void {
    for (const { expression } of keys) this.#take(expression);
  }

  #takeAggregate(aggregated: AggregatedColumn): void {
    this.#make([aggregated.column]);
    for (const argument of aggregated.arguments) this.#take(argument);
    this.#take(aggregated.having?.value);
    this.#takeKeys(aggregated.orderBy);
  }
}
