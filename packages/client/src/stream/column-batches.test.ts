// SPDX-License-Identifier: Apache-2.0
// Columns hold what rows hold, however a result is cut into messages.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, seededRandom, silentLogger, systemClock } from "@spandrel/base";
import {
  arrayOf,
  BOOL,
  FLOAT32,
  FLOAT64,
  INT64,
  JSON_TYPE,
  STRING,
  TIMESTAMP,
  type Type,
  typeToProto,
  type WireValue,
} from "@spandrel/model";
import { PartialResultSet } from "@spandrel/protocol";
import { createLocalTransport, Router } from "@spandrel/rpc";
import fc from "fast-check";
import { Caller } from "../call/caller.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import type { Column } from "../values/column.ts";
import { partialResultSetCodec } from "./partial-result-set-codec.ts";
import type { StreamSource } from "./resumable-stream.ts";
import { type ResultOptions, type Row, StreamedResultSet } from "./streamed-result-set.ts";

const caller = new Caller({
  transport: createLocalTransport(new Router()),
  clock: systemClock,
  random: seededRandom(1),
  logger: silentLogger,
  routeToLeaderEnabled: true,
});

/** A result that comes in such messages, which travel as bytes. */
function resultOf<T = Row>(
  messages: readonly PartialResultSet[],
  options: ResultOptions = {},
): StreamedResultSet<T> {
  async function* received() {
    for (const message of messages)
      yield partialResultSetCodec.decode(PartialResultSet.encode(message).finish());
  }
  const source: StreamSource = {
    caller,
    open: () => ({
      messages: received() as AsyncIterableIterator<
        ReturnType<typeof partialResultSetCodec.decode>
      >,
      classify: (thrown) => new SpannerError(Code.INTERNAL, String(thrown)),
    }),
    received: () => undefined,
    ended: () => undefined,
  };
  return new StreamedResultSet<T>(source, options);
}

/** The metadata of a result whose columns have names and types. */
function metadataOf(columns: Readonly<Record<string, Type>>): PartialResultSet["metadata"] {
  const fields = Object.entries(columns).map(([name, type]) => ({ name, type: typeToProto(type) }));
  return { rowType: { fields } };
}

/** Some types, with values of them as they are on the wire. */
const typed: readonly (readonly [Type, fc.Arbitrary<WireValue>])[] = [
  [INT64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)],
  [INT64, fc.integer().map(String)],
  [{ kind: "ENUM", name: "a.B" }, fc.nat(5).map(String)],
  [
    FLOAT64,
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom("NaN", "-Infinity"),
    ),
  ],
  [FLOAT32, fc.float({ noNaN: true, noDefaultInfinity: true })],
  [BOOL, fc.boolean()],
  [STRING, fc.string({ unit: "grapheme", maxLength: 30 })],
  [JSON_TYPE, fc.constantFrom("null", "1", '{"a":[2]}')],
  [TIMESTAMP, fc.constantFrom("2026-11-20T10:00:00.123456789Z", "0001-01-01T00:00:00Z")],
  [arrayOf(INT64), fc.array(fc.nat().map(String), { maxLength: 3 })],
];

const result = fc
  .array(fc.constantFrom(...typed), { minLength: 1, maxLength: 5 })
  .chain((columns) =>
    fc.record({
      types: fc.constant(columns.map(([type]) => type)),
      rows: fc.array(fc.tuple(...columns.map(([, value]) => fc.option(value, { freq: 4 }))), {
        maxLength: 20,
      }),
      cuts: fc.array(fc.nat(110), { maxLength: 6 }),
    }),
  );

