// SPDX-License-Identifier: Apache-2.0

/**
 * What is wrong with a statement, as Spanner words it.
 *
 * A statement has one list of errors, in the order of the text; the first is the one Spanner would
 * show, the rest are kept for editors. The analyzer, on a floor above, reports with the same class.
 */
import { caretPicture, lineAndColumn, type Position } from "./source.ts";

/** One error in a statement. */
export interface SqlError {
  /** Spanner's wording, without the place. */
  readonly message: string;
  readonly position: Position;
  /** Counted from one. */
  readonly line: number;
  /** Counted from one, tabs reaching to multiples of eight. */
  readonly column: number;
}

/** An error before its line and column are known. */
export interface SqlErrorAt {
  readonly message: string;
  readonly position: Position;
}

/** How Spanner words the place of an error: queries and schema statements differ. */
export type ErrorStyle = "sql" | "ddl";

/**
 * Thrown when a statement cannot be parsed or makes no sense.
 *
 * `message` is the first error with its place, as in `Syntax error: Unexpected keyword FROM [at
 * 1:8]` or, for schema statements, `Syntax error on line 1, column 8: Encountered ')' while
 * parsing: identifier`.
 */
export class SqlErrors extends Error {
  override readonly name: string = "SqlErrors";
  /** The whole text that was parsed. */
  readonly text: string;
  /** At least one. */
  readonly errors: readonly SqlError[];
  readonly style: ErrorStyle;

  /** Makes the errors of one statement from its text and at least one message with its place. */
  constructor(
    text: string,
    errors: readonly [SqlErrorAt, ...SqlErrorAt[]],
    style: ErrorStyle = "sql",
  ) {
    const placed = errors.map((error) => placeError(text, error));
    super(withPlace(placed[0] ?? placeError(text, errors[0]), style));
    this.text = text;
    this.errors = placed;
    this.style = style;
  }

  /**
   * The first error in the words of Spanner's status message.
   *
   * A query's error is followed by the line it is on and a caret under the place; a schema
   * statement's is preceded by the statement.
   */
  describe(): string {
    if (this.style === "ddl") {
      return `Error parsing Spanner DDL statement: ${this.text} : ${this.message}`;
    }
    const offset = this.errors[0]?.position.start ?? 0;
    return `${this.message}\n${caretPicture(this.text, offset)}`;
  }
}

function placeError(text: string, error: SqlErrorAt): SqlError {
  return { ...error, ...lineAndColumn(text, error.position.start) };
}

function withPlace(error: SqlError, style: ErrorStyle): string {
  if (style === "ddl") {
    return `Syntax error on line ${error.line}, column ${error.column}: ${error.message}`;
  }
  return `${error.message} [at ${error.line}:${error.column}]`;
}
