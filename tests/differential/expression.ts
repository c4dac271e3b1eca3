// SPDX-License-Identifier: Apache-2.0
// Random expressions of a wanted type: literals, columns, parameters, operators, casts, calls,
// conditions, constructors and subqueries.
import { type ArgumentMaker, callOf, elementOf, isCompared } from "./call.ts";
import { type Signature, splitList } from "./catalog.ts";
import type { Chance } from "./chance.ts";
import { literalOf, parameterValues, scalarTypes } from "./literal.ts";
import { joined, type Piece, piece, print } from "./node.ts";

/** A name in sight, or any text that stands for a value. */
export interface Named {
  readonly sql: string;
  readonly type: string;
}

/** What an expression may use. */
export interface Sight {
  readonly names: readonly Named[];
  /** Makes a subquery that may look at the names around it. */
  readonly subquery?: ((form: SubqueryForm, type: string, sight: Sight) => Piece) | undefined;
}

/** Where a subquery stands. */
export type SubqueryForm = "scalar" | "array" | "exists" | "in";

type Choice = readonly [number, () => Piece];

/** Types from which a cast may lead to another. */
const castSources: Readonly<Record<string, readonly string[]>> = {
  BOOL: ["INT64", "STRING", "BOOL"],
  INT64: ["BOOL", "FLOAT64", "NUMERIC", "STRING", "INT64"],
  FLOAT64: ["INT64", "NUMERIC", "STRING", "FLOAT64"],
  NUMERIC: ["INT64", "FLOAT64", "STRING"],
  STRING: ["BOOL", "INT64", "FLOAT64", "NUMERIC", "BYTES", "DATE", "TIMESTAMP", "INTERVAL"],
  BYTES: ["STRING", "BYTES"],
  DATE: ["STRING", "TIMESTAMP"],
  TIMESTAMP: ["STRING", "DATE"],
  INTERVAL: ["STRING"],
  JSON: ["JSON"],
};

const ordered = ["BOOL", "INT64", "FLOAT64", "NUMERIC", "STRING", "BYTES", "DATE", "TIMESTAMP"];
const extractParts = {
  DATE: ["YEAR", "ISOYEAR", "QUARTER", "MONTH", "WEEK", "WEEK(TUESDAY)", "ISOWEEK", "DAY"],
  TIMESTAMP: ["YEAR", "DAYOFWEEK", "DAYOFYEAR", "HOUR", "MINUTE", "SECOND", "MILLISECOND"],
  INTERVAL: ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MILLISECOND"],
} as const;

/** Makes expressions. */
export class ExpressionMaker {
  readonly chance: Chance;
  readonly #signatures: readonly Signature[];
  /** Parameters of the statement, by name. */
  readonly parameters = new Map<string, (typeof parameterValues)[number]>();
  /** What was used, for the report. */
  readonly used = new Set<string>();
  /** One expression of another type than wanted is still to be made. */
  mischief: boolean;

  /** How often each signature was called, in all cases so far. */
  readonly calls: Map<Signature, number>;

  constructor(
    chance: Chance,
    signatures: readonly Signature[],
    calls: Map<Signature, number>,
    mischief: boolean,
  ) {
    this.chance = chance;
    this.calls = calls;
    this.#signatures = signatures.filter(isCompared);
    this.mischief = mischief;
  }

  /** A scalar type. */
  scalarType(): string {
    return this.chance.one(scalarTypes);
  }

