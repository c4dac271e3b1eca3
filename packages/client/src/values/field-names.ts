// SPDX-License-Identifier: Apache-2.0

/**
 * Names for the members of an object, one per column, none twice.
 *
 * A column without a name gets `_` and its place, counted from zero; a name that was there already
 * gets `_2`, `_3` and so on: `SELECT 1, 2 AS a, 3 AS a` gives `_0`, `a`, `a_2`.
 */
export function fieldNames(columns: readonly string[]): string[] {
  const taken = new Set(columns);
  const used = new Set<string>();
  return columns.map((column, index) => {
    const name = column === "" ? `_${index}` : column;
    let unique = name;
    for (let count = 2; used.has(unique) || (unique !== column && taken.has(unique)); count++)
      unique = `${name}_${count}`;
    used.add(unique);
    return unique;
  });
}
