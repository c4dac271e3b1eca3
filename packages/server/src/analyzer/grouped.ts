// SPDX-License-Identifier: Apache-2.0
// Expressions after GROUP BY: what is the same calculation as a grouping expression becomes the
// group's column, and any other column of FROM is refused.
import type { TreeNode } from "@spandrel/sql";
import { notGrouped } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { replaceParts, sameExpression, visitParts } from "../expression/walk.ts";
import type { Analysis } from "./analysis.ts";
import { columnsReadBy } from "./columns-read.ts";
import type { AggregatedColumn, ComputedColumn, OutputColumn, Relation } from "./resolved.ts";

/** Expressions after grouping. */
export class GroupedExpressions {
  readonly #analysis: Analysis;
  readonly #groups: readonly ComputedColumn[];
  readonly #hidden: ReadonlySet<number>;
  readonly #visible: ReadonlySet<number>;

  constructor(
    analysis: Analysis,
    groups: readonly ComputedColumn[],
    aggregates: readonly AggregatedColumn[],
    outputs: readonly OutputColumn[],
    produced: ReadonlySet<number>,
  ) {
    this.#analysis = analysis;
    this.#groups = groups;
    this.#hidden = produced;
    const visible = [...groups, ...aggregates].map(({ column }) => column);
    const computed = outputs.map(({ column }) => column).filter((column) => !produced.has(column));
    this.#visible = new Set([...visible, ...computed]);
  }

  /** The same expression over the columns that there are after grouping. */
  over(expression: Expression, clause: string, node?: TreeNode): Expression {
    const replaced = replaceParts(expression, (part) => {
      const group = this.#groups.find((each) => sameExpression(each.expression, part));
      if (group === undefined) return undefined;
      return { kind: "column", type: part.type, column: group.column, name: "" };
    });
    for (const column of columnsReadBy(this.#analysis, replaced)) {
      if (this.#hidden.has(column) && !this.#visible.has(column)) {
        throw this.#refuse(replaced, column, clause, node);
      }
    }
    return replaced;
  }

  #refuse(expression: Expression, column: number, clause: string, node?: TreeNode): Error {
    let offset = node?.position.start ?? 0;
    visitParts(expression, (part) => {
      if (part.kind !== "column" || part.column !== column) return;
      offset = this.#analysis.offsetOf(part) ?? offset;
    });
    const name = nameIn(expression, column);
    return notGrouped(clause, name, this.#analysis.placeAt(offset));
  }
}

/** The name that a column of an expression goes by; empty when it has none. */
export function nameIn(expression: Expression, column: number): string {
  let name = "";
  visitParts(expression, (part) => {
    if (part.kind === "column" && part.column === column) name = part.name;
  });
  return name;
}

/** Columns that a relation produces, as opposed to those that come from around. */
export function producedBy(relation: Relation): ReadonlySet<number> {
  const found = new Set<number>();
  collectProduced(relation, found);
  return found;
}

function collectProduced(relation: Relation, found: Set<number>): void {
  switch (relation.kind) {
    case "one row":
      return;
    case "scan":
      for (const { column } of relation.columns) found.add(column);
      return;
    case "unnest":
      found.add(relation.element);
      if (relation.offset !== undefined) found.add(relation.offset);
      return;
    case "values":
    case "definition":
      for (const column of relation.columns) found.add(column);
      return;
    case "compute":
      for (const { column } of relation.columns) found.add(column);
      collectProduced(relation.input, found);
      return;
    case "aggregate":
      for (const { column } of [...relation.groups, ...relation.aggregates]) found.add(column);
      return;
    case "join":
      collectProduced(relation.left, found);
      collectProduced(relation.right, found);
      return;
    case "set operation":
      for (const { column } of relation.columns) found.add(column);
      return;
    default:
      collectProduced(relation.input, found);
  }
}
