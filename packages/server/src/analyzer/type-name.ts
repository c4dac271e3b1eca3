// SPDX-License-Identifier: Apache-2.0
import { arrayOf, BOOL, scalarTypeNamed, structOf, type Type } from "@spandrel/model";
import type { TypeName } from "@spandrel/sql";
import type { Analysis } from "./analysis.ts";

/**
 * The type that a type's name means.
 *
 * @throws {StatusError} INVALID_ARGUMENT when there is no such type.
 */
export function resolveTypeName(analysis: Analysis, name: TypeName): Type {
  switch (name.kind) {
    case "simple-type": {
      const text = name.name.parts.map((part) => part.name).join(".");
      const type = text.toUpperCase() === "BOOLEAN" ? BOOL : scalarTypeNamed(text);
      if (type === undefined) throw analysis.error(name, `Type not found: ${text}`);
      return type;
    }
    case "array-type": {
      const element = resolveTypeName(analysis, name.element);
      if (element.kind === "ARRAY") {
        throw analysis.error(name, "Arrays of arrays are not supported");
      }
      return arrayOf(element);
    }
    case "struct-type":
      return structOf(
        name.fields.map((field) => ({
          name: field.name?.name ?? "",
          type: resolveTypeName(analysis, field.type),
        })),
      );
    case "function-type":
      throw analysis.error(name, "A function type is not allowed here");
  }
}
