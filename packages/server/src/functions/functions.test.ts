// SPDX-License-Identifier: Apache-2.0
// Functions through SQL expressions: the cases in which a plausible implementation goes wrong.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, StatusError, seededRandom } from "@spandrel/base";
import type { Value } from "@spandrel/model";
import fc from "fast-check";
import { addInt64, divideRounded } from "./arithmetic.ts";
import { castBetween } from "./cast.ts";
import type { CallContext } from "./context.ts";
import { farmFingerprint } from "./farm-fingerprint.ts";
import { parseFloatText, printFloat } from "./float-text.ts";
import { parseJsonPath } from "./json-path.ts";
import { normalizeJson } from "./json-text.ts";
import { likePrefix, matchesLike } from "./like.ts";
import { findFunction } from "./registry.ts";
import { civilTimeOf, momentOf } from "./time-zone.ts";
import { readTimestamp, writeTimestamp } from "./timestamp-text.ts";

const context: CallContext = {
  nowNanos: 1_700_000_000_000_000_000n,
  timeZone: "America/Los_Angeles",
  random: seededRandom(1),
};

const INT64 = { kind: "INT64" } as const;
const FLOAT64 = { kind: "FLOAT64" } as const;
const STRING = { kind: "STRING" } as const;

function call(name: string, ...values: readonly Value[]): Value {
  const kinds = values.map((value) => (typeof value === "bigint" ? "INT64" : "STRING"));
  const overload = findFunction(name)?.find(
    ({ parameters }) =>
      parameters.length >= values.length &&
      kinds.every((kind, index) => {
        const template = parameters[index]?.template;
        return (
          template?.kind === "part" || (template?.kind === "exact" && template.type.kind === kind)
        );
      }),
  );
  assert.ok(overload !== undefined, name);
  return overload.prepare([], INT64)(...values);
}

describe("numbers", () => {
  test("INT64 never wraps: a sum fits exactly, or is an error with its operands", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (a, b) => {
          const fits = BigInt.asIntN(64, a + b) === a + b;
          if (fits) assert.equal(addInt64(a, b), a + b);
          else assert.throws(() => addInt64(a, b), { message: `int64 overflow: ${a} + ${b}` });
        },
      ),
    );
  });

  test("division rounds halves away from zero, whatever the signs", () => {
    assert.deepEqual(
      [
        divideRounded(5n, 2n),
        divideRounded(-5n, 2n),
        divideRounded(5n, -2n),
        divideRounded(4n, 3n),
      ],
      [3n, -3n, -3n, 1n],
    );
  });

  test("a float comes back from its text", () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        assert.equal(Object.is(parseFloatText(printFloat(value, FLOAT64)), value), true);
      }),
    );
    assert.deepEqual(
      [1, 0.1, 1e20, 1e15, 1e-7, 123456789012345680].map((each) => printFloat(each, FLOAT64)),
      ["1", "0.1", "1e+20", "1e+15", "1e-07", "1.2345678901234568e+17"],
    );
  });

  test("MOD has the sign of the dividend, and by zero is an error", () => {
    assert.equal(call("MOD", -7n, 3n), -1n);
    assert.throws(() => call("MOD", 1n, 0n), { code: Code.OUT_OF_RANGE });
  });
});

describe("texts", () => {
  test("positions and lengths count code points, not UTF-16 units", () => {
    assert.equal(call("LENGTH", "a😀b"), 3n);
    assert.equal(call("SUBSTR", "a😀b", 2n, 1n), "😀");
    assert.equal(call("STRPOS", "a😀b", "b"), 3n);
    assert.equal(call("REVERSE", "a😀b"), "b😀a");
    assert.equal(call("SUBSTR", "apple", -3n, 2n), "pl");
  });

  test("LIKE takes an escaped percent as it is, and `_` for one code point", () => {
    assert.equal(matchesLike("100%", "100\\%"), true);
    assert.equal(matchesLike("1000", "100\\%"), false);
    assert.equal(matchesLike("a😀c", "a_c"), true);
    assert.equal(matchesLike("mississippi", "%iss%ip%"), true);
    assert.throws(() => matchesLike("a", "a\\"), { code: Code.OUT_OF_RANGE });
    assert.deepEqual(likePrefix("ab%"), { prefix: "ab", isWhole: true });
  });

  test("a replacement's backslash names a group of the regular expression", () => {
    assert.equal(
      call("REGEXP_REPLACE", "# Heading", "^# ([a-zA-Z0-9\\s]+$)", "<h1>\\1</h1>"),
      "<h1>Heading</h1>",
    );
    assert.throws(() => call("REGEXP_REPLACE", "a", "a", "\\3"), { code: Code.OUT_OF_RANGE });
  });

  test("fingerprints are those that FarmHash gives everywhere", () => {
    const encoder = new TextEncoder();
    assert.equal(farmFingerprint(encoder.encode("1footrue")), -1541654101129638711n);
    assert.equal(farmFingerprint(encoder.encode("2applefalse")), 2794438866806483259n);
  });
});

