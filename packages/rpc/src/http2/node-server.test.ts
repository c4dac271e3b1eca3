// SPDX-License-Identifier: Apache-2.0
// What the tests of the client talk to besides our own server: Node's HTTP/2, with just enough gRPC.
import { once } from "node:events";
import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Router } from "../contract/router.ts";
import { FrameReader, frameOf } from "../grpc/frame.ts";
import { HandlerContext } from "../grpc/handler-context.ts";

/** A server of Node's that listens. */
export interface NodeServer {
  readonly server: http2.Http2Server;
  readonly address: string;
  readonly sessions: http2.ServerHttp2Session[];
}

/** Listens on a free port with Node's HTTP/2, and answers unary calls by a router. */
export async function listenByNode(
  router: Router,
  settings: http2.Settings = {},
): Promise<NodeServer> {
  const server = http2.createServer({ settings });
  const sessions: http2.ServerHttp2Session[] = [];
  server.on("session", (session) => sessions.push(session));
  server.on("stream", (stream, headers) => void answerByNode(router, stream, headers));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}`, sessions };
}

/** Answers one unary call by a router. */
export async function answerByNode(
  router: Router,
  stream: http2.ServerHttp2Stream,
  headers: http2.IncomingHttpHeaders,
): Promise<void> {
  stream.on("error", () => undefined);
  const route = router.find(headers[":path"] ?? "");
  if (route?.kind !== "unary") throw new Error("the tests call unary methods");
  const reader = new FrameReader();
  reader.push(await buffer(stream));
  const request = route.method.request.decode(reader.take()?.bytes ?? new Uint8Array(0));
  const response = await route.handler(request, new HandlerContext(headers));
  if (stream.destroyed) return;
  stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(frameOf(route.method.response.encode(response)));
}
