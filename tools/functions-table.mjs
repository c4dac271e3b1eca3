// SPDX-License-Identifier: Apache-2.0
// docs/reference/functions.md: every function and operator that Spanner documents, and what the
// server has of it. `--check` fails when the document is stale. Needs `--conditions=source`.
//
// What the catalog of the server describes is built. For all else a statement is tried on a server:
// so the table never says more, or less, than what is answered.
import { printType } from "@spandrel/model";
import {
  findAggregate,
  findFunction,
  functionNames,
} from "../packages/server/src/functions/registry.ts";
import { functionPages, functionsElsewhere, operators } from "./documented-functions.mjs";
import { exampleSchema, examples, forms } from "./function-examples.mjs";
import { isProgram, keep, table } from "./generated.mjs";
import { complaintOf, execute, Trial } from "./trial.mjs";

const path = "docs/reference/functions.md";

/** The document. */
export async function printFunctions() {
  await using trial = await Trial.begin();
  const database = await trial.database(exampleSchema);
  const pages = [];
  for (const page of functionPages) {
    pages.push({ ...page, rows: await rowsOf(page.entries, database) });
  }
  const elsewhere = await rowsOf(functionsElsewhere, database);
  const operatorRows = await rowsOfOperators(database);
  const all = [...pages.flatMap(({ rows }) => rows), ...elsewhere];
  const extra = functionNames().filter((name) => !isDocumented(name));
  return `${[
    ...head(all, operatorRows),
    ...pages.flatMap(({ title, rows }, at) => [
      ...(pages[at - 1]?.title === title ? [] : [`## ${title}`, ""]),
      printRows(rows),
      "",
    ]),
    "## Elsewhere in the documentation",
    "",
    printRows(elsewhere),
    "",
    "## Operators",
    "",
    table(
      ["Operator", "Signatures", "State"],
      operatorRows.map(({ title, link, signatures, state }) => [
        `[${title}](${link})`,
        code(signatures),
        state,
      ]),
    ),
    "",
    "## Beyond Spanner's list",
    "",
    "GoogleSQL has these, and the server answers them; Spanner's pages do not list them, so a program",
    "that is meant for Cloud Spanner does better without. (The functions of MySQL that Spanner offers are",
    "definitions that a database may install, in a schema of their own; they are not built in.)",
    "",
    table(
      ["Function", "Kind", "Signatures"],
      extra.map((name) => [
        `\`${name}\``,
        findFunction(name) === undefined ? "aggregate" : "scalar",
        code(signaturesOf(name)),
      ]),
    ),
  ].join("\n")}\n`;
}

function head(rows, operatorRows) {
  const count = (state, of = rows) => of.filter((each) => each.state === state).length;
  return [
    "# Functions",
    "",
    "Every function that Spanner documents for GoogleSQL, and what the server has of it. Made by",
    "`npm run reference` from the server's catalog of functions; do not edit it. A function is *built*",
    "when a statement may call it, *missing* when a call is refused.",
    "",
    table(
      ["", "built", "missing", "all"],
      [
        ["functions", rows],
        ["operators", operatorRows],
      ].map(([title, of]) => [
        title,
        ...["built", "missing"].map((state) => String(count(state, of))),
        String(of.length),
      ]),
    ),
    "",
    "`T` and `U` are types that the arguments settle; `?` marks what may be left out, `...` what may",
    "come again, and `name =>` what is given by its name. NULL for an argument gives NULL, but where",
    "Spanner's page says otherwise. `SAFE.` in front of a scalar function makes NULL of its errors.",
    "",
  ];
}

function printRows(rows) {
  return table(
    ["Function", "Kind", "Signatures", "State"],
    rows.map(({ name, link, kind, signatures, state }) => [
      `[\`${name}\`](${link})`,
      kind,
      code(signatures),
      state === "built" ? state : `**${state}**`,
    ]),
  );
}

const code = (lines) => lines.map((line) => `\`${line}\``).join("<br>");

const documented = new Set(functionPages.flatMap(({ entries }) => entries.map(({ name }) => name)));
const isDocumented = (name) => documented.has(name);

async function rowsOf(entries, database) {
  const rows = [];
  for (const entry of entries) {
    const signatures = signaturesOf(entry.name, entry.link);
    const isDescribed = signatures.length > 0;
    const state = isDescribed ? "built" : await stateOf(entry.name, database);
    const own = forms[entry.name] ?? forms[entry.link.split("/").at(-1)] ?? [];
    const isForm = !isDescribed && state === "built";
    rows.push({ ...entry, signatures: isForm ? own : signatures, state });
  }
  return rows;
}

async function rowsOfOperators(database) {
  const rows = [];
  for (const { title, link, symbols, example } of operators) {
    const signatures = Object.entries(symbols).flatMap(([symbol, name]) =>
      (findFunction(name) ?? []).map((overload) => printOperator(symbol, overload)),
    );
    rows.push({ title, link, signatures, state: await stateOfStatement(example, database) });
  }
  return rows;
}

/** The signatures of a function. Of those that stand on two pages each shows its own. */
function signaturesOf(name, link = "") {
  const overloads = [...(findFunction(name) ?? []), ...(findAggregate(name) ?? [])];
  const rows =
    name === "COUNT" ? [...overloads, ...(findAggregate("$count_star") ?? [])] : overloads;
  const isJson = ({ parameters }) =>
    parameters[0] !== undefined && printTemplate(parameters[0].template) === "JSON";
  const own = link.includes("_for_json")
    ? rows.filter(isJson)
    : link.includes("/timestamp_functions#string")
      ? rows.filter((overload) => !isJson(overload))
      : rows;
  return own.map((overload) => printSignature(name, overload));
}

function printSignature(name, { name: own, parameters, result }) {
  const list = own === "$count_star" ? "*" : parameters.map(printParameter).join(", ");
  return `${name}(${list}) → ${printTemplate(result)}`;
}

function printOperator(symbol, { parameters, result }) {
  const types = parameters.map(({ template }) => printTemplate(template));
  const places = ["X", "Y", "Z"];
  const text = symbol.replaceAll(/\b[XYZ]\b/g, (place) => types[places.indexOf(place)] ?? place);
  return `${text} → ${printTemplate(result)}`;
}

function printParameter({ template, name, isOptional, isRepeated }) {
  const text = `${name === undefined ? "" : `${name} => `}${printTemplate(template)}`;
  return `${text}${isRepeated ? "..." : isOptional ? "?" : ""}`;
}

function printTemplate(template) {
  switch (template.kind) {
    case "exact":
      return printType(template.type);
    case "any":
      return letter(template);
    case "array of any":
      return `ARRAY<${letter(template)}>`;
    case "arbitrary":
      return "any type";
    case "part":
      return "part";
    case "lambda": {
      const from = template.parameters.map(printTemplate).join(", ");
      return `(${from}) -> ${printTemplate(template.result)}`;
    }
    default:
      throw new Error(`unknown template: ${JSON.stringify(template)}`);
  }
}

const letter = ({ name }) => (name === "ANY" ? "T" : "U");

/** What there is of a function that the catalog does not describe. */
async function stateOf(name, database) {
  const example = examples[name];
  if (example === undefined) throw new Error(`tools/function-examples.mjs lacks ${name}`);
  return stateOfStatement(example, database);
}

async function stateOfStatement(statement, database) {
  const complaint = await complaintOf(() => execute(database, statement));
  return complaint === undefined ? "built" : "missing";
}

if (isProgram(import.meta.url)) keep(path, await printFunctions());
