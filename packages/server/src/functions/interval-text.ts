// SPDX-License-Identifier: Apache-2.0
// INTERVAL as text: `Y-M D H:M:S[.F]`, each of the three parts with a sign of its own, and as ISO
// 8601. https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#interval_type
import { type IntervalValue, isIntervalInRange, parseInterval } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";

/** The parts of an interval, from large to small. */
const INTERVAL_PARTS: readonly string[] = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

/** Writes `1-2 3 4:5:6.789`. */
export function writeInterval({ months, days, nanos }: IntervalValue): string {
  const magnitude = Math.abs(months);
  const date = `${months < 0 ? "-" : ""}${Math.floor(magnitude / 12)}-${magnitude % 12}`;
  const span = nanos < 0n ? -nanos : nanos;
  const seconds = span / 1_000_000_000n;
  const rest = span % 1_000_000_000n;
  const fraction =
    rest === 0n
      ? ""
      : `.${String(rest)
          .padStart(9, "0")
          .replace(/(?:000){1,2}$/, "")}`;
  const time = `${seconds / 3_600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fraction}`;
  return `${date} ${days} ${nanos < 0n ? "-" : ""}${time}`;
}

/** Reads an interval as CAST does: the full form, a stretch of it, or ISO 8601. */
export function readInterval(text: string): IntervalValue {
  if (/^\s*P/.test(text)) {
    const parsed = parseInterval(text.trim());
    if (parsed === undefined) throw invalidInterval(text);
    return parsed;
  }
  const stretch = stretchOf(text.trim());
  if (stretch === undefined) throw invalidInterval(text);
  return readIntervalPart(text, stretch[0], stretch[1]);
}

const sign = "[+-]?";
const clock = "\\d+:\\d+:\\d+(?:\\.\\d*)?";
const stretches: readonly (readonly [RegExp, string, string])[] = [
  [new RegExp(`^${sign}\\d+-\\d+ ${sign}\\d+ ${sign}${clock}$`), "YEAR", "SECOND"],
  [new RegExp(`^${sign}\\d+-\\d+ ${sign}\\d+ ${sign}\\d+:\\d+$`), "YEAR", "MINUTE"],
  [new RegExp(`^${sign}\\d+-\\d+ ${sign}\\d+ ${sign}\\d+$`), "YEAR", "HOUR"],
  [new RegExp(`^${sign}\\d+-\\d+ ${sign}\\d+$`), "YEAR", "DAY"],
  [new RegExp(`^${sign}\\d+-\\d+$`), "YEAR", "MONTH"],
  [new RegExp(`^${sign}\\d+ ${sign}\\d+ ${sign}${clock}$`), "MONTH", "SECOND"],
  [new RegExp(`^${sign}\\d+ ${sign}${clock}$`), "DAY", "SECOND"],
  [new RegExp(`^${sign}\\d+ ${sign}\\d+:\\d+$`), "DAY", "MINUTE"],
  [new RegExp(`^${sign}${clock}$`), "HOUR", "SECOND"],
];

function stretchOf(text: string): readonly [string, string] | undefined {
  const found = stretches.find(([shape]) => shape.test(text));
  return found === undefined ? undefined : [found[1], found[2]];
}

function invalidInterval(text: string): Error {
  return evaluationFailed(`Invalid INTERVAL value '${text}'`);
}

/** Reads the text of `INTERVAL '…' first TO last`. */
export function readIntervalPart(text: string, first: string, last: string): IntervalValue {
  const from = INTERVAL_PARTS.indexOf(first);
  const to = INTERVAL_PARTS.indexOf(last);
  const match = shapeOf(from, to).exec(text.trim());
  if (match === null || from < 0 || to <= from) throw invalidInterval(text);
  const at = (part: string): string | undefined => match.groups?.[part];
  const months = (Number(at("YEAR") ?? 0) * 12 + Number(at("MONTH") ?? 0)) * signOf(at("dateSign"));
  const days = Number(at("DAY") ?? 0) * signOf(at("daySign"));
  const seconds =
    BigInt(at("HOUR") ?? 0) * 3_600n + BigInt(at("MINUTE") ?? 0) * 60n + BigInt(at("SECOND") ?? 0);
  const fraction = BigInt((at("FRACTION") ?? "").padEnd(9, "0"));
  const nanos = (seconds * 1_000_000_000n + fraction) * BigInt(signOf(at("timeSign")));
  return checked({ months, days, nanos });
}

function signOf(text: string | undefined): number {
  return text === "-" ? -1 : 1;
}

function shapeOf(from: number, to: number): RegExp {
  const has = (index: number): boolean => index >= from && index <= to;
  const date = [...(has(0) ? ["(?<YEAR>\\d+)"] : []), ...(has(1) ? ["(?<MONTH>\\d+)"] : [])].join(
    "-",
  );
  const time = [
    ...(has(3) ? ["(?<HOUR>\\d+)"] : []),
    ...(has(4) ? ["(?<MINUTE>\\d+)"] : []),
    ...(has(5) ? ["(?<SECOND>\\d+)(?:\\.(?<FRACTION>\\d{0,9}))?"] : []),
  ].join(":");
  const pieces = [
    ...(date === "" ? [] : [`(?<dateSign>[+-]?)${date}`]),
    ...(has(2) ? ["(?<daySign>[+-]?)(?<DAY>\\d+)"] : []),
    ...(time === "" ? [] : [`(?<timeSign>[+-]?)${time}`]),
  ];
  return new RegExp(`^${pieces.join("\\s+")}$`);
}

/** Gives an interval back when each of its parts is in range. */
export function checked(interval: IntervalValue): IntervalValue {
  if (!isIntervalInRange(interval)) {
    throw evaluationFailed(`Interval value is out of range: ${writeInterval(interval)}`);
  }
  return interval;
}
