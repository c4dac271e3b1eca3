// SPDX-License-Identifier: Apache-2.0
// Every type of Spanner there and back: through mutations, through parameters with and without types.
import type { Database } from "@google-cloud/spanner";
import type { Story, Told, World } from "../story.ts";

export const valueStories: readonly Story[] = [
  {
    name: "a column of every type takes and gives its values",
    async tell(world) {
      const { database } = world;
      const scalars = scalarValues(world);
      const arrays = Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [`${name}Array`, [value, null]]),
      );
      const values = Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [`${name}Value`, value]),
      );
      await database.table("Values").insert({ Id: 1, ...values, ...arrays });
      return printedRow(database, 1);
    },
    expected: {
      Id: 1,
      BoolValue: true,
      Int64Value: "9223372036854775807",
      Float64Value: 0.1,
      Float32Value: 1.5,
      NumericValue: "12345678901234567890123456789.123456789",
      StringValue: "naïve 🐚 \u0000",
      BytesValue: "AAH/",
      DateValue: "2024-02-29",
      TimestampValue: "2024-02-29T23:59:59.123456789Z",
      JsonValue: { a: [1, "two", null, { deep: true }] },
      BoolArray: [true, null],
      Int64Array: ["9223372036854775807", null],
      Float64Array: [0.1, null],
      Float32Array: [1.5, null],
      NumericArray: ["12345678901234567890123456789.123456789", null],
      StringArray: ["naïve 🐚 \u0000", null],
      BytesArray: ["AAH/", null],
      DateArray: ["2024-02-29", null],
      TimestampArray: ["2024-02-29T23:59:59.123456789Z", null],
      JsonArray: [{ a: [1, "two", null, { deep: true }] }, null],
    },
  },
  {
    name: "NULL and empty arrays stay what they are",
    async tell({ database }) {
      await database.table("Values").insert({ Id: 2, StringArray: [], Int64Value: null });
      const [[row]] = await database.run({
        sql: "SELECT StringArray, Int64Array, Int64Value, JsonValue FROM `Values` WHERE Id = 2",
        json: true,
      });
      return row as unknown as Told;
    },
    expected: { StringArray: [], Int64Array: null, Int64Value: null, JsonValue: null },
  },
  {
    name: "the numbers that are none, and those that are infinite, are floats like others",
    async tell({ client, database }) {
      const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      await database
        .table("Values")
        .insert({ Id: 3, Float64Array: values.map(client.Spanner.float) });
      const [[row]] = await database.run({
        sql: "SELECT Float64Array AS floats FROM `Values` WHERE Id = 3",
        json: true,
      });
      return (row as unknown as { floats: number[] }).floats.map(String);
    },
    expected: ["NaN", "Infinity", "-Infinity"],
  },
  {
    name: "parameters that say their type come back as they went",
    async tell(world) {
      const names = Object.keys(scalarTypes);
      const [[row]] = await world.database.run({
        sql: `SELECT ${names.map((name) => `@${name} AS ${name}, [@${name}] AS ${name}s`).join(", ")}`,
        params: { ...scalarValues(world), Uuid: "00000000-0000-4000-8000-000000000001" },
        types: scalarTypes,
        json: true,
        jsonOptions: { wrapNumbers: true },
      });
      return printed(row);
    },
    expected: {
      Bool: true,
      Bools: [true],
      Int64: "9223372036854775807",
      Int64s: ["9223372036854775807"],
      Float64: 0.1,
      Float64s: [0.1],
      Float32: 1.5,
      Float32s: [1.5],
      Numeric: "12345678901234567890123456789.123456789",
      Numerics: ["12345678901234567890123456789.123456789"],
      String: "naïve 🐚 \u0000",
      Strings: ["naïve 🐚 \u0000"],
      Bytes: "AAH/",
      Bytess: ["AAH/"],
      Date: "2024-02-29",
      Dates: ["2024-02-29"],
      Timestamp: "2024-02-29T23:59:59.123456789Z",
      Timestamps: ["2024-02-29T23:59:59.123456789Z"],
      Json: { a: [1, "two", null, { deep: true }] },
      Jsons: [{ a: [1, "two", null, { deep: true }] }],
      Uuid: "00000000-0000-4000-8000-000000000001",
      Uuids: ["00000000-0000-4000-8000-000000000001"],
    },
  },
  {
    name: "parameters that do not say their type take that of what they are compared with",
    async tell(world) {
      const { database } = world;
      const { Float32: _, Json: _json, ...comparable } = scalarValues(world);
      const conditions = Object.keys(comparable).map((name) => `${name}Value = @${name}`);
      const [rows] = await database.run({
        sql: `SELECT Id FROM \`Values\` WHERE ${conditions.join(" AND ")}`,
        params: comparable,
        json: true,
      });
      return rows as unknown as Told;
    },
    expected: [{ Id: 1 }],
  },
];

/** One value of every type, as a program gives it. */
function scalarValues({ client }: World): Record<string, unknown> {
  const { Spanner } = client;
  return {
    Bool: true,
    Int64: Spanner.int("9223372036854775807"),
    Float64: Spanner.float(0.1),
    Float32: Spanner.float32(1.5),
    Numeric: Spanner.numeric("12345678901234567890123456789.123456789"),
    String: "naïve 🐚 \u0000",
    Bytes: Buffer.from([0, 1, 255]),
    Date: Spanner.date("2024-02-29"),
    Timestamp: Spanner.timestamp("2024-02-29T23:59:59.123456789Z"),
    Json: { a: [1, "two", null, { deep: true }] },
  };
}

const scalarTypes: Record<string, string> = {
  Bool: "bool",
  Int64: "int64",
  Float64: "float64",
  Float32: "float32",
  Numeric: "numeric",
  String: "string",
  Bytes: "bytes",
  Date: "date",
  Timestamp: "timestamp",
  Json: "json",
  Uuid: "uuid",
};

async function printedRow(database: Database, id: number): Promise<Told> {
  const [[row]] = await database.run({
    sql: "SELECT * FROM `Values` WHERE Id = @id",
    params: { id },
    json: true,
    jsonOptions: { wrapNumbers: true },
  });
  const { Id, ...values } = printed(row) as Record<string, Told>;
  return { Id: Number(Id), ...values };
}

/** Values of Google's client as JSON: wrapped integers and NUMERIC as text, floats as numbers. */
function printed(value: unknown): Told {
  if (value === null || value === undefined) return null;
  if (typeof value !== "object") return value as Told;
  if (Array.isArray(value)) return value.map(printed);
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (value instanceof Date) return value.toJSON();
  if (isWrapped(value)) return value.value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, printed(member)]));
}

function isWrapped(value: object): value is { value: number | string } {
  return Object.getPrototypeOf(value) !== Object.prototype && "value" in value;
}
