// SPDX-License-Identifier: Apache-2.0
// Messages and enums of protocol buffers as values: written under their full name, read as bytes and
// numbers, or by readers of the program's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBase64 } from "@spandrel/base";
import { arrayOf, type Type } from "@spandrel/model";
import { Duration } from "@spandrel/protocol";
import { spannerMethods } from "../call/methods.ts";
import { array, proto, protoEnum } from "../values/typed-value.ts";
import { UPDATE, worldOf } from "./scripted-database.test.ts";

const duration: Type = { kind: "PROTO", name: "google.protobuf.Duration" };
const genre: Type = { kind: "ENUM", name: "examples.music.Genre" };
const protos = { "google.protobuf.Duration": Duration };
const bytesOf = (seconds: bigint): Uint8Array => Duration.encode({ seconds }).finish();

/** A server with one row: a message, a list of messages and one NULL, the number of an enum. */
function worldOfMessages(options: Parameters<typeof worldOf>[0] = {}): ReturnType<typeof worldOf> {
  const world = worldOf(options);
  const [one, two] = [1n, 2n].map((seconds) => toBase64(bytesOf(seconds)));
  world.server.answer("SELECT Length, Parts, Genre FROM Songs", {
    columns: { Length: duration, Parts: arrayOf(duration), Genre: genre },
    rows: [[one ?? "", [one ?? "", null, two ?? ""], "3"]],
  });
  return world;
}

const SONGS = "SELECT Length, Parts, Genre FROM Songs";

test("messages are bytes, and enums numbers, to a program that names no readers", async () => {
  const { database } = worldOfMessages();
  const row = await database.query(SONGS).one();
  assert.deepEqual(row, {
    Length: bytesOf(1n),
    Parts: [bytesOf(1n), null, bytesOf(2n)],
    Genre: 3n,
  });
  const named = { "examples.Other": Duration };
  assert.deepEqual(await database.query(SONGS, { protos: named }).one(), row);
});

test("a reader that was named reads all messages of its type, wherever they are", async () => {
  const read = {
    Length: { seconds: 1n },
    Parts: [{ seconds: 1n }, null, { seconds: 2n }],
    Genre: 3,
  };
  const { database } = worldOfMessages();
  assert.deepEqual(await database.query(SONGS, { protos, int64: "number" }).one(), read);
  const [list] = await worldOfMessages({ protos, int64: "number" })
    .database.query(SONGS)
    .toArrays();
  assert.deepEqual(list, Object.values(read));
});

test("a reader that fails is named, and what it said is told", async () => {
  const { database } = worldOfMessages();
  const broken = {
    "google.protobuf.Duration": {
      decode(): never {
        throw new Error("not today");
      },
    },
  };
  await assert.rejects(database.query(SONGS, { protos: broken }).rows(), {
    reason: "UNREADABLE_PROTO",
    message: "The reader for google.protobuf.Duration among the protos failed: not today",
  });
});

test("parameters and columns are written under the full name of their type", async () => {
  const { server, database } = worldOf();
  const sql = UPDATE;
  const params = {
    length: proto(duration.name, bytesOf(7n)),
    parts: array(duration, [bytesOf(7n), null]),
    genre: protoEnum(genre.name, 3),
  };
  await database.runInTransaction(async (transaction) => {
    await transaction.executeUpdate({ sql, params });
    transaction.insert("Songs", [{ Length: params.length, Genre: params.genre }]);
  });
  const [request] = server.requestsOf(spannerMethods.executeSql);
  const text = toBase64(bytesOf(7n));
  assert.deepEqual(request?.params, { length: text, parts: [text, null], genre: "3" });
  const { length, parts, genre: kind } = request?.paramTypes ?? {};
  assert.equal(length?.protoTypeFqn, "google.protobuf.Duration");
  assert.deepEqual(parts?.arrayElementType, length);
  assert.equal(kind?.protoTypeFqn, "examples.music.Genre");
  const [commit] = server.requestsOf(spannerMethods.commit);
  const [mutation] = commit?.mutations ?? [];
  assert.deepEqual(mutation?.operation, {
    $case: "insert",
    insert: { table: "Songs", columns: ["Length", "Genre"], values: [[text, "3"]] },
  });
});
