// SPDX-License-Identifier: Apache-2.0

import type { SimpleTypeName, TypeName } from "../tree/type.ts";
import { printIdentifier, printPath } from "./printer.ts";

/** A type as it is written in a column or a cast. */
export function printType(type: TypeName): string {
  switch (type.kind) {
    case "simple-type":
      return printSimpleType(type);
    case "array-type": {
      const length = type.vectorLength === undefined ? "" : `(vector_length=>${type.vectorLength})`;
      return `ARRAY<${printType(type.element)}>${length}`;
    }
    case "struct-type": {
      const fields = type.fields.map((field) => {
        const name = field.name === undefined ? "" : `${printIdentifier(field.name)} `;
        return name + printType(field.type);
      });
      return `STRUCT<${fields.join(", ")}>`;
    }
    case "function-type":
      return `FUNCTION<(${type.parameters.map(printType)}) -> ${printType(type.result)}>`;
  }
}

function printSimpleType(type: SimpleTypeName): string {
  const parameters = type.parameters.map((parameter) =>
    parameter.kind === "max" ? "MAX" : String(parameter.value),
  );
  const name = isInterval(type) ? "INTERVAL" : printPath(type.name);
  return parameters.length === 0 ? name : `${name}(${parameters.join(", ")})`;
}

/** INTERVAL is a type although the word is reserved, so it stands without quotes. */
function isInterval(type: SimpleTypeName): boolean {
  const [first, second] = type.name.parts;
  return second === undefined && first?.name.toUpperCase() === "INTERVAL";
}
