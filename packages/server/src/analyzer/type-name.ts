// SPDX-License-Identifier: Apache-2.0
import {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT32,
  FLOAT64,
  INT64,
  INTERVAL,
  JSON_TYPE,
  NUMERIC,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
  UUID,
} from "@spandrel/model";
import type { TypeName } from "@spandrel/sql";
import type { Analysis } from "./analysis.ts";

const scalars: ReadonlyMap<string, Type> = new Map<string, Type>([
  ["BOOL", BOOL],
  ["BOOLEAN", BOOL],
  ["INT64", INT64],
  ["FLOAT32", FLOAT32],
  ["FLOAT64", FLOAT64],
  ["NUMERIC", NUMERIC],
  ["STRING", STRING],
  ["BYTES", BYTES],
  ["DATE", DATE],
  ["TIMESTAMP", TIMESTAMP],
  ["JSON", JSON_TYPE],
  ["UUID", UUID],
  ["INTERVAL", INTERVAL],
]);

/**
 * The type that a type's name means.
 *
 * @throws {StatusError} INVALID_ARGUMENT when there is no such type.
 */
export function resolveTypeName(analysis: Analysis, name: TypeName): Type {
  switch (name.kind) {
    case "simple-type": {
      const text = name.name.parts.map((part) => part.name).join(".");
      const type = scalars.get(text.toUpperCase());
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
