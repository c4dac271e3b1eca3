// SPDX-License-Identifier: Apache-2.0
// Temporal, where there is one: the platform's own, or any other that has its shape. Its objects are
// recognized by their tags, as Dates are, so that those of a polyfill or of another realm count; they
// are made by the `Temporal` that `globalThis` has at that moment.
//
// The types say no more of them than is used, so that a program compiles whether or not its compiler
// knows Temporal. What is given back has Temporal's own type where it does.
// https://tc39.es/proposal-temporal/docs/
import { noTemporal } from "./bad-value.ts";

/** A Temporal.Instant, of the platform or a polyfill. */
export interface AnyInstant {
  readonly [Symbol.toStringTag]: "Temporal.Instant";
  readonly epochNanoseconds: bigint;
}

/** A Temporal.PlainDate of any calendar, of the platform or a polyfill. */
export interface AnyPlainDate {
  readonly [Symbol.toStringTag]: "Temporal.PlainDate";
  toString(options?: { readonly calendarName?: "never" }): string;
}

/** A Temporal.Duration, of the platform or a polyfill. */
export interface AnyDuration extends DurationParts {
  readonly [Symbol.toStringTag]: "Temporal.Duration";
}

/** The parts of a duration: whole numbers that have one sign. */
export interface DurationParts {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly milliseconds: number;
  readonly microseconds: number;
  readonly nanoseconds: number;
}

/** `Temporal.Instant`, where the compiler knows it; else what is said of it here. */
export type TemporalInstant = typeof globalThis extends {
  Temporal: { Instant: { prototype: infer Known } };
}
  ? Known
  : AnyInstant;

/** `Temporal.PlainDate`, where the compiler knows it; else what is said of it here. */
export type TemporalPlainDate = typeof globalThis extends {
  Temporal: { PlainDate: { prototype: infer Known } };
}
  ? Known
  : AnyPlainDate;

/** `Temporal.Duration`, where the compiler knows it; else what is said of it here. */
export type TemporalDuration = typeof globalThis extends {
  Temporal: { Duration: { prototype: infer Known } };
}
  ? Known
  : AnyDuration;

/** What is used of `Temporal` itself. */
export interface Temporal {
  readonly Instant: { fromEpochNanoseconds(nanoseconds: bigint): TemporalInstant };
  readonly PlainDate: { from(text: string): TemporalPlainDate };
  readonly Duration: { from(parts: Partial<DurationParts>): TemporalDuration };
}

/**
 * The platform's Temporal.
 *
 * @throws {StatusError} FAILED_PRECONDITION when it has none, with what to use instead.
 */
export function temporal(instead: string): Temporal {
  // The libraries of types that this is compiled with do not know it.
  const { Temporal: found } = globalThis as { readonly Temporal?: Temporal };
  if (found === undefined) throw noTemporal(instead);
  return found;
}

/** What `Object.prototype.toString` calls a value: `[object Date]` for a Date of any realm. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value);
}

export function isInstant(value: unknown): value is AnyInstant {
  return tagOf(value) === "[object Temporal.Instant]";
}

export function isPlainDate(value: unknown): value is AnyPlainDate {
  return tagOf(value) === "[object Temporal.PlainDate]";
}

export function isDuration(value: unknown): value is AnyDuration {
  return tagOf(value) === "[object Temporal.Duration]";
}
