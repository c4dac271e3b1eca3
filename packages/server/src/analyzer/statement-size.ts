// SPDX-License-Identifier: Apache-2.0
// How large a statement may be: its text, and what it is made of. Judged on the tree, before anybody
// looks up what the names in it mean.
// https://cloud.google.com/spanner/quotas#query_limits
import { childrenOf, type TreeNode } from "@spandrel/sql";
import { statementTooLarge, statementTooLong } from "../errors/query.ts";
import type { StatementLimits } from "../limits/limits.ts";

/** No text that is shorter can be too large in any other way. */
const textLengthSmall = 60;

/** @throws {StatusError} INVALID_ARGUMENT when the text is longer than a statement may be. */
export function checkStatementLength(
  text: string,
  { statementLengthMax }: Pick<StatementLimits, "statementLengthMax">,
): void {
  if (text.length > statementLengthMax) throw statementTooLong(text.length, statementLengthMax);
}

/** What has been counted so far in a statement. */
interface Counts {
  joins: number;
  functionCalls: number;
  unions: number;
  readonly parameters: Set<string>;
}

/** How deep a node stands in nodes of some kinds. */
interface Depths {
  readonly functionCalls: number;
  readonly subqueries: number;
  readonly subselects: number;
  readonly groupBys: number;
  /** The SELECT around the node, with how many subqueries were found in its expressions. */
  readonly select: { subqueries: number };
}

/** @throws {StatusError} INVALID_ARGUMENT when there is too much of something in a statement. */
export function checkStatementSize(text: string, tree: TreeNode, limits: StatementLimits): void {
  if (text.length < textLengthSmall) return;
  const counts: Counts = { joins: 0, functionCalls: 0, unions: 0, parameters: new Set() };
  const select = { subqueries: 0 };
  const depths = { functionCalls: 0, subqueries: 0, subselects: 0, groupBys: 0, select };
  new StatementSize(limits, counts).visit(tree, depths);
  most("parameters", counts.parameters.size, limits.parametersPerStatementMax);
}

class StatementSize {
  readonly #limits: StatementLimits;
  readonly #counts: Counts;

  constructor(limits: StatementLimits, counts: Counts) {
    this.#limits = limits;
    this.#counts = counts;
  }

  visit(node: TreeNode, depths: Depths): void {
    const within = this.#enter(node as Entered, depths);
    for (const child of childrenOf(node)) this.visit(child, within);
  }

  /** Counts a node; gives how deep its children stand. */
  #enter(node: Entered, depths: Depths): Depths {
    const limits = this.#limits;
    const counts = this.#counts;
    switch (node.kind) {
      case "join":
        counts.joins++;
        most("joins", counts.joins, limits.joinsPerStatementMax);
        return depths;
      case "set-operation":
        counts.unions += node.inputs.length - 1;
        most("unions", counts.unions, limits.unionsPerStatementMax);
        return depths;
      case "call": {
        counts.functionCalls++;
        most("functions", counts.functionCalls, limits.functionCallsPerStatementMax);
        const functionCalls = depths.functionCalls + 1;
        most("nested functions", functionCalls, limits.functionCallDepthMax);
        return { ...depths, functionCalls };
      }
      case "subquery": {
        const subqueries = depths.subqueries + 1;
        most("nested subqueries", subqueries, limits.subqueryDepthMax);
        depths.select.subqueries++;
        most("subquery children", depths.select.subqueries, limits.subqueryChildrenMax);
        return { ...depths, subqueries, functionCalls: 0 };
      }
      case "subquery-item": {
        const subselects = depths.subselects + 1;
        most("nested subselects", subselects, limits.subselectDepthMax);
        return { ...depths, subselects };
      }
      case "select": {
        const select = { subqueries: 0 };
        if (node.groupBy === undefined) return { ...depths, select };
        const groupBys = depths.groupBys + 1;
        most("nested aggregates", groupBys, limits.groupByDepthMax);
        return { ...depths, groupBys, select };
      }
      case "group-by":
        most("columns in GROUP BY", node.items.length, limits.groupByColumnsMax);
        return depths;
      case "struct":
        most("STRUCT fields", node.fields.length, limits.structFieldsMax);
        return depths;
      case "list":
        most("values in an IN operator", node.elements.length, limits.inValuesMax);
        return depths;
      case "parameter":
        counts.parameters.add(node.name.toLowerCase());
        return depths;
      default:
        return depths;
    }
  }
}

/** The nodes that count. */
type Entered =
  | { readonly kind: "join" | "subquery" | "subquery-item" | "call" }
  | { readonly kind: "set-operation"; readonly inputs: readonly unknown[] }
  | { readonly kind: "select"; readonly groupBy?: unknown }
  | { readonly kind: "group-by"; readonly items: readonly unknown[] }
  | { readonly kind: "struct"; readonly fields: readonly unknown[] }
  | { readonly kind: "list"; readonly elements: readonly unknown[] }
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "anything else" };

function most(what: string, count: number, max: number): void {
  if (count > max) throw statementTooLarge(what, max);
}
