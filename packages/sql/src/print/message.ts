// SPDX-License-Identifier: Apache-2.0

import type { BracedConstructor, NewConstructor, ReplaceFields } from "../tree/message.ts";
import { type Printer, printPath, words } from "./printer.ts";

/** `REPLACE_FIELDS(…)`. */
export function printReplaceFields(printer: Printer, { operand, fields }: ReplaceFields): string {
  const values = fields.map(
    ({ value, path }) => `${printer.expression(value)} AS ${printPath(path)}`,
  );
  return `REPLACE_FIELDS(${[printer.expression(operand), ...values].join(", ")})`;
}

/** `NEW package.Message(…)`. */
export function printNew(printer: Printer, { type, fields }: NewConstructor): string {
  const values = fields.map(({ value, path }) => {
    if (path.parts.length === 0) return printer.expression(value);
    const name = path.parts.length > 1 ? `(${printPath(path)})` : printPath(path);
    return `${printer.expression(value)} AS ${name}`;
  });
  return `NEW ${printPath(type)}(${values.join(", ")})`;
}

/** `NEW package.Message {…}`. */
export function printBraced(printer: Printer, { type, fields }: BracedConstructor): string {
  const values = fields.map(({ path, isExtension, value }) => {
    const name = isExtension ? `(${printPath(path)})` : printPath(path);
    return `${name}: ${printer.expression(value)}`;
  });
  return words(type && `NEW ${printPath(type)}`, `{${values.join(", ")}}`);
}
