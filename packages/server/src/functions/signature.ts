// SPDX-License-Identifier: Apache-2.0
// How built-in functions are described. A function is a name and a list of overloads; an overload
// says which types it takes, what it gives, and how to evaluate it over plain values.
//
// `define` ties the TypeScript types of the evaluating function to the SQL types of the parameters,
// so the families of functions are written without casts; the one cast that forgets the tie is here.
// An overload never sees NULL unless it says so: a NULL argument makes a NULL result.
import {
  type ArrayType,
  BOOL,
  BYTES,
  DATE,
  FLOAT32,
  FLOAT64,
  INT64,
  INTERVAL,
  type IntervalValue,
  JSON_TYPE,
  NUMERIC,
  STRING,
  TIMESTAMP,
  type Type,
  type Value,
} from "@spandrel/model";
import type { CallContext } from "./context.ts";

/** What a parameter or result may be: one type, or a type that the arguments settle. */
export type Template =
  | { readonly kind: "exact"; readonly type: Type }
  | { readonly kind: "any"; readonly name: string }
  | { readonly kind: "array of any"; readonly name: string }
  /** A struct of whatever fields, or any value at all without being unified with others. */
  | { readonly kind: "arbitrary" }
  /** A word such as DAY; it arrives as a string constant in upper case. */
  | { readonly kind: "part" }
  /** `x -> body`; the types name the templates of its parameters and of its result. */
  | {
      readonly kind: "lambda";
      readonly parameters: readonly Template[];
      readonly result: Template;
    };

/** One parameter; `holds` only tells the compiler which values arrive. */
export interface Parameter<V = Value> {
  readonly template: Template;
  readonly isOptional: boolean;
  readonly isRepeated: boolean;
  /** Given as `name => value`, never by position. */
  readonly name: string | undefined;
  /** Only a literal or a query parameter will do. */
  readonly isConstant?: boolean;
  readonly holds?: V;
}

/** A lambda as it arrives in a function. */
export type LambdaValue = (...values: readonly Value[]) => Value;

/** Evaluates a call; with the context first when the overload takes it. */
export type Evaluate = (...values: readonly Value[]) => Value;

/** One way to call a function. */
export interface Overload {
  /** The name as messages show it, in upper case; operators as `$add`. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: Template;
  /** When the result's type follows from the arguments' in another way. */
  readonly resultOf: ((argumentTypes: readonly Type[]) => Type) | undefined;
  readonly isNullPropagating: boolean;
  /** Whether equal arguments may give different results within a statement. */
  readonly isVolatile: boolean;
  readonly takesContext: boolean;
  /** Makes the evaluation for arguments of such types; omitted optional arguments are undefined. */
  readonly prepare: (argumentTypes: readonly Type[], result: Type) => Evaluate;
}

/** What else may be said of an overload. */
export interface OverloadOptions {
  readonly seesNull?: boolean;
  readonly isVolatile?: boolean;
  readonly resultOf?: (argumentTypes: readonly Type[]) => Type;
}

type ValuesOf<P extends readonly Parameter<unknown>[]> = {
  [K in keyof P]: P[K] extends Parameter<infer V> ? V : never;
};

/** Describes an overload whose evaluation depends on its arguments alone. */
export function define<const P extends readonly Parameter<unknown>[]>(
  name: string,
  parameters: P,
  result: Template | Type,
  evaluate: (...values: ValuesOf<P>) => Value,
  options: OverloadOptions = {},
): Overload {
  return overload(name, parameters, result, () => erase(evaluate), false, options);
}

/** Describes an overload that asks the statement for the time, the zone or chance. */
export function defineInContext<const P extends readonly Parameter<unknown>[]>(
  name: string,
  parameters: P,
  result: Template | Type,
  evaluate: (context: CallContext, ...values: ValuesOf<P>) => Value,
  options: OverloadOptions = {},
): Overload {
  return overload(name, parameters, result, () => erase(evaluate), true, options);
}

/** Describes an overload whose evaluation is made for the types of its arguments. */
export function defineByType<const P extends readonly Parameter<unknown>[]>(
  name: string,
  parameters: P,
  result: Template | Type,
  prepare: (types: readonly Type[], result: Type) => (...values: ValuesOf<P>) => Value,
  options: OverloadOptions = {},
): Overload {
  return overload(
    name,
    parameters,
    result,
    (types, resultType) => erase(prepare(types, resultType)),
    false,
    options,
  );
}

/** The same overload under other names too. */
export function alias(names: readonly string[], described: Overload): readonly Overload[] {
  return [described, ...names.map((name) => ({ ...described, name }))];
}

