// SPDX-License-Identifier: Apache-2.0
// Literals of every scalar type: plain ones, and the edges at which implementations go wrong.
import type { Chance } from "./chance.ts";

/** The scalar types that both engines have. */
export const scalarTypes = [
  "BOOL",
  "INT64",
  "FLOAT64",
  "NUMERIC",
  "STRING",
  "BYTES",
  "DATE",
  "TIMESTAMP",
  "JSON",
  "INTERVAL",
] as const;

const edges: Readonly<Record<string, readonly string[]>> = {
  BOOL: ["TRUE", "FALSE"],
  INT64: [
    "9223372036854775807",
    "-9223372036854775808",
    "0",
    "0xff",
    "-1",
    "4294967296",
    "9007199254740993",
  ],
  FLOAT64: [
    "CAST('nan' AS FLOAT64)",
    "CAST('inf' AS FLOAT64)",
    "CAST('-inf' AS FLOAT64)",
    "-0.0",
    "1e308",
    "-1.7976931348623157e308",
    "5e-324",
    "0.1",
    "1e15",
    "123456789.125",
    "9007199254740993.0",
    "2.5",
    "-2.5",
  ],
  NUMERIC: [
    "NUMERIC '99999999999999999999999999999.999999999'",
    "NUMERIC '-99999999999999999999999999999.999999999'",
    "NUMERIC '0.000000001'",
    "NUMERIC '0'",
    "NUMERIC '2.5'",
    "NUMERIC '-1e3'",
  ],
  STRING: [
    "''",
    "' '",
    "'ÀÉîöß'",
    "'ﬁ ẞ İ ı ς'",
    "'e\\u0301'",
    "'😀a𝒳'",
    "'a\\nb\\tc'",
    "'\\\\'",
    "'%_'",
    "'\"quoted\"'",
    "'日本語'",
    "'123'",
    "'-1.5e3'",
    "'true'",
    "'2020-02-29'",
    "'2021-03-04 05:06:07.123456+08'",
    "'NaN'",
  ],
  BYTES: ["b''", "b'\\x00'", "b'\\xff\\xfe'", "b'\\xf0\\x9f\\x98\\x80'", "b'abc'", "b'ABC xyz'"],
  DATE: [
    "DATE '0001-01-01'",
    "DATE '9999-12-31'",
    "DATE '2020-02-29'",
    "DATE '1900-03-01'",
    "DATE '1970-01-01'",
    "DATE '2016-01-03'",
    "DATE '2020-12-31'",
  ],
  TIMESTAMP: [
    "TIMESTAMP '0001-01-01 00:00:00+00'",
    "TIMESTAMP '9999-12-31 23:59:59.999999+00'",
    "TIMESTAMP '2020-02-29 12:34:56.789012+00'",
    "TIMESTAMP '1969-12-31 23:59:59.999999+00'",
    "TIMESTAMP '2021-03-14 02:30:00 America/Los_Angeles'",
    "TIMESTAMP '2021-11-07 01:30:00 America/Los_Angeles'",
    "TIMESTAMP '1883-11-18 12:00:00'",
  ],
  JSON: [
    "JSON 'null'",
    "JSON '{}'",
    "JSON '[]'",
    'JSON \'{"a": {"b": [1, 2.5, "x", null, true]}, "c": "d"}\'',
    'JSON \'[1, [2, {"a": 3}], "z"]\'',
    "JSON '1e100'",
    "JSON '18446744073709551615'",
    'JSON \'"a\\\\u00e9\\\\"b"\'',
    "JSON 'true'",
    "JSON '-0.0'",
    "JSON '\"12\"'",
  ],
  INTERVAL: [
    "INTERVAL '10000-0' YEAR TO MONTH",
    "INTERVAL -3660000 DAY",
    "INTERVAL '1-2 3 4:5:6.789' YEAR TO SECOND",
    "INTERVAL '-1-2 -3 -4:5:6.5' YEAR TO SECOND",
    "INTERVAL 0 SECOND",
    "INTERVAL 36 HOUR",
    "INTERVAL 45 DAY",
  ],
};