/** Cuts the values of a result into messages, and every text at a cut into two parts. */
function messagesOf(
  types: readonly Type[],
  rows: readonly (readonly WireValue[])[],
  cuts: readonly number[],
): PartialResultSet[] {
  const columns = Object.fromEntries(types.map((type, index) => [`c${index}`, type]));
  const left: WireValue[] = rows.flat();
  const messages: PartialResultSet[] = [{ metadata: metadataOf(columns) ?? {} }];
  const send = (values: readonly WireValue[], chunkedValue: boolean): void => {
    // The generated type names google.protobuf.Value by what it can hold.
    messages.push({ values: [...values] as NonNullable<PartialResultSet["values"]>, chunkedValue });
  };
  for (const cut of cuts) {
    const values = left.splice(0, cut % (left.length + 1));
    const last = values.at(-1);
    const isCut = typeof last === "string" && last.length > 1;
    if (isCut) {
      values[values.length - 1] = last.slice(0, 1);
      left.unshift(last.slice(1));
    }
    send(values, isCut);
  }
  send(left, false);
  return messages;
}

/** What a row would hold in place of the value at an index of a column. */
function valueAt({ type, values, nulls }: Column, index: number): unknown {
  if (nulls?.[index] === 1) {
    const nothing = values instanceof BigInt64Array ? 0n : Array.isArray(values) ? null : 0;
    assert.equal(values[index], nothing);
    return null;
  }
  return type.kind === "BOOL" ? values[index] === 1 : values[index];
}

describe("column batches", () => {
  test("hold what rows hold, however the result was cut", async () => {
    const int64 = fc.constantFrom("bigint" as const, "number" as const);
    await fc.assert(
      fc.asyncProperty(result, int64, async ({ types, rows, cuts }, int64) => {
        const messages = messagesOf(types, rows as WireValue[][], cuts);
        const outcome = async (read: () => Promise<unknown[][]>) => {
          try {
            return await read();
          } catch (error) {
            return String(error);
          }
        };
        const asRows = await outcome(() => resultOf(messages, { int64 }).toArrays());
        const asColumns = await outcome(async () => {
          const all: unknown[][] = [];
          for await (const { rowCount, columns } of resultOf(messages, { int64 }).columnBatches()) {
            const lists = Object.values(columns);
            for (const { values, nulls } of lists) {
              assert.equal(values.length, rowCount);
              if (nulls !== undefined) assert.equal(nulls.length, rowCount);
            }
            for (let row = 0; row < rowCount; row++)
              all.push(lists.map((list) => valueAt(list, row)));
          }
          return all;
        });
        assert.deepEqual(asColumns, asRows);
      }),
      { numRuns: 500 },
    );
  });

  test("numbers and booleans are typed arrays, all else is a list", async () => {
    const columns = { i: INT64, f: FLOAT64, b: BOOL, s: STRING, j: JSON_TYPE };
    const values = [..."12"].flatMap((digit) => [
      digit,
      Number(digit),
      digit === "1",
      digit,
      "null",
    ]);
    const messages = [
      { metadata: metadataOf(columns), values: [...values, null, null, null, null, null] },
    ];
    interface Numbers {
      readonly i: bigint | null;
      readonly f: number | null;
      readonly b: boolean | null;
      readonly s: string | null;
      readonly j: unknown;
    }
    const batches = resultOf<Numbers>(messages as PartialResultSet[]).columnBatches();
    const { value: batch, done } = await batches.next();
    assert.ok(!done);
    const { i, f, b, s, j } = batch.columns;
    const sums: [bigint, number] = [i.values[0]! + i.values[1]!, f.values[0]! + f.values[1]!];
    assert.deepEqual(sums, [3n, 3]);
    assert.deepEqual(i.values, BigInt64Array.of(1n, 2n, 0n));
    assert.deepEqual(f.values, Float64Array.of(1, 2, 0));
    assert.deepEqual(b.values, Uint8Array.of(1, 0, 0));
    assert.deepEqual(s.values, ["1", "2", null]);
    // JSON has a null of its own, which is none of SQL's.
    assert.deepEqual(j.values, [null, null, null]);
    for (const { nulls } of [i, f, b, s, j]) assert.deepEqual(nulls, Uint8Array.of(0, 0, 1));
    await batches.return();
  });

  test("a result is read once, in one form", async () => {
    const result = resultOf([
      { metadata: metadataOf({ i: INT64 }), values: ["1"] } as PartialResultSet,
    ]);
    for await (const { rowCount } of result.columnBatches()) assert.equal(rowCount, 1);
    await assert.rejects(result.rows(), { reason: "RESULT_ALREADY_READ" });
  });
});
