// SPDX-License-Identifier: Apache-2.0
// A plan in the words of Cloud Spanner's query plans, for tools that draw them: the same operators
// by the same names, each with the metadata that such tools look for. One process has no splits,
// so the unions that Spanner distributes are there for their shape alone.
//
// Nodes come in a list, the root first, and name their children by their places in it.
// https://cloud.google.com/spanner/docs/query-execution-operators
import type { Expression } from "../expression/expression.ts";
import { printExpression } from "../expression/print.ts";
import { subqueriesIn } from "../expression/walk.ts";
import { describeSeek } from "./describe.ts";
import type { Plan, PlanNode, ScanNode, WriteStep } from "./plan.ts";

/** An operator, or an expression that one works with. */
export interface ExplainedNode {
  readonly kind: "relational" | "scalar";
  readonly name: string;
  /** An expression as text; undefined for operators. */
  readonly description: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly links: readonly ExplainedLink[];
}

/** A child of a node. */
export interface ExplainedLink {
  /** Its place in the list. */
  readonly child: number;
  /** What the child is to its parent; empty for the plain input. */
  readonly type: string;
}

/** A node before it has its place: children are nodes themselves. */
interface Sketch extends Omit<ExplainedNode, "links"> {
  readonly children: readonly { readonly type: string; readonly node: Sketch }[];
}

/** Explains a plan. */
export function explainPlan(plan: Plan): readonly ExplainedNode[] {
  const explainer = new Explainer(plan);
  const nodes: ExplainedNode[] = [];
  const place = (sketch: Sketch): number => {
    const { children, ...node } = sketch;
    const links: ExplainedLink[] = [];
    const index = nodes.push({ ...node, links }) - 1;
    for (const child of children) links.push({ type: child.type, child: place(child.node) });
    return index;
  };
  place(explainer.whole());
  return nodes;
}

const writeNames = { insert: "INSERT", update: "UPDATE", delete: "DELETE" } as const;

const applyNames = { inner: "Cross", left: "Outer", semi: "Semi", anti: "Anti Semi" } as const;

const hashJoinTypes = {
  inner: "INNER",
  left: "OUTER",
  full: "FULL_OUTER",
  semi: "SEMI",
  anti: "ANTI_SEMI",
} as const;

