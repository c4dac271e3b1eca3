// SPDX-License-Identifier: Apache-2.0
// The server's end: answers gRPC calls by the handlers of a router.
import {
  type Clock,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from "@spandrel/base";
import type { Router } from "../contract/router.ts";
import type { StreamHandler } from "../endpoint/stream.ts";
import { Deadlines } from "../grpc/deadlines.ts";
import { MESSAGE_BYTES_MAX_DEFAULT } from "../grpc/frame.ts";
import type { Headers } from "../hpack/header-list.ts";
import { ServerCall, type ServerSettings } from "./server-call.ts";
import type { Http2Handler, RequestStream } from "./server-connection.ts";

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

/**
 * Makes what answers the requests of HTTP/2 connections with a router's handlers.
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
  return (to, headers) => {
    if (headers[":method"] !== "POST") return refuse(to, 405);
    if (!isGrpc(headers)) return refuse(to, 415);
    const call = new ServerCall(settings, to, headers);
    call.start(headers);
    return call;
  };
}

/** Whether a request says that it is gRPC with protobuf messages. */
export function isGrpc(headers: Headers): boolean {
  const type = headers["content-type"];
  if (type === "application/grpc") return true;
  return typeof type === "string" && /^application\/grpc(\+proto)?\s*(;|$)/i.test(type);
}

/** Answers with a status alone; what the client still sends is thrown away. */
function refuse({ endpoint, stream, done }: RequestStream, status: number): StreamHandler {
  endpoint.sendHeaders(stream, { ":status": String(status) }, true);
  done();
  return {
    headersReceived: () => undefined,
    dataReceived: (_, start, end) => endpoint.consumed(stream, end - start),
    trailersReceived: () => undefined,
    endReceived: () => undefined,
    streamReset: () => undefined,
    drained: () => undefined,
  };
}
