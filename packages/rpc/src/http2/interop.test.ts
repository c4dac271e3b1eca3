// SPDX-License-Identifier: Apache-2.0
// Everything that a gRPC program of somebody else relies on: the same stories with grpc-js, Google's
// implementation for Node, on the other end.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import * as grpc from "@grpc/grpc-js";
import { Code, StatusError } from "@spandrel/base";
import { Router } from "../contract/router.ts";
import { echo, fail, type Note, note, noteCodec, repeat } from "../contract/sample-service.test.ts";
import type { Transport } from "../contract/transport.ts";
import { type Listener, listen } from "./listener.ts";
import { createGrpcTransport } from "./transport.ts";

const details = [
  {
    kind: "ResourceInfo",
    resourceType: "type.googleapis.com/google.spanner.v1.Session",
    resourceName: "projects/p/instances/i/databases/d/sessions/s",
    owner: "",
    description: "gone",
  },
  { kind: "RetryInfo", delayNanos: 1_250_000_000n },
  { kind: "ErrorInfo", reason: "LOST", domain: "sample", metadata: { table: "Singers" } },
  { kind: "BadRequest", violations: [{ field: "text", description: "too short" }] },
  { kind: "Help", links: [{ description: "page", url: "https://example.com/" }] },
  { kind: "Any", typeUrl: "type.googleapis.com/sample.Other", value: Uint8Array.of(8, 1) },
] as const;

const sad = "Sitzung nicht gefunden: «42» 100% — 悲しい\n";

