// SPDX-License-Identifier: Apache-2.0
// The tokens of numbers: the number itself, and the ranges that it lies in, each some power of the base
// as wide. Nothing is searched by them here; DEBUG_TOKENLIST shows them.
// https://cloud.google.com/spanner/docs/reference/standard-sql/search_functions#tokenize_number

/** What TOKENIZE_NUMBER was told. */
export interface NumberOptions<V extends number | bigint> {
  readonly comparison: string;
  readonly algorithm: string;
  readonly min: V | undefined;
  readonly max: V | undefined;
  readonly granularity: V | undefined;
  readonly base: bigint;
}

/** Tokens of equality first, then the ranges from the lowest. */
export function numberTokens<V extends number | bigint>(
  values: readonly V[],
  options: NumberOptions<V>,
): readonly string[] {
  const equal = [...new Set(values.map((value) => `==${value}`))];
  if (options.comparison === "equality" || options.algorithm === "floatingpoint") return equal;
  const ranges = new Map<string, readonly [bigint, bigint]>();
  const buckets = bucketsOf(options);
  if (buckets === undefined) return equal;
  for (const value of values) {
    const bucket = buckets.place(value);
    if (bucket < 0n || bucket >= buckets.count) continue;
    for (let width = 1n; width < buckets.count; width *= options.base) {
      const low = bucket - (bucket % width);
      const high = low + width - 1n;
      ranges.set(`[${buckets.print(low)}, ${buckets.print(high)}]`, [low, high]);
    }
  }
  const sorted = [...ranges].sort(([, a], [, b]) => sign(a[0] - b[0]) || sign(a[1] - b[1]));
  return [...equal, ...sorted.map(([text]) => text)];
}

interface Buckets<V> {
  readonly count: bigint;
  readonly place: (value: V) => bigint;
  readonly print: (bucket: bigint) => string;
}

/** Undefined when the bounds do not say where buckets begin, as floats without bounds do not. */
function bucketsOf<V extends number | bigint>({
  min,
  max,
  granularity,
}: NumberOptions<V>): Buckets<V> | undefined {
  if (typeof min === "number" && typeof max === "number" && typeof granularity === "number") {
    if (!(granularity > 0) || !Number.isFinite((max - min) / granularity)) return undefined;
    const place = (value: number): bigint =>
      Number.isFinite(value) ? BigInt(Math.floor((value - min) / granularity)) : -1n;
    const print = (bucket: bigint): string => String(min + Number(bucket) * granularity);
    return { count: place(max) + 1n, place: (value) => place(Number(value)), print };
  }
  if (typeof min === "bigint" && typeof max === "bigint" && typeof granularity === "bigint") {
    if (granularity <= 0n) return undefined;
    const place = (value: bigint): bigint => (value < min ? -1n : (value - min) / granularity);
    const print = (bucket: bigint): string => String(min + bucket * granularity);
    return { count: place(max) + 1n, place: (value) => place(BigInt(value)), print };
  }
  return undefined;
}

function sign(difference: bigint): number {
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