  /** An expression of a type. */
  expression(wanted: string, depth: number, sight: Sight): Piece {
    const type = this.#mistaken(wanted);
    if (depth <= 0) return this.#leaf(type, sight);
    const choices: Choice[] = [
      [2, () => this.#leaf(type, sight)],
      [5, () => this.#call(type, depth, sight)],
      [1, () => this.#conditional(type, depth, sight)],
      ...this.#operators(type, depth, sight),
      ...this.#casts(type, depth, sight),
      ...this.#shapes(type, depth, sight),
      ...this.#subqueries(type, depth, sight),
    ];
    return this.chance.weighted(choices);
  }

  #mistaken(wanted: string): string {
    if (!this.mischief || !this.chance.happens(0.3)) return wanted;
    this.mischief = false;
    return this.chance.happens(0.8) ? this.scalarType() : `ARRAY<${this.scalarType()}>`;
  }

  #leaf(type: string, sight: Sight): Piece {
    const named = sight.names.filter((name) => name.type === type);
    if (named.length > 0 && this.chance.happens(0.75)) {
      return piece(type, this.chance.one(named).sql);
    }
    const values = parameterValues.filter((value) => value.type === type);
    if (values.length > 0 && this.chance.happens(0.12)) {
      const value = this.chance.one(values);
      const name = `p${parameterValues.indexOf(value)}`;
      this.parameters.set(name, value);
      this.used.add("parameter");
      return piece(type, `@${name}`);
    }
    const element = elementOf(type);
    if (element !== undefined) return this.#array(type, element, 0, sight);
    if (type.startsWith("STRUCT<")) return this.#struct(type, 0, sight);
    return piece(type, literalOf(type, this.chance));
  }

  #call(type: string, depth: number, sight: Sight): Piece {
    const fitting = this.#signatures.filter(
      ({ result, isAggregate }) => !isAggregate && mayGive(result, type),
    );
    if (fitting.length === 0) return this.#leaf(type, sight);
    const signature = this.#chosen(fitting);
    const call = callOf(signature, type, this.#arguments(depth - 1, sight));
    if (call === undefined) return this.#leaf(type, sight);
    this.used.add(signature.name);
    if (!this.chance.happens(0.06)) return call;
    this.used.add("SAFE.");
    return piece(type, "SAFE.", call);
  }

