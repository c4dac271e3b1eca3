// SPDX-License-Identifier: Apache-2.0
// The tables that queries read, the same in both engines. Floats are multiples of a quarter, so that
// sums are exact in whatever order they are made.
import type { Chance } from "./chance.ts";

/** A value as on the wire. */
export type Cell = string | number | boolean | null | readonly Cell[];

/** A table and its rows. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Statements that make it and its indexes. */
  readonly ddl: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** Makes the tables with random rows. */
export function makeTables(chance: Chance): readonly Table[] {
  return [wide(chance), pairs(chance)];
}

const maybe = <T>(chance: Chance, value: T): T | null => (chance.happens(0.15) ? null : value);

function wide(chance: Chance): Table {
  const rows = Array.from({ length: 9 }, (_, id): readonly Cell[] => [
    String(id),
    maybe(chance, chance.happens(0.5)),
    maybe(chance, String(chance.between(-3, 6))),
    maybe(chance, chance.one([0.25, -1.5, 2, 3.75, "NaN", "Infinity", 0])),
    maybe(chance, chance.one(["1.5", "-2.25", "0", "1000.000000001"])),
    maybe(chance, chance.one(["", "a", "b", "ab", "A", "é", "😀", "zz"])),
    maybe(chance, chance.one(["", "YQ==", "/w==", "AAE="])),
    maybe(chance, chance.one(["2020-02-29", "1999-12-31", "2024-07-01"])),
    maybe(chance, chance.one(["2020-02-29T12:00:00.5Z", "1969-12-31T23:59:59Z"])),
    maybe(chance, chance.one(['{"a":1}', "[1,2]", '"s"', "null"])),
    maybe(chance, chance.one([[], ["1"], ["3", "1", "2"], ["5", null]])),
    maybe(chance, chance.one([[], ["x"], ["b", "a"], [null, "c"]])),
  ]);
  const columns = [
    ["id", "INT64"],
    ["b", "BOOL"],
    ["i", "INT64"],
    ["f", "FLOAT64"],
    ["n", "NUMERIC"],
    ["s", "STRING"],
    ["y", "BYTES"],
    ["d", "DATE"],
    ["t", "TIMESTAMP"],
    ["j", "JSON"],
    ["ai", "ARRAY<INT64>"],
    ["sa", "ARRAY<STRING>"],
  ] as const;
  return table("Wide", columns, "id", rows, [
    "CREATE INDEX WideByI ON Wide(i) STORING (s)",
    "CREATE INDEX WideByS ON Wide(s DESC, i)",
  ]);
}

function pairs(chance: Chance): Table {
  const rows = Array.from({ length: 12 }, (_, index): readonly Cell[] => [
    String(index % 4),
    `k${Math.floor(index / 4)}`,
    maybe(chance, String(chance.between(0, 5))),
    maybe(chance, chance.one(["a", "b", "ab", ""])),
    maybe(chance, chance.one([0.5, 1.25, -4])),
  ]);
  const columns = [
    ["k1", "INT64"],
    ["k2", "STRING"],
    ["i", "INT64"],
    ["s", "STRING"],
    ["v", "FLOAT64"],
  ] as const;
  return table("Pairs", columns, "k1, k2 DESC", rows, ["CREATE INDEX PairsByI ON Pairs(i DESC)"]);
}

function table(
  name: string,
  columns: readonly (readonly [string, string])[],
  key: string,
  rows: readonly (readonly Cell[])[],
  indexes: readonly string[],
): Table {
  const written = columns.map(([column, type]) => {
    const sized = type.replace(/(STRING|BYTES)/, "$1(MAX)");
    return `${column} ${sized}`;
  });
  return {
    name,
    columns: columns.map(([column, type]) => ({ name: column, type })),
    ddl: [`CREATE TABLE ${name} (${written.join(", ")}) PRIMARY KEY (${key})`, ...indexes],
    rows,
  };
}
