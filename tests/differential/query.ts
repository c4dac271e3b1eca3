// SPDX-License-Identifier: Apache-2.0
// Random queries: joins, grouping, set operations, WITH, UNNEST, order and limits, and the subqueries
// of expressions. What has no order of its own gets one where an answer would depend on it.
import { callOf } from "./call.ts";
import type { Signature } from "./catalog.ts";
import type { ExpressionMaker, Named, Sight, SubqueryForm } from "./expression.ts";
import { joined, type Piece, piece, print } from "./node.ts";
import type { Table } from "./tables.ts";

/** A statement with what is known about its answer. */
export interface Query {
  readonly text: Piece;
  readonly isOrdered: boolean;
}

interface Source {
  readonly text: Piece;
  readonly names: readonly Named[];
}

const orderable = new Set([
  "BOOL",
  "INT64",
  "FLOAT64",
  "NUMERIC",
  "STRING",
  "BYTES",
  "DATE",
  "TIMESTAMP",
]);

/** Aggregates whose answer does not depend on the order of the rows. */
const unorderedAggregates =
  /^(?:COUNT|COUNTIF|SUM|AVG|MIN|MAX|LOGICAL_AND|LOGICAL_OR|BIT_AND|BIT_OR|BIT_XOR|STDDEV|STDDEV_SAMP|VARIANCE|VAR_SAMP)$/;

/** Columns that two tables both have by a name, with types that compare. */
function sharedColumns(left: readonly Named[], right: readonly Named[]): readonly string[] {
  const known = new Set(left.map(({ sql, type }) => `${sql.replace(/^t\d+\./, "")} ${type}`));
  return right.flatMap(({ sql, type }) => {
    const name = sql.replace(/^t\d+\./, "");
    return orderable.has(type) && known.has(`${name} ${type}`) && name !== sql ? [name] : [];
  });
}

/** Makes queries. */
export class QueryMaker {
  readonly #maker: ExpressionMaker;
  readonly #tables: readonly Table[];
  readonly #aggregates: readonly Signature[];
  #aliases = 0;
  #definitions: Named[][] = [];

  constructor(maker: ExpressionMaker, tables: readonly Table[], signatures: readonly Signature[]) {
    this.#maker = maker;
    this.#tables = tables;
    this.#aggregates = signatures.filter(({ isAggregate }) => isAggregate);
  }

  /** A single expression. */
  expression(): Query {
    const { chance } = this.#maker;
    const scalar = this.#maker.scalarType();
    const type = chance.weighted([
      [8, () => scalar],
      [2, () => `ARRAY<${scalar}>`],
      [0.5, () => `ARRAY<STRUCT<f0 ${scalar}, f1 INT64>>`],
    ]);
    const made = this.#maker.expression(type, chance.between(1, 3), this.#sight([]));
    return { text: piece("query", "SELECT ", made, " AS c0"), isOrdered: true };
  }

  /** A query over tables. */
  query(): Query {
    const { chance } = this.#maker;
    return chance.weighted<Query>([
      [6, () => this.#ordered(this.#select([], this.#types(), 2))],
      [4, () => this.#ordered(this.#grouped())],
      [2, () => this.#ordered(this.#setOperation())],
      [1.5, () => this.#withQuery()],
    ]);
  }

  #types(): readonly string[] {
    const { chance } = this.#maker;
    return chance.several(1, 3, () =>
      chance.happens(0.15) ? `ARRAY<${this.#maker.scalarType()}>` : this.#maker.scalarType(),
    );
  }

  #sight(names: readonly Named[]): Sight {
    return { names, subquery: (form, type, sight) => this.#subquery(form, type, sight) };
  }

  #use<T>(what: string, made: T): T {
    this.#maker.used.add(what);
    return made;
  }

  #alias(): string {
    this.#aliases++;
    return `t${this.#aliases}`;
  }

  /** Where rows come from, and the names they bring. */
  #from(outer: readonly Named[], depth: number): Source {
    const { chance } = this.#maker;
    const left = this.#item(outer, depth);
    if (!chance.happens(0.4)) return left;
    const right = this.#item([...outer, ...left.names], depth);
    return this.#join(left, right, outer);
  }

