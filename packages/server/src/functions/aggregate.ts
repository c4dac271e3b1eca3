// SPDX-License-Identifier: Apache-2.0
// Aggregate functions: an overload makes accumulators, one for each group; rows are added, then the
// result is asked for once. DISTINCT, HAVING MAX, ORDER BY and LIMIT are the business of the caller,
// which adds fewer rows, or adds them in another order.
// https://cloud.google.com/spanner/docs/reference/standard-sql/aggregate_functions
import { concatBytes } from "@spandrel/base";
import {
  BOOL,
  BYTES,
  comparatorOf,
  FLOAT64,
  INT64,
  INTERVAL,
  type IntervalValue,
  NUMERIC,
  NUMERIC_SCALE,
  STRING,
  type Type,
  type Value,
} from "@spandrel/model";
import { evaluationFailed, int64Overflow } from "../errors/query.ts";
import { checkNumeric, divideRounded } from "./arithmetic.ts";
import type { Integer } from "./integer.ts";
import { addIntervals, divideInterval } from "./interval-arithmetic.ts";
import {
  ANY,
  ARRAY_OF_ANY,
  any,
  arbitrary,
  arrayOfAny,
  bool,
  bytes,
  float32,
  float64,
  int64,
  interval,
  numeric,
  type Parameter,
  string,
  type Template,
} from "./signature.ts";

/** The state of one group. */
export interface Accumulator {
  add(value: Value, second: Value): void;
  result(): Value;
}

/** One way to aggregate. */
export interface Aggregate {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: Template;
  /** Whether rows whose first argument is NULL are passed over; IGNORE and RESPECT NULLS override. */
  readonly ignoresNulls: boolean;
  /** Whether INT64s may be added as numbers, where these are exact. */
  readonly takesIntegers: boolean;
  readonly prepare: (types: readonly Type[], result: Type) => () => Accumulator;
}

interface AggregateOptions {
  readonly seesNulls?: boolean;
  readonly takesIntegers?: boolean;
}

function aggregate(
  name: string,
  parameters: readonly Parameter<unknown>[],
  result: Template | Type,
  prepare: Aggregate["prepare"],
  options: AggregateOptions = {},
): Aggregate {
  const template: Template =
    result.kind === "any" || result.kind === "array of any"
      ? result
      : { kind: "exact", type: result as Type };
  return {
    name,
    parameters: parameters as readonly Parameter[],
    result: template,
    ignoresNulls: options.seesNulls !== true,
    takesIntegers: options.takesIntegers === true,
    prepare,
  };
}

/** Folds values into one, NULL when there was none. */
function fold<V extends Value>(combine: (left: V, right: V) => V): () => () => Accumulator {
  return () => () => {
    let state: V | null = null;
    return {
      add: (value) => {
        // The overload's parameter says which values come.
        const next = value as V;
        state = state === null ? next : combine(state, next);
      },
      result: () => state,
    };
  };
}

class Count implements Accumulator {
  #total = 0;

  add(): void {
    this.#total++;
  }

  result(): Value {
    return BigInt(this.#total);
  }
}

class CountIf implements Accumulator {
  #total = 0;

  add(value: Value): void {
    if (value === true) this.#total++;
  }

  result(): Value {
    return BigInt(this.#total);
  }
}

/** A running sum that keeps what rounding lost (Neumaier). Fields, so that adding makes no garbage. */
class FloatSum implements Accumulator {
  #sum = 0;
  #lost = 0;
  #plain = 0;
  #isEmpty = true;
  #areFinite = true;

