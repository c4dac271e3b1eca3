// SPDX-License-Identifier: Apache-2.0
// REST as its callers see it: URLs and JSON in, JSON out, over a service made up for this test.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  EnumValueDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
  file_google_protobuf_field_mask,
  file_google_protobuf_timestamp,
  FieldDescriptorProto_Label as Label,
  type MethodDescriptorProto,
  MethodDescriptorProtoSchema,
  MethodOptionsSchema,
  ServiceDescriptorProtoSchema,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import { Code, StatusError } from "@spandrel/base";
import type { Codec, Method } from "../contract/method.ts";
import { Router } from "../contract/router.ts";
import { createRestHandler } from "./handler.ts";

// The descriptors: a library with shelves of books.

function field(
  number: number,
  name: string,
  type: Type | string,
  label: Label = Label.OPTIONAL,
): FieldDescriptorProto {
  const jsonName = name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const kind =
    typeof type === "string"
      ? { type: type === ".sample.Color" ? Type.ENUM : Type.MESSAGE, typeName: type }
      : { type };
  return create(FieldDescriptorProtoSchema, { name, number, jsonName, label, ...kind });
}

function message(name: string, ...fields: FieldDescriptorProto[]): DescriptorProto {
  return create(DescriptorProtoSchema, { name, field: fields });
}

interface Rule {
  readonly verb: 2 | 4 | 6;
  readonly path: string;
  readonly body?: string;
  readonly additional?: Rule;
}

function ruleBytes({ verb, path, body, additional }: Rule): Uint8Array {
  const writer = new BinaryWriter().uint32((verb << 3) | 2).string(path);
  if (body !== undefined) writer.uint32((7 << 3) | 2).string(body);
  if (additional !== undefined) writer.uint32((11 << 3) | 2).bytes(ruleBytes(additional));
  return writer.finish();
}

function method(
  name: string,
  inputType: string,
  outputType: string,
  rule?: Rule,
  serverStreaming = false,
): MethodDescriptorProto {
  const options = create(MethodOptionsSchema);
  if (rule !== undefined) {
    const data = new BinaryWriter().bytes(ruleBytes(rule)).finish();
    options.$unknown = [{ no: 72295728, wireType: 2, data }];
  }
  return create(MethodDescriptorProtoSchema, {
    name,
    inputType,
    outputType,
    serverStreaming,
    options,
  });
}

const book = ".sample.Book";
const descriptors: FileDescriptorSet = create(FileDescriptorSetSchema, {
  file: [
    file_google_protobuf_timestamp.proto,
    file_google_protobuf_field_mask.proto,
    create(FileDescriptorProtoSchema, {
      name: "sample.proto",
      package: "sample",
      syntax: "proto3",
      dependency: ["google/protobuf/timestamp.proto", "google/protobuf/field_mask.proto"],
      enumType: [
        create(EnumDescriptorProtoSchema, {
          name: "Color",
          value: ["COLOR_UNSPECIFIED", "RED"].map((name, number) =>
            create(EnumValueDescriptorProtoSchema, { name, number }),
          ),
        }),
      ],
      messageType: [
        message(
          "Book",
          field(1, "name", Type.STRING),
          field(2, "page_count", Type.INT64),
          field(3, "cover", Type.BYTES),
          field(4, "print_time", ".google.protobuf.Timestamp"),
          field(5, "tags", Type.STRING, Label.REPEATED),
        ),
        message("GetBook", field(1, "name", Type.STRING)),
        message(
          "ListBooks",
          field(1, "parent", Type.STRING),
          field(2, "page_size", Type.INT32),
          field(3, "tags", Type.STRING, Label.REPEATED),
          field(4, "example", book),
          field(5, "color", ".sample.Color"),
          field(6, "only_new", Type.BOOL),
        ),
        message(
          "UpdateBook",
          field(1, "book", book),
          field(2, "mask", ".google.protobuf.FieldMask"),
        ),
      ],
      service: [
        create(ServiceDescriptorProtoSchema, {
          name: "Library",
          method: [
            method("GetBook", ".sample.GetBook", book, {
              verb: 2,
              path: "/v1/{name=shelves/*/books/*}",
              additional: { verb: 2, path: "/v1/{name=lost/**}" },
            }),
            method(
              "ListBooks",
              ".sample.ListBooks",
              book,
              { verb: 2, path: "/v1/{parent=shelves/*}/books" },
              true,
            ),
            method("UpdateBook", ".sample.UpdateBook", book, {
              verb: 6,
              path: "/v1/{book.name=shelves/*/books/*}",
              body: "book",
            }),
            method("ReadBook", book, book, {
              verb: 4,
              path: "/v1/{name=shelves/*/books/*}:read",
              body: "*",
            }),
            method("Secret", ".sample.GetBook", book),
            method("Unserved", ".sample.GetBook", book, { verb: 2, path: "/v1/unserved" }),
          ],
        }),
      ],
    }),
  ],
});

