// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  arrayOf,
  DATE,
  FLOAT64,
  INT64,
  INTERVAL,
  JSON_TYPE,
  NUMERIC,
  STRING,
  structOf,
  TIMESTAMP,
  type Type,
  typeToProto,
  UUID,
} from "@spandrel/model";
import fc from "fast-check";
import { CalendarDate } from "./calendar-date.ts";
import { decoderOf } from "./decode.ts";
import { encodeAs, encodeColumn, struct, typeOf } from "./encode.ts";
import { Interval } from "./interval.ts";
import { parseJson, printJson } from "./json-text.ts";
import { KeyRange, KeySet } from "./key-set.ts";
import { writeObjects } from "./mutation.ts";
import { Numeric } from "./numeric.ts";
import { encodeStatement, identifier, sql } from "./statement.ts";
import { Timestamp } from "./timestamp.ts";
import { array, float64, int64, json, nullOf, numeric, structAs, uuid } from "./typed-value.ts";

describe("values", () => {
  const values: [Type, unknown][] = [
    [INT64, -(2n ** 63n)],
    [FLOAT64, 0.1],
    [FLOAT64, Number.NaN],
    [FLOAT64, Number.NEGATIVE_INFINITY],
    [STRING, "Grüße \u{1f600}"],
    [{ kind: "BYTES" }, Uint8Array.of(0, 255, 7)],
    [{ kind: "BOOL" }, true],
    [DATE, new CalendarDate(1, 1, 1)],
    [TIMESTAMP, Timestamp.from("0001-01-01T00:00:00.000000001Z")],
    [TIMESTAMP, Timestamp.from("9999-12-31T23:59:59.999999999Z")],
    [NUMERIC, Numeric.from("-99999999999999999999999999999.999999999")],
    [INTERVAL, Interval.from("P1Y2M3DT4H5M6.789S")],
    [UUID, "0c9b7a8e-0c9b-4a8e-8c9b-7a8e0c9b7a8e"],
    [JSON_TYPE, { id: 12345678901234567890n, list: [1, null, "x"], pi: 3.14 }],
    [arrayOf(INT64), [1n, null, 3n]],
    [
      structOf([
        { name: "a", type: INT64 },
        { name: "b", type: arrayOf(STRING) },
      ]),
      { a: 1n, b: ["x"] },
    ],
  ];
  for (const [type, value] of values) {
    test(`of ${type.kind} come back as they were sent: ${String(value)}`, () => {
      assert.deepEqual(decoderOf(type)(encodeAs(type, value)), value);
    });
  }

  test("of INT64 become numbers when asked, and never wrong ones", () => {
    const decode = decoderOf(INT64, { int64: "number" });
    assert.equal(decode("9007199254740991"), Number.MAX_SAFE_INTEGER);
    assert.throws(() => decode("9007199254740993"), { reason: "UNSAFE_INTEGER" });
  });

  test("have the type that JavaScript says, and no other is guessed", () => {
    assert.deepEqual(typeOf(5), FLOAT64);
    assert.deepEqual(typeOf(5n), INT64);
    assert.deepEqual(typeOf(int64(5)), INT64);
    assert.deepEqual(typeOf([1, 2.5]), arrayOf(FLOAT64));
    assert.deepEqual(typeOf([null, "a"]), arrayOf(STRING));
    assert.equal(typeOf(null), undefined);
    assert.equal(typeOf([]), undefined);
    assert.deepEqual(typeOf(array(INT64, [])), arrayOf(INT64));
    assert.throws(() => typeOf({ a: 1 }), { reason: "VALUE_WITHOUT_TYPE" });
    assert.throws(() => typeOf(undefined), { reason: "VALUE_WITHOUT_TYPE" });
    assert.throws(() => typeOf([1, 2n]), { reason: "MIXED_ARRAY" });
  });

  test("that a type cannot hold are refused before they are sent", () => {
    for (const [type, value] of [
      [INT64, 2n ** 63n],
      [INT64, 0.5],
      [NUMERIC, "0.0000000001"],
      [DATE, "2026-02-30"],
      [STRING, 5n],
      [UUID, "not a uuid"],
      [TIMESTAMP, "yesterday"],
      [arrayOf(INT64), "x"],
    ] as [Type, unknown][])
      assert.throws(() => encodeAs(type, value), { reason: "INVALID_VALUE" });
  });

  test("of structs keep their names", () => {
    const value = struct({ a: 1n, b: "x" });
    assert.deepEqual(encodeAs(value.type, value), ["1", "x"]);
    const ordered = structAs({ x: INT64, y: STRING }, [1, null]);
    assert.deepEqual(encodeAs(ordered.type, ordered), ["1", null]);
  });
});

