// SPDX-License-Identifier: Apache-2.0
// A plan as text: one line for each operator, indented under what it feeds, for people and goldens.
import type { SortKey } from "../analyzer/resolved.ts";
import type { Expression } from "../expression/expression.ts";
import { printExpression } from "../expression/print.ts";
import type { JoinKey, KeySeek, Plan, PlanNode, RowLimit, SeekPart, SeekRange } from "./plan.ts";

/** Writes a plan, its subqueries and WITH queries behind it. */
export function describePlan({ query, write, subqueries, definitions }: Plan): string {
  const head = write === undefined ? [] : [`${write.kind} ${write.table.name}`];
  return [
    ...head,
    ...linesOf(query.root, write === undefined ? 0 : 1),
    ...subqueries.flatMap((query, index) =>
      query === undefined ? [] : [`subquery ${index}`, ...linesOf(query.root, 1)],
    ),
    ...definitions.flatMap(({ root }, index) => [`with ${index}`, ...linesOf(root, 1)]),
  ].join("\n");
}

function linesOf(node: PlanNode, depth: number): readonly string[] {
  const line = `${"  ".repeat(depth)}${describeNode(node)}`;
  return [line, ...inputsOf(node).flatMap((input) => linesOf(input, depth + 1))];
}

/** The nodes that feed a node, left before right. */
export function inputsOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case "hash join":
    case "lookup join":
    case "apply join":
      return [node.left, node.right];
    case "union":
    case "multiset":
      return node.inputs;
    case "probe":
    case "filter":
    case "project":
    case "flatten":
    case "aggregate":
    case "sort":
    case "limit":
    case "sample":
      return [node.input];
    default:
      return [];
  }
}

function describeKeys(keys: readonly JoinKey[]): string {
  return keys
    .map(({ left, right }) => `${printExpression(left)} = ${printExpression(right)}`)
    .join(", ");
}

function describeNode(node: PlanNode): string {
  switch (node.kind) {
    case "scan": {
      const source =
        node.index === undefined ? node.table.name : `${node.index.name} of ${node.table.name}`;
      const seek = node.seek.kind === "batch" ? " by batch" : describeSeek(node.seek);
      const columns = node.sources.map(({ name }) => name).join(", ");
      return `scan ${source}${seek}${node.isReverse ? " backward" : ""} (${columns})`;
    }
    case "probe":
      return `probe ${describeKeys(node.keys)}`;
    case "filter":
      return `filter ${printExpression(node.condition)}`;
    case "project":
      return `project ${node.values.map(printExpression).join(", ")}`;
    case "values":
      return `values, ${node.values.length} rows`;
    case "unnest":
    case "flatten":
      return `${node.kind} ${printExpression(node.array)}${describeCondition("condition" in node ? node.condition : undefined)}`;
    case "definition":
      return `with ${node.definition}`;
    case "aggregate": {
      const groups = node.groups.map(({ expression }) => printExpression(expression));
      const calls = node.aggregates.map(
        ({ aggregate, arguments: given }) =>
          `${aggregate.name.replace("$count_star", "COUNT")}(${given.map(printExpression).join(", ")})`,
      );
      return `aggregate ${calls.join(", ")}${groups.length === 0 ? "" : ` by ${groups.join(", ")}`}`.replace(
        "  ",
        " ",
      );
    }
    case "sort":
      return `sort ${node.keys.map(describeKey).join(", ")}${node.limit === undefined ? "" : describeLimit(node.limit)}`;
    case "limit":
      return describeLimit(node.limit).trim();
    case "hash join":
    case "lookup join": {
      const keys = describeKeys(node.keys);
      return `${node.join} ${node.kind} ${keys}${describeCondition(node.condition)}`.trim();
    }
    case "apply join":
      return `${node.join} apply join${describeCondition(node.condition)}`;
    case "multiset":
      return `${node.operator.toLowerCase()} ${node.isDistinct ? "distinct" : "all"}`;
    case "sample":
      return `sample ${node.method.toLowerCase()} ${printExpression(node.size)}`;
    default:
      return node.kind;
  }
}

function describeCondition(condition: Expression | undefined): string {
  return condition === undefined ? "" : ` where ${printExpression(condition)}`;
}

function describeKey({ expression, isDescending }: SortKey): string {
  return `${printExpression(expression)}${isDescending ? " desc" : ""}`;
}

function describeLimit({ count, offset }: RowLimit): string {
  const most = count === undefined ? "" : ` limit ${printExpression(count)}`;
  return `${most}${offset === undefined ? "" : ` offset ${printExpression(offset)}`}`;
}

/** The sought part of a key. */
export function describeSeek({ key, prefix, range }: KeySeek): string {
  const names = key.map((part) => part.column.name);
  const parts = prefix.map((part, index) => `${names[index]} ${describePart(part)}`);
  const bounds = range === undefined ? [] : describeRange(names[prefix.length] ?? "", range);
  const all = [...parts, ...bounds];
  return all.length === 0 ? "" : ` seek ${all.join(", ")}`;
}

function describePart(part: SeekPart): string {
  switch (part.kind) {
    case "equal":
      return `= ${printExpression(part.value)}`;
    case "null":
      return "is null";
    case "one of":
      return `in (${part.values.map(printExpression).join(", ")})`;
    case "in array":
      return `in ${printExpression(part.array)}`;
  }
}

function describeRange(name: string, { low, high, prefix }: SeekRange): readonly string[] {
  const lines: string[] = [];
  if (prefix !== undefined) lines.push(`${name} begins with ${printExpression(prefix)}`);
  if (low !== undefined)
    lines.push(`${name} ${low.isClosed ? ">=" : ">"} ${printExpression(low.value)}`);
  if (high !== undefined)
    lines.push(`${name} ${high.isClosed ? "<=" : "<"} ${printExpression(high.value)}`);
  return lines;
}