describe("a grpc-js client calls our server", () => {
  let listener: Listener;
  let client: grpc.Client;
  let ends = 0;
  let seenSignal: AbortSignal | undefined;

  before(async () => {
    const router = new Router()
      .unary(echo, (request, context) => {
        context.setHeader("x-greeting", "hello");
        context.setTrailer("x-farewell", context.metadata["x-name"] ?? "");
        return request;
      })
      .unary(fail, async (request, context) => {
        if (request.text !== "hang") throw new StatusError(Code.NOT_FOUND, sad, { details });
        seenSignal = context.signal;
        await once(context.signal, "abort");
        throw context.signal.reason;
      })
      .stream(repeat, async function* ({ text, count }) {
        try {
          for (let index = 0; index < count; index++) yield note(text, index);
          if (text === "break") throw new StatusError(Code.ABORTED, "again", { details });
        } finally {
          ends += 1;
        }
      });
    listener = await listen({ router });
    client = new grpc.Client(listener.address, grpc.credentials.createInsecure());
  });
  after(async () => {
    client.close();
    await listener.close();
  });

  const serialize = (message: Note): Buffer => Buffer.from(noteCodec.encode(message));
  const deserialize = (bytes: Buffer): Note => noteCodec.decode(new Uint8Array(bytes));

  interface Outcome {
    readonly response?: Note | undefined;
    readonly error?: grpc.ServiceError | undefined;
    readonly headers: grpc.Metadata | undefined;
    readonly trailers: grpc.Metadata;
    readonly status: grpc.StatusObject;
  }

  async function unary(
    path: string,
    request: Note,
    options: grpc.CallOptions = {},
    metadata = new grpc.Metadata(),
  ): Promise<Outcome> {
    let headers: grpc.Metadata | undefined;
    const answer = Promise.withResolvers<Pick<Outcome, "response" | "error">>();
    const call = client.makeUnaryRequest(
      path,
      serialize,
      deserialize,
      request,
      metadata,
      options,
      (error, response) => answer.resolve({ error: error ?? undefined, response }),
    );
    call.on("metadata", (received: grpc.Metadata) => {
      headers = received;
    });
    const [[status], outcome] = await Promise.all([once(call, "status"), answer.promise]);
    return { ...outcome, headers, trailers: status.metadata, status };
  }

  test("an answer comes with its headers and trailers", async () => {
    const metadata = new grpc.Metadata();
    metadata.set("x-name", "Ada");
    metadata.set("authorization", "Bearer anything");
    const { response, headers, trailers } = await unary(
      echo.path,
      note("hi", 7, Uint8Array.of(1, 2)),
      {},
      metadata,
    );
    assert.deepEqual(response, note("hi", 7, Uint8Array.of(1, 2)));
    assert.deepEqual(headers?.get("x-greeting"), ["hello"]);
    assert.deepEqual(trailers.get("x-farewell"), ["Ada"]);
  });

  test("a failure comes with headers, code, text and details", async () => {
    const { error, headers, trailers } = await unary(fail.path, note("now"));
    assert.equal(error?.code, Code.NOT_FOUND);
    assert.equal(error.details, sad);
    assert.notEqual(headers, undefined, "headers travel on their own, before the trailers");
    const [all] = trailers.get("grpc-status-details-bin");
    assert.ok(Buffer.isBuffer(all) && all.includes("google.rpc.ErrorInfo"));
    const [resource] = trailers.get("google.rpc.resourceinfo-bin");
    assert.ok(Buffer.isBuffer(resource) && resource.includes("sessions/s"));
    const [retry] = trailers.get("google.rpc.retryinfo-bin");
    // A duration of 1 second and 250,000,000 nanoseconds.
    assert.deepEqual(retry, Buffer.from([10, 7, 8, 1, 16, 0x80, 0xe5, 0x9a, 0x77]));
  });

  test("an unknown method is UNIMPLEMENTED", async () => {
    const { error } = await unary("/sample.Notes/Nothing", note(""));
    assert.equal(error?.code, Code.UNIMPLEMENTED);
    assert.equal(error.details, "Method not found: /sample.Notes/Nothing");
  });

  test("a gzipped request is understood", async () => {
    const text = "spandrel ".repeat(10_000);
    const compressing = new grpc.Client(listener.address, grpc.credentials.createInsecure(), {
      "grpc.default_compression_algorithm": grpc.compressionAlgorithms.gzip,
    });
    const answer = Promise.withResolvers<Note | undefined>();
    compressing.makeUnaryRequest(
      echo.path,
      serialize,
      deserialize,
      note(text),
      (error, response) => (error === null ? answer.resolve(response) : answer.reject(error)),
    );
    assert.equal((await answer.promise)?.text, text);
    compressing.close();
  });

  test("a deadline ends the handler's work too", async () => {
    seenSignal = undefined;
    const { error } = await unary(fail.path, note("hang"), { deadline: Date.now() + 60 });
    assert.equal(error?.code, Code.DEADLINE_EXCEEDED);
    assert.ok(seenSignal !== undefined);
    const signal: AbortSignal = seenSignal;
    if (!signal.aborted) await once(signal, "abort");
    assert.ok(signal.aborted);
  });

  test("a stream comes whole and in order", async () => {
    const call = client.makeServerStreamRequest(
      repeat.path,
      serialize,
      deserialize,
      note("row", 5_000),
    );
    let expected = 0;
    for await (const message of call) assert.equal((message as Note).count, expected++);
    assert.equal(expected, 5_000);
  });

  test("a stream that fails at once, or after messages, says why", async () => {
    for (const count of [0, 3]) {
      const call = client.makeServerStreamRequest(
        repeat.path,
        serialize,
        deserialize,
        note("break", count),
      );
      let received = 0;
      let hasHeaders = false;
      call.on("metadata", () => {
        hasHeaders = true;
      });
      call.on("data", () => {
        received += 1;
      });
      const [error] = (await once(call, "error")) as [grpc.ServiceError];
      assert.equal(error.code, Code.ABORTED);
      assert.equal(error.details, "again");
      assert.equal(received, count);
      assert.ok(hasHeaders);
    }
  });

  test("a cancel in mid-stream ends the handler's generator", async () => {
    const before = ends;
    const call = client.makeServerStreamRequest(
      repeat.path,
      serialize,
      deserialize,
      note("row", 1e9),
    );
    call.on("error", () => undefined);
    await once(call, "data");
    call.cancel();
    while (ends === before) await new Promise(setImmediate);
    assert.equal(ends, before + 1);
  });

  test("50 MB travel in both directions", async () => {
    const large = new grpc.Client(listener.address, grpc.credentials.createInsecure(), {
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    const payload = new Uint8Array(50_000_000).fill(7);
    const answer = Promise.withResolvers<Note | undefined>();
    large.makeUnaryRequest(
      echo.path,
      serialize,
      deserialize,
      note("big", 1, payload),
      (error, response) => (error === null ? answer.resolve(response) : answer.reject(error)),
    );
    assert.ok(Buffer.from((await answer.promise)?.payload ?? []).equals(payload));
    large.close();
  });
});

describe("our client calls a grpc-js server", () => {
  let server: grpc.Server;
  let transport: Transport;
  let cancelled = 0;

  const definition = (path: string, responseStream: boolean) => ({
    path,
    requestStream: false,
    responseStream,
    requestSerialize: (message: Note) => Buffer.from(noteCodec.encode(message)),
    requestDeserialize: (bytes: Buffer) => noteCodec.decode(new Uint8Array(bytes)),
    responseSerialize: (message: Note) => Buffer.from(noteCodec.encode(message)),
    responseDeserialize: (bytes: Buffer) => noteCodec.decode(new Uint8Array(bytes)),
  });

  before(async () => {
    server = new grpc.Server({
      "grpc.max_receive_message_length": -1,
      "grpc.max_send_message_length": -1,
    });
    server.addService(
      {
        echo: definition(echo.path, false),
        fail: definition(fail.path, false),
        repeat: definition(repeat.path, true),
      },
      {
        echo(call: grpc.ServerUnaryCall<Note, Note>, done: grpc.sendUnaryData<Note>) {
          const headers = new grpc.Metadata();
          headers.set("x-greeting", String(call.metadata.get("x-name")[0]));
          call.sendMetadata(headers);
          const trailers = new grpc.Metadata();
          trailers.set("x-farewell", "bye");
          done(null, call.request, trailers, call.request.text === "gzip" ? 0x2 : 0);
        },
        fail(call: grpc.ServerUnaryCall<Note, Note>, done: grpc.sendUnaryData<Note>) {
          call.on("cancelled", () => {
            cancelled += 1;
          });
          if (call.request.text === "hang") return;
          const metadata = new grpc.Metadata();
          // A RetryInfo of 5 seconds on its own, as Spanner sends it.
          metadata.set("google.rpc.retryinfo-bin", Buffer.from([10, 2, 8, 5]));
          done({ code: Code.ABORTED, details: sad, metadata });
        },
        repeat(call: grpc.ServerWritableStream<Note, Note>) {
          call.on("cancelled", () => {
            cancelled += 1;
          });
          for (let index = 0; index < call.request.count; index++) {
            call.write(note(call.request.text, index));
          }
          if (call.request.text !== "endless") call.end();
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    transport = createGrpcTransport({
      address: `127.0.0.1:${port}`,
      metadata: async () => ({ authorization: "Bearer anything" }),
    });
  });
  after(async () => {
    await transport.close();
    server.forceShutdown();
  });

  test("an answer comes with its headers and trailers", async () => {
    const seen: Record<string, string>[] = [];
    const answer = await transport.unary(echo, note("hi", 7), {
      metadata: { "x-name": "Ada" },
      onHeaders: (headers) => seen.push(headers),
      onTrailers: (trailers) => seen.push(trailers),
    });
    assert.deepEqual(answer, note("hi", 7));
    assert.deepEqual(seen, [{ "x-greeting": "Ada" }, { "x-farewell": "bye" }]);
  });

  test("a failure comes with code, text and the details that came on their own", async () => {
    await assert.rejects(transport.unary(fail, note("now")), (error) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, Code.ABORTED);
      assert.equal(error.message, sad);
      assert.deepEqual(error.details, [{ kind: "RetryInfo", delayNanos: 5_000_000_000n }]);
      return true;
    });
  });

  test("a method that the server lacks is UNIMPLEMENTED", async () => {
    const method = { ...echo, path: "/sample.Notes/Nothing" };
    await assert.rejects(transport.unary(method, note("")), { code: Code.UNIMPLEMENTED });
  });

  test("an aborted signal and a deadline reach the server", async () => {
    const before = cancelled;
    const signal = AbortSignal.timeout(30);
    await assert.rejects(transport.unary(fail, note("hang"), { signal }), { code: Code.CANCELLED });
    await assert.rejects(transport.unary(fail, note("hang"), { timeoutMillis: 30 }), {
      code: Code.DEADLINE_EXCEEDED,
    });
    while (cancelled < before + 2) await new Promise(setImmediate);
  });

  test("leaving a loop early cancels the call at the server", async () => {
    const before = cancelled;
    for await (const message of transport.serverStream(repeat, note("endless", 10))) {
      if (message.count === 9) break;
    }
    while (cancelled === before) await new Promise(setImmediate);
  });

  test("a stream comes whole and in order", async () => {
    let expected = 0;
    for await (const message of transport.serverStream(repeat, note("row", 5_000))) {
      assert.equal(message.count, expected++);
    }
    assert.equal(expected, 5_000);
  });

  test("300 calls at a time all come back", async () => {
    const calls = Array.from({ length: 300 }, (_, index) =>
      transport.unary(echo, note("many", index), { metadata: { "x-name": "x" } }),
    );
    const answers = await Promise.all(calls);
    assert.deepEqual(
      answers.map(({ count }) => count),
      answers.map((_, index) => index),
    );
  });
});
