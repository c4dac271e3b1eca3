// SPDX-License-Identifier: Apache-2.0
// The server's end: answers gRPC calls on an HTTP/2 server by the handlers of a router.
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type ServerOptions,
} from "node:http2";
import {
  type Clock,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from "@spandrel/base";
import type { Router } from "../contract/router.ts";
import { Deadlines } from "../grpc/deadlines.ts";
import { MESSAGE_BYTES_MAX_DEFAULT } from "../grpc/frame.ts";
import { MAX_SESSION_MEMORY_MB, STREAMS_MAX, WINDOW_BYTES } from "./limits.ts";
import { ServerCall, type ServerSettings } from "./server-call.ts";

/** How to serve. */
export interface ServeOptions {
  readonly clock?: Clock | undefined;
  /** Learns of handlers that break. Default: silent. */
  readonly logger?: Logger | undefined;
  /** For the names of incidents. Default: the machine's. */
  readonly random?: Random | undefined;
  /** Longest request that is accepted. Default 100 MiB. */
  readonly messageBytesMax?: number | undefined;
}

/** Answers one HTTP/2 request. */
export type Http2Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * Makes what answers the `stream` event of an HTTP/2 server with a router's handlers.
 *
 * Requests that are not gRPC are answered with HTTP status 405 or 415, as gRPC asks.
 */
export function serveGrpc(router: Router, options: ServeOptions = {}): Http2Handler {
  const settings: ServerSettings = {
    router,
    logger: options.logger ?? silentLogger,
    random: options.random ?? systemRandom,
    deadlines: new Deadlines(options.clock ?? systemClock),
    messageBytesMax: options.messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT,
  };
  return (stream, headers) => {
    if (headers[":method"] !== "POST") refuse(stream, 405);
    else if (!isGrpc(headers)) refuse(stream, 415);
    else new ServerCall(settings, stream, headers).start(headers);
  };
}

/** Whether a request says that it is gRPC with protobuf messages. */
export function isGrpc(headers: IncomingHttpHeaders): boolean {
  const type = headers["content-type"];
  return type === "application/grpc" || /^application\/grpc(\+proto)?\s*(;|$)/i.test(type ?? "");
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  stream.on("error", () => undefined); // a client that leaves now has missed nothing
  stream.respond({ ":status": status }, { endStream: true });
  // Nobody reads what the client may still send.
  stream.close(constants.NGHTTP2_NO_ERROR);
}

const serverOptions: ServerOptions = {
  settings: {
    enablePush: false,
    initialWindowSize: WINDOW_BYTES,
    maxConcurrentStreams: STREAMS_MAX,
  },
  maxSessionMemory: MAX_SESSION_MEMORY_MB,
};

/** Makes an HTTP/2 server, not yet listening, with windows wide enough for large messages. */
export function createHttp2Server(handler: Http2Handler): Http2Server {
  const server = createServer(serverOptions);
  server.on("session", (session) => {
    session.setLocalWindowSize(2 * WINDOW_BYTES);
    session.on("error", () => undefined); // its streams end with it, and their calls with them
  });
  server.on("stream", handler);
  return server;
}
