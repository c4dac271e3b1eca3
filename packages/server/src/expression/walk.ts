// SPDX-License-Identifier: Apache-2.0
// Walking expressions: the parts of one, the same one with other parts, the columns it reads.
import { typesEqual, type Value } from "@spandrel/model";
import type { Expression } from "./expression.ts";

/** The expressions directly inside an expression, in the order of evaluation. */
export function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "constant":
    case "parameter":
    case "column":
    case "commit timestamp":
      return [];
    case "call":
      return expression.arguments.filter((argument) => argument !== undefined);
    case "and":
    case "or":
    case "coalesce":
      return expression.operands;
    case "conditional":
      return [
        ...expression.branches.flatMap(({ when, result }) => [when, result]),
        expression.otherwise,
      ];
    case "if error":
    case "is error":
      return present([expression.operand, expression.otherwise]);
    case "cast":
      return [expression.operand];
    case "in":
      return present([expression.operand, ...(expression.elements ?? []), expression.array]);
    case "array":
      return expression.elements;
    case "struct":
      return expression.fields;
    case "field":
      return [expression.operand];
    case "binding":
      return [...expression.bindings.map(({ value }) => value), expression.body];
    case "lambda":
      return [expression.body];
    case "subquery":
      return present([expression.operand]);
  }
}

function present(parts: readonly (Expression | undefined)[]): readonly Expression[] {
  return parts.filter((part) => part !== undefined);
}

/** Puts something else in place of parts, from the outside in; undefined leaves a part as it is. */
export function replaceParts(
  expression: Expression,
  replace: (part: Expression) => Expression | undefined,
): Expression {
  const replaced = replace(expression);
  if (replaced !== undefined) return replaced;
  const go = (part: Expression): Expression => replaceParts(part, replace);
  const goMaybe = (part: Expression | undefined): Expression | undefined =>
    part === undefined ? undefined : go(part);
  switch (expression.kind) {
    case "constant":
    case "parameter":
    case "column":
    case "commit timestamp":
      return expression;
    case "call":
      return { ...expression, arguments: expression.arguments.map(goMaybe) };
    case "and":
    case "or":
    case "coalesce":
      return { ...expression, operands: expression.operands.map(go) };
    case "conditional":
      return {
        ...expression,
        branches: expression.branches.map(({ when, result }) => ({
          when: go(when),
          result: go(result),
        })),
        otherwise: go(expression.otherwise),
      };
    case "if error":
    case "is error":
      return {
        ...expression,
        operand: go(expression.operand),
        otherwise: goMaybe(expression.otherwise),
      };
    case "cast":
      return { ...expression, operand: go(expression.operand) };
    case "in":
      return {
        ...expression,
        operand: go(expression.operand),
        elements: expression.elements?.map(go),
        array: goMaybe(expression.array),
      };
    case "array":
      return { ...expression, elements: expression.elements.map(go) };
    case "struct":
      return { ...expression, fields: expression.fields.map(go) };
    case "field":
      return { ...expression, operand: go(expression.operand) };
    case "binding":
      return {
        ...expression,
        bindings: expression.bindings.map(({ column, value }) => ({ column, value: go(value) })),
        body: go(expression.body),
      };
    case "lambda":
      return { ...expression, body: go(expression.body) };
    case "subquery":
      return { ...expression, operand: goMaybe(expression.operand) };
  }
}

/** Whether some part of an expression, or the whole, is such. */
export function someParts(expression: Expression, accepts: (part: Expression) => boolean): boolean {
  return accepts(expression) || partsOf(expression).some((part) => someParts(part, accepts));
}

/** Visits an expression and all of its parts. */
export function visitParts(expression: Expression, visit: (part: Expression) => void): void {
  visit(expression);
  for (const part of partsOf(expression)) visitParts(part, visit);
}

/** The numbers of the subqueries in an expression. */
export function subqueriesIn(expression: Expression): readonly number[] {
  const found: number[] = [];
  visitParts(expression, (part) => {
    if (part.kind === "subquery") found.push(part.query);
  });
  return found;
}

/** The columns that an expression reads itself; what its subqueries read is not among them. */
export function columnsIn(expression: Expression): ReadonlySet<number> {
  const found = new Set<number>();
  const own = new Set<number>();
  visitParts(expression, (part) => {
    if (part.kind === "column") found.add(part.column);
    if (part.kind === "binding") for (const { column } of part.bindings) own.add(column);
    if (part.kind === "lambda") for (const column of part.parameters) own.add(column);
  });
  for (const column of own) found.delete(column);
  return found;
}

/** Whether evaluating an expression twice may give two values, or it has a subquery. */
export function isStable(expression: Expression): boolean {
  return !someParts(
    expression,
    (part) =>
      part.kind === "subquery" ||
      part.kind === "commit timestamp" ||
      (part.kind === "call" && part.overload.isVolatile),
  );
}

/** Whether two expressions are the same calculation over the same columns. */
export function sameExpression(left: Expression, right: Expression): boolean {
  if (left.kind !== right.kind || !typesEqual(left.type, right.type)) return false;
  if (!isStable(left)) return false;
  if (left.kind === "constant" && right.kind === "constant") {
    return sameValue(left.value, right.value);
  }
  if (left.kind === "parameter" && right.kind === "parameter") return left.name === right.name;
  if (left.kind === "column" && right.kind === "column") return left.column === right.column;
  if (left.kind === "call" && right.kind === "call") {
    if (left.overload !== right.overload || left.isSafe !== right.isSafe) return false;
  }
  if (left.kind === "field" && right.kind === "field" && left.index !== right.index) return false;
  if (left.kind === "cast" && right.kind === "cast" && left.isSafe !== right.isSafe) return false;
  if (left.kind === "binding" || left.kind === "lambda") return false;
  const [a, b] = [partsOf(left), partsOf(right)];
  return (
    a.length === b.length &&
    a.every((part, index) => {
      const other = b[index];
      return other !== undefined && sameExpression(part, other);
    })
  );
}

function sameValue(left: Value, right: Value): boolean {
  if (Object.is(left, right)) return true;
  if (left instanceof Uint8Array && right instanceof Uint8Array) {
    return left.length === right.length && left.every((byte, index) => byte === right[index]);
  }
  return false;
}
