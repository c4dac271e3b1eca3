// SPDX-License-Identifier: Apache-2.0
// A port opens, answers all protocols, and closes without leaving anything behind.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as http2 from "node:http2";
import { buffer, text } from "node:stream/consumers";
import { test } from "node:test";
import { Code, createDeferred } from "@spandrel/base";
import type { HttpHandler } from "../contract/http.ts";
import { Router } from "../contract/router.ts";
import { echo, fail, note } from "../contract/sample-service.test.ts";
import { parseAddress } from "./address.ts";
import { listen } from "./listener.ts";
import { createGrpcTransport } from "./transport.ts";

const rest: HttpHandler = (request, response) => {
  response.writeHead(200, { "content-type": "text/plain" });
  response.end(`${request.method} ${request.url}`);
};

test("one port answers gRPC, HTTP/1.1, and HTTP/2 that is not gRPC", async () => {
  const router = new Router().unary(echo, (request) => request);
  const listener = await listen({ router, rest });
  const transport = createGrpcTransport({ address: `http://${listener.address}/` });
  assert.equal((await transport.unary(echo, note("hi"))).text, "hi");
  const answer = await fetch(`http://${listener.address}/v1/things?a=b`, { method: "POST" });
  assert.equal(await answer.text(), "POST /v1/things?a=b");
  const session = http2.connect(`http://${listener.address}`);
  assert.equal(await text(session.request({ ":path": "/v1/other" })), "GET /v1/other");
  session.close();
  await transport.close();
  await listener.close();
});

test("HTTP/2 that is not gRPC has bodies both ways, which are sent no faster than they are read", async () => {
  const received = createDeferred<void>();
  const readOn = createDeferred<void>();
  const echoBody: HttpHandler = async (request, response) => {
    received.resolve();
    await readOn.promise;
    response.setHeader("X-Kind", String(request.headers["content-type"]));
    for await (const piece of request) {
      if (response.write(piece)) continue;
      await new Promise<void>((resolve) => {
        const drained = (): void => {
          response.removeListener("drain", drained);
          resolve();
        };
        response.on("drain", drained);
      });
    }
    response.end();
  };
  const listener = await listen({ router: new Router(), rest: echoBody });
  // Node's default is less than the body.
  const session = http2.connect(`http://${listener.address}`, { maxSessionMemory: 100 });
  const sent = Buffer.alloc(20_000_000, "spandrel ");
  const stream = session.request({
    ":method": "POST",
    ":path": "/v1/x",
    "content-type": "text/x",
    "content-length": sent.length,
  });
  stream.end(sent);
  await received.promise;
  for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
  assert.ok(stream.writableLength > 0, "the request is not taken before it is read");
  readOn.resolve();
  const [headers] = (await once(stream, "response")) as [http2.IncomingHttpHeaders];
  assert.equal(headers["x-kind"], "text/x");
  assert.ok(sent.equals(await buffer(stream)));
  const head = session.request({ ":method": "HEAD", ":path": "/v1/x" });
  assert.equal(await text(head), "");
  session.close();
  await listener.close();
});

test("a request over HTTP/2 that is given up ends its answer, and nothing else", async () => {
  const gone = createDeferred<void>();
  const rest: HttpHandler = async (request, response) => {
    if (request.url === "/quick") {
      assert.throws(() => response.setHeader("x-bad", "line\nbreak"));
      assert.throws(() => response.writeHead(200, { "x-bad": "line\nbreak" }));
      response.end("quick");
      return;
    }
    response.on("close", () => gone.resolve());
    await assert.rejects(async () => {
      for await (const _ of request);
    }, /given the request up/);
    response.end("late");
  };
  const listener = await listen({ router: new Router(), rest });
  const session = http2.connect(`http://${listener.address}`);
  const stream = session.request({ ":method": "POST", ":path": "/slow" });
  stream.on("error", () => undefined);
  stream.write("some");
  await once(session, "remoteSettings");
  stream.close(http2.constants.NGHTTP2_CANCEL);
  await gone.promise;
  assert.equal(await text(session.request({ ":path": "/quick" })), "quick");
  session.close();
  await listener.close();
});

