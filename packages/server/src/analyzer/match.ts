// SPDX-License-Identifier: Apache-2.0
// Which overload a call means: the one that takes the arguments for the least coercion; the first of
// equals. Types that an overload leaves open are settled by the arguments, lambdas last.
import { arrayOf, INT64, printType, type Type } from "@spandrel/model";
import type { Lambda as LambdaTree, TreeNode } from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import type { Parameter, Template } from "../functions/signature.ts";
import type { Analysis } from "./analysis.ts";
import { coerce, coercionCost, commonType, isUntyped } from "./coercion.ts";

/** What is matched: functions and aggregates alike. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: Template;
  readonly resultOf?: ((argumentTypes: readonly Type[]) => Type) | undefined;
}

/** An argument as far as it can be analyzed alone. */
export type GivenArgument =
  | {
      readonly kind: "value";
      readonly expression: Expression;
      readonly node: TreeNode;
      readonly name: string | undefined;
    }
  | {
      readonly kind: "lambda";
      readonly tree: LambdaTree;
      readonly node: TreeNode;
      readonly name: undefined;
    };

/** Analyzes the body of a lambda whose parameters have such types. */
export type LambdaAnalyzer = (tree: LambdaTree, types: readonly Type[]) => Expression;

/** A call with its overload found. */
export interface Match<S extends Signature> {
  readonly signature: S;
  /** What each argument was taken for. */
  readonly parameters: readonly Parameter[];
  readonly arguments: readonly (Expression | undefined)[];
  readonly type: Type;
}

interface Candidate<S extends Signature> {
  readonly signature: S;
  readonly slots: readonly (GivenArgument | undefined)[];
  readonly parameters: readonly Parameter[];
  readonly bindings: ReadonlyMap<string, Type>;
  readonly cost: number;
}

/** Finds the overload for some arguments; undefined when none takes them. */
export function matchSignature<S extends Signature>(
  analysis: Analysis,
  signatures: readonly S[],
  given: readonly GivenArgument[],
  analyzeLambda: LambdaAnalyzer,
): Match<S> | undefined {
  let best: Candidate<S> | undefined;
  for (const signature of signatures) {
    const candidate = consider(signature, given);
    if (candidate !== undefined && (best === undefined || candidate.cost < best.cost))
      best = candidate;
  }
  return best === undefined ? undefined : settle(analysis, best, analyzeLambda);
}

function consider<S extends Signature>(
  signature: S,
  given: readonly GivenArgument[],
): Candidate<S> | undefined {
  const placed = placeArguments(signature.parameters, given);
  if (placed === undefined) return undefined;
  const bindings = bindTemplates(placed.parameters, placed.slots);
  if (bindings === undefined) return undefined;
  let cost = 0;
  for (const [index, slot] of placed.slots.entries()) {
    const template = placed.parameters[index]?.template;
    if (slot === undefined || template === undefined) continue;
    const each = costOf(template, slot, bindings);
    if (each === undefined) return undefined;
    cost += each;
  }
  return { signature, ...placed, bindings, cost };
}

/** Lays arguments over parameters; a repeated parameter takes all that is left. */
function placeArguments(
  parameters: readonly Parameter[],
  given: readonly GivenArgument[],
): Pick<Candidate<Signature>, "slots" | "parameters"> | undefined {
  const byPosition = given.filter((argument) => argument.name === undefined);
  const positional = parameters.filter((parameter) => parameter.name === undefined);
  const last = positional.at(-1);
  const spread = [...positional];
  while (last?.isRepeated === true && spread.length < byPosition.length) spread.push(last);
  if (last?.isRepeated === true && byPosition.length < spread.length) spread.pop();
  if (byPosition.length > spread.length) return undefined;
  if (spread.slice(byPosition.length).some((parameter) => !parameter.isOptional)) return undefined;
  const byName = given.filter((argument) => argument.name !== undefined);
  const withNames = parameters.filter((parameter) => parameter.name !== undefined);
  if (byName.some((argument) => !withNames.some((each) => each.name === argument.name))) {
    return undefined;
  }
  if (byName.length === 0)
    return { parameters: spread.slice(0, byPosition.length), slots: byPosition };
  const slots = [
    ...spread.map((_, index) => byPosition[index]),
    ...withNames.map((parameter) => byName.find((argument) => argument.name === parameter.name)),
  ];
  return { parameters: [...spread, ...withNames], slots };
}