  add(value: Value): void {
    const next = value as number;
    this.#isEmpty = false;
    if (!Number.isFinite(next)) this.#areFinite = false;
    this.#plain += next;
    const sum = this.#sum + next;
    this.#lost +=
      Math.abs(this.#sum) >= Math.abs(next) ? this.#sum - sum + next : next - sum + this.#sum;
    this.#sum = sum;
  }

  result(): Value {
    if (this.#isEmpty) return null;
    const exact = this.#sum + this.#lost;
    const total = Number.isFinite(exact) ? exact : this.#plain;
    if (this.#areFinite && !Number.isFinite(total))
      throw evaluationFailed("double overflow in SUM");
    return total;
  }
}

function averageFloats(): Accumulator {
  let [mean, count] = [0, 0];
  return {
    add: (value) => {
      count++;
      const next = value as number;
      // Step by step, so that the sum of large values does not overflow.
      mean = Number.isFinite(mean) ? mean + (next / count - mean / count) : mean + next;
    },
    result: () => (count === 0 ? null : mean),
  };
}

function averageExact(scale: bigint, finish: (units: bigint) => Value): () => Accumulator {
  return () => {
    let [sum, count] = [0n, 0n];
    return {
      add: (value) => {
        sum += (value as bigint) * scale;
        count += 1n;
      },
      result: () => (count === 0n ? null : finish(divideRounded(sum, count))),
    };
  };
}

class Int64Average implements Accumulator {
  readonly #sum = new IntegerSum();
  #count = 0;

  add(value: Value): void {
    this.#sum.add(value as Integer);
    this.#count++;
  }

  result(): Value {
    return this.#count === 0 ? null : Number(this.#sum.total()) / this.#count;
  }
}

/** Welford's running variance, over the sample. */
function variance(finish: (variance: number) => number): () => () => Accumulator {
  return () => () => {
    const [plain, scaled] = [spread(1), spread(SMALL)];
    return {
      add: (value) => {
        plain.add(value as number);
        scaled.add(value as number);
      },
      result: () => {
        const found = plain.variance();
        if (found === null) return null;
        if (Number.isFinite(found)) return finish(found);
        // The squares overflowed; those of smaller values may not have.
        return finish === keep ? found : finish(scaled.variance() ?? 0) / SMALL;
      },
    };
  };
}

/** A power of two, so that scaling by it loses nothing. */
const SMALL = 2 ** -540;

function spread(scale: number): { add(value: number): void; variance(): number | null } {
  let [count, mean, squares] = [0, 0, 0];
  return {
    add: (value) => {
      const next = value * scale;
      count++;
      const delta = next - mean;
      mean += delta / count;
      squares += delta * (next - mean);
    },
    variance: () => (count < 2 ? null : squares / (count - 1)),
  };
}

function varianceOfNumeric(finish: (variance: number) => number): () => () => Accumulator {
  return () => () => {
    let [count, sum, squares] = [0n, 0n, 0n];
    return {
      add: (value) => {
        const units = value as bigint;
        count += 1n;
        sum += units;
        squares += units * units;
      },
      result: () => {
        if (count < 2n) return null;
        const scaled = squares * count - sum * sum;
        const divisor = count * (count - 1n) * NUMERIC_SCALE * NUMERIC_SCALE;
        // Six more digits than a float holds, then down to one.
        return finish(Number((scaled * 10n ** 24n) / divisor) / 1e24);
      },
    };
  };
}

function extreme(sign: 1 | -1): Aggregate["prepare"] {
  return ([type]) => {
    const compare = comparatorOf(type ?? INT64);
    return () => {
      let best: Value = null;
      return {
        add: (value) => {
          if (typeof best === "number" && Number.isNaN(best)) return;
          const isNan = typeof value === "number" && Number.isNaN(value);
          if (best === null || isNan || compare(value, best) * sign > 0) best = value;
        },
        result: () => best,
      };
    };
  };
}

function collect(): Accumulator {
  const values: Value[] = [];
  return {
    add: (value) => {
      values.push(value);
    },
    result: () => (values.length === 0 ? null : values),
  };
}

function concatenate(): Accumulator {
  let values: Value[] | undefined;
  return {
    add: (value) => {
      values ??= [];
      for (const element of value as readonly Value[]) values.push(element);
    },
    result: () => values ?? null,
  };
}

function joinTexts(): Accumulator {
  let text: string | null = null;
  return {
    add: (value, separator) => {
      text = text === null ? String(value) : `${text}${String(separator)}${String(value)}`;
    },
    result: () => text,
  };
}

/** A separator that is given must not be NULL; without a fixed one it comes with every row. */
function withSeparator(inner: Accumulator, fixed?: Value): Accumulator {
  return {
    result: () => inner.result(),
    add: (value, given) => {
      const separator = fixed ?? given;
      if (separator === null) throw evaluationFailed("Illegal NULL separator in STRING_AGG");
      inner.add(value, separator);
    },
  };
}

const comma = new Uint8Array([44]);

function joinBytes(): Accumulator {
  const pieces: Uint8Array[] = [];
  return {
    add: (value, separator) => {
      if (pieces.length > 0) pieces.push(separator as Uint8Array);
      pieces.push(value as Uint8Array);
    },
    result: () => (pieces.length === 0 ? null : concatBytes(pieces)),
  };
}

/** A sum of integers, in a number for as long as that is exact. */
class IntegerSum {
  #large = 0n;
  #small = 0;

  add(value: Integer): void {
    if (typeof value === "number") {
      const next = this.#small + value;
      if (Number.isSafeInteger(next)) {
        this.#small = next;
        return;
      }
    }
    this.#large += BigInt(value);
  }

  total(): bigint {
    return this.#large + BigInt(this.#small);
  }
}

class Int64Sum implements Accumulator {
  readonly #sum = new IntegerSum();
  #isEmpty = true;

  add(value: Value): void {
    this.#isEmpty = false;
    this.#sum.add(value as Integer);
  }

  result(): Value {
    if (this.#isEmpty) return null;
    const total = this.#sum.total();
    if (BigInt.asIntN(64, total) !== total) throw int64Overflow("SUM");
    return total;
  }
}

function sumNumeric(): Accumulator {
  let total: bigint | null = null;
  return {
    add: (value) => {
      total = (total ?? 0n) + (value as bigint);
    },
    result: () => (total === null ? null : checkNumeric(total, () => "SUM")),
  };
}

function averageIntervals(): Accumulator {
  // The sum may be out of range while the average is not, so it is not checked.
  let sum: IntervalValue = { months: 0, days: 0, nanos: 0n };
  let count = 0n;
  return {
    add: (value) => {
      const { months, days, nanos } = value as IntervalValue;
      sum = { months: sum.months + months, days: sum.days + days, nanos: sum.nanos + nanos };
      count += 1n;
    },
    result: () => (count === 0n ? null : divideInterval(sum, count)),
  };
}

function keep(value: number): number {
  return value;
}

function statistics(name: string, finish: (variance: number) => number): readonly Aggregate[] {
  return [
    aggregate(name, [float64], FLOAT64, variance(finish)),
    aggregate(name, [numeric], FLOAT64, varianceOfNumeric(finish)),
  ];
}

export const aggregates: readonly Aggregate[] = [
  aggregate("$count_star", [], INT64, () => () => new Count(), { seesNulls: true }),
  aggregate("COUNT", [arbitrary], INT64, () => () => new Count(), { takesIntegers: true }),
  aggregate("COUNTIF", [bool], INT64, () => () => new CountIf()),
  aggregate("SUM", [int64], INT64, () => () => new Int64Sum(), { takesIntegers: true }),
  aggregate("SUM", [numeric], NUMERIC, () => sumNumeric),
  aggregate("SUM", [float32], FLOAT64, () => () => new FloatSum()),
  aggregate("SUM", [float64], FLOAT64, () => () => new FloatSum()),
  aggregate(
    "SUM",
    [interval],
    INTERVAL,
    fold<IntervalValue>((left, right) => addIntervals(left, right, 1)),
  ),
  aggregate("AVG", [int64], FLOAT64, () => () => new Int64Average(), { takesIntegers: true }),
  aggregate("AVG", [numeric], NUMERIC, () => averageExact(1n, (units) => units)),
  aggregate("AVG", [float32], FLOAT64, () => averageFloats),
  aggregate("AVG", [float64], FLOAT64, () => averageFloats),
  aggregate("AVG", [interval], INTERVAL, () => averageIntervals),
  aggregate("MIN", [any], ANY, extreme(-1)),
  aggregate("MAX", [any], ANY, extreme(1)),
  aggregate(
    "ANY_VALUE",
    [any],
    ANY,
    fold<Value>((left) => left),
  ),
  aggregate("ARRAY_AGG", [any], ARRAY_OF_ANY, () => collect, { seesNulls: true }),
  aggregate("ARRAY_CONCAT_AGG", [arrayOfAny], ARRAY_OF_ANY, () => concatenate),
  aggregate("STRING_AGG", [string], STRING, () => () => withSeparator(joinTexts(), ",")),
  aggregate("STRING_AGG", [string, string], STRING, () => () => withSeparator(joinTexts())),
  aggregate("STRING_AGG", [bytes], BYTES, () => () => withSeparator(joinBytes(), comma)),
  aggregate("STRING_AGG", [bytes, bytes], BYTES, () => () => withSeparator(joinBytes())),
  aggregate(
    "LOGICAL_AND",
    [bool],
    BOOL,
    fold<boolean>((left, right) => left && right),
  ),
  aggregate(
    "LOGICAL_OR",
    [bool],
    BOOL,
    fold<boolean>((left, right) => left || right),
  ),
  aggregate(
    "BIT_AND",
    [int64],
    INT64,
    fold<bigint>((left, right) => left & right),
  ),
  aggregate(
    "BIT_OR",
    [int64],
    INT64,
    fold<bigint>((left, right) => left | right),
  ),
  aggregate(
    "BIT_XOR",
    [int64],
    INT64,
    fold<bigint>((left, right) => left ^ right),
  ),
  ...statistics("STDDEV", Math.sqrt),
  ...statistics("STDDEV_SAMP", Math.sqrt),
  ...statistics("VARIANCE", keep),
  ...statistics("VAR_SAMP", keep),
];
