// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { leastMillisBetween, momentsAfter, parseCrontab } from "./crontab.ts";

const hourMillis = 3_600_000;

/** The next moments after a moment, as `2026-01-01T02:00`. */
function next(text: string, after: string, count: number): readonly string[] {
  const crontab = parseCrontab(text);
  assert.ok(crontab !== undefined, text);
  const found: string[] = [];
  for (const moment of momentsAfter(crontab, Date.parse(`${after}Z`))) {
    found.push(new Date(moment).toISOString().slice(0, 16));
    if (found.length === count) break;
  }
  return found;
}

test("the examples of the documentation mean what they say", () => {
  const start = "2026-01-01T00:00";
  const twice = ["2026-01-01T02:00", "2026-01-01T14:00", "2026-01-02T02:00"];
  assert.deepEqual(next("0 2/12 * * *", start, 3), twice);
  assert.deepEqual(next("0 2,14 * * *", start, 3), twice);
  assert.deepEqual(next("0 2 * * *", "2026-01-01T02:00", 1), ["2026-01-02T02:00"]);
  assert.deepEqual(next("0 2 * * 0", start, 2), ["2026-01-04T02:00", "2026-01-11T02:00"]);
  assert.deepEqual(next("0 2 8 * *", start, 2), ["2026-01-08T02:00", "2026-02-08T02:00"]);
});

test("of two kinds of days either will do, and a moment that is rare is found", () => {
  assert.deepEqual(next("5 1 13 * 5", "2026-03-01T00:00", 3), [
    "2026-03-06T01:05",
    "2026-03-13T01:05",
    "2026-03-20T01:05",
  ]);
  assert.deepEqual(next("0 0 29 2 *", "2096-03-01T00:00", 1), ["2104-02-29T00:00"]);
  assert.deepEqual(next("0 0 30 2 *", "2026-01-01T00:00", 1), []);
});

test("what is no crontab is refused", () => {
  for (const text of ["", "0 2 * *", "0 2 * * * *", "60 2 * * *", "0 24 * * *", "0 2 0 * *"]) {
    assert.equal(parseCrontab(text), undefined, text);
  }
  for (const text of ["0 5-2 * * *", "0 */0 * * *", "0 a * * *", "0 2,, * * *", "0 2 * 13 *"]) {
    assert.equal(parseCrontab(text), undefined, text);
  }
});

test("the least time between two moments is that of the closest two", () => {
  const least = (text: string) => {
    const crontab = parseCrontab(text);
    return ((crontab && leastMillisBetween(crontab)) ?? 0) / hourMillis;
  };
  assert.equal(least("0 2/12 * * *"), 12);
  assert.equal(least("0 1,23 * * *"), 2, "over midnight");
  assert.equal(least("0 2 8 * *"), 28 * 24);
  assert.equal(least("30 * * * *"), 1);
});

test("moments come in order, each once, and fit the fields", () => {
  const field = (most: number) => fc.oneof(fc.constant("*"), fc.nat({ max: most }).map(String));
  const texts = fc.tuple(fc.nat({ max: 59 }), field(23), field(27), fc.constant("*"), field(6));
  fc.assert(
    fc.property(
      texts,
      fc.nat({ max: 2_000_000_000 }),
      ([minute, hour, day, month, week], after) => {
        const monthDay = day === "*" ? day : `${Number(day) + 1}`;
        const crontab = parseCrontab(`${minute} ${hour} ${monthDay} ${month} ${week}`);
        assert.ok(crontab !== undefined);
        let before = after * 1_000;
        let left = 20;
        for (const moment of momentsAfter(crontab, after * 1_000)) {
          assert.ok(moment > before);
          before = moment;
          const date = new Date(moment);
          assert.equal(date.getUTCMinutes(), minute);
          if (hour !== "*") assert.equal(date.getUTCHours(), Number(hour));
          const fits = [
            monthDay === "*" || date.getUTCDate() === Number(monthDay),
            week === "*" || date.getUTCDay() === Number(week),
          ];
          const needsBoth = monthDay === "*" || week === "*";
          assert.ok(needsBoth ? fits.every(Boolean) : fits.some(Boolean));
          left--;
          if (left === 0) break;
        }
        assert.ok(left === 0);
      },
    ),
  );
});
