// SPDX-License-Identifier: Apache-2.0
// The rule that moves filters down, as near to the rows as they make sense: below joins, groups,
// sorts and computed columns. What arrives above a scan can become a range of its key.
import { BOOL } from "@spandrel/model";
import { columnsMadeIn, columnsReadBy, type Subqueries } from "../analyzer/columns-read.ts";
import type { ComputedColumn, Join, Relation } from "../analyzer/resolved.ts";
import type { Expression } from "../expression/expression.ts";
import { isStable, replaceParts } from "../expression/walk.ts";

/** The conditions that AND holds together. */
export function conjunctsOf(condition: Expression | undefined): readonly Expression[] {
  if (condition === undefined) return [];
  if (condition.kind === "and") return condition.operands.flatMap(conjunctsOf);
  return [condition];
}

/** Conditions held together by AND; undefined for none. */
export function conjunctionOf(conjuncts: readonly Expression[]): Expression | undefined {
  const [only] = conjuncts;
  if (conjuncts.length <= 1) return only;
  return { kind: "and", type: BOOL, operands: conjuncts };
}

/** Moves every filter in a relation down as far as it goes. */
export function pushFilters(statement: Subqueries, relation: Relation): Relation {
  return new FilterPush(statement).into(relation, []);
}

class FilterPush {
  readonly #statement: Subqueries;

  constructor(statement: Subqueries) {
    this.#statement = statement;
  }

  into(relation: Relation, conjuncts: readonly Expression[]): Relation {
    switch (relation.kind) {
      case "filter":
        return this.into(relation.input, [...conjunctsOf(relation.condition), ...conjuncts]);
      case "sort":
        return { ...relation, input: this.into(relation.input, conjuncts) };
      case "compute":
        return this.#intoCompute(relation, conjuncts);
      case "aggregate":
        return this.#intoAggregate(relation, conjuncts);
      case "join":
        return this.#intoJoin(relation, conjuncts);
      case "set operation": {
        const inputs = relation.inputs.map((input) => ({
          ...input,
          relation: this.into(input.relation, []),
        }));
        return wrap({ ...relation, inputs }, conjuncts);
      }
      case "limit":
      case "sample":
        return wrap({ ...relation, input: this.into(relation.input, []) }, conjuncts);
      default:
        return wrap(relation, conjuncts);
    }
  }

  #reads(expression: Expression): ReadonlySet<number> {
    return columnsReadBy(this.#statement, expression);
  }

  #intoCompute(
    relation: Extract<Relation, { kind: "compute" }>,
    conjuncts: readonly Expression[],
  ): Relation {
    const [below, above] = this.#split(conjuncts, relation.columns);
    const input = this.into(relation.input, below);
    return wrap({ ...relation, input }, above);
  }

  #intoAggregate(
    relation: Extract<Relation, { kind: "aggregate" }>,
    conjuncts: readonly Expression[],
  ): Relation {
    if (!relation.isGrouped) {
      return wrap({ ...relation, input: this.into(relation.input, []) }, conjuncts);
    }
    const aggregated = new Set(relation.aggregates.map(({ column }) => column));
    const [groupOnly, others] = partition(
      conjuncts,
      (conjunct) => ![...this.#reads(conjunct)].some((column) => aggregated.has(column)),
    );
    const [below, above] = this.#split(groupOnly, relation.groups);
    const input = this.into(relation.input, below);
    return wrap({ ...relation, input }, [...above, ...others]);
  }

  /** Conjuncts that can be said over the input of computed columns, said so; and the others. */
  #split(
    conjuncts: readonly Expression[],
    computed: readonly ComputedColumn[],
  ): readonly [readonly Expression[], readonly Expression[]] {
    const byColumn = new Map(computed.map((each) => [each.column, each.expression]));
    const below: Expression[] = [];
    const above: Expression[] = [];
    for (const conjunct of conjuncts) {
      const moved = this.#substitute(conjunct, byColumn);
      if (moved === undefined) above.push(conjunct);
      else below.push(moved);
    }
    return [below, above];
  }

  #substitute(
    conjunct: Expression,
    byColumn: ReadonlyMap<number, Expression>,
  ): Expression | undefined {
    const used = [...this.#reads(conjunct)].filter((column) => byColumn.has(column));
    const isRenamed = (column: number): boolean => {
      const expression = byColumn.get(column);
      return expression?.kind === "column" && expression.column === column;
    };
    if (used.every(isRenamed)) return conjunct;
    if (!isStable(conjunct)) return undefined;
    const areStable = used.every((column) => {
      const expression = byColumn.get(column);
      return expression !== undefined && isStable(expression);
    });
    if (!areStable) return undefined;
    return replaceParts(conjunct, (part) =>
      part.kind === "column" ? byColumn.get(part.column) : undefined,
    );
  }

  #intoJoin(join: Join, conjuncts: readonly Expression[]): Relation {
    const left = columnsMadeIn(this.#statement, join.left);
    const right = columnsMadeIn(this.#statement, join.right);
    const readsAny = (expression: Expression, columns: ReadonlySet<number>): boolean =>
      [...this.#reads(expression)].some((column) => columns.has(column));
    const own = conjunctsOf(join.condition);
    if (join.join === "full") {
      const sides = { left: this.into(join.left, []), right: this.into(join.right, []) };
      return wrap({ ...join, ...sides }, conjuncts);
    }
    if (join.join === "left") {
      const [toLeft, above] = partition(conjuncts, (each) => !readsAny(each, right));
      const [toRight, on] = partition(
        own,
        (each) => !readsAny(each, left) && readsAny(each, right),
      );
      return wrap(
        {
          ...join,
          left: this.into(join.left, toLeft),
          right: this.into(join.right, toRight),
          condition: conjunctionOf(on),
        },
        above,
      );
    }
    const all = [...own, ...conjuncts];
    const [toLeft, rest] = partition(all, (each) => !readsAny(each, right));
    const [toRight, on] = partition(rest, (each) => !readsAny(each, left));
    return {
      ...join,
      left: this.into(join.left, toLeft),
      right: this.into(join.right, toRight),
      condition: conjunctionOf(on),
    };
  }
}

function wrap(input: Relation, conjuncts: readonly Expression[]): Relation {
  const condition = conjunctionOf(conjuncts);
  return condition === undefined ? input : { kind: "filter", input, condition };
}

function partition<T>(
  items: readonly T[],
  accepts: (item: T) => boolean,
): readonly [readonly T[], readonly T[]] {
  return [items.filter(accepts), items.filter((item) => !accepts(item))];
}
