// SPDX-License-Identifier: Apache-2.0
// The rule that makes joins of subqueries in conditions: EXISTS and IN become a semi join, NOT EXISTS and
// NOT IN an anti join, where the subquery is a filtered table that is tied to the row by an equality.
// It is then read once, or looked up batch by batch, where it would run anew for every row.
//
// A join may evaluate conditions on rows that the subquery would not have come to, so nothing is
// rewritten that can fail. What no equality ties to the row stays a subquery.
import { BOOL } from "@spandrel/model";
import { columnsMadeIn, columnsReadBy, type Subqueries } from "../analyzer/columns-read.ts";
import { mapInputs } from "../analyzer/map-inputs.ts";
import type { Join, Relation } from "../analyzer/resolved.ts";
import type { Expression, SubqueryReference } from "../expression/expression.ts";
import { isTotal } from "../expression/total.ts";
import { columnsIn, replaceParts, subqueriesIn } from "../expression/walk.ts";
import { comparisonOperators } from "../functions/comparison.ts";
import { conjunctionOf, conjunctsOf } from "./filters.ts";
import { equalSides } from "./join.ts";

/** What the rule works with. */
export interface SemiJoining {
  readonly statement: Subqueries;
  /** Takes a subquery's relation through the rules. */
  readonly ruled: (relation: Relation) => Relation;
  /** Is told the number of each subquery that has become a join. */
  readonly joined: (query: number) => void;
}

/** Makes joins of the subqueries in a relation's filters. */
export function joinSubqueries(joining: SemiJoining, relation: Relation): Relation {
  if (relation.kind !== "filter") {
    return mapInputs(relation, (input) => joinSubqueries(joining, input));
  }
  const conjuncts = conjunctsOf(relation.condition);
  const plain = conjuncts.filter((each) => subqueriesIn(each).length === 0);
  let result = filter(joinSubqueries(joining, relation.input), plain);
  const left: Expression[] = [];
  for (const conjunct of conjuncts) {
    if (plain.includes(conjunct)) continue;
    const joined = joinOf(joining, result, conjunct);
    if (joined === undefined) left.push(conjunct);
    else result = joined;
  }
  return filter(result, left);
}

function filter(input: Relation, conjuncts: readonly Expression[]): Relation {
  const condition = conjunctionOf(conjuncts);
  if (condition === undefined) return input;
  if (input.kind !== "filter") return { kind: "filter", input, condition };
  const all = conjunctionOf([...conjunctsOf(input.condition), ...conjuncts]) ?? condition;
  return { ...input, condition: all };
}

function joinOf(joining: SemiJoining, left: Relation, conjunct: Expression): Join | undefined {
  const { statement } = joining;
  const isNegated = conjunct.kind === "call" && conjunct.overload.name === "$not";
  const reference = isNegated ? conjunct.arguments[0] : conjunct;
  if (reference?.kind !== "subquery" || reference.lambdaColumns !== undefined) return undefined;
  const table = filteredTableOf(joining, reference.query);
  if (table === undefined) return undefined;
  const [leftColumns, rightColumns] = [
    columnsMadeIn(statement, left),
    columnsMadeIn(statement, table.relation),
  ];
  const reads = (each: Expression, columns: ReadonlySet<number>): boolean =>
    [...columnsIn(each)].some((column) => columns.has(column));
  const on = table.conjuncts.filter((each) => reads(each, leftColumns));
  const within = table.conjuncts.filter((each) => !on.includes(each));
  const membership = membershipOf(reference, table.output, isNegated);
  if (membership === undefined) return undefined;
  if (![...table.conjuncts, ...membership].every(isTotal)) return undefined;
  const condition = [...on, ...membership];
  const isTied = condition.some(
    (each) => equalSides(statement, each, leftColumns, rightColumns) !== undefined,
  );
  if (!isTied) return undefined;
  joining.joined(reference.query);
  return {
    kind: "join",
    join: isNegated ? "anti" : "semi",
    left,
    right: filter(table.relation, within),
    condition: conjunctionOf(condition),
    method: undefined,
  };
}

/**
 * What makes a row of the subquery a match, beside its own conditions. A row that may be the value that
 * is looked for, a NULL being on either side, is one that NOT IN gives up on. Undefined for subqueries
 * of other forms.
 */
function membershipOf(
  { form, operand }: SubqueryReference,
  output: Expression,
  isNegated: boolean,
): readonly Expression[] | undefined {
  if (form === "exists") return isTotal(output) ? [] : undefined;
  const overload = comparisonOperators.find(({ name }) => name === "$equal");
  if (form !== "in" || operand === undefined || overload === undefined) return undefined;
  const equal: Expression = {
    kind: "call",
    type: BOOL,
    overload,
    arguments: [operand, output],
    isSafe: false,
  };
  if (!isNegated) return [equal];
  const yes: Expression = { kind: "constant", type: BOOL, value: true, isUntyped: false };
  return [{ kind: "coalesce", type: BOOL, operands: [equal, yes] }];
}

interface FilteredTable {
  readonly relation: Relation;
  readonly conjuncts: readonly Expression[];
  /** The first column of the subquery, as an expression over the table. */
  readonly output: Expression;
}

/** The table that a subquery filters; undefined when it does anything else. */
function filteredTableOf(joining: SemiJoining, query: number): FilteredTable | undefined {
  const subquery = joining.statement.subqueries[query];
  const [first] = subquery?.columns ?? [];
  if (subquery === undefined || first === undefined) return undefined;
  let relation = joining.ruled(subquery.relation);
  let output: Expression = { kind: "column", ...first };
  while (relation.kind === "compute") {
    const computed = new Map(relation.columns.map((each) => [each.column, each.expression]));
    output = replaceParts(output, (part) =>
      part.kind === "column" ? computed.get(part.column) : undefined,
    );
    relation = relation.input;
  }
  const conjuncts = relation.kind === "filter" ? conjunctsOf(relation.condition) : [];
  if (relation.kind === "filter") relation = relation.input;
  if (relation.kind !== "scan") return undefined;
  const reads = columnsReadBy(joining.statement, output);
  return reads.size === columnsIn(output).size ? { relation, conjuncts, output } : undefined;
}