function overload(
  name: string,
  parameters: readonly Parameter<unknown>[],
  result: Template | Type,
  prepare: Overload["prepare"],
  takesContext: boolean,
  options: OverloadOptions,
): Overload {
  return {
    name,
    // The values that a parameter holds are the evaluation's concern; from here on they are values.
    parameters: parameters as readonly Parameter[],
    result: asTemplate(result),
    resultOf: options.resultOf,
    isNullPropagating: options.seesNull !== true,
    isVolatile: options.isVolatile === true,
    takesContext,
    prepare,
  };
}

/** The analyzer has made sure that the arguments have the types of the parameters. */
function erase(evaluate: (...values: never) => Value): Evaluate {
  return evaluate as unknown as Evaluate;
}

function asTemplate(result: Template | Type): Template {
  switch (result.kind) {
    case "exact":
    case "any":
    case "array of any":
    case "arbitrary":
    case "part":
    case "lambda":
      return result;
    default:
      return { kind: "exact", type: result };
  }
}

function exactly<V>(type: Type): Parameter<V> {
  return {
    template: { kind: "exact", type },
    isOptional: false,
    isRepeated: false,
    name: undefined,
  };
}

function templated<V>(template: Template): Parameter<V> {
  return { template, isOptional: false, isRepeated: false, name: undefined };
}

export const bool: Parameter<boolean> = exactly(BOOL);
export const int64: Parameter<bigint> = exactly(INT64);
export const float32: Parameter<number> = exactly(FLOAT32);
export const float64: Parameter<number> = exactly(FLOAT64);
export const numeric: Parameter<bigint> = exactly(NUMERIC);
export const string: Parameter<string> = exactly(STRING);
export const bytes: Parameter<Uint8Array> = exactly(BYTES);
export const date: Parameter<number> = exactly(DATE);
export const timestamp: Parameter<bigint> = exactly(TIMESTAMP);
export const json: Parameter<string> = exactly(JSON_TYPE);
export const interval: Parameter<IntervalValue> = exactly(INTERVAL);
export const part: Parameter<string> = templated({ kind: "part" });

/** The template of a type that the arguments settle. */
export const ANY: Template = { kind: "any", name: "ANY" };
/** The template of an array whose element the arguments settle. */
export const ARRAY_OF_ANY: Template = { kind: "array of any", name: "ANY" };
/** A second type, apart from the first. */
export const ANY_2: Template = { kind: "any", name: "ANY_2" };
export const ARRAY_OF_ANY_2: Template = { kind: "array of any", name: "ANY_2" };

export const any: Parameter<Value> = templated(ANY);
export const arrayOfAny: Parameter<readonly Value[]> = templated(ARRAY_OF_ANY);
/** A value of whatever type. */
export const arbitrary: Parameter<Value> = templated({ kind: "arbitrary" });

/** An array of one type. */
export function arrays<V extends Value>(element: Parameter<V>): Parameter<readonly (V | null)[]> {
  if (element.template.kind !== "exact") return templated(ARRAY_OF_ANY);
  const type: ArrayType = { kind: "ARRAY", element: element.template.type };
  return exactly(type);
}

/** A lambda over such templates. */
export function lambda(parameters: readonly Template[], result: Template): Parameter<LambdaValue> {
  return templated({ kind: "lambda", parameters, result });
}

/** A parameter that may be left out; only the last ones may. */
export function optional<V>(parameter: Parameter<V>): Parameter<V | undefined> {
  const { template, isRepeated, name, isConstant = false } = parameter;
  return { template, isRepeated, name, isConstant, isOptional: true };
}

/** A parameter given by name, and optional. */
export function named<V>(name: string, parameter: Parameter<V>): Parameter<V | undefined> {
  const { template, isConstant = false } = parameter;
  return { template, isRepeated: false, name, isConstant, isOptional: true };
}

/** A parameter that takes nothing but a literal or a query parameter. */
export function constant<V>(parameter: Parameter<V>): Parameter<V> {
  return { ...parameter, isConstant: true };
}

/** A parameter that may also be NULL, in an overload that sees NULL. */
export function nullable<V>(parameter: Parameter<V>): Parameter<V | null> {
  const { template, isOptional, isRepeated, name, isConstant = false } = parameter;
  return { template, isOptional, isRepeated, name, isConstant };
}

/** A last parameter that comes any number of times, also none. */
export function repeated<V>(parameter: Parameter<V>): Parameter<V> {
  return { ...parameter, isRepeated: true, isOptional: true };
}
