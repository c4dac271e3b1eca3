// SPDX-License-Identifier: Apache-2.0
// Pipe syntax: each step takes rows under names and gives rows under names. Most steps are clauses of
// a SELECT under another word, and are carried out by it.
// https://cloud.google.com/spanner/docs/reference/standard-sql/pipe-syntax
import type {
  GroupItem,
  Identifier,
  PipeAggregate,
  PipeOperator,
  PipeSet,
  Select,
  SelectItem,
  TreeNode,
} from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Analysis, Definitions, ExpressionContext } from "./analysis.ts";
import { toBool } from "./case.ts";
import { joinStep, namesOf, sampleStep } from "./from.ts";
import type { FromClause } from "./from-clause.ts";
import { orderBySelected, sortKeyOf } from "./order-by.ts";
import type { ComputedColumn, ResolvedQuery } from "./resolved.ts";
import { type NamedColumn, type Names, type Scope, scopeOf } from "./scope.ts";
import { distinctRows, queryOfNames, selectStep } from "./select.ts";
import { selectedValues } from "./select-list.ts";
import { combine, withLimit } from "./set-operation.ts";

/** Applies the steps after `|>`, in order. */
export function applyPipes(
  analysis: Analysis,
  start: FromClause,
  pipes: readonly PipeOperator[],
  outer: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  const steps = new PipeSteps(analysis, outer, definitions);
  const end = pipes.reduce((from, pipe) => steps.apply(from, pipe), start);
  return queryOfNames(analysis, end.relation, end.names);
}

class PipeSteps {
  readonly #analysis: Analysis;
  readonly #outer: Scope | undefined;
  readonly #definitions: Definitions;

  constructor(analysis: Analysis, outer: Scope | undefined, definitions: Definitions) {
    this.#analysis = analysis;
    this.#outer = outer;
    this.#definitions = definitions;
  }

