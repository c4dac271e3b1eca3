// SPDX-License-Identifier: Apache-2.0

/**
 * GoogleSQL and Spanner's schema language: text to tree, and tree to text.
 *
 * `parseStatement` and `parseDdl` turn one statement into a tree of plain data; the `print`
 * functions turn a tree into canonical text; `splitStatements` cuts a script into statements.
 * Whatever is wrong with a text is told by `SqlErrors`, in Spanner's words. Nothing here knows a
 * schema, a type, or a function, and nothing here needs more than the language itself: it runs in a
 * browser.
 */

export { isReservedKeyword } from "./lexer/keywords.ts";
export { quoteIdentifier } from "./lexer/quote.ts";
export {
  parseDdl,
  parseExpression,
  parseQuery,
  parseStatement,
  parseType,
} from "./parser/parser.ts";
export {
  printDdl,
  printExpression,
  printQuery,
  printStatement,
  printType,
} from "./print/print.ts";
export { type ScriptStatement, splitStatements } from "./split.ts";
export { type ErrorStyle, type SqlError, type SqlErrorAt, SqlErrors } from "./text/errors.ts";
export type * from "./tree/ddl.ts";
export type * from "./tree/ddl-column.ts";
export type * from "./tree/ddl-graph.ts";
export type * from "./tree/ddl-index.ts";
export type * from "./tree/ddl-role.ts";
export type * from "./tree/ddl-table.ts";
export type * from "./tree/dml.ts";
export type * from "./tree/expression.ts";
export type * from "./tree/from.ts";
export type * from "./tree/graph.ts";
export type * from "./tree/graph-pattern.ts";
export type * from "./tree/hint.ts";
export type * from "./tree/message.ts";
export type * from "./tree/pipe.ts";
export type * from "./tree/position.ts";
export type * from "./tree/query.ts";
export type * from "./tree/type.ts";
export { childrenOf, describeTree, walk } from "./tree/walk.ts";
