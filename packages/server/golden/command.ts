// SPDX-License-Identifier: Apache-2.0
// What the commands of all scripts have in common: `name=value` anywhere, and spans of time.

/** The options of a command, and its words without them. */
export function optionsOf(text: string): {
  readonly words: string;
  readonly options: Readonly<Record<string, string>>;
} {
  const options: Record<string, string> = {};
  const words = text.replaceAll(/\s*\b([a-z-]+)=(\S+)/g, (_, name: string, value: string) => {
    options[name] = value;
    return "";
  });
  return { words, options };
}

const units: Readonly<Record<string, bigint>> = {
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

/** A span such as `10s`, in nanoseconds. */
export function nanosOf(text: string): bigint {
  const match = /^([+-]?\d+)(us|ms|[smhd])$/.exec(text);
  const unit = units[match?.[2] ?? ""];
  if (match === null || unit === undefined) throw new Error(`no span of time: ${text}`);
  return BigInt(match[1] ?? 0) * unit;
}
