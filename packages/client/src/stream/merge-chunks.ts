// SPDX-License-Identifier: Apache-2.0
// Joins values that were split between messages. A message may end in the middle of a value; the
// first value of the next message is then the rest of it, or more of it. Pure.
//
// How two parts become one depends on the type: texts are joined; lists are joined, and where their
// last and first elements are parts of one element, those are joined first.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#google.spanner.v1.PartialResultSet
import { printType, type Type, type WireValue } from "@spandrel/model";
import { unmergeableChunks } from "../errors/stream.ts";

/** Puts the values of messages together. */
export class ChunkMerger {
  readonly #types: readonly Type[];
  #column = 0;
  #pending: WireValue | undefined;

  /** A merger for rows with columns of such types. */
  constructor(types: readonly Type[]) {
    this.#types = types;
  }

  /**
   * Takes the values of a message and gives those that are whole now.
   *
   * @throws {SpannerError} INTERNAL when parts do not fit together.
   */
  add(values: readonly WireValue[], endsInMiddle: boolean): readonly WireValue[] {
    if (this.#pending === undefined && !endsInMiddle) {
      this.#advance(values.length);
      return values;
    }
    const whole = [...values];
    const [first] = whole;
    if (this.#pending !== undefined && first !== undefined) {
      whole[0] = this.#merge(this.#pending, first);
      this.#pending = undefined;
    }
    if (endsInMiddle) this.#pending = whole.pop() ?? this.#pending;
    this.#advance(whole.length);
    return whole;
  }

  /** Whether a value is still waiting for its rest. */
  get isPending(): boolean {
    return this.#pending !== undefined;
  }

  #merge(left: WireValue, right: WireValue): WireValue {
    const type = this.#types[this.#column];
    const merged = type === undefined ? undefined : mergeValues(type, left, right);
    if (merged === undefined) throw unmergeableChunks(type === undefined ? "?" : printType(type));
    return merged;
  }

  #advance(count: number): void {
    if (this.#types.length > 0) this.#column = (this.#column + count) % this.#types.length;
  }
}

/** Joins two parts of a value of a type; undefined when they cannot be parts of one value. */
export function mergeValues(type: Type, left: WireValue, right: WireValue): WireValue | undefined {
  switch (type.kind) {
    case "BOOL":
      return undefined;
    case "FLOAT32":
    case "FLOAT64":
      return mergeFloats(left, right);
    case "ARRAY":
      return isList(left) && isList(right)
        ? mergeLists(left, right, () => type.element)
        : undefined;
    case "STRUCT":
      return isList(left) && isList(right)
        ? mergeLists(left, right, (index) => type.fields[index]?.type)
        : undefined;
    default:
      return typeof left === "string" && typeof right === "string" ? left + right : undefined;
  }
}

/** Only `NaN` and the infinities are texts; a number is whole, and at most an empty text follows. */
function mergeFloats(left: WireValue, right: WireValue): WireValue | undefined {
  if (typeof left === "string" && typeof right === "string") return left + right;
  return typeof left === "number" && right === "" ? left : undefined;
}

function mergeLists(
  left: readonly WireValue[],
  right: readonly WireValue[],
  typeAt: (index: number) => Type | undefined,
): WireValue[] {
  const last = left.at(-1);
  const [first, ...rest] = right;
  if (last === undefined || first === undefined || !mayBePart(last)) return [...left, ...right];
  const type = typeAt(left.length - 1);
  const joined = type === undefined ? undefined : mergeValues(type, last, first);
  if (joined === undefined) return [...left, ...right];
  return [...left.slice(0, -1), joined, ...rest];
}

/** Numbers, booleans and NULL are never cut, so that one at the end of a list is whole. */
function mayBePart(value: WireValue): boolean {
  return typeof value === "string" || isList(value);
}

function isList(value: WireValue): value is readonly WireValue[] {
  return Array.isArray(value);
}