const descriptorSet = toBinary(FileDescriptorSetSchema, descriptors);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet));

type Fields = Readonly<Record<string, unknown>>;

function codec(name: string): Codec<Fields> {
  const schema = registry.getMessage(`sample.${name}`);
  assert.ok(schema);
  return {
    encode: (value) => toBinary(schema, create(schema, value)),
    decode: (bytes) => fromBinary(schema, bytes) as unknown as Fields,
  };
}

function rpc(name: string, request: string, isStream = false): Method<Fields, Fields> {
  const path = `/sample.Library/${name}`;
  return {
    service: "sample.Library",
    name,
    path,
    isStream,
    request: codec(request),
    response: codec("Book"),
  };
}

describe("REST", () => {
  const server = createServer();
  let base: string;
  let produced = 0;
  let isEnded = false;
  let seen: Fields = {};

  before(async () => {
    const router = new Router()
      .unary(rpc("GetBook", "GetBook"), (request) => {
        if (request["name"] === "shelves/1/books/none") {
          throw new StatusError(Code.NOT_FOUND, "Book not found", {
            details: [
              { kind: "RetryInfo", delayNanos: 1_500_000_000n },
              {
                kind: "ResourceInfo",
                resourceType: "Book",
                resourceName: "b",
                owner: "",
                description: "",
              },
            ],
          });
        }
        if (request["name"] === "shelves/1/books/broken") throw new Error("secret");
        return {
          name: request["name"],
          pageCount: 9_007_199_254_740_993n,
          cover: Uint8Array.of(255),
        };
      })
      .stream(rpc("ListBooks", "ListBooks", true), async function* (request) {
        seen = request;
        produced = 0;
        isEnded = false;
        const count = Number(request["pageSize"]);
        if (count < 0) throw new StatusError(Code.OUT_OF_RANGE, "negative");
        try {
          for (; produced < count; produced++) {
            yield { name: String(produced), cover: new Uint8Array(count > 1e6 ? 100_000 : 0) };
          }
          if (count === 2) throw new StatusError(Code.ABORTED, "again");
        } finally {
          isEnded = true;
        }
      })
      .unary(rpc("UpdateBook", "UpdateBook"), (request) => {
        seen = request;
        return request["book"] as Fields;
      })
      .unary(rpc("ReadBook", "Book"), (request, { metadata }) => {
        seen = metadata;
        return request;
      })
      .unary(rpc("Secret", "GetBook"), (request) => ({ name: `secret ${request["name"]}` }));
    const rest = createRestHandler({
      router,
      descriptorSet: () => descriptorSet,
      bodyBytesMax: 100_000,
      rules: [{ method: "sample.Library.Secret", verb: "GET", path: "/v1/secrets/{name}" }],
    });
    server.on("request", rest);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  interface Answer {
    readonly status: number;
    readonly json: unknown;
  }

  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${base}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, json: text === "" ? undefined : JSON.parse(text) };
  }

  function error(status: number, code: string, message: string): Answer {
    return { status, json: { error: { code: status, message, status: code } } };
  }

  test("a GET names its message by the path, and the answer is proto3 JSON", async () => {
    assert.deepEqual(await call("GET", "/v1/shelves/a%20b/books/c%2Fd"), {
      status: 200,
      json: { name: "shelves/a b/books/c%2Fd", pageCount: "9007199254740993", cover: "/w==" },
    });
    const lost = await call("GET", "/v1/lost/1/2/3?$alt=json&key=k&prettyPrint=false");
    assert.equal((lost.json as Fields)["name"], "lost/1/2/3");
  });

  test("a query gives the other fields: repeated, nested, in either spelling", async () => {
    const query = "pageSize=1&tags=a&tags=b%26&example.page_count=7&color=RED&only_new=true";
    const { json } = await call("GET", `/v1/shelves/1/books?${query}`);
    assert.deepEqual(json, [{ name: "0" }]);
    assert.equal(seen["parent"], "shelves/1");
    assert.deepEqual(seen["tags"], ["a", "b&"]);
    assert.equal((seen["example"] as Fields)["pageCount"], 7n);
    assert.deepEqual([seen["color"], seen["onlyNew"]], [1, true]);
    assert.equal((await call("GET", "/v1/shelves/1/books?color=1")).status, 200);
    assert.equal(seen["color"], 1);
  });

  test("a body is the whole message, or one field of it", async () => {
    const time = "2026-01-02T03:04:05.500Z";
    const whole = { page_count: "5", cover: "AQI=", printTime: time, tags: ["x"], name: "ignored" };
    assert.deepEqual((await call("POST", "/v1/shelves/1/books/2:read", whole)).json, {
      name: "shelves/1/books/2",
      pageCount: "5",
      cover: "AQI=",
      printTime: time,
      tags: ["x"],
    });
    const part = await call("PATCH", "/v1/shelves/1/books/2?mask=page_count,name", {
      pageCount: 8,
    });
    assert.deepEqual(part.json, { name: "shelves/1/books/2", pageCount: "8" });
    assert.deepEqual((seen["mask"] as Fields)["paths"], ["page_count", "name"]);
  });

  test("a gzipped body is understood, and bounded by what is in it", async () => {
    const send = (body: Uint8Array<ArrayBuffer>) =>
      fetch(`${base}/v1/shelves/1/books/2:read`, {
        method: "POST",
        body,
        headers: { "content-encoding": "gzip" },
      });
    const good = await send(new Uint8Array(gzipSync('{"tags":["zip"]}')));
    assert.deepEqual(((await good.json()) as Fields)["tags"], ["zip"]);
    const bomb = await send(new Uint8Array(gzipSync(new Uint8Array(1_000_000))));
    assert.equal(bomb.status, 400);
    assert.match(await bomb.text(), /Request payload size exceeds the limit: 100000 bytes\./);
    assert.equal((await send(Uint8Array.of(1, 2, 3))).status, 400);
  });

  test("a stream is an array, and an error after its first message is its last element", async () => {
    assert.deepEqual((await call("GET", "/v1/shelves/1/books?pageSize=3")).json, [
      { name: "0" },
      { name: "1" },
      { name: "2" },
    ]);
    assert.deepEqual((await call("GET", "/v1/shelves/1/books")).json, []);
    assert.deepEqual((await call("GET", "/v1/shelves/1/books?pageSize=2")).json, [
      { name: "0" },
      { name: "1" },
      { error: { code: 409, message: "again", status: "ABORTED" } },
    ]);
    assert.deepEqual(
      await call("GET", "/v1/shelves/1/books?pageSize=-1"),
      error(400, "OUT_OF_RANGE", "negative"),
    );
  });

  test("a stream is produced no faster than it is read, and ends with its reader", async () => {
    const sent = httpRequest(`${base}/v1/shelves/1/books?pageSize=2000000000`).end();
    const answer = await new Promise<NodeJS.ReadableStream & { destroy(): void }>((resolve) =>
      sent.on("response", resolve),
    );
    answer.pause();
    let last = -1;
    while (last !== produced) {
      last = produced;
      for (let turn = 0; turn < 2_000; turn++) await new Promise(setImmediate);
    }
    assert.ok(produced < 200, `${produced} produced`);
    assert.equal(isEnded, false);
    answer.destroy();
    while (!isEnded) await new Promise(setImmediate);
  });

  test("errors have Google's envelope", async () => {
    assert.deepEqual(await call("GET", "/v1/shelves/1/books/none"), {
      status: 404,
      json: {
        error: {
          code: 404,
          message: "Book not found",
          status: "NOT_FOUND",
          details: [
            { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.500s" },
            {
              "@type": "type.googleapis.com/google.rpc.ResourceInfo",
              resourceType: "Book",
              resourceName: "b",
            },
          ],
        },
      },
    });
    const broken = await call("GET", "/v1/shelves/1/books/broken");
    assert.equal(broken.status, 500);
    assert.doesNotMatch(JSON.stringify(broken.json), /secret/);
  });

  test("what cannot be understood is the caller's mistake, said clearly", async () => {
    const read = "/v1/shelves/1/books/2:read";
    const unknown = await call("POST", read, { pages: 5 });
    assert.equal(unknown.status, 400);
    assert.match(JSON.stringify(unknown.json), /Invalid JSON payload received\..*pages/);
    assert.equal((await call("POST", read, [1])).status, 400);
    const wrong = await fetch(`${base}${read}`, { method: "POST", body: '{"name":' });
    assert.equal(wrong.status, 400);
    const long = await fetch(`${base}${read}`, { method: "POST", body: " ".repeat(200_000) });
    assert.equal(long.status, 400);
    assert.deepEqual(
      await call("GET", "/v1/shelves/1/books?nonsense=1"),
      error(
        400,
        "INVALID_ARGUMENT",
        'Invalid JSON payload received. Unknown name "nonsense": Cannot bind query parameter. ' +
          "Field 'nonsense' could not be found in request message.",
      ),
    );
  });

  test("unknown URLs, verbs and methods", async () => {
    const nowhere = "The requested URL /v2/x was not found on this server.";
    assert.deepEqual(await call("GET", "/v2/x"), error(404, "NOT_FOUND", nowhere));
    assert.equal((await call("GET", "/v1/shelves/1/books/2:read")).status, 405);
    assert.equal((await call("POST", "/v1/shelves/1/books/2:write")).status, 404);
    assert.equal((await call("GET", "/v1/unserved")).status, 501);
    const options = await fetch(`${base}/v1/shelves/1/books/2`, { method: "OPTIONS" });
    assert.deepEqual([options.status, options.headers.get("allow")], [204, "GET, PATCH, OPTIONS"]);
    const head = await fetch(`${base}/v1/shelves/1/books/2`, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
  });

  test("rules may be added to those of the descriptors", async () => {
    assert.deepEqual((await call("GET", "/v1/secrets/mine")).json, { name: "secret mine" });
  });
});
