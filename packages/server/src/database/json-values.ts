// SPDX-License-Identifier: Apache-2.0
// JSON that comes from outside is any text; inside, it is the normalized one.
import { normalizeJson, type Type, type Value } from "@spandrel/model";

/**
 * A value whose JSON, wherever in it, is normalized.
 *
 * @throws {JsonFormatError} when something that should be JSON is none.
 */
export function withNormalizedJson(type: Type, value: Value): Value {
  if (value === null) return null;
  switch (type.kind) {
    case "JSON":
      return normalizeJson(value as string); // as decoded for the type
    case "ARRAY": {
      if (!hasJson(type.element)) return value;
      return (value as readonly Value[]).map((each) => withNormalizedJson(type.element, each));
    }
    case "STRUCT": {
      if (!type.fields.some((field) => hasJson(field.type))) return value;
      const fields = value as readonly Value[];
      return type.fields.map((field, place) =>
        withNormalizedJson(field.type, fields[place] ?? null),
      );
    }
    default:
      return value;
  }
}

function hasJson(type: Type): boolean {
  if (type.kind === "ARRAY") return hasJson(type.element);
  if (type.kind === "STRUCT") return type.fields.some((field) => hasJson(field.type));
  return type.kind === "JSON";
}
