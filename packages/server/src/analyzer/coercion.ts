// SPDX-License-Identifier: Apache-2.0
// Implicit casts: which types turn into which by themselves, what literals and parameters turn into
// beyond that, and the one type that several expressions have in common.
// https://cloud.google.com/spanner/docs/reference/standard-sql/conversion_rules
import {
  type ArrayType,
  INT64,
  parseDate,
  parseNumeric,
  printType,
  type StructType,
  type Type,
  typesEqual,
} from "@spandrel/model";
import type { TreeNode } from "@spandrel/sql";
import type { Constant, Expression } from "../expression/expression.ts";
import { castBetween } from "../functions/cast.ts";
import { DEFAULT_TIME_ZONE } from "../functions/context.ts";
import { isTokenList } from "../functions/token-list.ts";
import type { Analysis } from "./analysis.ts";

/** What a coercion costs an overload; the cheapest overload is taken. */
const COST_OF_LITERAL = 1;
const COST_OF_COERCION = 4;

const implicit: Readonly<Record<string, readonly string[]>> = {
  INT64: ["FLOAT64", "NUMERIC", "FLOAT32"],
  NUMERIC: ["FLOAT64"],
  FLOAT32: ["FLOAT64"],
};

const ofLiterals: Readonly<Record<string, readonly string[]>> = {
  INT64: ["ENUM"],
  FLOAT64: ["NUMERIC", "FLOAT32"],
  STRING: ["DATE", "TIMESTAMP", "UUID", "ENUM", "PROTO"],
  BYTES: ["PROTO"],
};

const ofParameters: Readonly<Record<string, readonly string[]>> = {
  INT64: ["ENUM"],
  STRING: ["DATE", "TIMESTAMP", "UUID", "ENUM", "PROTO"],
  BYTES: ["PROTO"],
};

/** Whether an expression takes on any type: NULL, `[]`, a parameter without a type, ERROR(…). */
export function isUntyped(expression: Expression): boolean {
  if (expression.kind === "call") return expression.overload.name === "ERROR";
  return (
    (expression.kind === "constant" || expression.kind === "parameter") && expression.isUntyped
  );
}

/** Whether an expression is the word NULL. */
export function isNullLiteral(expression: Expression): boolean {
  return expression.kind === "constant" && expression.isUntyped && expression.value === null;
}

/** Whether a tree is a literal of one token; typed literals such as DATE '…' are not. */
export function isPlainLiteral({ kind }: TreeNode): boolean {
  return ["null", "boolean", "integer", "float", "string", "bytes"].includes(kind);
}

/** What it costs to take an expression for another type; undefined when that cannot be. */
export function coercionCost(expression: Expression, to: Type): number | undefined {
  const { type: from } = expression;
  if (isUntyped(expression)) return untypedCost(expression, to);
  if (typesEqual(from, to)) return 0;
  if (isTokenList(from) || isTokenList(to)) return undefined;
  if (expression.kind === "array" && !expression.isDeclared && to.kind === "ARRAY") {
    return worst(expression.elements.map((element) => coercionCost(element, to.element)));
  }
  if (expression.kind === "struct" && !expression.isDeclared && to.kind === "STRUCT") {
    if (expression.fields.length !== to.fields.length) return undefined;
    return worst(
      expression.fields.map((field, index) => coercionCost(field, to.fields[index]?.type ?? INT64)),
    );
  }
  if (from.kind === "STRUCT" && to.kind === "STRUCT") return structCost(from, to);
  if (from.kind === "ARRAY" && to.kind === "ARRAY") {
    return sameShape(from.element, to.element) ? COST_OF_LITERAL : undefined;
  }
  const place = implicit[from.kind]?.indexOf(to.kind) ?? -1;
  if (place >= 0) {
    const cost = expression.kind === "constant" ? COST_OF_LITERAL : COST_OF_COERCION;
    return cost + place * 0.1;
  }
  const isLiteral = expression.kind === "constant";
  if (isLiteral && ofLiterals[from.kind]?.includes(to.kind)) return COST_OF_LITERAL;
  const isParameter = expression.kind === "parameter";
  return isParameter && ofParameters[from.kind]?.includes(to.kind) ? COST_OF_LITERAL : undefined;
}