  #item(outer: readonly Named[], depth: number): Source {
    const { chance } = this.#maker;
    return chance.weighted<Source>([
      [5, () => this.#table()],
      [depth > 0 ? 1 : 0, () => this.#derived(depth)],
      [1, () => this.#unnest(outer)],
      [this.#definitions.length > 0 ? 3 : 0, () => this.#reference()],
    ]);
  }

  #table(): Source {
    const table = this.#maker.chance.one(this.#tables);
    const alias = this.#alias();
    const names = table.columns.map(({ name, type }) => ({ sql: `${alias}.${name}`, type }));
    return { text: piece("item", `${table.name} AS ${alias}`), names };
  }

  #derived(depth: number): Source {
    const alias = this.#alias();
    const inner = this.#select([], this.#types(), depth - 1);
    return this.#use("derived table", {
      text: piece("item", "(", inner.text, `) AS ${alias}`),
      names: inner.types.map((type, index) => ({ sql: `${alias}.c${index}`, type })),
    });
  }

  #reference(): Source {
    const index = this.#maker.chance.between(0, this.#definitions.length - 1);
    const alias = this.#alias();
    const names = (this.#definitions[index] ?? []).map(({ sql, type }) => ({
      sql: `${alias}.${sql}`,
      type,
    }));
    return { text: piece("item", `d${index} AS ${alias}`), names };
  }

  #unnest(outer: readonly Named[]): Source {
    const { chance } = this.#maker;
    const type = this.#maker.scalarType();
    const alias = this.#alias();
    const array = this.#maker.expression(`ARRAY<${type}>`, 1, { names: outer });
    const hasOffset = chance.happens(0.5);
    const offset = hasOffset ? ` WITH OFFSET AS o${alias}` : "";
    return this.#use(hasOffset ? "UNNEST WITH OFFSET" : "UNNEST", {
      text: piece("item", "UNNEST(", array, `) AS ${alias}${offset}`),
      names: [{ sql: alias, type }, ...(hasOffset ? [{ sql: `o${alias}`, type: "INT64" }] : [])],
    });
  }

  #join(left: Source, right: Source, outer: readonly Named[]): Source {
    const { chance } = this.#maker;
    const names = [...left.names, ...right.names];
    const isLateral = print(right.text).startsWith("UNNEST");
    const kind = isLateral
      ? chance.one(["CROSS JOIN", ",", "INNER JOIN", "LEFT JOIN"])
      : chance.one(["CROSS JOIN", ",", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
    if (kind === "CROSS JOIN" || kind === ",") {
      return this.#use(kind, { text: piece("item", left.text, ` ${kind} `, right.text), names });
    }
    const shared = sharedColumns(left.names, right.names);
    if (shared.length > 0 && chance.happens(0.3)) {
      const using = ` USING (${chance.one(shared)})`;
      return this.#use(`${kind} USING`, {
        text: piece("item", left.text, ` ${kind} `, right.text, using),
        names,
      });
    }
    const condition = this.#joinCondition(left.names, right.names, outer);
    return this.#use(kind, {
      text: piece("item", left.text, ` ${kind} `, right.text, " ON ", condition),
      names,
    });
  }

  #joinCondition(left: readonly Named[], right: readonly Named[], outer: readonly Named[]): Piece {
    const { chance } = this.#maker;
    const matching = left.flatMap((a) =>
      right.filter((b) => a.type === b.type && orderable.has(a.type)).map((b) => [a, b] as const),
    );
    const sight = { names: [...outer, ...left, ...right] };
    if (matching.length === 0 || chance.happens(0.2)) {
      return this.#maker.expression("BOOL", 1, sight);
    }
    const [a, b] = chance.one(matching);
    const equal = piece("BOOL", `${a.sql} = ${b.sql}`);
    if (!chance.happens(0.25)) return equal;
    return piece("BOOL", equal, " AND ", this.#maker.expression("BOOL", 1, sight));
  }

  #where(names: readonly Named[]): Piece {
    const { chance } = this.#maker;
    if (!chance.happens(0.55)) return piece("clause");
    const indexed = names.filter(({ sql }) => /\.(?:i|id|k1|s)$/.test(sql));
    if (indexed.length > 0 && chance.happens(0.4)) {
      const { sql, type } = chance.one(indexed);
      const operator = chance.one(["=", "<", ">=", "!="]);
      const value = this.#maker.expression(type, 0, { names: [] });
      return piece("clause", " WHERE ", piece("BOOL", `${sql} ${operator} `, value));
    }
    return piece("clause", " WHERE ", this.#maker.expression("BOOL", 2, this.#sight(names)));
  }

  #select(
    outer: readonly Named[],
    types: readonly string[],
    depth: number,
  ): { readonly text: Piece; readonly types: readonly string[] } {
    const { chance } = this.#maker;
    const from = this.#from(outer, depth);
    const names = [...outer, ...from.names];
    const values = types.map((type, index) =>
      piece("item", this.#maker.expression(type, depth, this.#sight(names)), ` AS c${index}`),
    );
    const isDistinct = chance.happens(0.15) && types.every((type) => orderable.has(type));
    const word = isDistinct ? this.#use("DISTINCT", "SELECT DISTINCT ") : "SELECT ";
    const where = this.#where(names);
    return { text: piece("query", word, ...joined(values), " FROM ", from.text, where), types };
  }

  #aggregate(type: string, names: readonly Named[]): Piece | undefined {
    const { chance } = this.#maker;
    const fitting = this.#aggregates.filter(
      ({ name, result }) =>
        unorderedAggregates.test(name) &&
        (result === type || (result === "ANY" && orderable.has(type))),
    );
    const inner = (wanted: string): Piece =>
      this.#maker.expression(wanted, chance.between(0, 1), { names });
    if (type.startsWith("ARRAY<") || (type === "STRING" && chance.happens(0.6))) {
      return this.#concatenated(type, names) ?? this.#orderedAggregate(type, inner);
    }
    if (chance.happens(0.08) && orderable.has(type)) {
      const value = print(inner(type));
      return this.#use("ANY_VALUE", piece(type, `ANY_VALUE(${value} HAVING MIN ${value})`));
    }
    if (fitting.length === 0) return undefined;
    const signature = chance.one(fitting);
    const { name } = signature;
    const call = callOf(signature, type, {
      chance,
      expression: inner,
      anyType: () => chance.one([...orderable]),
    });
    if (call === undefined) return undefined;
    this.#maker.used.add(name);
    if (call.parts.length < 3) return call;
    const number = names.find((each) => each.type === "INT64");
    if (number !== undefined && chance.happens(0.12)) {
      const extreme = ` HAVING ${chance.one(["MAX", "MIN"])} ${number.sql})`;
      return this.#use("HAVING MAX", piece(type, ...call.parts.slice(0, -1), extreme));
    }
    if (!chance.happens(0.2)) return call;
    const [head = "", ...rest] = call.parts;
    return this.#use("DISTINCT aggregate", piece(type, head, "DISTINCT ", ...rest));
  }

  #concatenated(type: string, names: readonly Named[]): Piece | undefined {
    const key = names.find(({ sql }) => /^t\d+\.id$/.test(sql));
    const array = names.find((each) => each.type === type && /\.(?:ai|sa)$/.test(each.sql));
    if (key === undefined || array === undefined || this.#maker.chance.happens(0.5))
      return undefined;
    const call = `ARRAY_CONCAT_AGG(${array.sql} ORDER BY ${key.sql}, ARRAY_LENGTH(${array.sql}))`;
    return this.#use("ARRAY_CONCAT_AGG", piece(type, call));
  }

  #orderedAggregate(type: string, inner: (type: string) => Piece): Piece | undefined {
    const { chance } = this.#maker;
    const element = /^ARRAY<(.*)>$/.exec(type)?.[1] ?? type;
    if (!orderable.has(element)) return undefined;
    const key = inner(element);
    const value = print(key);
    if (!/[a-z]\w*\.|^t\d/.test(value)) return undefined;
    const name = type === "STRING" ? "STRING_AGG" : "ARRAY_AGG";
    const isDistinct = chance.happens(0.2) ? "DISTINCT " : "";
    const nulls = name === "ARRAY_AGG" ? chance.one(["", " IGNORE NULLS", " RESPECT NULLS"]) : "";
    const separator = name === "STRING_AGG" ? chance.one(["", ", ''", ", '-'"]) : "";
    const direction = chance.one(["", " DESC"]);
    const limit = chance.happens(0.3) ? ` LIMIT ${chance.between(0, 3)}` : "";
    return this.#use(
      name,
      piece(
        type,
        `${name}(${isDistinct}${value}${separator}${nulls} ORDER BY ${value}${direction}${limit})`,
      ),
    );
  }

  #grouped(): { readonly text: Piece; readonly types: readonly string[] } {
    const { chance } = this.#maker;
    const from = this.#from([], 1);
    const groups = from.names.filter(({ type }) => orderable.has(type));
    const chosen = groups.length === 0 ? [] : chance.several(0, 2, () => chance.one(groups));
    const keys = [...new Map(chosen.map((each) => [each.sql, each])).values()];
    const wanted = chance.several(1, 3, () =>
      chance.one([...orderable, "ARRAY<INT64>", "ARRAY<STRING>", "INTERVAL"]),
    );
    const calls = wanted.flatMap((type) => this.#aggregate(type, from.names) ?? []);
    const known: Named[] = [
      ...keys,
      ...calls.map((call) => ({ sql: print(call), type: call.type })),
    ];
    const outer = calls.map((call) =>
      chance.happens(0.25) ? this.#maker.expression(call.type, 1, { names: known }) : call,
    );
    const items = [...keys.map(({ sql, type }) => piece(type, sql)), ...outer];
    if (items.length === 0) items.push(piece("INT64", "COUNT(*)"));
    const selected = items.map((item, index) => piece("item", item, ` AS c${index}`));
    const by = keys.length === 0 ? "" : ` GROUP BY ${keys.map(({ sql }) => sql).join(", ")}`;
    const having =
      keys.length > 0 && chance.happens(0.3)
        ? piece("clause", " HAVING ", this.#maker.expression("BOOL", 1, { names: known }))
        : piece("clause");
    const where = this.#where(from.names);
    this.#maker.used.add(keys.length === 0 ? "aggregate" : "GROUP BY");
    return {
      text: piece("query", "SELECT ", ...joined(selected), " FROM ", from.text, where, by, having),
      types: items.map(({ type }) => type),
    };
  }

  #setOperation(): { readonly text: Piece; readonly types: readonly string[] } {
    const { chance } = this.#maker;
    const word = chance.one([
      "UNION ALL",
      "UNION DISTINCT",
      "INTERSECT DISTINCT",
      "INTERSECT ALL",
      "EXCEPT DISTINCT",
      "EXCEPT ALL",
    ]);
    const types = chance.several(1, 2, () => chance.one([...orderable]));
    const inputs = chance.several(2, 3, () => {
      const { text } = this.#select([], types, 1);
      return piece("item", "(", text, ")");
    });
    return this.#use(word, { text: piece("query", ...joined(inputs, ` ${word} `)), types });
  }

  #withQuery(): Query {
    const { chance } = this.#maker;
    const bodies: Piece[] = [];
    for (let count = chance.between(1, 2); count > 0; count--) {
      const { text, types } = this.#select([], this.#types(), 1);
      bodies.push(piece("item", `d${bodies.length} AS (`, text, ")"));
      this.#definitions = [
        ...this.#definitions,
        types.map((type, index) => ({ sql: `c${index}`, type })),
      ];
    }
    const main = this.#ordered(this.#select([], this.#types(), 1));
    return this.#use("WITH", {
      text: piece("query", "WITH ", ...joined(bodies), " ", main.text),
      isOrdered: main.isOrdered,
    });
  }

  /** Orders by every column, so that only equal rows may change places; then a limit may stand. */
  #ordered({ text, types }: { readonly text: Piece; readonly types: readonly string[] }): Query {
    const { chance } = this.#maker;
    if (!types.every((type) => orderable.has(type)) || !chance.happens(0.5)) {
      return { text, isOrdered: false };
    }
    const keys = types.map((_, index) => {
      const nulls = chance.happens(0.2) ? chance.one([" NULLS FIRST", " NULLS LAST"]) : "";
      return `${index + 1}${chance.one(["", " ASC", " DESC"])}${nulls}`;
    });
    const limit = chance.happens(0.4)
      ? piece(
          "clause",
          ` LIMIT ${chance.between(0, 5)}${chance.one(["", " OFFSET 1", " OFFSET 3"])}`,
        )
      : piece("clause");
    this.#maker.used.add("ORDER BY");
    const ordered = piece("ordered query", text, ` ORDER BY ${keys.join(", ")}`, limit);
    return { text: ordered, isOrdered: true };
  }

  #subquery(form: SubqueryForm, type: string, sight: Sight): Piece {
    const { chance } = this.#maker;
    const inner = this.#item(sight.names, 0);
    const around = chance.happens(0.6) ? sight.names : [];
    const names = [...around, ...inner.names];
    const where = this.#subqueryFilter(around, inner.names);
    this.#maker.used.add(`${form} subquery${around.length > 0 ? " (correlated)" : ""}`);
    if (form === "exists") return piece("BOOL", "EXISTS(SELECT 1 FROM ", inner.text, where, ")");
    const hasRows = form !== "array" || orderable.has(type);
    const value = this.#maker.expression(type, 1, { names: hasRows ? names : around });
    if (form === "in") return piece("query", "(SELECT ", value, " FROM ", inner.text, where, ")");
    if (form === "array") {
      const array = `ARRAY<${type}>`;
      if (!orderable.has(type)) return piece(array, "ARRAY(SELECT ", value, ")");
      return piece(array, "ARRAY(SELECT ", value, " FROM ", inner.text, where, " ORDER BY 1)");
    }
    const aggregate = this.#aggregate(type, inner.names);
    if (aggregate !== undefined && chance.happens(0.75)) {
      return piece(type, "(SELECT ", aggregate, " FROM ", inner.text, where, ")");
    }
    if (!orderable.has(type))
      return piece(type, "(SELECT ", this.#maker.expression(type, 1, { names: around }), ")");
    return piece(type, "(SELECT ", value, " FROM ", inner.text, where, " ORDER BY 1 LIMIT 1)");
  }

  #subqueryFilter(outer: readonly Named[], inner: readonly Named[]): Piece {
    const { chance } = this.#maker;
    if (!chance.happens(0.8)) return piece("clause");
    return piece("clause", " WHERE ", this.#joinCondition(outer, inner, []));
  }
}
