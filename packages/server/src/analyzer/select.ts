// SPDX-License-Identifier: Apache-2.0
// SELECT: FROM, WHERE, grouping, HAVING, the list, DISTINCT and ORDER BY, in the order in which they
// have their effect.
//
// Expressions after GROUP BY are analyzed over the names of FROM like all others, with aggregate calls
// taken out as columns. Then whatever is the same calculation as a grouping expression is replaced by
// the group's column; a column of FROM that is left after that was not grouped, and is an error.
import { structOf } from "@spandrel/model";
import type { Expression as ExpressionTree, GroupBy, OrderItem, Select } from "@spandrel/sql";
import { unsupportedQuery } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { columnsIn, replaceParts, sameExpression } from "../expression/walk.ts";
import type { Analysis, Definitions, ExpressionContext } from "./analysis.ts";
import { toBool } from "./case.ts";
import { isPlainLiteral } from "./coercion.ts";
import { columnsReadBy } from "./columns-read.ts";
import { analyzeFromClause } from "./from.ts";
import type { FromClause } from "./from-clause.ts";
import { GroupedExpressions, nameIn, producedBy } from "./grouped.ts";
import { checkHint } from "./hint.ts";
import { kindName, supportsGrouping } from "./operator-call.ts";
import { namedOutputs, sortKeyOf } from "./order-by.ts";
import type {
  AggregatedColumn,
  ComputedColumn,
  OutputColumn,
  Relation,
  ResolvedQuery,
  SortKey,
} from "./resolved.ts";
import { lookUp, type Names, noNames, type Scope, scopeOf } from "./scope.ts";
import { type SelectedValue, selectedValues } from "./select-list.ts";

/** A SELECT over rows that are there already: the step of a pipe. */
export function selectStep(
  analysis: Analysis,
  tree: Select,
  from: FromClause,
  outer: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  refuseClauses(analysis, tree);
  checkHint(analysis, tree.hint);
  return new SelectAnalysis(analysis, tree, from, outer, definitions).run([]);
}

/** Analyzes a SELECT with the ORDER BY behind it. */
export function analyzeSelect(
  analysis: Analysis,
  tree: Select,
  orderBy: readonly OrderItem[],
  outer: Scope | undefined,
  definitions: Definitions,
): ResolvedQuery {
  refuseClauses(analysis, tree);
  if (tree.from === undefined) checkWithoutFrom(analysis, tree, orderBy);
  checkHint(analysis, tree.hint);
  checkHint(analysis, tree.groupBy?.hint);
  const from: FromClause =
    tree.from === undefined
      ? { relation: { kind: "one row" }, names: noNames }
      : analyzeFromClause(analysis, tree.from, outer, definitions);
  return new SelectAnalysis(analysis, tree, from, outer, definitions).run(orderBy);
}

/** Without FROM there is one row: nothing to make distinct or to order. */
function checkWithoutFrom(analysis: Analysis, tree: Select, [key]: readonly OrderItem[]): void {
  if (tree.distinct) {
    throw analysis.error(tree, "Query without FROM clause cannot use SELECT DISTINCT");
  }
  if (key !== undefined) {
    throw analysis.error(key, "Query without FROM clause cannot have an ORDER BY clause");
  }
}

function refuseClauses(analysis: Analysis, tree: Select): void {
  if (tree.qualify !== undefined) {
    throw unsupportedQuery("QUALIFY is not supported", analysis.place(tree.qualify));
  }
  const [window] = tree.windows;
  if (window !== undefined) {
    throw unsupportedQuery("WINDOW is not supported", analysis.place(window));
  }
}

/** The steps of one SELECT over the rows of its FROM. */
class SelectAnalysis {
  readonly #analysis: Analysis;
  readonly #tree: Select;
  readonly #from: FromClause;
  readonly #outer: Scope | undefined;
  readonly #scope: Scope;
  readonly #definitions: Definitions;
  readonly #aggregates: AggregatedColumn[] = [];

  constructor(
    analysis: Analysis,
    tree: Select,
    from: FromClause,
    outer: Scope | undefined,
    definitions: Definitions,
  ) {
    this.#analysis = analysis;
    this.#tree = tree;
    this.#from = from;
    this.#outer = outer;
    this.#scope = scopeOf([from.names], outer);
    this.#definitions = definitions;
  }