  apply(from: FromClause, pipe: PipeOperator): FromClause {
    const analysis = this.#analysis;
    switch (pipe.kind) {
      case "pipe-select":
        return this.#named(this.#select(pipe.select, from));
      case "pipe-where": {
        const context = this.#context(from, "WHERE clause");
        const condition = analysis.expression(pipe.condition, context);
        const test = toBool(analysis, condition, pipe.condition, "WHERE clause");
        return { ...from, relation: { kind: "filter", input: from.relation, condition: test } };
      }
      case "pipe-aggregate":
        return this.#aggregate(pipe, from);
      case "pipe-extend":
        return this.#extend(pipe.items, from);
      case "pipe-set":
        return this.#set(pipe, from);
      case "pipe-drop":
        return { ...from, names: without(analysis, from.names, pipe.columns) };
      case "pipe-rename":
        return { ...from, names: this.#rename(from.names, pipe.items) };
      case "pipe-as": {
        const { columns } = from.names;
        const variable = { name: pipe.alias.name, columns, value: undefined };
        return { ...from, names: { columns, variables: [variable] } };
      }
      case "pipe-join":
        return joinStep(analysis, from, pipe, this.#outer, this.#definitions);
      case "pipe-order-by": {
        const context = this.#context(from, "ORDER BY clause");
        const { columns } = this.#query(from);
        const keys = pipe.orderBy.items.map((item) =>
          sortKeyOf(analysis, item, columns, () => analysis.expression(item.value, context)),
        );
        return { ...from, relation: { kind: "sort", input: from.relation, keys } };
      }
      case "pipe-limit": {
        const query = withLimit(analysis, this.#query(from), pipe.limit, this.#definitions);
        return { ...from, relation: query.relation };
      }
      case "pipe-distinct": {
        const query = this.#query(from);
        return this.#named({
          ...distinctRows(analysis, query.relation, query.columns),
          isValueTable: false,
        });
      }
      case "pipe-table-sample":
        return sampleStep(analysis, from, pipe.sample, this.#definitions);
      case "pipe-set-operation": {
        const inputs = pipe.inputs.map((input) =>
          analysis.query(input, this.#outer, this.#definitions),
        );
        return this.#named(combine(analysis, pipe, [this.#query(from), ...inputs]));
      }
      default:
        throw unsupportedQuery("This pipe operator is not supported", analysis.place(pipe));
    }
  }

  #context(from: FromClause, clause: string): ExpressionContext {
    const scope = scopeOf([from.names], this.#outer);
    return { scope, clause, aggregates: undefined, definitions: this.#definitions };
  }

  #query(from: FromClause): ResolvedQuery {
    return queryOfNames(this.#analysis, from.relation, from.names);
  }

  #named(query: ResolvedQuery): FromClause {
    return { relation: query.relation, names: namesOf(query.columns, "", query.isValueTable) };
  }

  #select(tree: Select, from: FromClause): ResolvedQuery {
    return selectStep(this.#analysis, tree, from, this.#outer, this.#definitions);
  }

  /** The groups come first, then the aggregates; a SELECT that groups by ordinals says the same. */
  #aggregate(pipe: PipeAggregate, from: FromClause): FromClause {
    const groups = (pipe.groupBy?.items ?? []).map((item) => this.#groupItem(item));
    const { position } = pipe;
    const ordinals = groups.map(
      (_, index): GroupItem => ({
        kind: "group-expression",
        value: { kind: "integer", value: BigInt(index + 1), text: String(index + 1), position },
        position,
      }),
    );
    const query = this.#select(
      {
        kind: "select",
        distinct: false,
        items: [...groups, ...pipe.items.map(({ item }) => item)],
        groupBy: { kind: "group-by", all: false, items: ordinals, position },
        windows: [],
        position,
      },
      from,
    );
    const whole = ordinals.length > 0 ? query : ungrouped(query);
    const orderItems = (pipe.groupBy?.items ?? []).flatMap((item, index) => {
      const direction = item.kind === "group-expression" ? item.order : undefined;
      if (!pipe.ordered && direction === undefined) return [];
      return [{ index, direction }];
    });
    if (orderItems.length === 0) return this.#named(whole);
    const items = orderItems.map(({ index, direction }) => ({
      kind: "order-item" as const,
      value: {
        kind: "integer" as const,
        value: BigInt(index + 1),
        text: String(index + 1),
        position,
      },
      ...(direction === undefined ? {} : { direction }),
      position,
    }));
    return this.#named(
      orderBySelected(this.#analysis, whole, items, this.#outer, this.#definitions),
    );
  }

  #groupItem(item: GroupItem): SelectItem {
    if (item.kind !== "group-expression") {
      throw unsupportedQuery(
        "GROUP BY ROLLUP, CUBE and GROUPING SETS are not supported",
        this.#analysis.place(item),
      );
    }
    const { value, alias, position } = item;
    return {
      kind: "select-expression",
      value,
      ...(alias === undefined ? {} : { alias }),
      position,
    };
  }

  #extend(items: readonly SelectItem[], from: FromClause): FromClause {
    const context = this.#context(from, "EXTEND");
    const values = items.flatMap((item) =>
      selectedValues(this.#analysis, item, from.names, context),
    );
    const computed = values.map(({ expression }) => this.#computed(expression));
    const added = values.map(({ name }, index) => namedColumn(name, computed[index]));
    return {
      relation: { kind: "compute", input: from.relation, columns: computed },
      names: { ...from.names, columns: [...from.names.columns, ...added] },
    };
  }

  #computed(expression: ComputedColumn["expression"]): ComputedColumn {
    return { column: this.#analysis.newColumn(), expression };
  }

  #set(pipe: PipeSet, from: FromClause): FromClause {
    const context = this.#context(from, "SET");
    const replaced = new Map<string, NamedColumn>();
    const computed = pipe.items.map(({ column, value }) => {
      requireColumn(this.#analysis, from.names, column);
      const made = this.#computed(this.#analysis.expression(value, context));
      replaced.set(column.name.toLowerCase(), namedColumn(column.name, made));
      return made;
    });
    const columns = from.names.columns.map((each) => replaced.get(each.name.toLowerCase()) ?? each);
    return {
      relation: { kind: "compute", input: from.relation, columns: computed },
      names: { ...from.names, columns },
    };
  }

  #rename(
    names: Names,
    items: readonly { readonly from: Identifier; readonly to: Identifier }[],
  ): Names {
    const renamed = new Map(
      items.map(({ from, to }) => {
        requireColumn(this.#analysis, names, from);
        return [from.name.toLowerCase(), to.name] as const;
      }),
    );
    const columns = names.columns.map((each) => ({
      ...each,
      name: renamed.get(each.name.toLowerCase()) ?? each.name,
    }));
    return { ...names, columns };
  }
}

/** Without groups there is one row, also of no rows. */
function ungrouped(query: ResolvedQuery): ResolvedQuery {
  const { relation } = query;
  if (relation.kind === "aggregate")
    return { ...query, relation: { ...relation, isGrouped: false } };
  if (relation.kind !== "compute" || relation.input.kind !== "aggregate") return query;
  return { ...query, relation: { ...relation, input: { ...relation.input, isGrouped: false } } };
}

function namedColumn(name: string, computed: ComputedColumn | undefined): NamedColumn {
  const column = computed?.column ?? 0;
  const type = computed?.expression.type ?? ({ kind: "INT64" } as const);
  return { name, expression: { kind: "column", type, column, name } };
}

function requireColumn(analysis: Analysis, names: Names, wanted: Identifier & TreeNode): void {
  const name = wanted.name.toLowerCase();
  if (!names.columns.some((column) => column.name.toLowerCase() === name)) {
    throw analysis.error(wanted, `Column ${wanted.name} does not exist in the input of the pipe`);
  }
}

function without(analysis: Analysis, names: Names, dropped: readonly Identifier[]): Names {
  for (const each of dropped) requireColumn(analysis, names, each);
  const gone = new Set(dropped.map(({ name }) => name.toLowerCase()));
  const columns = names.columns.filter(({ name }) => !gone.has(name.toLowerCase()));
  return { ...names, columns };
}