class Explainer {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  whole(): Sketch {
    const { query, write, definitions } = this.#plan;
    const rows = write === undefined ? serialized(this.#node(query.root)) : this.#written(write);
    const kept = definitions.map(({ root }, number) => ({
      type: "",
      node: operator("Spool Build", [["", this.#node(root)]], { spool_name: `with ${number}` }),
    }));
    const inner: Sketch =
      kept.length === 0
        ? rows
        : { ...operator("Spool", [["", rows]]), children: [...kept, { type: "", node: rows }] };
    const target = firstTarget(query.root);
    return target === undefined ? inner : distributed(inner, target);
  }

  #written(write: WriteStep): Sketch {
    const metadata = { table: write.table.name, operation_type: writeNames[write.kind] };
    const applied = operator(
      "Apply Mutations",
      [["", this.#node(this.#plan.query.root)]],
      metadata,
    );
    return write.returning === undefined ? applied : serialized(applied);
  }

  #node(node: PlanNode): Sketch {
    switch (node.kind) {
      case "one row":
        return operator("Unit Relation");
      case "values":
        return operator("Array Unnest", [], { rows: String(node.values.length) });
      case "scan":
        return explainScan(node);
      case "unnest":
        return operator("Array Unnest", [["Array", this.#scalar(node.array)]]);
      case "definition":
        return operator("Spool Scan", [], { spool_name: `with ${node.definition}` });
      case "probe":
        return operator("Filter", [["", this.#node(node.input)], ...this.#keys(node.keys)]);
      case "filter":
        return operator("Filter", [
          ["", this.#node(node.input)],
          ["Condition", this.#scalar(node.condition)],
        ]);
      case "project":
        return this.#project(node);
      case "flatten":
        return operator(node.isOuter ? "Outer Apply" : "Cross Apply", [
          ["Input", this.#node(node.input)],
          ["Map", operator("Array Unnest", [["Array", this.#scalar(node.array)]])],
          ...this.#condition(node.condition),
        ]);
      case "aggregate":
        return operator(
          "Aggregate",
          [
            ["", this.#node(node.input)],
            ...node.groups.map((each) => ["Key", this.#scalar(each.expression)] as const),
            ...node.aggregates.map(
              ({ aggregate, arguments: given }) =>
                ["Agg", call(aggregate.name, given.map(printExpression).join(", "))] as const,
            ),
          ],
          { iterator_type: node.groups.length === 0 ? "Stream" : "Hash" },
        );
      case "sort":
        return operator(node.limit === undefined ? "Sort" : "Sort Limit", [
          ["", this.#node(node.input)],
          ...node.keys.map(
            ({ expression, isDescending }) =>
              [
                "Key",
                scalar(
                  "Reference",
                  `${printExpression(expression)} (${isDescending ? "DESC" : "ASC"})`,
                ),
              ] as const,
          ),
          ...this.#limit(node.limit?.count),
        ]);
      case "limit":
        return operator("Limit", [["", this.#node(node.input)], ...this.#limit(node.limit.count)], {
          call_type: "Global",
        });
      case "hash join":
        return this.#hashJoin(node);
      case "lookup join":
        return operator(`Distributed ${applyNames[node.join]} Apply`, [
          ["Input", this.#node(node.left)],
          ["Map", this.#node(node.right)],
          ...this.#keys(node.keys),
          ...this.#condition(node.condition),
        ]);
      case "apply join":
        return operator(`${applyNames[node.join]} Apply`, [
          ["Input", this.#node(node.left)],
          ["Map", this.#node(node.right)],
          ...this.#condition(node.condition),
        ]);
      case "union":
        return operator(
          "Union All",
          node.inputs.map((input) => ["", operator("Union Input", [["", this.#node(input)]])]),
        );
      case "multiset":
        return operator(
          "Hash Join",
          node.inputs.map((input, place) => [place === 0 ? "Probe" : "Build", this.#node(input)]),
          { join_type: node.operator === "INTERSECT" ? "SEMI" : "ANTI_SEMI" },
        );
      case "sample":
        return operator("Sample", [["", this.#node(node.input)]], { sample_type: node.method });
    }
  }

  /** A projection that only passes columns on is nothing that Spanner would show. */
  #project(node: Extract<PlanNode, { kind: "project" }>): Sketch {
    const computed = node.values.filter(({ kind }) => kind !== "column");
    const input = this.#node(node.input);
    if (computed.length === 0) return input;
    return operator("Compute", [
      ["", input],
      ...computed.map((value) => ["", this.#scalar(value)] as const),
    ]);
  }

  #hashJoin(node: Extract<PlanNode, { kind: "hash join" }>): Sketch {
    if (node.keys.length === 0 && node.join !== "full") {
      return operator(`${applyNames[node.join]} Apply`, [
        ["Input", this.#node(node.left)],
        ["Map", this.#node(node.right)],
        ...this.#condition(node.condition),
      ]);
    }
    const sides: readonly Child[] = [
      ["Build", this.#node(node.right)],
      ["Probe", this.#node(node.left)],
    ];
    const conditions = [...this.#keys(node.keys), ...this.#condition(node.condition)];
    return operator("Hash Join", [...sides, ...conditions], {
      join_type: hashJoinTypes[node.join],
    });
  }

  #keys(
    keys: readonly { readonly left: Expression; readonly right: Expression }[],
  ): readonly Child[] {
    return keys.map(({ left, right }) => [
      "Condition",
      scalar("Function", `(${printExpression(left)} = ${printExpression(right)})`),
    ]);
  }

  #condition(condition: Expression | undefined): readonly Child[] {
    return condition === undefined ? [] : [["Residual Condition", this.#scalar(condition)]];
  }

  #limit(count: Expression | undefined): readonly Child[] {
    return count === undefined ? [] : [["Limit", this.#scalar(count)]];
  }

  /** An expression, its subqueries under it. */
  #scalar(expression: Expression): Sketch {
    const names: Readonly<Record<string, string>> = {
      column: "Reference",
      constant: "Constant",
      parameter: "Parameter",
    };
    const subqueries = subqueriesIn(expression).flatMap((number) => {
      const query = this.#plan.subqueries[number];
      if (query === undefined) return [];
      return { type: "Scalar", node: operator("Scalar Subquery", [["", this.#node(query.root)]]) };
    });
    const node = scalar(names[expression.kind] ?? "Function", printExpression(expression));
    return { ...node, children: subqueries };
  }
}

type Child = readonly [type: string, node: Sketch];

function operator(
  name: string,
  children: readonly Child[] = [],
  metadata: Readonly<Record<string, string>> = {},
): Sketch {
  return {
    kind: "relational",
    name,
    description: undefined,
    metadata,
    children: children.map(([type, node]) => ({ type, node })),
  };
}

function scalar(name: string, description: string): Sketch {
  return { kind: "scalar", name, description, metadata: {}, children: [] };
}

function call(name: string, operands: string): Sketch {
  return scalar("Function", `${name.replace("$count_star", "count").toUpperCase()}(${operands})`);
}

function serialized(rows: Sketch): Sketch {
  return operator("Serialize Result", [["", rows]]);
}

/** Rows of all splits, gathered where the query began and on every server. */
function distributed(rows: Sketch, target: string): Sketch {
  const local = operator("Distributed Union", [["", rows]], { call_type: "Local" });
  return operator("Distributed Union", [["", local]], {
    distribution_table: target,
    subquery_cluster_node: "1",
  });
}

/** A part of a key is sought by a filter around the scan. */
function explainScan(node: ScanNode): Sketch {
  const { table, index, seek, sources } = node;
  const isFull = seek.kind === "key" && seek.prefix.length === 0 && seek.range === undefined;
  const metadata = {
    scan_type: index === undefined ? "TableScan" : "IndexScan",
    scan_target: index?.name ?? table.name,
    execution_method: "Row",
    ...(isFull ? { "Full scan": "true" } : {}),
    ...(node.isReverse ? { scan_direction: "Backward" } : {}),
  };
  const columns = sources.map(({ name }): Child => ["", scalar("Reference", name)]);
  const scan = operator("Scan", columns, metadata);
  if (isFull || seek.kind === "batch") return scan;
  const condition = scalar("Function", describeSeek(seek).replace(/^ seek /, ""));
  return operator("Filter Scan", [
    ["", scan],
    ["Seek Condition", condition],
  ]);
}

/** The table or index that is read first. */
function firstTarget(node: PlanNode): string | undefined {
  switch (node.kind) {
    case "scan":
      return node.index?.name ?? node.table.name;
    case "hash join":
    case "lookup join":
    case "apply join":
      return firstTarget(node.left) ?? firstTarget(node.right);
    case "union":
    case "multiset":
      return node.inputs.map(firstTarget).find((target) => target !== undefined);
    case "one row":
    case "values":
    case "unnest":
    case "definition":
      return undefined;
    default:
      return firstTarget(node.input);
  }
}