describe("times", () => {
  test("a time without a zone is in the default zone, summer and winter", () => {
    const winter = readTimestamp("2014-01-27 12:30:00.45", context.timeZone);
    const summer = readTimestamp("2014-07-27 12:30:00", context.timeZone);
    assert.equal(writeTimestamp(winter, "UTC"), "2014-01-27 20:30:00.450+00");
    assert.equal(writeTimestamp(summer, "UTC"), "2014-07-27 19:30:00+00");
  });

  test("every civil time that is a moment's own leads back to a moment with that civil time", () => {
    const moments = fc.bigInt({ min: -2_000_000_000n, max: 4_000_000_000n });
    const zones = fc.constantFrom("America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata", "+05:45");
    fc.assert(
      fc.property(moments, zones, (seconds, zone) => {
        const civil = civilTimeOf(seconds * 1_000_000_000n, zone);
        assert.deepEqual(civilTimeOf(momentOf(civil, zone), zone), civil);
      }),
    );
  });

  test("a month later is the last day when the day is past the end", () => {
    const jan31 = 16_466;
    const add = findFunction("DATE_ADD")?.[0];
    assert.equal(add?.prepare([], INT64)(jan31, 1n, "MONTH"), jan31 + 28);
  });
});

describe("JSON", () => {
  test("the normalized text has keys in order, the first of two, and exact numbers", () => {
    assert.equal(
      normalizeJson('{ "b": 1, "a": [18446744073709551615, 1.0, null], "b": 2 }'),
      '{"a":[18446744073709551615,1.0,null],"b":1}',
    );
  });

  test("a number that a float does not hold is refused", () => {
    assert.throws(() => normalizeJson("1.23456789012345678901"), { code: Code.OUT_OF_RANGE });
  });

  test("paths quote keys behind a point, and in brackets where they are older", () => {
    assert.deepEqual(parseJsonPath(`$.a."b.c"[0]`), ["a", "b.c", 0]);
    assert.deepEqual(parseJsonPath(`$.a['b.c'][0]`, "legacy"), ["a", "b.c", 0]);
    assert.throws(() => parseJsonPath(`$['a']`), StatusError);
    assert.throws(() => parseJsonPath(`$."a"`, "legacy"), StatusError);
    assert.throws(() => parseJsonPath("a.b"), StatusError);
  });
});

describe("casts", () => {
  const cast = (
    value: Value,
    from: Parameters<typeof castBetween>[0],
    to: Parameters<typeof castBetween>[1],
  ): Value => {
    const found = castBetween(from, to);
    assert.ok(found !== undefined);
    return found(value, context);
  };

  test("a float becomes the nearest INT64, halves away from zero, or an error", () => {
    assert.deepEqual(
      [1.5, -1.5, 2.4].map((value) => cast(value, FLOAT64, INT64)),
      [2n, -2n, 2n],
    );
    assert.throws(() => cast(9.3e18, FLOAT64, INT64), { code: Code.OUT_OF_RANGE });
    assert.throws(() => cast(Number.NaN, FLOAT64, INT64), { code: Code.OUT_OF_RANGE });
  });

  test("INT64 reads hexadecimal, and says which text is none", () => {
    assert.equal(cast("-0x1F", STRING, INT64), -31n);
    assert.throws(() => cast("abc", STRING, INT64), { message: "Bad int64 value: abc" });
  });

  test("there is no cast from BOOL to DATE", () => {
    assert.equal(castBetween({ kind: "BOOL" }, { kind: "DATE" }), undefined);
  });
});
