// SPDX-License-Identifier: Apache-2.0
// The state of analyzing one statement: what is numbered, what is found out about parameters, what is
// set aside. It also carries the two entrances of the analyzer, expression and query, so that the
// files of this room can call each other without importing each other.
import type { StatusError } from "@spandrel/base";
import { INT64, type Type, typesEqual } from "@spandrel/model";
import type { Expression as ExpressionTree, Query as QueryTree, TreeNode } from "@spandrel/sql";
import { invalidQuery, type Place, tooDeep } from "../errors/query.ts";
import type { Expression } from "../expression/expression.ts";
import { QUERY_DEPTH_MAX } from "../limits/query.ts";
import type { Schema } from "../schema/schema.ts";
import type { AggregatedColumn, ResolvedQuery } from "./resolved.ts";
import type { Scope } from "./scope.ts";

/** Where an expression stands. */
export interface ExpressionContext {
  readonly scope: Scope | undefined;
  /** The clause, for messages: `WHERE clause`. */
  readonly clause: string;
  /** Takes aggregate calls; undefined where there may be none. */
  readonly aggregates: AggregatedColumn[] | undefined;
  readonly definitions: Definitions;
  /** The parameters of the lambdas around, within this query. */
  readonly lambdaColumns?: readonly number[] | undefined;
}

/** WITH queries in sight, by name in lower case: their positions in the statement. */
export type Definitions = ReadonlyMap<string, number>;

/** The two entrances. */
export interface Entrances {
  readonly expression: (
    analysis: Analysis,
    tree: ExpressionTree,
    context: ExpressionContext,
  ) => Expression;
  readonly query: (
    analysis: Analysis,
    tree: QueryTree,
    scope: Scope | undefined,
    definitions: Definitions,
  ) => ResolvedQuery;
}

/** What the caller knows about a statement. */
export interface AnalysisOptions {
  /** Declared types of parameters, by the names in lower case. */
  readonly parameterTypes: ReadonlyMap<string, Type>;
  /**
   * What parameters without a declared type are taken for when their use asks for nothing, by the
   * names in lower case; INT64 for those that are not here.
   */
  readonly guessedTypes?: ReadonlyMap<string, Type>;
  /** The text the tree was parsed from: errors show it. */
  readonly text: string;
  /** What is kept in a schema follows stricter rules than what is only run. */
  readonly keptAs?: "view" | "column expression";
}

/** The analysis of one statement. */
export class Analysis {
  readonly schema: Schema;
  readonly subqueries: ResolvedQuery[] = [];
  readonly definitions: ResolvedQuery[] = [];
  readonly #options: AnalysisOptions;
  readonly #entrances: Entrances;
  readonly #parameters = new Map<string, Type>();
  readonly #settled = new Set<string>();
  readonly #offsets = new WeakMap<Expression, number>();
  readonly #digits = new WeakMap<Expression, string>();
  /** The text that is analyzed now. */
  #text: string;
  #columns = 0;
  #depth = 0;

  constructor(schema: Schema, options: AnalysisOptions, entrances: Entrances) {
    this.schema = schema;
    this.#options = options;
    this.#text = options.text;
    this.#entrances = entrances;
  }

  /** What the statement is kept in the schema as, if it is. */
  get keptAs(): AnalysisOptions["keptAs"] {
    return this.#options.keptAs;
  }

  /** Types of the parameters that were seen; those without a clue are INT64. */
  get parameters(): ReadonlyMap<string, Type> {
    return this.#parameters;
  }

  /** A column number that was not used yet. */
  newColumn(): number {
    return this.#columns++;
  }

  /** Analyzes an expression within another. */
  expression(tree: ExpressionTree, context: ExpressionContext): Expression {
    return this.#deeper(() => this.#entrances.expression(this, tree, context));
  }

  /** Analyzes a query within another. */
  query(tree: QueryTree, scope: Scope | undefined, definitions: Definitions): ResolvedQuery {
    return this.#deeper(() => this.#entrances.query(this, tree, scope, definitions));
  }

  /** Analyzes a query that stands in another text, as a view's does, and sees nothing from here. */
  queryOf(text: string, tree: QueryTree): ResolvedQuery {
    const outer = this.#text;
    this.#text = text;
    try {
      return this.query(tree, undefined, new Map());
    } finally {
      this.#text = outer;
    }
  }

  /** Sets a subquery aside and gives its number. */
  addSubquery(query: ResolvedQuery): number {
    return this.subqueries.push(query) - 1;
  }

  /** The place of a node in the text. */
  place(node: TreeNode): Place {
    return this.placeAt(node.position.start);
  }

  /** The place of an offset in the text. */
  placeAt(offset: number): Place {
    return { text: this.#text, offset };
  }

  /** An error at a node. */
  error(node: TreeNode, message: string): StatusError {
    return invalidQuery(message, this.place(node));
  }

  /** The text that a node was written as. */
  textOf(node: TreeNode): string {
    return this.#text.slice(node.position.start, node.position.end);
  }

  /** Remembers where an expression was written, for errors that are found later. */
  remember<E extends Expression>(expression: E, node: TreeNode): E {
    this.#offsets.set(expression, node.position.start);
    return expression;
  }

  /** Remembers the digits of a literal, which say more than the float that they are read as. */
  rememberDigits<E extends Expression>(literal: E, text: string): E {
    this.#digits.set(literal, text);
    return literal;
  }

  /** The digits of a literal with a point or an exponent. */
  digitsOf(literal: Expression): string | undefined {
    return this.#digits.get(literal);
  }

  /** Where an expression was written, as far as that is remembered. */
  offsetOf(expression: Expression): number | undefined {
    return this.#offsets.get(expression);
  }

  /** A reference to a parameter; untyped when its type is not known yet. */
  parameter(writtenName: string): Expression {
    const name = writtenName.toLowerCase();
    const declared = this.#options.parameterTypes.get(name);
    if (declared !== undefined) {
      this.#parameters.set(name, declared);
      return { kind: "parameter", type: declared, name, isUntyped: false };
    }
    const settled = this.#settled.has(name) ? this.#parameters.get(name) : undefined;
    const type = settled ?? this.#options.guessedTypes?.get(name) ?? INT64;
    if (!this.#parameters.has(name)) this.#parameters.set(name, type);
    return { kind: "parameter", type, name, isUntyped: true };
  }

  /** Settles the type of an untyped parameter by its use. */
  settleParameter(name: string, type: Type): Expression {
    const known = this.#settled.has(name) ? this.#parameters.get(name) : undefined;
    if (known !== undefined && !typesEqual(known, type)) {
      // A second use of another type is served by a cast of the first.
      const first: Expression = { kind: "parameter", type: known, name, isUntyped: false };
      return {
        kind: "cast",
        type,
        operand: first,
        isSafe: false,
      };
    }
    this.#settled.add(name);
    this.#parameters.set(name, type);
    return { kind: "parameter", type, name, isUntyped: false };
  }

  #deeper<T>(work: () => T): T {
    if (this.#depth >= QUERY_DEPTH_MAX) throw tooDeep(QUERY_DEPTH_MAX);
    this.#depth++;
    try {
      return work();
    } finally {
      this.#depth--;
    }
  }
}
