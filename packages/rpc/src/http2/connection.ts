// SPDX-License-Identifier: Apache-2.0
// One HTTP/2 connection of a client. It promises to say truly whether it takes another call, and to
// keep the process alive only while a call is in flight on it.
//
//   connecting ──connected──▶ open ──GOAWAY──▶ draining ──last call ended──▶ closed
//        │                      │                  │                           ▲
//        └──────────────────────┴── error, close ──┴───────────────────────────┘
//
// Calls may be made while it is connecting: they travel once it is open. A draining connection
// finishes its calls and takes no new one. Nothing ever leaves `closed`.
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";
import type { SecureContextOptions } from "node:tls";
import { assert, type Clock, type StatusError } from "@spandrel/base";
import { connectFailed, connectionLost } from "../grpc/errors.ts";
import type { Address } from "./address.ts";
import { MAX_SESSION_MEMORY_MB, WINDOW_BYTES } from "./limits.ts";

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

/** What nghttp2 assumes until the peer has said how many streams it takes. */
const STREAMS_MAX_UNTIL_TOLD = 100;

/** One connection, opened at once. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #session: ClientHttp2Session;
  /** Called whenever a call more might fit, or the connection takes no more calls at all. */
  readonly #changed: () => void;
  /** Aborted when the connection is closed: ends every wait. */
  readonly #closing: AbortController = new AbortController();
  #state: State = { kind: "connecting" };
  #wasOpen = false;
  #callsActive = 0;
  #streamsMax = STREAMS_MAX_UNTIL_TOLD;
  #error: Error | undefined;

  constructor(options: ConnectionOptions, changed: () => void) {
    this.#options = options;
    this.#changed = changed;
    const { address, tls } = options;
    this.#session = connect(`${address.isTls ? "https" : "http"}://${address.text}`, {
      ...(address.isTls ? tlsOptions(tls) : {}),
      settings: { enablePush: false, initialWindowSize: WINDOW_BYTES },
      maxSessionMemory: MAX_SESSION_MEMORY_MB,
    });
    this.#listen();
    this.#session.unref();
    void this.#limitConnecting();
    if (options.keepAliveMillis !== undefined) void this.#keepAlive(options.keepAliveMillis);
  }

  /** How many calls are in flight. */
  get callsActive(): number {
    return this.#callsActive;
  }

  /** Whether it will ever take a call again. */
  get isUsable(): boolean {
    const { kind } = this.#state;
    if (kind === "draining" || kind === "closed") return false;
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Whether it takes a call now. */
  get hasRoom(): boolean {
    return this.isUsable && this.#callsActive < this.#streamsMax;
  }

  /** Opens the stream of a call, which is given back by `release`. */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    assert(this.hasRoom, "a call is made only on a connection that has room");
    const stream = this.#session.request(headers);
    this.#callsActive += 1;
    if (this.#callsActive === 1) this.#session.ref();
    return stream;
  }

  /** Says that a call is over. */
  release(): void {
    this.#callsActive -= 1;
    assert(this.#callsActive >= 0, "a call is released once");
    if (this.#callsActive === 0) this.#session.unref();
    this.#changed();
  }

  /** Whether streams end now because the connection does. */
  get isBroken(): boolean {
    return this.#state.kind === "closed" || this.#session.destroyed;
  }

  /** Why streams ended with the connection. */
  failure(streamError: Error | undefined): StatusError {
    const cause = this.#error ?? innermost(streamError);
    const { text } = this.#options.address;
    if (this.#wasOpen) return connectionLost(text, whyOf(cause, "it was closed"), cause);
    return connectFailed(text, whyOf(cause, "it was closed"), cause);
  }

  /** Ends the connection and every stream on it at once. */
  close(): Promise<void> {
    const session = this.#session;
    if (session.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      session.once("close", resolve);
      session.destroy();
    });
  }

  #listen(): void {
    const session = this.#session;
    session.on("connect", () => {
      if (session.destroyed) return; // closed in the very turn in which it connected
      this.#wasOpen = true;
      if (this.#state.kind === "connecting") this.#state = { kind: "open" };
      session.setLocalWindowSize(2 * WINDOW_BYTES);
    });
    session.on("remoteSettings", ({ maxConcurrentStreams }) => {
      this.#streamsMax = maxConcurrentStreams ?? Number.POSITIVE_INFINITY;
      this.#changed();
    });
    session.on("goaway", () => {
      if (this.#state.kind !== "closed") this.#state = { kind: "draining" };
      this.#changed();
    });
    session.on("error", (error) => {
      this.#error ??= error;
    });
    session.on("close", () => {
      this.#state = { kind: "closed" };
      this.#closing.abort();
      this.#changed();
    });
  }

  async #limitConnecting(): Promise<void> {
    const { clock, connectTimeoutMillis } = this.#options;
    const connected = new AbortController();
    this.#session.once("connect", () => connected.abort());
    this.#session.once("close", () => connected.abort());
    try {
      await clock.sleep(connectTimeoutMillis, { background: true, signal: connected.signal });
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
    // A session that is not connected yet, or no more, refuses the ping: then nothing is learnt.
    if (this.#session.connecting || !this.isUsable) return;
    this.#session.ping(() => answered.abort());
    try {
      const either = AbortSignal.any([answered.signal, signal]);
      await clock.sleep(keepAliveTimeoutMillis, { background: true, signal: either });
    } catch {
      return; // answered in time, or closed
    }
    this.#giveUp(new Error(`no answer to a ping within ${keepAliveTimeoutMillis} ms`));
  }

  #giveUp(error: Error): void {
    this.#error ??= error;
    this.#session.destroy(error, constants.NGHTTP2_CANCEL);
  }
}

function tlsOptions(tls: TlsOptions): SecureClientSessionOptions {
  return { ...tls, ALPNProtocols: ["h2"] };
}

/** Node wraps what befell the connection into an error of the stream's own. */
function innermost(error: Error | undefined): Error | undefined {
  return error?.cause instanceof Error ? innermost(error.cause) : error;
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