  run(orderBy: readonly OrderItem[]): ResolvedQuery {
    const tree = this.#tree;
    const filtered = this.#filter(this.#from.relation);
    const selected = this.#selectList();
    const groups = tree.groupBy === undefined ? [] : this.#groups(tree.groupBy, selected);
    const having = this.#having(selected);
    const outputs = selected.map(({ name, expression }) => this.#outputOf(name, expression));
    const sortKeys = orderBy.map((item) => this.#sortKey(item, outputs));
    const isAggregated =
      tree.groupBy !== undefined || tree.having !== undefined || this.#aggregates.length > 0;
    if (!isAggregated) return this.#project(filtered, selected, outputs, sortKeys);
    const grouped = new GroupedExpressions(
      this.#analysis,
      groups,
      this.#aggregates,
      outputs,
      producedBy(this.#from.relation),
    );
    let relation: Relation = {
      kind: "aggregate",
      input: filtered,
      isGrouped: tree.groupBy !== undefined,
      groups,
      aggregates: this.#aggregates,
    };
    if (having !== undefined) {
      relation = {
        kind: "filter",
        input: relation,
        condition: grouped.over(having, "HAVING clause"),
      };
    }
    const values = selected.map((each) => ({
      ...each,
      expression: grouped.over(each.expression, "SELECT list", each.node),
    }));
    const keys = sortKeys.map((key) => ({
      ...key,
      expression: grouped.over(key.expression, "ORDER BY clause"),
    }));
    return this.#project(relation, values, outputs, keys);
  }

  #context(clause: string, takesAggregates: boolean): ExpressionContext {
    return {
      scope: this.#scope,
      clause,
      aggregates: takesAggregates ? this.#aggregates : undefined,
      definitions: this.#definitions,
    };
  }

  #filter(input: Relation): Relation {
    const { where } = this.#tree;
    if (where === undefined) return input;
    const condition = this.#analysis.expression(where, this.#context("WHERE clause", false));
    return {
      kind: "filter",
      input,
      condition: toBool(this.#analysis, condition, where, "WHERE clause"),
    };
  }

  #selectList(): readonly SelectedValue[] {
    const context = this.#context("SELECT list", true);
    return this.#tree.items.flatMap((item) =>
      selectedValues(this.#analysis, item, this.#from.names, context),
    );
  }

  #having(selected: readonly SelectedValue[]): Expression | undefined {
    const { having } = this.#tree;
    if (having === undefined) return undefined;
    const scope = withAliases(this.#scope, selected);
    const context = { ...this.#context("HAVING clause", true), scope };
    const condition = this.#analysis.expression(having, context);
    return toBool(this.#analysis, condition, having, "HAVING clause");
  }

  #groups(groupBy: GroupBy, selected: readonly SelectedValue[]): readonly ComputedColumn[] {
    const expressions = groupBy.all
      ? this.#allGroups(selected)
      : groupBy.items.map((item) => {
          if (item.kind !== "group-expression") {
            throw unsupportedQuery(
              "GROUP BY ROLLUP, CUBE and GROUPING SETS are not supported",
              this.#analysis.place(item),
            );
          }
          return this.#groupExpression(item.value, selected);
        });
    const distinct: Expression[] = [];
    for (const each of expressions) {
      if (!distinct.some((known) => sameExpression(known, each))) distinct.push(each);
    }
    return distinct.map((expression) => ({
      column: expression.kind === "column" ? expression.column : this.#analysis.newColumn(),
      expression,
    }));
  }

  /** GROUP BY ALL: by everything in the list that is not aggregated. */
  #allGroups(selected: readonly SelectedValue[]): readonly Expression[] {
    const aggregated = new Set(this.#aggregates.map(({ column }) => column));
    return selected
      .map(({ expression }) => expression)
      .filter((expression) => {
        const columns = [...columnsReadBy(this.#analysis, expression)];
        return columns.length > 0 && !columns.some((column) => aggregated.has(column));
      });
  }

  #groupExpression(tree: ExpressionTree, selected: readonly SelectedValue[]): Expression {
    const chosen = this.#groupedItem(tree, selected);
    const expression =
      chosen?.expression ??
      this.#analysis.expression(tree, this.#context("GROUP BY clause", false));
    const aggregated = new Set(this.#aggregates.map(({ column }) => column));
    if ([...columnsIn(expression)].some((column) => aggregated.has(column))) {
      throw this.#analysis.error(
        tree,
        "Column cannot be grouped by, since it contains aggregation",
      );
    }
    if (!supportsGrouping(expression.type)) {
      throw this.#analysis.error(
        tree,
        `Grouping by expressions of type ${kindName(expression.type)} is not allowed`,
      );
    }
    return expression;
  }

  /** An ordinal or an alias of the list. */
  #groupedItem(
    tree: ExpressionTree,
    selected: readonly SelectedValue[],
  ): SelectedValue | undefined {
    if (tree.kind === "integer") {
      const item = selected[Number(tree.value) - 1];
      if (item !== undefined) return item;
      throw this.#analysis.error(
        tree,
        `GROUP BY column number item is out of range. Column numbers must be between 1 and ${selected.length}`,
      );
    }
    if (isPlainLiteral(tree)) {
      throw this.#analysis.error(tree, "Cannot GROUP BY literal values");
    }
    if (tree.kind !== "path" || tree.parts.length !== 1) return undefined;
    const name = tree.parts[0]?.name.toLowerCase() ?? "";
    const found = selected.filter((each) => each.name.toLowerCase() === name);
    const [first] = found;
    if (
      found.some(
        (each) => first !== undefined && !sameExpression(each.expression, first.expression),
      )
    ) {
      throw this.#analysis.error(
        tree,
        `Name ${tree.parts[0]?.name ?? ""} in GROUP BY clause is ambiguous; it may refer to multiple columns in the SELECT-list`,
      );
    }
    // An alias of an aggregate cannot be meant when FROM has such a column.
    const isFromName = lookUp(this.#scope, name)?.kind === "column";
    const aggregated = new Set(this.#aggregates.map(({ column }) => column));
    const isAggregate =
      first !== undefined && [...columnsIn(first.expression)].some((each) => aggregated.has(each));
    return isAggregate && isFromName ? undefined : first;
  }

  /** A column keeps its number; anything else gets one. */
  #outputOf(name: string, expression: Expression): OutputColumn {
    const column = expression.kind === "column" ? expression.column : this.#analysis.newColumn();
    return { name, column, type: expression.type };
  }