function untypedCost(expression: Expression, to: Type): number | undefined {
  if (expression.kind === "constant" && expression.value !== null) {
    return to.kind === "ARRAY" ? 0 : undefined;
  }
  return 0;
}

function worst(costs: readonly (number | undefined)[]): number | undefined {
  let highest = 0;
  for (const cost of costs) {
    if (cost === undefined) return undefined;
    highest = Math.max(highest, cost);
  }
  return highest;
}

/** Structs turn into others field by field, whatever the names. */
function structCost(from: StructType, to: StructType): number | undefined {
  if (from.fields.length !== to.fields.length) return undefined;
  return worst(
    from.fields.map((field, index) => {
      const wanted = to.fields[index]?.type ?? INT64;
      if (typesEqual(field.type, wanted)) return 0;
      return implicit[field.type.kind]?.includes(wanted.kind) ? COST_OF_COERCION : undefined;
    }),
  );
}

/** Whether two types differ in nothing but field names. */
function sameShape(left: Type, right: Type): boolean {
  if (left.kind === "STRUCT" && right.kind === "STRUCT") {
    return (
      left.fields.length === right.fields.length &&
      left.fields.every((field, index) => {
        const other = right.fields[index];
        return other !== undefined && sameShape(field.type, other.type);
      })
    );
  }
  if (left.kind === "ARRAY" && right.kind === "ARRAY")
    return sameShape(left.element, right.element);
  return typesEqual(left, right);
}

/**
 * Takes an expression for another type; the cost must have been found to be payable.
 *
 * @throws {StatusError} INVALID_ARGUMENT when a literal's text is not of the type.
 */
export function coerce(
  analysis: Analysis,
  expression: Expression,
  to: Type,
  at: TreeNode,
): Expression {
  if (expression.kind === "constant" && expression.isUntyped)
    return { ...expression, type: to, isUntyped: false };
  if (expression.kind === "parameter" && expression.isUntyped) {
    return analysis.settleParameter(expression.name, to);
  }
  if (isUntyped(expression)) return { ...expression, type: to };
  if (typesEqual(expression.type, to)) return expression;
  if (expression.kind === "array" && to.kind === "ARRAY") {
    const elements = expression.elements.map((each) => coerce(analysis, each, to.element, at));
    return { ...expression, type: to, elements };
  }
  if (expression.kind === "struct" && to.kind === "STRUCT") {
    const fields = expression.fields.map((each, index) =>
      coerce(analysis, each, to.fields[index]?.type ?? each.type, at),
    );
    return { ...expression, type: to, fields };
  }
  if (expression.kind === "constant") return coerceConstant(analysis, expression, to, at);
  return castTo(expression, to);
}

/** A cast without options. */
export function castTo(operand: Expression, type: Type, isSafe = false): Expression {
  if (typesEqual(operand.type, type) && !isUntyped(operand)) return operand;
  return { kind: "cast", type, operand, isSafe };
}

/** A literal is turned at once; but a moment depends on the zone in which the statement runs. */
function coerceConstant(
  analysis: Analysis,
  constant: Constant,
  to: Type,
  at: TreeNode,
): Expression {
  if (constant.value === null) return { ...constant, type: to };
  const digits = to.kind === "NUMERIC" ? analysis.digitsOf(constant) : undefined;
  const units = digits === undefined ? undefined : parseNumeric(digits, true);
  if (units !== undefined) return { ...constant, type: to, value: units };
  if (digits !== undefined) return castTo(constant, to);
  const isMoment = to.kind === "TIMESTAMP";
  const cast = castBetween(constant.type, to);
  if (cast === undefined) return castTo(constant, to);
  try {
    const value = cast(constant.value, literalContext);
    const isDay = to.kind === "DATE" && typeof constant.value === "string";
    if (isDay && parseDate(constant.value) === undefined) throw new Error("not a plain date");
    return isMoment ? castTo(constant, to) : { ...constant, type: to, value };
  } catch {
    // Whatever the cast says, the literal is what is wrong.
    const text =
      typeof constant.value === "string" ? JSON.stringify(constant.value) : String(constant.value);
    throw analysis.error(at, `Could not cast literal ${text} to type ${printType(to)}`);
  }
}