test("a port in use is told by name", async () => {
  const listener = await listen({ router: new Router() });
  await assert.rejects(listen({ router: new Router(), port: listener.port }), {
    code: Code.UNAVAILABLE,
    reason: "PORT_IN_USE",
    message: `Cannot listen on 127.0.0.1:${listener.port}: the port is in use`,
  });
  await listener.close();
});

test("closing with grace lets calls in flight end, and takes no new ones", async () => {
  const release = createDeferred<void>();
  const started = createDeferred<void>();
  const router = new Router().unary(fail, async (request) => {
    started.resolve();
    await release.promise;
    return request;
  });
  const restRelease = createDeferred<void>();
  const slowRest: HttpHandler = async (_, response) => {
    await restRelease.promise;
    response.end("late");
  };
  const listener = await listen({ router, rest: slowRest });
  const transport = createGrpcTransport({ address: listener.address });
  const slow = transport.unary(fail, note("slow"));
  const slowHttp = fetch(`http://${listener.address}/`);
  await started.promise;
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  const closed = listener.close({ graceMillis: 10_000 });
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  const late = transport.unary(fail, note("late"));
  await assert.rejects(late, { code: Code.UNAVAILABLE });
  release.resolve();
  restRelease.resolve();
  assert.equal((await slow).text, "slow");
  assert.equal(await (await slowHttp).text(), "late");
  await closed;
  await transport.close();
});

test("closing without grace, or after it, cuts what is left", async () => {
  for (const graceMillis of [0, 20]) {
    const started = createDeferred<AbortSignal>();
    const router = new Router().unary(fail, (_, { signal }) => {
      started.resolve(signal);
      return new Promise(() => undefined);
    });
    const listener = await listen({ router });
    const transport = createGrpcTransport({ address: listener.address });
    const ended = assert.rejects(transport.unary(fail, note("")), { code: Code.UNAVAILABLE });
    const signal = await started.promise;
    await listener.close({ graceMillis });
    await ended;
    if (!signal.aborted) await once(signal, "abort");
    await transport.close();
  }
});

test("an idle connection does not keep a process alive", async () => {
  const listener = await listen({ router: new Router().unary(echo, (request) => request) });
  const program = `
    import { createGrpcTransport } from ${JSON.stringify(new URL("./transport.ts", import.meta.url).href)};
    import { echo, note } from ${JSON.stringify(new URL("../contract/sample-service.test.ts", import.meta.url).href)};
    const transport = createGrpcTransport({
      address: ${JSON.stringify(listener.address)}, keepAliveMillis: 60_000,
    });
    console.log((await transport.unary(echo, note("bye"), { timeoutMillis: 60_000 })).text);
  `;
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--input-type=module", "--eval", program],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  assert.deepEqual([output, exitCode], ["bye\n", 0]);
  await listener.close();
});

test("addresses are read as people write them", () => {
  assert.equal(parseAddress("localhost:9010", false).text, "localhost:9010");
  assert.deepEqual(parseAddress("[::1]:9010", false), {
    host: "::1",
    port: 9010,
    isTls: false,
    text: "[::1]:9010",
  });
  assert.equal(
    parseAddress("https://spanner.googleapis.com", false).text,
    "spanner.googleapis.com:443",
  );
  assert.equal(parseAddress("spanner.googleapis.com", true).port, 443);
  assert.equal(parseAddress("dns:///host:1", false).host, "host");
  for (const text of ["", ":9010", "a b", "host:99999", "host:port", "http://"]) {
    assert.throws(() => parseAddress(text, false), { code: Code.INVALID_ARGUMENT }, text);
  }
});
