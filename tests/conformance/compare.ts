// SPDX-License-Identifier: Apache-2.0
// Whether the rows of an answer are the expected ones. Both sides are values as on the wire, but
// that intervals are written in two ways. Floats may differ by a few steps of the last place, as
// they do from one machine to another; rows and arrays without an order are compared as bags.
import { parseInterval, type Type, type WireValue } from "@spandrel/model";
import type { ExpectedRows, Plain } from "./data.ts";

/** Steps that two floats may lie apart. */
const floatStepsMax = 16n;

/** Undefined when the rows agree, else where they do not. */
export function differenceOf(
  expected: ExpectedRows,
  types: readonly Type[],
  rows: readonly (readonly WireValue[])[],
): string | undefined {
  if (types.length !== expected.columns.length) {
    return `${types.length} columns, expected ${expected.columns.length}`;
  }
  if (rows.length !== expected.rows.length) {
    return `${rows.length} rows, expected ${expected.rows.length}`;
  }
  const isSame = (wanted: readonly Plain[], found: readonly WireValue[]): boolean =>
    types.every((type, index) => agree(type, wanted[index] ?? null, found[index] ?? null));
  if (expected.ordered !== true) {
    return isSameBag(expected.rows, rows, isSame)
      ? undefined
      : `rows ${short(rows)}, expected ${short(expected.rows)} in any order`;
  }
  const first = expected.rows.findIndex((wanted, index) => !isSame(wanted, rows[index] ?? []));
  return first < 0
    ? undefined
    : `row ${first} is ${short(rows[first])}, expected ${short(expected.rows[first])}`;
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? "").slice(0, 300);
}

function isSameBag<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
  isSame: (left: Left, right: Right) => boolean,
): boolean {
  if (left.length !== right.length) return false;
  const rest = [...right];
  return left.every((each) => {
    const place = rest.findIndex((other) => isSame(each, other));
    if (place >= 0) rest.splice(place, 1);
    return place >= 0;
  });
}

function agree(type: Type, wanted: Plain, found: WireValue): boolean {
  if (wanted === null || found === null) return wanted === found;
  switch (type.kind) {
    case "ARRAY":
      return agreeArrays(type.element, wanted, listOf(found));
    case "STRUCT": {
      const values = listOf(found);
      const fields = Array.isArray(wanted) ? (wanted as readonly Plain[]) : [];
      return type.fields.every((field, index) =>
        agree(field.type, fields[index] ?? null, values[index] ?? null),
      );
    }
    case "FLOAT32":
      return areClose(floatOf(wanted), floatOf(found), steps32);
    case "FLOAT64":
      return areClose(floatOf(wanted), floatOf(found), steps64);
    case "NUMERIC":
      return trimDecimal(String(wanted)) === trimDecimal(String(found));
    case "TIMESTAMP":
      return trimTimestamp(String(wanted)) === trimTimestamp(String(found));
    case "INTERVAL":
      return String(wanted) === plainInterval(String(found));
    case "JSON":
      return canonicalJson(String(wanted)) === canonicalJson(String(found));
    default:
      return String(wanted) === String(found);
  }
}

function agreeArrays(element: Type, wanted: Plain, found: readonly WireValue[]): boolean {
  const isSame = (left: Plain, right: WireValue): boolean => agree(element, left, right);
  if (typeof wanted !== "object" || wanted === null) return false;
  if ("$bag" in wanted) return isSameBag(wanted.$bag, found, isSame);
  return (
    wanted.length === found.length &&
    wanted.every((each, index) => isSame(each, found[index] ?? null))
  );
}

function listOf(value: WireValue): readonly WireValue[] {
  return Array.isArray(value) ? (value as readonly WireValue[]) : [];
}

/** A float that may be written as a text. */
export function floatOf(value: Plain | WireValue): number {
  return Number(value);
}

function areClose(left: number, right: number, steps: (value: number) => bigint): boolean {
  if (Object.is(left, right) || left === right) return true;
  if (!Number.isFinite(left) || !Number.isFinite(right)) return false;
  const apart = steps(left) - steps(right);
  return apart <= floatStepsMax && apart >= -floatStepsMax;
}

const scratch = new DataView(new ArrayBuffer(8));

function steps64(value: number): bigint {
  scratch.setFloat64(0, value);
  const bits = scratch.getBigInt64(0);
  return bits < 0n ? -(bits & 0x7fff_ffff_ffff_ffffn) : bits;
}

function steps32(value: number): bigint {
  scratch.setFloat32(0, value);
  const bits = scratch.getInt32(0);
  return BigInt(bits < 0 ? -(bits & 0x7fff_ffff) : bits);
}

function trimDecimal(text: string): string {
  const [whole = "", fraction = ""] = text.split(".");
  const kept = fraction.replace(/0+$/, "");
  return kept === "" ? whole : `${whole}.${kept}`;
}

function trimTimestamp(text: string): string {
  return text.replace(/\.(\d*?)0*Z$/, (_, digits: string) => (digits === "" ? "Z" : `.${digits}Z`));
}

/** `Y-M D H:M:S.F`, the way in which the files write intervals. */
function plainInterval(text: string): string {
  const interval = parseInterval(text);
  if (interval === undefined) return text;
  const { months, days, nanos } = interval;
  const size = nanos < 0n ? -nanos : nanos;
  const seconds = size / 1_000_000_000n;
  const fraction = String(size % 1_000_000_000n).padStart(9, "0");
  const shown = fraction.replace(/(?:000){1,3}$/, "");
  const clock = `${seconds / 3_600n}:${(seconds / 60n) % 60n}:${seconds % 60n}`;
  const date = `${Math.trunc(Math.abs(months) / 12)}-${Math.abs(months) % 12}`;
  const tail = shown === "" ? "" : `.${shown}`;
  return `${months < 0 ? "-" : ""}${date} ${days} ${nanos < 0n ? "-" : ""}${clock}${tail}`;
}

function canonicalJson(text: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)]));
}
