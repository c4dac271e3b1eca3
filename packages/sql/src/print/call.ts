// SPDX-License-Identifier: Apache-2.0

import { quoteIdentifier } from "../lexer/quote.ts";
import type {
  Argument,
  Expression,
  FunctionCall,
  WindowBound,
  WindowFrame,
  WindowSpecification,
} from "../tree/expression.ts";
import type { Path } from "../tree/position.ts";
import type { OrderItem } from "../tree/query.ts";
import { printHint } from "./hint.ts";
import { type Printer, printIdentifier, printPath, words } from "./printer.ts";

/** A call; `printOperand` prints the first argument of a chained one. */
export function printCall(
  printer: Printer,
  call: FunctionCall,
  printOperand: (operand: Expression) => string,
): string {
  const [first, ...rest] = call.arguments;
  const isChained = call.chained && first !== undefined && isExpression(first);
  const written = isChained ? rest : call.arguments;
  const inside = words(
    call.distinct && "DISTINCT",
    written.map((argument) => printArgument(printer, argument)).join(", "),
    call.nulls && `${call.nulls} NULLS`,
    call.where && `WHERE ${printer.expression(call.where)}`,
    call.having && `HAVING ${call.having.extreme} ${printer.expression(call.having.value)}`,
    printOrderItems(printer, call.orderBy),
    call.limit && `LIMIT ${printer.expression(call.limit)}`,
  );
  const name = isChained
    ? `${printOperand(first)}.${printChainedName(call.name)}`
    : printName(call.name);
  const over = call.over && `OVER ${printWindow(printer, call.over)}`;
  return words(`${name}(${inside})${printHint(printer, call.hint)}`, over);
}

/** Reserved words that are functions need no quotes; words with a grammar of their own do. */
function printName(name: Path): string {
  const [first, second] = name.parts;
  if (first === undefined || second !== undefined) return printPath(name);
  const capitals = first.name.toUpperCase();
  if (reservedFunctions.has(capitals)) return first.name;
  return specialFunctions.has(capitals) ? `\`${first.name}\`` : quoteIdentifier(first.name);
}

const reservedFunctions: ReadonlySet<string> = new Set([
  "IF",
  "LEFT",
  "RIGHT",
  "COLLATE",
  "GROUPING",
]);
const specialFunctions: ReadonlySet<string> = new Set(
  "SAFE_CAST REPLACE_FIELDS OFFSET ORDINAL SAFE_OFFSET SAFE_ORDINAL KEY SAFE_KEY".split(" "),
);

function printChainedName(name: Path): string {
  return name.parts.length > 1 ? `(${printPath(name)})` : printPath(name);
}

function isExpression(argument: Argument): argument is Expression {
  switch (argument.kind) {
    case "named-argument":
    case "aliased-argument":
    case "lambda":
    case "star-argument":
    case "object-argument":
      return false;
    default:
      return true;
  }
}

/** One argument of a function or a table function. */
export function printArgument(printer: Printer, argument: Argument): string {
  switch (argument.kind) {
    case "named-argument":
      return `${printIdentifier(argument.name)} => ${printArgument(printer, argument.value)}`;
    case "aliased-argument":
      return `${printer.expression(argument.value)} AS ${printIdentifier(argument.alias)}`;
    case "lambda": {
      const parameters = argument.parameters.map(printIdentifier).join(", ");
      return `(${parameters}) -> ${printer.expression(argument.body)}`;
    }
    case "star-argument":
      return "*";
    case "object-argument":
      return `${argument.object} ${printPath(argument.name)}`;
    default:
      return printer.expression(argument);
  }
}

/** `ORDER BY …`, or nothing. */
function printOrderItems(printer: Printer, items: readonly OrderItem[]): string {
  if (items.length === 0) return "";
  return `ORDER BY ${items.map((item) => printOrderItem(printer, item)).join(", ")}`;
}

/** One key of an ordering. */
export function printOrderItem(printer: Printer, item: OrderItem): string {
  return words(
    printer.expression(item.value),
    item.collation && `COLLATE ${printer.expression(item.collation)}`,
    item.direction,
    item.nulls && `NULLS ${item.nulls}`,
  );
}

/** What follows OVER, or a window's name AS. */
export function printWindow(printer: Printer, window: WindowSpecification): string {
  const partitions = window.partitionBy.map((partition) => printer.expression(partition));
  const inside = words(
    window.base && printIdentifier(window.base),
    partitions.length > 0 && `PARTITION BY ${partitions.join(", ")}`,
    printOrderItems(printer, window.orderBy),
    window.frame && printFrame(printer, window.frame),
  );
  return `(${inside})`;
}

function printFrame(printer: Printer, frame: WindowFrame): string {
  const start = printBound(printer, frame.start);
  if (frame.end === undefined) return `${frame.unit} ${start}`;
  return `${frame.unit} BETWEEN ${start} AND ${printBound(printer, frame.end)}`;
}

function printBound(printer: Printer, bound: WindowBound): string {
  switch (bound.kind) {
    case "unbounded":
      return `UNBOUNDED ${bound.direction}`;
    case "current-row":
      return "CURRENT ROW";
    case "distance":
      return `${printer.expression(bound.distance)} ${bound.direction}`;
  }
}