  /** Any of them, or the one that was called least, so that none is left out. */
  #chosen(fitting: readonly Signature[]): Signature {
    const { calls } = this;
    const least = fitting.toSorted((a, b) => (calls.get(a) ?? 0) - (calls.get(b) ?? 0))[0];
    const signature =
      this.chance.happens(0.5) || least === undefined ? this.chance.one(fitting) : least;
    calls.set(signature, (calls.get(signature) ?? 0) + 1);
    return signature;
  }

  /** Arguments of calls, one level further down. */
  #arguments(depth: number, sight: Sight): ArgumentMaker {
    return {
      chance: this.chance,
      expression: (type, extra = []) =>
        this.expression(type, depth, {
          names: [...sight.names, ...extra],
          subquery: extra.length === 0 ? sight.subquery : undefined,
        }),
      anyType: () => this.scalarType(),
    };
  }

  #uses<T>(what: string, made: T): T {
    this.used.add(what);
    return made;
  }

  #binary(type: string, left: Piece, operator: string, right: Piece): Piece {
    return this.#uses(operator, piece(type, "(", left, ` ${operator} `, right, ")"));
  }

  #conditional(type: string, depth: number, sight: Sight): Piece {
    const value = (): Piece => this.expression(type, depth - 1, sight);
    const truth = (): Piece => this.expression("BOOL", depth - 1, sight);
    return this.chance.weighted<Piece>([
      [2, () => this.#uses("IF", piece(type, "IF(", truth(), ", ", value(), ", ", value(), ")"))],
      [1, () => this.#uses("COALESCE", piece(type, "COALESCE(", value(), ", ", value(), ")"))],
      [1, () => this.#uses("IFNULL", piece(type, "IFNULL(", value(), ", ", value(), ")"))],
      [1, () => this.#uses("CASE", this.#case(type, depth, sight))],
      [
        1,
        () =>
          this.#uses(
            "searched CASE",
            piece(type, "CASE WHEN ", truth(), " THEN ", value(), " ELSE ", value(), " END"),
          ),
      ],
      [1, () => this.#uses("IFERROR", piece(type, "IFERROR(", value(), ", ", value(), ")"))],
      [1, () => this.#uses("NULLIFERROR", piece(type, "NULLIFERROR(", value(), ")"))],
      [1, () => this.#uses("WITH()", this.#with(type, depth, sight))],
    ]);
  }

  #with(type: string, depth: number, sight: Sight): Piece {
    const bound = this.scalarType();
    const name = `w${depth}`;
    const value = this.expression(bound, depth - 1, sight);
    const body = this.expression(type, depth - 1, {
      ...sight,
      names: [...sight.names, { sql: name, type: bound }],
    });
    return piece(type, `WITH(${name} AS `, value, ", ", body, ")");
  }

  #case(type: string, depth: number, sight: Sight): Piece {
    const operand = this.chance.one(ordered);
    const some = (wanted: string): Piece => this.expression(wanted, depth - 1, sight);
    const whens = this.chance.several(1, 2, () =>
      piece("when", " WHEN ", some(operand), " THEN ", some(type)),
    );
    const otherwise = this.chance.happens(0.7) ? [" ELSE ", some(type)] : [];
    return piece(type, "CASE ", some(operand), ...whens, ...otherwise, " END");
  }

  #operators(type: string, depth: number, sight: Sight): readonly Choice[] {
    const some = (wanted: string): Piece => this.expression(wanted, depth - 1, sight);
    const same = (operator: string) => (): Piece =>
      this.#binary(type, some(type), operator, some(type));
    const mixed = (left: string, operator: string, right: string) => (): Piece =>
      this.#binary(type, some(left), operator, some(right));
    const numbers = (): Choice[] =>
      ["+", "-", "*"].map((operator): Choice => [0.5, same(operator)]);
    const negated = (sign: string) => (): Piece =>
      this.#uses(`unary ${sign}`, piece(type, `(${sign} `, some(type), ")"));
    switch (type) {
      case "INT64":
        return [
          ...numbers(),
          ...["&", "|", "^"].map((operator): Choice => [0.3, same(operator)]),
          ...["<<", ">>"].map(
            (operator): Choice => [
              0.3,
              () =>
                this.#binary(
                  type,
                  some(type),
                  operator,
                  piece(type, this.chance.one(["0", "1", "5", "63", "64"])),
                ),
            ],
          ),
          [0.3, negated("-")],
          [0.2, negated("~")],
          [0.2, negated("+")],
          [1, () => this.#extract(depth, sight)],
        ];
      case "FLOAT64":
        return [
          ...numbers(),
          [0.5, same("/")],
          [0.4, mixed("INT64", "/", "INT64")],
          [0.3, mixed("INT64", "*", "FLOAT64")],
          [0.3, mixed("NUMERIC", "+", "FLOAT64")],
          [0.3, negated("-")],
        ];
      case "NUMERIC":
        return [
          ...numbers(),
          [0.5, same("/")],
          [0.3, mixed("INT64", "-", "NUMERIC")],
          [0.3, negated("-")],
        ];
      case "STRING":
        return [[1, same("||")]];
      case "BYTES":
        return [
          [1, same("||")],
          ...["&", "|", "^"].map((operator): Choice => [0.05, same(operator)]),
          [0.2, negated("~")],
          [
            0.3,
            () =>
              this.#binary(
                type,
                some(type),
                this.chance.one(["<<", ">>"]),
                piece("INT64", this.chance.one(["0", "1", "9", "200"])),
              ),
          ],
        ];
      case "DATE":
        return [
          [0.6, mixed("DATE", "+", "INT64")],
          [0.6, mixed("DATE", "-", "INT64")],
          [0.2, mixed("INT64", "+", "DATE")],
        ];
      case "TIMESTAMP":
        return [
          [0.15, mixed("TIMESTAMP", "+", "INTERVAL")],
          [0.15, mixed("TIMESTAMP", "-", "INTERVAL")],
          ...["+", "-"].map(
            (operator): Choice => [
              0.4,
              () => this.#binary(type, some(type), operator, piece("span", this.chance.one(spans))),
            ],
          ),
          [0.2, mixed("INTERVAL", "+", "TIMESTAMP")],
        ];
      case "INTERVAL":
        return [
          [0.5, same("+")],
          [0.5, same("-")],
          [0.4, mixed("INTERVAL", "*", "INT64")],
          [0.4, mixed("INTERVAL", "/", "INT64")],
          [0.3, mixed("TIMESTAMP", "-", "TIMESTAMP")],
          [0.3, mixed("DATE", "-", "DATE")],
          [0.3, negated("-")],
        ];
      case "BOOL":
        return this.#tests(depth, sight);
      default:
        return type.startsWith("ARRAY<") ? [[0.7, same("||")]] : [];
    }
  }

  #tests(depth: number, sight: Sight): readonly Choice[] {
    const some = (wanted: string): Piece => this.expression(wanted, depth - 1, sight);
    const not = (): string => (this.chance.happens(0.3) ? "NOT " : "");
    const compare = (): Piece => {
      const type = this.chance.one([...ordered, "INTERVAL"]);
      const operator = this.chance.one(["=", "!=", "<>", "<", "<=", ">", ">="]);
      const other =
        numeric.has(type) && this.chance.happens(0.3) ? this.chance.one([...numeric]) : type;
      return this.#binary("BOOL", some(type), operator, some(other));
    };
    const tests: Choice[] = [
      [3, compare],
      [0.7, () => this.#binary("BOOL", some("BOOL"), "AND", some("BOOL"))],
      [0.7, () => this.#binary("BOOL", some("BOOL"), "OR", some("BOOL"))],
      [0.5, () => this.#uses("NOT", piece("BOOL", "(NOT ", some("BOOL"), ")"))],
      [
        0.6,
        () => {
          const test = this.chance.one(["NULL", "TRUE", "FALSE", "UNKNOWN"]);
          const operand = some(test === "NULL" ? this.scalarType() : "BOOL");
          return this.#uses(`IS ${test}`, piece("BOOL", "(", operand, ` IS ${not()}${test})`));
        },
      ],
      [
        0.6,
        () => {
          const type = this.chance.one(ordered);
          const parts = [
            "(",
            some(type),
            ` ${not()}BETWEEN `,
            some(type),
            " AND ",
            some(type),
            ")",
          ];
          return this.#uses("BETWEEN", piece("BOOL", ...parts));
        },
      ],
      [
        0.6,
        () => {
          const type = this.chance.one(ordered);
          const list = this.chance.several(1, 3, () => some(type));
          return this.#uses(
            "IN list",
            piece("BOOL", "(", some(type), ` ${not()}IN (`, ...joined(list), "))"),
          );
        },
      ],
      [
        0.5,
        () => {
          const type = this.chance.one(ordered);
          return this.#uses(
            "IN UNNEST",
            piece("BOOL", "(", some(type), ` ${not()}IN UNNEST(`, some(`ARRAY<${type}>`), "))"),
          );
        },
      ],
      [
        0.6,
        () => {
          const isText = this.chance.happens(0.7);
          const pattern = this.chance.one([
            "'%a%'",
            "'a_'",
            "'%'",
            "''",
            "r'\\%%'",
            "'_%é'",
            "'%c'",
          ]);
          const right = isText ? pattern : pattern.includes("é") ? "b'%a'" : `b${pattern}`;
          const type = isText ? "STRING" : "BYTES";
          return this.#uses(
            "LIKE",
            piece("BOOL", "(", some(type), ` ${not()}LIKE `, piece(type, right), ")"),
          );
        },
      ],
      [
        0.4,
        () => {
          const type = this.chance.one(ordered);
          return this.#binary("BOOL", some(type), `IS ${not()}DISTINCT FROM`, some(type));
        },
      ],
      [
        0.2,
        () => {
          const fields = this.chance.several(2, 3, () => this.chance.one(ordered));
          const tuple = (): Piece =>
            piece("tuple", "(", ...joined(fields.map((type) => some(type))), ")");
          const operator = this.chance.one(["=", "!="]);
          return this.#uses("struct =", piece("BOOL", "(", tuple(), ` ${operator} `, tuple(), ")"));
        },
      ],
      [0.3, () => this.#uses("ISERROR", piece("BOOL", "ISERROR(", some(this.scalarType()), ")"))],
    ];
    return tests.map(([weight, make]): Choice => [weight * 1.2, make]);
  }

  #extract(depth: number, sight: Sight): Piece {
    const from = this.chance.one(["DATE", "TIMESTAMP", "INTERVAL"] as const);
    const part = this.chance.one(extractParts[from]);
    const zone =
      from === "TIMESTAMP" && this.chance.happens(0.4) ? " AT TIME ZONE 'Asia/Tokyo'" : "";
    const value = this.expression(from, depth - 1, sight);
    return this.#uses("EXTRACT", piece("INT64", `EXTRACT(${part} FROM `, value, `${zone})`));
  }

  #casts(type: string, depth: number, sight: Sight): readonly Choice[] {
    const sources = castSources[type];
    if (sources === undefined) return [];
    return [
      [
        1,
        () => {
          const from = this.chance.happens(0.05) ? this.scalarType() : this.chance.one(sources);
          const isSafe = this.chance.happens(from === "STRING" || from === "BYTES" ? 0.85 : 0.4);
          const word = isSafe ? "SAFE_CAST" : "CAST";
          const value = this.expression(from, depth - 1, sight);
          return this.#uses(
            `${word} ${from} ${type}`,
            piece(type, `${word}(`, value, ` AS ${type})`),
          );
        },
      ],
    ];
  }

  #array(type: string, element: string, depth: number, sight: Sight): Piece {
    const elements = this.chance.several(1, 3, () => this.expression(element, depth - 1, sight));
    if (this.chance.happens(0.15))
      return piece(type, this.chance.one([`${type}[]`, `CAST(NULL AS ${type})`]));
    const prefix = this.chance.happens(0.5) ? type : "";
    return this.#uses("array", piece(type, `${prefix}[`, ...joined(elements), "]"));
  }

  #struct(type: string, depth: number, sight: Sight): Piece {
    const fields = splitList(type.slice("STRUCT<".length, -1)).map((field) => {
      const [, name = "", inside = ""] = /^(?:(f\d) )?(.*)$/.exec(field) ?? [];
      const value = this.expression(inside, depth - 1, sight);
      return piece("field", value, name === undefined || name === "" ? "" : ` AS ${name}`);
    });
    return this.#uses("STRUCT", piece(type, "STRUCT(", ...joined(fields), ")"));
  }

  /** Constructors, and what takes values out of them again. */
  #shapes(type: string, depth: number, sight: Sight): readonly Choice[] {
    const element = elementOf(type);
    if (element !== undefined) return [[2, () => this.#array(type, element, depth, sight)]];
    if (type.startsWith("STRUCT<")) return [[2, () => this.#struct(type, depth, sight)]];
    const some = (wanted: string): Piece => this.expression(wanted, depth - 1, sight);
    return [
      [
        0.5,
        () => {
          const access = this.chance.one([...safeAccesses, ...safeAccesses, "OFFSET", "ORDINAL"]);
          const index = this.chance.one(access.endsWith("OFFSET") ? ["0", "0", "1"] : ["1", "2"]);
          return this.#uses(access, piece(type, some(`ARRAY<${type}>`), `[${access}(${index})]`));
        },
      ],
      [
        0.4,
        () => {
          const other = this.scalarType();
          const struct = this.#struct(`STRUCT<f0 ${other}, f1 ${type}>`, depth - 1, sight);
          return this.#uses("field", piece(type, struct, ".f1"));
        },
      ],
      ...(type === "JSON"
        ? ([
            [
              0.6,
              () =>
                this.#uses(
                  "JSON field",
                  piece(type, some(type), this.chance.one([".a", "['a']", "[0]"])),
                ),
            ],
          ] as const)
        : []),
    ];
  }

  #subqueries(type: string, depth: number, sight: Sight): readonly Choice[] {
    const { subquery } = sight;
    if (subquery === undefined || depth < 1) return [];
    const element = elementOf(type);
    const choices: Choice[] = [];
    if (element !== undefined) choices.push([1, () => subquery("array", element, sight)]);
    else if (!type.startsWith("STRUCT<"))
      choices.push([0.7, () => subquery("scalar", type, sight)]);
    if (type === "BOOL") {
      choices.push([0.7, () => subquery("exists", type, sight)]);
      choices.push([
        0.7,
        () => {
          const operand = this.chance.one(ordered);
          const value = this.expression(operand, depth - 1, sight);
          const not = this.chance.happens(0.3) ? "NOT " : "";
          return piece(type, "(", value, ` ${not}IN `, subquery("in", operand, sight), ")");
        },
      ]);
    }
    return choices;
  }
}

const spans = ["INTERVAL 3 DAY", "INTERVAL -36 HOUR", "INTERVAL '1:2:3.5' HOUR TO SECOND"];
const safeAccesses = ["SAFE_OFFSET", "SAFE_ORDINAL"];
const numeric = new Set(["INT64", "FLOAT64", "NUMERIC"]);

/** Whether a signature's result may be a type. */
function mayGive(result: string, type: string): boolean {
  if (result === type) return true;
  if (result === "ANY" || result === "ANY_2") return !type.startsWith("STRUCT");
  return result.startsWith("ARRAY<ANY") && type.startsWith("ARRAY<");
}

/** The text of an expression that stands for a column of a grouped query. */
export function nameOf(made: Piece): Named {
  return { sql: print(made), type: made.type };
}