  #sortKey(item: OrderItem, outputs: readonly OutputColumn[]): SortKey {
    const aliases: Names = { columns: namedOutputs(outputs), variables: [] };
    const scope = scopeOf([aliases, this.#from.names], this.#outer);
    const context = { ...this.#context("ORDER BY clause", !this.#tree.distinct), scope };
    return sortKeyOf(this.#analysis, item, outputs, () =>
      this.#analysis.expression(item.value, context),
    );
  }

  #project(
    input: Relation,
    selected: readonly SelectedValue[],
    outputs: readonly OutputColumn[],
    sortKeys: readonly SortKey[],
  ): ResolvedQuery {
    const computed = selected.flatMap(({ expression }, index): readonly ComputedColumn[] => {
      const column = outputs[index]?.column;
      const isItself = expression.kind === "column" && expression.column === column;
      return column === undefined || isItself ? [] : [{ column, expression }];
    });
    let relation: Relation =
      computed.length === 0 ? input : { kind: "compute", input, columns: computed };
    let keys = sortKeys;
    let columns = outputs;
    if (this.#tree.as !== undefined) {
      return this.#asValue(sorted(relation, keys), columns);
    }
    if (this.#tree.distinct) {
      const distinct = this.#distinct(relation, columns, selected, keys);
      ({ relation, keys, columns } = distinct);
    }
    return { relation: sorted(relation, keys), columns, isValueTable: false };
  }

  #distinct(
    input: Relation,
    outputs: readonly OutputColumn[],
    selected: readonly SelectedValue[],
    sortKeys: readonly SortKey[],
  ): { relation: Relation; columns: readonly OutputColumn[]; keys: readonly SortKey[] } {
    for (const [index, output] of outputs.entries()) {
      if (!supportsGrouping(output.type)) {
        throw this.#analysis.error(
          selected[index]?.node ?? this.#tree,
          `Column ${output.name || index + 1} of type ${kindName(output.type)} cannot be used in SELECT DISTINCT`,
        );
      }
    }
    const { relation, columns } = distinctRows(this.#analysis, input, outputs);
    const visible = new Set(columns.map(({ column }) => column));
    const keys = sortKeys.map((key) => {
      const expression = replaceParts(key.expression, (part) => {
        const place = selected.findIndex(
          (each, index) =>
            sameExpression(each.expression, part) ||
            (part.kind === "column" && part.column === outputs[index]?.column),
        );
        const column = columns[place];
        return column === undefined
          ? undefined
          : { kind: "column", type: column.type, column: column.column, name: column.name };
      });
      const hidden = [...columnsIn(expression)].find((column) => !visible.has(column));
      if (hidden !== undefined) {
        throw this.#analysis.error(
          this.#tree,
          `ORDER BY clause expression references column ${nameIn(expression, hidden)} which is not visible after SELECT DISTINCT`,
        );
      }
      return { ...key, expression };
    });
    return { relation, columns, keys };
  }

  /** SELECT AS STRUCT and SELECT AS VALUE: one column that is the row. */
  #asValue(relation: Relation, outputs: readonly OutputColumn[]): ResolvedQuery {
    const as = this.#tree.as;
    if (as?.kind === "proto") {
      throw unsupportedQuery(
        "Protocol buffers are not supported",
        this.#analysis.place(this.#tree),
      );
    }
    const [only] = outputs;
    if (as?.kind === "value") {
      if (only === undefined || outputs.length > 1) {
        throw this.#analysis.error(
          this.#tree,
          "SELECT AS VALUE query must have exactly one column",
        );
      }
      return this.#distinctValue(relation, { ...only, name: "" });
    }
    const type = structOf(outputs.map(({ name, type: each }) => ({ name, type: each })));
    const column = this.#analysis.newColumn();
    const fields = namedOutputs(outputs).map(({ expression }) => expression);
    const computed: ComputedColumn = {
      column,
      expression: { kind: "struct", type, isDeclared: true, fields },
    };
    const built: Relation = { kind: "compute", input: relation, columns: [computed] };
    return this.#distinctValue(built, { name: "", column, type });
  }

  #distinctValue(relation: Relation, output: OutputColumn): ResolvedQuery {
    if (!this.#tree.distinct) return { relation, columns: [output], isValueTable: true };
    const distinct = distinctRows(this.#analysis, relation, [output]);
    return { ...distinct, isValueTable: true };
  }
}

