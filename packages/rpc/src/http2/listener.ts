// SPDX-License-Identifier: Apache-2.0
// One port for everything. An HTTP/2 client that has not asked first (and no gRPC client does) opens
// with the fixed text `PRI * HTTP/2.0`, which no HTTP/1.1 request begins with: so the first bytes of
// a connection tell which of the two servers it is for.
// https://www.rfc-editor.org/rfc/rfc9113.html#name-http-2-connection-preface
import { createServer as createHttp1Server, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from "node:net";
import { concatBytes, systemClock } from "@spandrel/base";
import type { HttpHandler } from "../contract/http.ts";
import type { Router } from "../contract/router.ts";
import { listenFailed } from "../grpc/errors.ts";
import { exchange } from "./http-exchange.ts";
import { SILENCE_MILLIS_MAX } from "./limits.ts";
import { isGrpc, type ServeOptions, serveGrpc } from "./server.ts";
import { type Http2Handler, ServerConnection } from "./server-connection.ts";

/** Where to listen, and what to answer. */
export interface ListenOptions extends ServeOptions {
  readonly router: Router;
  /** Answers what is not gRPC. Default: a refusal that says so. */
  readonly rest?: HttpHandler | undefined;
  /** Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** Default 0: any free port. */
  readonly port?: number | undefined;
}

/** A port that is open. */
export interface Listener {
  /** `host:port`, as a client takes it. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** Ends it; harmless when done before. */
  close(options?: CloseOptions): Promise<void>;
}

/** How to end. */
export interface CloseOptions {
  /** How long calls in flight may go on before their connections are cut. Default 0. */
  readonly graceMillis?: number;
}

/**
 * Opens a port that answers gRPC over cleartext HTTP/2, and everything else by `rest`.
 *
 * @throws {StatusError} UNAVAILABLE when the port cannot be had; the text names host and port.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  const { host = "127.0.0.1", port = 0 } = options;
  const front = new Front(options);
  await new Promise<void>((resolve, reject) => {
    front.net.once("error", (error) => reject(listenFailed(host, port, error)));
    front.net.listen({ host, port }, resolve);
  });
  // A server that listens on a host and port has such an address.
  const bound = front.net.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    address: `${name}:${bound.port}`,
    host,
    port: bound.port,
    close: ({ graceMillis = 0 } = {}) => front.close(graceMillis),
  };
}

/** What is behind a port: one server accepts connections, and hands each to whoever speaks its protocol. */
class Front {
  readonly net: NetServer;
  readonly #options: ListenOptions;
  readonly #http1: Server;
  readonly #http2: Http2Handler;
  readonly #sockets = new Set<Socket>();
  readonly #connections = new Map<Socket, ServerConnection>();
  /** How many requests each HTTP/1.1 connection is answering. */
  readonly #requests = new Map<Socket, number>();
  #closing: Promise<void> | undefined;

  constructor(options: ListenOptions) {
    this.#options = options;
    const rest = options.rest ?? refuseHttp;
    const grpc = serveGrpc(options.router, options);
    this.#http1 = createHttp1Server((request, response) => {
      this.#count(request.socket, response);
      rest(request, response);
    });
    this.#http2 = (stream, headers) => {
      // A gRPC client must learn that its content type is wrong; a browser's request is for REST.
      const type = headers["content-type"];
      const isForGrpc = typeof type === "string" && type.startsWith("application/grpc");
      return isGrpc(headers) || isForGrpc ? grpc(stream, headers) : exchange(stream, headers, rest);
    };
    this.net = createServer((socket) => this.#accept(socket));
  }

  close(graceMillis: number): Promise<void> {
    this.#closing ??= this.#close(graceMillis);
    return this.#closing;
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
    socket.on("error", () => undefined); // "close" follows, and whoever uses the socket sees it
    socket.setNoDelay(true);
    socket.setTimeout(SILENCE_MILLIS_MAX, () => socket.destroy());
    let head: Uint8Array = new Uint8Array(0);
    const peek = (): void => {
      const bytes = socket.read() as Uint8Array | null; // no encoding is set: bytes
      if (bytes === null) {
        // The other side is done before it said which protocol it speaks.
        socket.end();
        return;
      }
      head = head.length === 0 ? bytes : concatBytes([head, bytes]);
      const match = matchPreface(head);
      if (match === "unclear") {
        socket.once("readable", peek);
      } else {
        this.#handOver(socket, head, match === "yes");
      }
    };
    socket.once("readable", peek);
  }

  #handOver(socket: Socket, head: Uint8Array, isHttp2: boolean): void {
    socket.setTimeout(0);
    socket.removeAllListeners("timeout");
    if (isHttp2) {
      this.#connections.set(socket, new ServerConnection(socket, head, this.#http2));
      socket.once("close", () => this.#connections.delete(socket));
      return;
    }
    socket.unshift(head);
    // A client of HTTP/1.1 may end its side once it has asked.
    socket.allowHalfOpen = true;
    this.#http1.emit("connection", socket);
  }

  #count(socket: Socket, response: ServerResponse): void {
    this.#requests.set(socket, (this.#requests.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (this.#requests.get(socket) ?? 1) - 1;
      if (left > 0) this.#requests.set(socket, left);
      else this.#requests.delete(socket);
      if (this.#closing !== undefined && left === 0) socket.end();
    });
  }

  async #close(graceMillis: number): Promise<void> {
    const stopped = new Promise<void>((resolve) => this.net.close(() => resolve()));
    if (graceMillis > 0 && this.#sockets.size > 0) {
      for (const connection of this.#connections.values()) connection.close();
      this.#closeIdle();
      await this.#grace(stopped, graceMillis);
    }
    for (const socket of this.#sockets) socket.destroy();
    await stopped;
  }

  /** Ends connections on which nothing is being answered; those of HTTP/2 see to themselves. */
  #closeIdle(): void {
    for (const socket of this.#sockets) {
      if (!this.#requests.has(socket) && !this.#connections.has(socket)) socket.destroy();
    }
  }

  async #grace(stopped: Promise<void>, graceMillis: number): Promise<void> {
    const clock = this.#options.clock ?? systemClock;
    const done = new AbortController();
    const waited = clock.sleep(graceMillis, { signal: done.signal }).catch(() => undefined);
    await Promise.race([stopped, waited]);
    done.abort();
  }
}

const preface = new TextEncoder().encode("PRI * HTTP/2.0\r\n");

/** Whether bytes begin a connection of HTTP/2; unclear when there are too few of them. */
function matchPreface(head: Uint8Array): "yes" | "no" | "unclear" {
  const length = Math.min(head.length, preface.length);
  for (let index = 0; index < length; index++) if (head[index] !== preface[index]) return "no";
  return length === preface.length ? "yes" : "unclear";
}

const refuseHttp: HttpHandler = (_request, response) => {
  response.writeHead(426, { "content-type": "text/plain; charset=utf-8" });
  response.end("This port answers gRPC over HTTP/2 only.\n");
};
