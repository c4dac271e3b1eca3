// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection of a client. It promises to say truly whether it takes another call, and to
// keep the process alive only while a call is in flight on it.
//
//   connecting ──connected──▶ open ──GOAWAY, end──▶ draining ──last call ended──▶ closed
//        │                      │                       │                           ▲
//        └──────────────────────┴───── error, close ────┴───────────────────────────┘
//
// Calls may be made while it is connecting: they travel once it is open. A draining connection
// finishes its calls and takes no new one. Nothing ever leaves `closed`.
import { connect as connectNet, isIP, type Socket } from "node:net";
import { getBuiltinModule } from "node:process";
import type { SecureContextOptions } from "node:tls";
import { assert, type Clock, type StatusError } from "@spandrel/base";
import { ErrorCode, nameOfCode } from "../endpoint/errors.ts";
import type { Stream, StreamHandler } from "../endpoint/stream.ts";
import { connectFailed, connectionLost } from "../grpc/errors.ts";
import type { SentHeaders } from "../hpack/header-list.ts";
import type { Address } from "./address.ts";
import { READ_BYTES, STREAMS_MAX_UNTIL_TOLD, WINDOW_BYTES } from "./limits.ts";
import { Wire } from "./wire.ts";

/** How to secure a connection; all may be left out to trust the usual authorities. */
export interface TlsOptions
  extends Pick<SecureContextOptions, "ca" | "cert" | "key" | "passphrase" | "minVersion"> {
  /** The name that the server's certificate must have. Default: the host of the address. */
  readonly servername?: string;
  /** False accepts any certificate. Default true. */
  readonly rejectUnauthorized?: boolean;
}

/** What all connections of a transport share. */
export interface ConnectionOptions {
  readonly address: Address;
  readonly tls: TlsOptions;
  readonly clock: Clock;
  readonly connectTimeoutMillis: number;
  /** How often to ping while calls are in flight; undefined: never. */
  readonly keepAliveMillis: number | undefined;
  /** How long a ping may take before the connection is given up. */
  readonly keepAliveTimeoutMillis: number;
}

type State =
  | { readonly kind: "connecting" }
  | { readonly kind: "open" }
  | { readonly kind: "draining" }
  | { readonly kind: "closed" };

