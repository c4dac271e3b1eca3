// SPDX-License-Identifier: Apache-2.0
// Arrays, structs, subscripts and WITH expressions.
import { arrayOf, INT64, printType, type StructType } from "@spandrel/model";
import type {
  ArrayConstructor,
  StructConstructor,
  StructField,
  Subscript,
  WithExpression,
} from "@spandrel/sql";
import type { Expression } from "../expression/expression.ts";
import type { Analysis, ExpressionContext } from "./analysis.ts";
import { coerce, coercionCost, commonType } from "./coercion.ts";
import { printTypesOf } from "./match.ts";
import { applyOperator } from "./operator-call.ts";
import { type NamedColumn, scopeOf } from "./scope.ts";
import { resolveTypeName } from "./type-name.ts";

/** `[1, 2]` and `ARRAY<INT64>[1, 2]`. */
export function analyzeArray(
  analysis: Analysis,
  tree: ArrayConstructor,
  context: ExpressionContext,
): Expression {
  const elements = tree.elements.map((element) => analysis.expression(element, context));
  const declared = tree.type === undefined ? undefined : resolveTypeName(analysis, tree.type);
  if (declared?.kind !== "ARRAY" && elements.length === 0) {
    return { kind: "constant", type: arrayOf(INT64), value: [], isUntyped: true };
  }
  const element = declared?.kind === "ARRAY" ? declared.element : commonType(elements);
  if (element === undefined) {
    const types = printTypesOf(elements).join(", ");
    throw analysis.error(tree, `Array elements of types {${types}} do not have a common supertype`);
  }
  if (element.kind === "ARRAY") {
    throw analysis.error(
      tree,
      `Cannot construct array with element type ${printType(element)} because nested arrays are not supported`,
    );
  }
  const coerced = elements.map((each, index) => {
    const at = tree.elements[index] ?? tree;
    if (coercionCost(each, element) === undefined) {
      throw analysis.error(
        at,
        `Array element type ${printTypesOf([each])[0]} does not coerce to ${printType(element)}`,
      );
    }
    return coerce(analysis, each, element, at);
  });
  const isDeclared = declared !== undefined;
  return { kind: "array", type: arrayOf(element), isDeclared, elements: coerced };
}

/** `STRUCT(1 AS a)`, `STRUCT<a INT64>(1)` and `(1, 2)`. */
export function analyzeStruct(
  analysis: Analysis,
  tree: StructConstructor,
  context: ExpressionContext,
): Expression {
  const values = tree.fields.map((field) => analysis.expression(field.value, context));
  const declared = tree.type === undefined ? undefined : resolveTypeName(analysis, tree.type);
  if (declared?.kind === "STRUCT") return declaredStruct(analysis, tree, declared, values);
  const type: StructType = {
    kind: "STRUCT",
    fields: values.map((value, index) => ({
      name: tree.tuple ? "" : nameOfField(tree.fields[index]),
      type: value.type,
    })),
  };
  return { kind: "struct", type, isDeclared: false, fields: values };
}

function declaredStruct(
  analysis: Analysis,
  tree: StructConstructor,
  type: StructType,
  values: readonly Expression[],
): Expression {
  if (values.length !== type.fields.length) {
    throw analysis.error(
      tree,
      `STRUCT type has ${type.fields.length} fields but constructor call has ${values.length} fields`,
    );
  }
  const fields = values.map((value, index) => {
    const wanted = type.fields[index]?.type ?? value.type;
    const at = tree.fields[index] ?? tree;
    if (coercionCost(value, wanted) === undefined) {
      throw analysis.error(
        at,
        `Struct field ${index + 1} has type ${printTypesOf([value])[0]} which does not coerce to ${printType(wanted)}`,
      );
    }
    return coerce(analysis, value, wanted, at);
  });
  return { kind: "struct", type, isDeclared: true, fields };
}

/** The alias, or the name that the value itself has. */
function nameOfField(field: StructField | undefined): string {
  if (field === undefined) return "";
  if (field.alias !== undefined) return field.alias.name;
  return impliedName(field.value);
}

/** The name that an expression lends to a column without an alias: the last of its path. */
export function impliedName(tree: StructField["value"]): string {
  if (tree.kind === "path") return tree.parts.at(-1)?.name ?? "";
  return tree.kind === "field" ? tree.field.name : "";
}

const subscriptNames = {
  OFFSET: "$at_offset",
  ORDINAL: "$at_ordinal",
  SAFE_OFFSET: "$at_safe_offset",
  SAFE_ORDINAL: "$at_safe_ordinal",
} as const;

/** `array[OFFSET(0)]`, `json['key']`. */
export function analyzeSubscript(
  analysis: Analysis,
  tree: Subscript,
  context: ExpressionContext,
): Expression {
  const operand = analysis.expression(tree.operand, context);
  const index = analysis.expression(tree.index, context);
  if (operand.type.kind === "JSON" && tree.access === undefined) {
    const name = index.type.kind === "STRING" ? "$json_field" : "$json_element";
    return applyOperator(analysis, name, [operand, index], tree);
  }
  if (tree.access === "KEY" || tree.access === "SAFE_KEY") {
    throw analysis.error(
      tree,
      `Subscript access using [KEY()] is not supported on ${operand.type.kind}`,
    );
  }
  if (tree.access === undefined && operand.type.kind === "ARRAY") {
    throw analysis.error(
      tree.index,
      "Array element access with array[position] is not supported. Use array[OFFSET(zero_based_offset)] or array[ORDINAL(one_based_ordinal)]",
    );
  }
  return applyOperator(analysis, subscriptNames[tree.access ?? "OFFSET"], [operand, index], tree);
}

/** `WITH(a AS 1, b AS a + 1, a + b)`. */
export function analyzeWith(
  analysis: Analysis,
  tree: WithExpression,
  context: ExpressionContext,
): Expression {
  let { scope } = context;
  const bindings: { column: number; value: Expression }[] = [];
  for (const binding of tree.bindings) {
    const value = analysis.expression(binding.value, { ...context, scope });
    const column = analysis.newColumn();
    const name = binding.alias?.name ?? "";
    const named: NamedColumn = {
      name,
      expression: { kind: "column", type: value.type, column, name },
    };
    scope = scopeOf([{ columns: [named], variables: [] }], scope);
    bindings.push({ column, value });
  }
  const body = analysis.expression(tree.body, { ...context, scope });
  return { kind: "binding", type: body.type, bindings, body };
}
