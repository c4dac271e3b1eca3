// SPDX-License-Identifier: Apache-2.0
// Objects of Temporal's shape, as a polyfill makes them. Those of a platform are in the tests of the
// client as a whole, in a process that has them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { arrayOf, DATE, INTERVAL, TIMESTAMP } from "@spandrel/model";
import { CalendarDate } from "./calendar-date.ts";
import { encodeAs, encodeColumn, typeOf } from "./encode.ts";
import { Interval } from "./interval.ts";
import { KeySet } from "./key-set.ts";
import { encodeStatement, sql } from "./statement.ts";
import type { AnyDuration, AnyInstant, AnyPlainDate } from "./temporal.ts";
import { Timestamp } from "./timestamp.ts";
import { date, interval, timestamp } from "./typed-value.ts";

function instant(epochNanoseconds: bigint): AnyInstant {
  return { [Symbol.toStringTag]: "Temporal.Instant", epochNanoseconds };
}

/** A day of a calendar that says its name after the day, unless told not to. */
function plainDate(text: string): AnyPlainDate {
  return {
    [Symbol.toStringTag]: "Temporal.PlainDate",
    toString: ({ calendarName } = {}) => (calendarName === "never" ? text : `${text}[u-ca=coptic]`),
  };
}

function duration(parts: Partial<AnyDuration>): AnyDuration {
  const zero = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0 };
  const small = { milliseconds: 0, microseconds: 0, nanoseconds: 0 };
  return { [Symbol.toStringTag]: "Temporal.Duration", ...zero, ...small, ...parts };
}

const nanos = 1_795_170_218_000_000_001n;
const text = "2026-11-20T10:23:38.000000001Z";

describe("objects of Temporal", () => {
  test("have the types of Spanner that they stand for", () => {
    assert.deepEqual(typeOf(instant(nanos)), TIMESTAMP);
    assert.deepEqual(typeOf([null, instant(nanos), new Date(0)]), arrayOf(TIMESTAMP));
    assert.deepEqual(typeOf(plainDate("2026-11-20")), DATE);
    assert.deepEqual(typeOf(duration({ days: 1 })), INTERVAL);
    const other = { [Symbol.toStringTag]: "Temporal.ZonedDateTime", epochNanoseconds: nanos };
    assert.throws(() => typeOf(other), { reason: "VALUE_WITHOUT_TYPE" });
  });

  test("are sent with all that they hold", () => {
    const { params } = encodeStatement(
      sql`SELECT ${instant(nanos)}, ${timestamp(instant(-1n))}, ${date(plainDate("0001-01-01"))}`,
    );
    assert.deepEqual(params, {
      p1: text,
      p2: "1969-12-31T23:59:59.999999999Z",
      p3: "0001-01-01",
    });
    assert.equal(encodeColumn(plainDate("2026-11-20")), "2026-11-20");
    assert.deepEqual(KeySet.from([[instant(nanos), plainDate("2026-11-20")]]).toProto().keys, [
      [text, "2026-11-20"],
    ]);
    const parts = { years: -1, months: -2, weeks: -1, days: -1, hours: -3, minutes: -4 };
    const rest = { seconds: -5, milliseconds: -6, microseconds: -7, nanoseconds: -8 };
    const wire = encodeAs(INTERVAL, interval(duration({ ...parts, ...rest })));
    assert.equal(wire, "P-1Y-2M-8DT-3H-4M-5.006007008S");
  });

  test("that Spanner cannot hold are refused before they are sent", () => {
    const refused = { reason: "INVALID_VALUE" };
    assert.throws(() => encodeColumn(instant(300_000_000_000_000_000_000n)), refused);
    assert.throws(() => encodeColumn(plainDate("+010000-01-01")), refused);
    assert.throws(() => encodeColumn(duration({ years: 20_000 })), refused);
    assert.throws(() => encodeAs(DATE, instant(nanos)), refused);
    assert.throws(() => encodeAs(TIMESTAMP, plainDate("2026-11-20")), refused);
  });

  test("become values of the client", () => {
    assert.deepEqual(Timestamp.from(instant(nanos)), Timestamp.from(text));
    assert.deepEqual(CalendarDate.from(plainDate("2026-11-20")), new CalendarDate(2026, 11, 20));
    assert.deepEqual(Interval.from(duration({ weeks: 2 })), new Interval(0, 14, 0n));
  });

  test("are not made where there is no Temporal, and the error says what to use", () => {
    const { Temporal } = globalThis as { Temporal?: unknown };
    Reflect.deleteProperty(globalThis, "Temporal");
    try {
      assert.throws(() => Timestamp.from(text).toInstant(), {
        codeName: "FAILED_PRECONDITION",
        reason: "NO_TEMPORAL",
        message:
          "There is no Temporal here. Use toDate() or epochNanos, or set globalThis.Temporal to a " +
          "polyfill's.",
      });
      const absent = { reason: "NO_TEMPORAL" };
      assert.throws(() => new CalendarDate(2026, 11, 20).toPlainDate(), absent);
      assert.throws(() => new Interval(1, 2, 3n).toDuration(), absent);
    } finally {
      if (Temporal !== undefined) Object.assign(globalThis, { Temporal });
    }
  });
});
