// SPDX-License-Identifier: Apache-2.0

import type {
  GraphEdge,
  GraphFiller,
  GraphLabelExpression,
  GraphPath,
  GraphPathElement,
  GraphPattern,
  GraphQuantifier,
  GraphSearch,
} from "../tree/graph-pattern.ts";
import { printHint } from "./hint.ts";
import { type Printer, printIdentifier, words } from "./printer.ts";

/** Paths, and the condition over all of them. */
export function printGraphPattern(printer: Printer, { paths, where }: GraphPattern): string {
  return words(
    paths.map((path) => printPath(printer, path)).join(", "),
    where && `WHERE ${printer.expression(where)}`,
  );
}

function printPath(printer: Printer, path: GraphPath): string {
  return words(
    printHint(printer, path.hint),
    path.name && `${printIdentifier(path.name)} =`,
    path.search && printSearch(printer, path.search),
    path.mode,
    printElements(printer, path.elements),
  );
}

function printSearch(printer: Printer, { keep, order, count }: GraphSearch): string {
  return words(keep !== "COUNT" && keep, order, count && printer.expression(count));
}

/** Two dashes in a row would start a comment. */
function printElements(printer: Printer, elements: readonly GraphPathElement[]): string {
  let text = "";
  for (const element of elements) {
    const piece = printElement(printer, element);
    text += text.endsWith("-") && piece.startsWith("-") ? ` ${piece}` : piece;
  }
  return text;
}

function printElement(printer: Printer, element: GraphPathElement): string {
  const hint = printHint(printer, element.hint);
  const before = hint === "" ? "" : ` ${hint} `;
  switch (element.kind) {
    case "graph-node":
      return `${before}(${printFiller(printer, element)})`;
    case "graph-edge":
      return `${before}${printEdge(printer, element)}`;
    case "graph-subpath": {
      const where = element.where && `WHERE ${printer.expression(element.where)}`;
      const inside = words(printPath(printer, element.path), where);
      return `${before}(${inside})${printQuantifier(printer, element.quantifier)}`;
    }
  }
}

function printEdge(printer: Printer, edge: GraphEdge): string {
  const cost = edge.cost && `COST ${printer.expression(edge.cost)}`;
  const left = edge.direction === "LEFT" ? "<-" : "-";
  const right = edge.direction === "RIGHT" ? "->" : "-";
  const inside = words(printFiller(printer, edge), cost);
  return `${left}[${inside}]${right}${printQuantifier(printer, edge.quantifier)}`;
}

function printFiller(printer: Printer, filler: GraphFiller): string {
  const name = filler.variable === undefined ? "" : printIdentifier(filler.variable);
  const properties = filler.properties?.map(
    (property) => `${printIdentifier(property.name)}: ${printer.expression(property.value)}`,
  );
  return words(
    printHint(printer, filler.elementHint),
    filler.label === undefined ? name : `${name}:${printLabel(filler.label)}`,
    properties && `{${properties.join(", ")}}`,
    filler.where && `WHERE ${printer.expression(filler.where)}`,
  );
}

/** `{2, 5}`, or `*` when there is no bound at all. */
function printQuantifier(printer: Printer, quantifier: GraphQuantifier | undefined): string {
  if (quantifier === undefined) return "";
  const { least, most } = quantifier;
  if (least === undefined && most === undefined) return "*";
  const from = least === undefined ? "" : printer.expression(least);
  return `{${from}, ${most === undefined ? "" : printer.expression(most)}}`;
}

/** A label expression, with the parentheses it needs. */
export function printLabel(label: GraphLabelExpression): string {
  switch (label.kind) {
    case "graph-label-name":
      return printIdentifier(label.name);
    case "graph-any-label":
      return "%";
    case "graph-label-not":
      return `!${printInner(label.operand)}`;
    case "graph-label-and":
      return label.operands.map(printInner).join(" & ");
    case "graph-label-or":
      return label.operands
        .map((operand) =>
          operand.kind === "graph-label-or" ? `(${printLabel(operand)})` : printLabel(operand),
        )
        .join(" | ");
  }
}

function printInner(label: GraphLabelExpression): string {
  const isOperation = label.kind === "graph-label-and" || label.kind === "graph-label-or";
  return isOperation ? `(${printLabel(label)})` : printLabel(label);
}