/** One connection, opened at once. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #wire: Wire;
  readonly #socket: Socket;
  /** Called whenever a call more might fit, or the connection takes no more calls at all. */
  readonly #changed: () => void;
  /** Aborted when the connection is there, or will never be. */
  readonly #connected: AbortController = new AbortController();
  /** Aborted when the connection is closed: ends every wait. */
  readonly #closing: AbortController = new AbortController();
  #state: State = { kind: "connecting" };
  #wasOpen = false;
  #callsMade = 0;
  #callsActive = 0;
  #pingAnswered: (() => void) | undefined;
  #error: Error | undefined;

  constructor(options: ConnectionOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
    this.#wire = new Wire(
      { isClient: true, windowBytes: WINDOW_BYTES, connectionWindowBytes: 2 * WINDOW_BYTES },
      {
        settingsReceived: () => this.#changed(),
        goawayReceived: (code, debug) => this.#goawayReceived(code, debug),
        pingAnswered: () => this.#pingAnswered?.(),
        connectionFailed: (error) => this.#giveUp(error),
        requestReceived: () => undefined,
        streamsEnded: () => undefined,
      },
    );
    this.#socket = connect(options, this.#wire);
    this.#listen();
    this.#socket.unref();
    void this.#limitConnecting();
    if (options.keepAliveMillis !== undefined) void this.#keepAlive(options.keepAliveMillis);
  }

  /** How many calls were ever made. */
  get callsMade(): number {
    return this.#callsMade;
  }

  /** How many calls are in flight. */
  get callsActive(): number {
    return this.#callsActive;
  }

  /** Whether it will ever take a call again. */
  get isUsable(): boolean {
    const { kind } = this.#state;
    return kind === "connecting" || kind === "open";
  }

  /** Whether it takes a call now. */
  get hasRoom(): boolean {
    const { hasSettings, peerStreamsMax = Number.POSITIVE_INFINITY } = this.#wire.endpoint;
    const callsMax = hasSettings ? peerStreamsMax : STREAMS_MAX_UNTIL_TOLD;
    return this.isUsable && this.#callsActive < callsMax;
  }

  /**
   * Sends a request, and gives the stream of its call, which is given back by `release`.
   *
   * @throws {HeaderNotAllowedError} for headers that HTTP/2 cannot carry; then there is no call.
   */
  request(headers: SentHeaders, body: readonly Uint8Array[], handler: StreamHandler): Stream {
    assert(this.hasRoom, "a call is made only on a connection that has room");
    const { endpoint } = this.#wire;
    const stream = endpoint.open(headers, handler);
    for (const piece of body) endpoint.sendData(stream, piece);
    endpoint.end(stream);
    if (!endpoint.hasStreamIds) this.#state = { kind: "draining" };
    this.#callsMade += 1;
    this.#callsActive += 1;
    if (this.#callsActive === 1) this.#socket.ref();
    return stream;
  }

  /** Says that so much of what came on a stream has been taken. */
  consumed(stream: Stream, bytes: number): void {
    this.#wire.endpoint.consumed(stream, bytes);
  }

  /** Says that a call is over; what of its stream is not, ends. */
  release(stream: Stream): void {
    this.#wire.endpoint.reset(stream, ErrorCode.CANCEL);
    this.#callsActive -= 1;
    assert(this.#callsActive >= 0, "a call is released once");
    if (this.#callsActive === 0) {
      this.#socket.unref();
      if (this.#state.kind === "draining") this.#wire.end();
    }
    this.#changed();
  }

  /** Whether streams end now because the connection does. */
  get isBroken(): boolean {
    return this.#state.kind === "closed";
  }

  /** Why streams ended with the connection. */
  failure(): StatusError {
    const cause = this.#error;
    const { text } = this.#options.address;
    if (this.#wasOpen) return connectionLost(text, whyOf(cause, "it was closed"), cause);
    return connectFailed(text, whyOf(cause, "it was closed"), cause);
  }

  /** Ends the connection and every stream on it at once. */
  close(): Promise<void> {
    const socket = this.#socket;
    if (socket.closed) return Promise.resolve();
    this.#state = { kind: "draining" };
    return new Promise((resolve) => {
      socket.once("close", resolve);
      this.#wire.flush();
      socket.destroy();
    });
  }

  #listen(): void {
    const socket = this.#socket;
    socket.once(this.#options.address.isTls ? "secureConnect" : "connect", () => {
      this.#wasOpen = true;
      if (this.#state.kind === "connecting") this.#state = { kind: "open" };
      this.#connected.abort();
      this.#wire.open(socket);
    });
    socket.on("error", (error) => {
      this.#error ??= error;
    });
    socket.on("end", () => this.#drain());
    socket.on("close", () => {
      this.#state = { kind: "closed" };
      this.#connected.abort();
      this.#closing.abort();
      this.#wire.closed(ErrorCode.NO_ERROR);
      this.#changed();
    });
  }

  /** Takes no new calls. */
  #drain(): void {
    if (this.#state.kind !== "closed") this.#state = { kind: "draining" };
    this.#changed();
  }

  #goawayReceived(code: number, debug: string): void {
    if (code !== ErrorCode.NO_ERROR) {
      const why = `the server ended it with ${nameOfCode(code)}`;
      this.#error ??= new Error(debug === "" ? why : `${why}: ${debug}`);
    }
    if (this.#callsActive === 0) this.#wire.end();
    this.#drain();
  }

  async #limitConnecting(): Promise<void> {
    const { clock, connectTimeoutMillis } = this.#options;
    const { signal } = this.#connected;
    try {
      await clock.sleep(connectTimeoutMillis, { background: true, signal });
    } catch {
      return; // connected, or closed, in time
    }
    this.#giveUp(new Error(`no connection after ${connectTimeoutMillis} ms`));
  }

  async #keepAlive(everyMillis: number): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#closing;
    try {
      while (!signal.aborted) {
        await clock.sleep(everyMillis, { background: true, signal });
        if (this.#callsActive > 0) await this.#ping(signal);
      }
    } catch {
      // The connection was closed during a wait.
    }
  }

  async #ping(signal: AbortSignal): Promise<void> {
    const { clock, keepAliveTimeoutMillis } = this.#options;
    const answered = new AbortController();
    // Before it is connected, and when it takes no more calls, nothing is learnt by a ping.
    if (this.#state.kind !== "open") return;
    this.#pingAnswered = () => answered.abort();
    this.#wire.endpoint.ping();
    try {
      const either = AbortSignal.any([answered.signal, signal]);
      await clock.sleep(keepAliveTimeoutMillis, { background: true, signal: either });
    } catch {
      return; // answered in time, or closed
    }
    this.#giveUp(new Error(`no answer to a ping within ${keepAliveTimeoutMillis} ms`));
  }

  /** Ends the connection for a reason of this end's own. */
  #giveUp(error: Error): void {
    this.#error ??= error;
    this.#drain();
    this.#wire.flush();
    this.#socket.destroy();
  }
}

/** Begins to connect. What comes is received into one buffer, again and again. */
function connect(options: ConnectionOptions, wire: Wire): Socket {
  const { address, tls } = options;
  const { host, port } = address;
  const onread = {
    buffer: new Uint8Array(READ_BYTES),
    callback: (length: number, bytes: Uint8Array): boolean => {
      wire.received(bytes, length);
      return true;
    },
  };
  if (!address.isTls) return connectNet({ host, port, onread });
  const servername = isIP(host) === 0 ? { servername: host } : {};
  // Node takes `onread` here as well: https://nodejs.org/api/tls.html#tlsconnectoptions-callback
  const tlsOptions = { host, port, ...servername, ...tls, ALPNProtocols: ["h2"], onread };
  // Loaded when it is needed: TLS takes a third of what it takes to start Node at all.
  return getBuiltinModule("node:tls").connect(tlsOptions);
}

/** The reason within an error; trying several addresses gives an error that holds the real ones. */
function whyOf(error: Error | undefined, fallback: string): string {
  if (error === undefined) return fallback;
  if (error instanceof AggregateError) {
    const first: unknown = error.errors[0];
    return first instanceof Error ? first.message : fallback;
  }
  return error.message === "" ? fallback : error.message;
}