/** Keeps one of rows that are the same in some columns. */
export function distinctRows(
  analysis: Analysis,
  input: Relation,
  outputs: readonly OutputColumn[],
): { readonly relation: Relation; readonly columns: readonly OutputColumn[] } {
  const columns = outputs.map((output) => ({ ...output, column: analysis.newColumn() }));
  const groups = outputs.map(
    (output, index): ComputedColumn => ({
      column: columns[index]?.column ?? 0,
      expression: { kind: "column", type: output.type, column: output.column, name: output.name },
    }),
  );
  const relation: Relation = { kind: "aggregate", input, isGrouped: true, groups, aggregates: [] };
  return { relation, columns };
}

function sorted(input: Relation, keys: readonly SortKey[]): Relation {
  return keys.length === 0 ? input : { kind: "sort", input, keys };
}

/** HAVING sees the names of FROM first, then the aliases of the list. */
function withAliases(scope: Scope, selected: readonly SelectedValue[]): Scope {
  const aliases = { columns: selected, variables: [] };
  const meanings = new Map(scopeOf([aliases], undefined).meanings);
  for (const [name, meaning] of scope.meanings) meanings.set(name, meaning);
  return { parent: scope.parent, meanings, lists: [...scope.lists, aliases] };
}

/** A query whose result is all that FROM brings into sight. */
export function queryOfNames(analysis: Analysis, input: Relation, names: Names): ResolvedQuery {
  const computed: ComputedColumn[] = [];
  const columns = names.columns.map(({ name, expression }): OutputColumn => {
    if (expression.kind === "column") {
      return { name, column: expression.column, type: expression.type };
    }
    const column = analysis.newColumn();
    computed.push({ column, expression });
    return { name, column, type: expression.type };
  });
  const relation: Relation =
    computed.length === 0 ? input : { kind: "compute", input, columns: computed };
  return { relation, columns, isValueTable: false };
}