function bindTemplates(
  parameters: readonly Parameter[],
  slots: readonly (GivenArgument | undefined)[],
): ReadonlyMap<string, Type> | undefined {
  const bindings = new Map<string, Type>();
  const names = new Set<string>();
  for (const { template } of parameters) {
    if (template.kind === "any" || template.kind === "array of any") names.add(template.name);
  }
  for (const name of names) {
    const type = bindOne(name, parameters, slots);
    if (type === undefined) return undefined;
    bindings.set(name, type);
  }
  return bindings;
}

/** Arrays settle an element type firmly, for they do not coerce; values follow. */
function bindOne(
  name: string,
  parameters: readonly Parameter[],
  slots: readonly (GivenArgument | undefined)[],
): Type | undefined {
  const elements: Expression[] = [];
  const values: Expression[] = [];
  for (const [index, { template }] of parameters.entries()) {
    const slot = slots[index];
    if (slot?.kind !== "value") continue;
    if (template.kind === "any" && template.name === name) values.push(slot.expression);
    if (template.kind !== "array of any" || template.name !== name) continue;
    const { expression } = slot;
    if (expression.type.kind !== "ARRAY" && !isUntyped(expression)) return undefined;
    elements.push(expression);
  }
  if (elements.length === 0) return commonType(values);
  const array = commonType([
    ...elements,
    ...values.map(
      (value): Expression => ({
        kind: "array",
        type: arrayOf(value.type),
        isDeclared: false,
        elements: [value],
      }),
    ),
  ]);
  return array?.kind === "ARRAY" ? array.element : array === undefined ? undefined : INT64;
}

function costOf(
  template: Template,
  slot: GivenArgument,
  bindings: ReadonlyMap<string, Type>,
): number | undefined {
  if (template.kind === "lambda") {
    if (slot.kind === "value" && slot.expression.kind === "lambda") return 0;
    if (slot.kind !== "lambda") return undefined;
    return slot.tree.parameters.length === template.parameters.length ? 0 : undefined;
  }
  if (slot.kind === "lambda") return undefined;
  const { expression } = slot;
  if (template.kind === "arbitrary") return 0;
  if (template.kind === "part") return expression.type.kind === "STRING" ? 0 : undefined;
  const type = typeOf(template, bindings);
  return type === undefined ? undefined : coercionCost(expression, type);
}

/** The type that a template stands for; undefined for one that is no type. */
function typeOf(template: Template, bindings: ReadonlyMap<string, Type>): Type | undefined {
  switch (template.kind) {
    case "exact":
      return template.type;
    case "any":
      return bindings.get(template.name);
    case "array of any": {
      const element = bindings.get(template.name);
      return element === undefined ? undefined : arrayOf(element);
    }
    default:
      return undefined;
  }
}

function settle<S extends Signature>(
  analysis: Analysis,
  { signature, slots, parameters, bindings }: Candidate<S>,
  analyzeLambda: LambdaAnalyzer,
): Match<S> | undefined {
  const bound = new Map(bindings);
  const settled: (Expression | undefined)[] = [];
  for (const [index, slot] of slots.entries()) {
    const template = parameters[index]?.template;
    if (slot === undefined || template === undefined) settled.push(undefined);
    else if (slot.kind === "value" && slot.expression.kind === "lambda")
      settled.push(slot.expression);
    else if (slot.kind === "lambda") {
      const lambda = settleLambda(analysis, template, slot.tree, bound, analyzeLambda);
      if (lambda === undefined) return undefined;
      settled.push(lambda);
    } else {
      const type = typeOf(template, bound) ?? slot.expression.type;
      const isOpen =
        slot.expression.kind === "parameter" && isOpenTemplate(template, parameters, slots);
      settled.push(isOpen ? slot.expression : coerce(analysis, slot.expression, type, slot.node));
    }
  }
  const types = settled.map((argument) => argument?.type ?? INT64);
  const type = signature.resultOf?.(types) ?? typeOf(signature.result, bound);
  return type === undefined ? undefined : { signature, parameters, arguments: settled, type };
}

