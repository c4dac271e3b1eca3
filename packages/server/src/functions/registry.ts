// SPDX-License-Identifier: Apache-2.0
// Which functions there are: the families of this room, found by name.
import { type Aggregate, aggregates } from "./aggregate.ts";
import { arithmeticOperators, bitOperators } from "./arithmetic.ts";
import { arrayFunctions } from "./array.ts";
import { comparisonOperators } from "./comparison.ts";
import { conversionFunctions } from "./conversion.ts";
import { dateFunctions } from "./date.ts";
import { formatFunctions } from "./format.ts";
import { timeFormatFunctions } from "./format-time.ts";
import { jsonFunctions } from "./json.ts";
import { mathFunctions } from "./math.ts";
import { nestedArrayFunctions } from "./nested-array.ts";
import { regexpFunctions } from "./regexp.ts";
import { searchFunctions } from "./search.ts";
import { sequenceFunctions } from "./sequence.ts";
import type { Overload } from "./signature.ts";
import { snippetFunctions } from "./snippet.ts";
import { stringFunctions } from "./string.ts";
import { timestampFunctions } from "./timestamp.ts";
import { tokenizeFunctions } from "./tokenize.ts";

function byName<T extends { readonly name: string }>(
  families: readonly (readonly T[])[],
): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const overload of families.flat()) {
    const known = found.get(overload.name);
    if (known === undefined) found.set(overload.name, [overload]);
    else known.push(overload);
  }
  return found;
}

const functions = byName<Overload>([
  arithmeticOperators,
  bitOperators,
  comparisonOperators,
  stringFunctions,
  regexpFunctions,
  mathFunctions,
  arrayFunctions,
  dateFunctions,
  timestampFunctions,
  timeFormatFunctions,
  jsonFunctions,
  conversionFunctions,
  formatFunctions,
  nestedArrayFunctions,
  sequenceFunctions,
  tokenizeFunctions,
  searchFunctions,
  snippetFunctions,
]);

const aggregatesByName = byName<Aggregate>([aggregates]);

/** The overloads of a function by its name in upper case; undefined when there is none. */
export function findFunction(name: string): readonly Overload[] | undefined {
  return functions.get(name);
}

/** The overloads of an aggregate function by its name in upper case. */
export function findAggregate(name: string): readonly Aggregate[] | undefined {
  return aggregatesByName.get(name);
}

/** Functions that GoogleSQL has elsewhere and Spanner refuses by name. */
const refused: ReadonlySet<string> = new Set([
  "LEFT",
  "RIGHT",
  "ASCII",
  "CHR",
  "RAND",
  "RANGE_BUCKET",
  "REGEXP_INSTR",
  "UNICODE",
  "APPROX_COUNT_DISTINCT",
  "APPROX_QUANTILES",
  "APPROX_TOP_COUNT",
  "CORR",
  "COVAR_POP",
  "COVAR_SAMP",
  "STDDEV_POP",
  "VAR_POP",
  "ROW_NUMBER",
  "RANK",
  "DENSE_RANK",
  "NTILE",
  "LAG",
  "LEAD",
  "FIRST_VALUE",
  "LAST_VALUE",
  "NTH_VALUE",
  "PERCENT_RANK",
  "CUME_DIST",
]);

/** Whether Spanner knows such a function only to refuse it. */
export function isRefusedFunction(name: string): boolean {
  return refused.has(name);
}

/** The names of all functions and aggregates, without operators. */
export function functionNames(): readonly string[] {
  return [...functions.keys(), ...aggregatesByName.keys()].filter((name) => !name.startsWith("$"));
}
