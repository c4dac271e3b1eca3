// SPDX-License-Identifier: Apache-2.0
// Values as texts: each has one canonical text, which is read back as the same value.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { civilFromDays, DATE_MAX, DATE_MIN, daysFromCivil, parseDate, printDate } from "./date.ts";
import { parseInterval, printInterval } from "./interval.ts";
import { JsonFormatError, normalizeJson } from "./json.ts";
import { NUMERIC_MAX, parseNumeric, printNumeric } from "./numeric.ts";
import { parseTimestamp, printTimestamp, TIMESTAMP_MAX, TIMESTAMP_MIN } from "./timestamp.ts";
import { parseUuid } from "./uuid.ts";

test("every day of the calendar agrees with the machine's calendar", () => {
  fc.assert(
    fc.property(fc.integer({ min: DATE_MIN, max: DATE_MAX }), (days) => {
      const date = new Date(days * 86_400_000);
      const { year, month, day } = civilFromDays(days);
      assert.deepEqual(
        [year, month, day],
        [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()],
      );
      assert.equal(daysFromCivil(year, month, day), days);
      assert.equal(parseDate(printDate(days)), days);
    }),
  );
  assert.deepEqual([printDate(DATE_MIN), printDate(DATE_MAX)], ["0001-01-01", "9999-12-31"]);
});

test("dates that are not in the calendar are none", () => {
  for (const text of ["2023-02-29", "2024-00-01", "0000-01-01", "10000-01-01", "2024-1-1x", ""]) {
    assert.equal(parseDate(text), undefined, text);
  }
  assert.equal(parseDate("2024-2-9"), parseDate("2024-02-09"));
});

test("timestamps keep their nanoseconds, and are written without trailing zeros", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: TIMESTAMP_MIN, max: TIMESTAMP_MAX }), (nanos) => {
      const text = printTimestamp(nanos);
      assert.equal(parseTimestamp(text), nanos);
      assert.doesNotMatch(text, /\.\d*0Z$/);
    }),
  );
  assert.equal(printTimestamp(-1n), "1969-12-31T23:59:59.999999999Z");
  assert.equal(printTimestamp(1_500_000_000n), "1970-01-01T00:00:01.5Z");
  assert.equal(printTimestamp(TIMESTAMP_MIN), "0001-01-01T00:00:00Z");
});

test("only RFC 3339 in UTC is a timestamp on the wire", () => {
  const refused = [
    "2024-01-01T00:00:00",
    "2024-01-01t00:00:00Z",
    "2024-01-01T00:00:00z",
    "2024-01-01T00:00:00+00:00",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:60Z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01T00:00:00.1234567891Z",
  ];
  for (const text of refused) assert.equal(parseTimestamp(text), undefined, text);
});

test("NUMERIC keeps 29 and 9 digits, and is written without an exponent", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -NUMERIC_MAX, max: NUMERIC_MAX }), (units) => {
      assert.equal(parseNumeric(printNumeric(units)), units);
    }),
  );
  const cases: [string, string | undefined][] = [
    ["1", "1"],
    ["-0.5", "-0.5"],
    [".5", "0.5"],
    ["5.", "5"],
    ["1e3", "1000"],
    ["1.5E-3", "0.0015"],
    ["000123.4500", "123.45"],
    ["99999999999999999999999999999.999999999", "99999999999999999999999999999.999999999"],
    ["100000000000000000000000000000", undefined],
    ["0.0000000001", undefined],
    ["1e999999", undefined],
    ["0e999999", "0"],
    ["", undefined],
    [".", undefined],
    ["NaN", undefined],
  ];
  for (const [text, expected] of cases) {
    const units = parseNumeric(text);
    assert.equal(units === undefined ? undefined : printNumeric(units), expected, text);
  }
  assert.equal(printNumeric(parseNumeric("0.0000000005", true) ?? 0n), "0.000000001");
  assert.equal(printNumeric(parseNumeric("-0.00000000049", true) ?? 9n), "0");
});

test("intervals keep their three parts apart", () => {
  const cases = ["P0Y", "P1Y2M3DT4H5M6.789S", "P-1Y", "PT-0.000001S", "P10M-3DT36H", "PT0.5S"];
  for (const text of cases) {
    const interval = parseInterval(text);
    assert.ok(interval !== undefined, text);
    assert.deepEqual(parseInterval(printInterval(interval)), interval);
  }
  const written = (text: string) => printInterval(parseInterval(text) ?? assert.fail(text));
  assert.equal(written("PT0.5S"), "PT0.500S");
  assert.equal(written("P1W"), "P7D");
  assert.equal(written("P14M"), "P1Y2M");
  for (const text of ["", "P", "PT", "P1H", "1Y", "P120001M"]) {
    assert.equal(parseInterval(text), undefined, text);
  }
});

test("UUIDs are 36 characters, written in lower case", () => {
  const text = "6F9619FF-8B86-D011-B42D-00CF4FC964FF";
  assert.equal(parseUuid(text), text.toLowerCase());
  assert.equal(parseUuid(text.slice(1)), undefined);
  assert.equal(parseUuid(text.replaceAll("-", "")), undefined);
});

test("JSON is normalized: sorted, without white space, the first of equal names", () => {
  const cases: [string, string][] = [
    [' { "b" : 1 , "a" : [ true , null ] } ', '{"a":[true,null],"b":1}'],
    ['{"a":1,"a":2}', '{"a":1}'],
    ["18446744073709551615", "18446744073709551615"],
    ["-9223372036854775808", "-9223372036854775808"],
    ['"\\u00e9\\/"', '"é/"'],
    ["[]", "[]"],
  ];
  for (const [text, expected] of cases) assert.equal(normalizeJson(text), expected, text);
  fc.assert(
    fc.property(fc.json(), (text) => {
      const normalized = normalizeJson(text);
      assert.equal(normalizeJson(normalized), normalized);
      assert.deepEqual(JSON.parse(normalized), JSON.parse(text));
    }),
  );
});

test("what is not JSON, or too deep, is refused with the place", () => {
  for (const text of [
    "",
    "{",
    "[1,]",
    "{a:1}",
    "'x'",
    "01",
    "nul",
    '"\n"',
    "[1] 2",
    "{,}",
    "1e400",
  ]) {
    assert.throws(() => normalizeJson(text), JsonFormatError, text);
  }
  assert.throws(() => normalizeJson("[".repeat(200)), /nested deeper than 80/);
});
