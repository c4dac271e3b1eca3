// SPDX-License-Identifier: Apache-2.0
import { arrayOf, scalarTypeNamed, type Type } from "@spandrel/model";
import { elementOf } from "./call.ts";
import { splitList } from "./catalog.ts";

/** A type from its text, as both engines print it. */
export function parseColumnType(text: string): Type {
  const element = elementOf(text);
  if (element !== undefined) return arrayOf(parseColumnType(element));
  const fields = /^STRUCT<(.*)>$/.exec(text)?.[1];
  if (fields === undefined) {
    const scalar = scalarTypeNamed(text);
    if (scalar === undefined) throw new TypeError(`not a type: ${text}`);
    return scalar;
  }
  return {
    kind: "STRUCT",
    fields: splitList(fields).map((field) => {
      const [, name = "", type = ""] = /^(?:(\w+) (?!$))?(.*)$/.exec(field) ?? [];
      return { name, type: parseColumnType(type) };
    }),
  };
}
