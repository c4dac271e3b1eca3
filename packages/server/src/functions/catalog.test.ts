// SPDX-License-Identifier: Apache-2.0
// The list of all signatures, as text: golden/functions/catalog.txt. Whoever changes a function sees
// it there; and programs that want to call every function, such as the differential test, read it.
// `GOLDEN=write npm test` records.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { printType } from "@spandrel/model";
import { findAggregate, findFunction, functionNames } from "./registry.ts";
import type { Parameter, Template } from "./signature.ts";

const file = new URL("../../golden/functions/catalog.txt", import.meta.url);

function printTemplate(template: Template): string {
  switch (template.kind) {
    case "exact":
      return printType(template.type);
    case "any":
      return template.name;
    case "array of any":
      return `ARRAY<${template.name}>`;
    case "arbitrary":
      return "ANYTHING";
    case "part":
      return "PART";
    case "lambda":
      return `(${template.parameters.map(printTemplate).join(", ")}) -> ${printTemplate(template.result)}`;
  }
}

function printParameter({ template, name, isOptional, isRepeated }: Parameter): string {
  const text = `${name === undefined ? "" : `${name} => `}${printTemplate(template)}`;
  return `${text}${isRepeated ? "..." : isOptional ? "?" : ""}`;
}

function printCatalog(): string {
  const lines = functionNames().flatMap((name) => {
    const line = (
      kind: string,
      { parameters, result }: { parameters: readonly Parameter[]; result: Template },
    ): string =>
      `${kind} ${name}(${parameters.map(printParameter).join(", ")}) -> ${printTemplate(result)}`;
    return [
      ...(findFunction(name) ?? []).map((overload) => line("function", overload)),
      ...(findAggregate(name) ?? []).map((aggregate) => line("aggregate", aggregate)),
    ];
  });
  return `${lines.join("\n")}\n`;
}

test("every signature is written down", () => {
  if (process.env["GOLDEN"] === "write") writeFileSync(file, printCatalog());
  assert.equal(printCatalog(), readFileSync(file, "utf8"));
});