const letters = [..."abcABC xyz019_-é%"];

function text(chance: Chance): string {
  return chance.several(0, 6, () => chance.one(letters)).join("");
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function day(chance: Chance): string {
  return `${chance.between(1960, 2040)}-${two(chance.between(1, 12))}-${two(chance.between(1, 28))}`;
}

const plain: Readonly<Record<string, (chance: Chance) => string>> = {
  BOOL: (chance) => chance.one(["TRUE", "FALSE"]),
  INT64: (chance) => String(chance.between(-12, 30)),
  FLOAT64: (chance) => String(chance.between(-200, 200) / 8 + 0.0625),
  NUMERIC: (chance) => `NUMERIC '${chance.between(-9999, 9999) / 100}'`,
  STRING: (chance) => `'${text(chance)}'`,
  BYTES: (chance) => `b'${text(chance).replaceAll("é", "")}'`,
  DATE: (chance) => `DATE '${day(chance)}'`,
  TIMESTAMP: (chance) =>
    `TIMESTAMP '${day(chance)} ${two(chance.between(0, 23))}:${two(chance.between(0, 59))}:${two(
      chance.between(0, 59),
    )}${chance.one(["", ".5", ".123", ".000001"])}${chance.one(["+00", "Z", "-07:30", ""])}'`,
  JSON: (chance) =>
    `JSON '${chance.one(["1", "2.5", '"a"', "[1, 2]", '{"a": 1, "b": [true]}', "false", "-7"])}'`,
  INTERVAL: (chance) =>
    `INTERVAL ${chance.between(-40, 40)} ${chance.one(["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"])}`,
};

/** A literal of a scalar type. */
export function literalOf(type: string, chance: Chance): string {
  const ofEdges = edges[type] ?? ["NULL"];
  if (chance.happens(0.04)) return `CAST(NULL AS ${type})`;
  if (chance.happens(0.25)) return chance.one(ofEdges);
  return (plain[type] ?? (() => "NULL"))(chance);
}

/** The simplest literals of a type, for shrinking. */
export function simplestOf(type: string): readonly string[] {
  const scalar: Readonly<Record<string, readonly string[]>> = {
    BOOL: ["TRUE", "FALSE"],
    INT64: ["1", "0"],
    FLOAT64: ["1.5"],
    NUMERIC: ["NUMERIC '1.5'"],
    STRING: ["'a'"],
    BYTES: ["b'a'"],
    DATE: ["DATE '2020-01-02'"],
    TIMESTAMP: ["TIMESTAMP '2020-01-02 03:04:05+00'"],
    JSON: ["JSON '1'"],
    INTERVAL: ["INTERVAL 1 DAY"],
  };
  return [...(scalar[type] ?? []), `CAST(NULL AS ${type})`];
}

/** A parameter: its type, and its value as on the wire. */
export interface GivenParameter {
  readonly type: string;
  readonly value: string | number | boolean | null | readonly string[];
}

/** Values that parameters may have. */
export const parameterValues: readonly GivenParameter[] = [
  { type: "BOOL", value: true },
  { type: "INT64", value: "7" },
  { type: "INT64", value: "-9223372036854775808" },
  { type: "FLOAT64", value: 2.75 },
  { type: "FLOAT64", value: "NaN" },
  { type: "FLOAT64", value: "-Infinity" },
  { type: "NUMERIC", value: "12.345678901" },
  { type: "STRING", value: "spandrel 😀" },
  { type: "STRING", value: null },
  { type: "BYTES", value: "AAECgP8=" },
  { type: "DATE", value: "2024-02-29" },
  { type: "TIMESTAMP", value: "2024-02-29T23:59:59.999999Z" },
  { type: "JSON", value: '{"k":[1,2]}' },
  { type: "ARRAY<INT64>", value: ["1", "2", "3"] },
  { type: "ARRAY<STRING>", value: ["a", "", "b"] },
];