describe("timestamps", () => {
  test("keep their nanoseconds both ways", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n }),
        (nanos) => {
          const moment = Timestamp.fromEpochNanos(nanos);
          assert.equal(moment.epochNanos, nanos);
          assert.deepEqual(Timestamp.from(moment.toString()), moment);
          assert.deepEqual(Timestamp.fromProto(moment.toProto()), moment);
        },
      ),
    );
  });

  test("become Dates, before the epoch as well", () => {
    const moment = Timestamp.from("1969-12-31T23:59:59.999999999Z");
    assert.equal(moment.toDate().toISOString(), "1969-12-31T23:59:59.999Z");
    assert.equal(Timestamp.from(new Date(-1)).toString(), "1969-12-31T23:59:59.999Z");
    assert.ok(moment.compare(Timestamp.from("1970-01-01T00:00:00Z")) < 0);
  });
});

describe("JSON", () => {
  test("keeps whole numbers of any size", () => {
    const text =
      '{"a":12345678901234567890,"b":[9007199254740993],"c":1.5,"d":"12345678901234567890"}';
    assert.equal(printJson(parseJson(text)), text);
  });

  test("is what JSON.parse gives, wherever numbers hold what is written", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed = JSON.parse(text) as unknown;
        assert.deepEqual(JSON.parse(printJson(parseJson(text))), parsed);
      }),
    );
  });

  test("null is not SQL's NULL", () => {
    assert.equal(encodeColumn(json(null)), "null");
    assert.equal(encodeColumn(nullOf(JSON_TYPE)), null);
  });
});

describe("statements", () => {
  test("bind values as parameters", () => {
    const encoded = encodeStatement(sql`SELECT * FROM T WHERE a = ${7n} AND b = ${"x'; DROP"}`);
    assert.equal(encoded.sql, "SELECT * FROM T WHERE a = @p1 AND b = @p2");
    assert.deepEqual(encoded.params, { p1: "7", p2: "x'; DROP" });
    assert.deepEqual(encoded.paramTypes, { p1: typeToProto(INT64), p2: typeToProto(STRING) });
  });

  test("are put together from pieces, numbered through", () => {
    const where = sql`a = ${1n} OR a = ${2n}`;
    const whole = sql`SELECT ${identifier("na`me")} FROM T WHERE (${where}) AND b = ${3n}`;
    assert.equal(whole.sql, "SELECT `na\\`me` FROM T WHERE (a = @p1 OR a = @p2) AND b = @p3");
    assert.deepEqual(whole.params, { p1: 1n, p2: 2n, p3: 3n });
  });

  test("leave NULL untyped unless its type is said", () => {
    const { params, paramTypes } = encodeStatement({
      sql: "SELECT @a, @b, @c, @d, @e",
      params: { a: null, b: nullOf(INT64), c: null, d: 5, e: float64(5) },
      types: { c: STRING, d: INT64 },
    });
    assert.deepEqual(params, { a: null, b: null, c: null, d: "5", e: 5 });
    assert.deepEqual(Object.keys(paramTypes ?? {}), ["b", "c", "d", "e"]);
    assert.deepEqual(paramTypes?.["d"], typeToProto(INT64));
  });

  test("without parameters are sent as they are", () => {
    assert.deepEqual(encodeStatement("SELECT 1"), { sql: "SELECT 1" });
  });
});

describe("keys", () => {
  test("and ranges become what requests carry", () => {
    const id = "0c9b7a8e-0c9b-4a8e-8c9b-7a8e0c9b7a8e";
    const keys = new KeySet({
      keys: [[1n, "a"], [uuid(id)]],
      ranges: [new KeyRange({ startClosed: [numeric("1.50")], endOpen: [2n] })],
    });
    assert.deepEqual(keys.toProto(), {
      keys: [["1", "a"], [id]],
      ranges: [
        {
          startKeyType: { $case: "startClosed", startClosed: ["1.5"] },
          endKeyType: { $case: "endOpen", endOpen: ["2"] },
        },
      ],
    });
    assert.deepEqual(KeySet.all().toProto(), { all: true });
  });

  test("of a range need an end, and one of a kind", () => {
    assert.throws(() => new KeyRange({}), { reason: "INVALID_VALUE" });
    assert.throws(() => new KeyRange({ startOpen: [1n], startClosed: [1n] }), {
      reason: "INVALID_VALUE",
    });
  });
});

test("rows given as objects share a mutation where they have the same columns", () => {
  const mutations = writeObjects("insert", "T", [{ a: 1n, b: "x" }, { a: 2n }, { a: 3n, b: null }]);
  assert.deepEqual(
    mutations.map(({ operation }) => operation?.$case === "insert" && operation.insert.values),
    [
      [
        ["1", "x"],
        ["3", null],
      ],
      [["2"]],
    ],
  );
});