const literalContext = {
  nowNanos: 0n,
  timeZone: DEFAULT_TIME_ZONE,
  random: { next: () => 0, bytes: (length: number) => new Uint8Array(length) },
};

/** The type that expressions have in common; undefined when there is none. */
export function commonType(expressions: readonly Expression[]): Type | undefined {
  const typed = expressions.filter((expression) => !isUntyped(expression));
  if (typed.length === 0)
    return expressions.find((each) => each.type.kind === "ARRAY")?.type ?? expressions[0]?.type;
  if (typed.some(({ type }) => type.kind === "ARRAY")) return commonArray(typed);
  const firm = typed.filter((expression) => !isLiteral(expression));
  const candidates = candidateTypes(firm.length > 0 ? firm : typed, typed);
  return candidates.find((type) =>
    expressions.every((expression) => coercionCost(expression, type) !== undefined),
  );
}

/** Arrays have a type in common only when it is the same, but for the names of fields. */
function commonArray(typed: readonly Expression[]): Type | undefined {
  const [first] = typed;
  const isSame = first !== undefined && typed.every(({ type }) => sameShape(first.type, type));
  return isSame ? first.type : undefined;
}

function isLiteral(expression: Expression): boolean {
  if (expression.kind === "constant") return true;
  if (expression.kind === "array" || expression.kind === "struct") {
    if (expression.isDeclared) return false;
    const parts = expression.kind === "array" ? expression.elements : expression.fields;
    return parts.every(isLiteral);
  }
  return false;
}

const wider = ["NUMERIC", "FLOAT64"] as const;

/** Types that are there first, then wider ones that are not. */
function candidateTypes(firm: readonly Expression[], all: readonly Expression[]): readonly Type[] {
  const present = firm.map(({ type }) => type);
  const others = all.map(({ type }) => type);
  const structs = structSupertype(all);
  return [
    ...present,
    ...others,
    ...(structs === undefined ? [] : [structs]),
    ...wider.map((kind): Type => ({ kind })),
  ];
}

function isOpenArray(expression: Expression): boolean {
  return expression.kind === "array" && !expression.isDeclared;
}

/** Structs of one length have a common type field by field. */
function structSupertype(expressions: readonly Expression[]): Type | undefined {
  const [first] = expressions;
  if (first === undefined) return undefined;
  if (first.type.kind === "ARRAY" && expressions.every(isOpenArray)) {
    const elements = expressions.flatMap((each) => (each.kind === "array" ? each.elements : []));
    const element = commonType(elements);
    return element === undefined ? undefined : ({ kind: "ARRAY", element } satisfies ArrayType);
  }
  if (first.type.kind !== "STRUCT") return undefined;
  const fields = first.type.fields.map((field, index) => {
    const parts = expressions.map((each): Expression | undefined => {
      if (each.kind === "struct") return each.fields[index];
      const type = each.type.kind === "STRUCT" ? each.type.fields[index]?.type : undefined;
      return type === undefined ? undefined : { kind: "field", type, operand: each, index };
    });
    const present = parts.filter((part) => part !== undefined);
    const type = present.length === parts.length ? commonType(present) : undefined;
    return type === undefined ? undefined : { name: field.name, type };
  });
  const whole = fields.filter((field) => field !== undefined);
  return whole.length === fields.length ? { kind: "STRUCT", fields: whole } : undefined;
}

/** Whether 64 bits hold a number. */
export function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}