/** Whether nothing but untyped arguments settle a template: then a parameter's type stays open. */
function isOpenTemplate(
  template: Template,
  parameters: readonly Parameter[],
  slots: readonly (GivenArgument | undefined)[],
): boolean {
  if (template.kind !== "any") return template.kind === "arbitrary";
  return slots.every((slot, index) => {
    const other = parameters[index]?.template;
    const isSame =
      (other?.kind === "any" || other?.kind === "array of any") && other.name === template.name;
    return !isSame || slot?.kind !== "value" || isUntyped(slot.expression);
  });
}

function settleLambda(
  analysis: Analysis,
  template: Template,
  tree: LambdaTree,
  bound: Map<string, Type>,
  analyzeLambda: LambdaAnalyzer,
): Expression | undefined {
  if (template.kind !== "lambda") return undefined;
  const types = template.parameters.map((parameter) => typeOf(parameter, bound) ?? INT64);
  const lambda = analyzeLambda(tree, types);
  const { result } = template;
  // What a lambda gives becomes an element, and there are no arrays of arrays.
  if (result.kind === "any" && lambda.type.kind === "ARRAY") return undefined;
  if (result.kind === "any" && !bound.has(result.name)) bound.set(result.name, lambda.type);
  const wanted = typeOf(result, bound);
  if (wanted === undefined || lambda.kind !== "lambda") return undefined;
  if (coercionCost(lambda.body, wanted) === undefined) return undefined;
  const body = coerce(analysis, lambda.body, wanted, tree.body);
  return { ...lambda, body, type: wanted };
}

/** The types of arguments as messages list them. */
export function printArgumentTypes(given: readonly GivenArgument[]): readonly string[] {
  return given.map((argument) => {
    if (argument.kind === "lambda") return "LAMBDA";
    const { expression } = argument;
    if (!isUntyped(expression)) return printType(expression.type);
    if (expression.kind === "parameter") return "<untyped>";
    return expression.type.kind === "ARRAY" ? "ARRAY<>" : "NULL";
  });
}

/** Signatures as messages list them: `LENGTH(STRING)`, or `ANY = ANY` of an operator. */
export function printSignatures(
  signatures: readonly Signature[],
  operator: string | undefined,
): readonly string[] {
  const printed = signatures.map(({ name, parameters }) => {
    const types = parameters.map((parameter) => printParameter(parameter));
    if (operator === undefined) return `${name}(${types.join(", ")})`;
    return types.length === 1 ? `${operator} ${types[0]}` : types.join(` ${operator} `);
  });
  return [...new Set(printed)];
}

function printParameter({ template, isOptional, isRepeated }: Parameter): string {
  const text = printTemplate(template);
  if (isRepeated) return `[${text}, ...]`;
  return isOptional ? `[${text}]` : text;
}

function printTemplate(template: Template): string {
  switch (template.kind) {
    case "exact":
      return printType(template.type);
    case "any":
    case "arbitrary":
      return "ANY";
    case "array of any":
      return "ARRAY<ANY>";
    case "part":
      return "DATE_TIME_PART";
    case "lambda":
      return "LAMBDA";
  }
}

/** The types of expressions as messages list them. */
export function printTypesOf(expressions: readonly Expression[]): readonly string[] {
  return expressions.map((expression) =>
    isUntyped(expression) ? "NULL" : printType(expression.type),
  );
}
