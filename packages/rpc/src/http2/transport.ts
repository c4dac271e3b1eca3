// SPDX-License-Identifier: Apache-2.0
// The client's end: a Transport that speaks gRPC over HTTP/2. Which connection a call takes is seen
// to by `connection-pool.ts`; nothing is retried here.
import { type Clock, StatusError, systemClock } from "@spandrel/base";
import type { Method } from "../contract/method.ts";
import type { CallOptions, Metadata, Transport } from "../contract/transport.ts";
import { ACCEPT_ENCODING } from "../grpc/compression.ts";
import { Deadlines } from "../grpc/deadlines.ts";
import {
  callCancelled,
  credentialsFailed,
  deadlineExceeded,
  malformedMetadata,
  transportClosed,
  transportClosedUnderCall,
} from "../grpc/errors.ts";
import { MESSAGE_BYTES_MAX_DEFAULT } from "../grpc/frame.ts";
import { addMetadata } from "../grpc/metadata.ts";
import { printTimeout } from "../grpc/timeout.ts";
import { type Address, parseAddress } from "./address.ts";
import { ClientCall, type Receiver } from "./client-call.ts";
import type { Connection, TlsOptions } from "./connection.ts";
import { type ChannelRange, ConnectionPool, channelRangeOf } from "./connection-pool.ts";
import { MessageStream, UnaryReceiver } from "./receivers.ts";

/** Where and how to call. */
export interface GrpcTransportOptions {
  /** `host:port`, or a URL of which the scheme says whether to use TLS. */
  readonly address: string;
  /** Given, even empty: TLS. Default: none, unless the address says `https:`. */
  readonly tls?: TlsOptions | undefined;
  /**
   * How many connections to spread calls over, once there are more than a few. Default 1.
   *
   * `{ min, max }`: up to `max`, of which those beyond `min` are closed when they had no call for one
   * to two minutes. A number is both.
   */
  readonly channels?: number | ChannelRange | undefined;
  /**
   * Asked before every call for metadata to send along, such as credentials.
   *
   * What it throws fails the call: a StatusError as it is, all else as UNAUTHENTICATED.
   */
  readonly metadata?: (() => Metadata | Promise<Metadata>) | undefined;
  /** How often to ping a connection that has calls in flight, in milliseconds. Default: never. */
  readonly keepAliveMillis?: number | undefined;
  /** How long such a ping may take before the connection is given up. Default 20 seconds. */
  readonly keepAliveTimeoutMillis?: number | undefined;
  /** How long connecting may take. Default 20 seconds. */
  readonly connectTimeoutMillis?: number | undefined;
  /** Longest message that is accepted. Default 100 MiB. */
  readonly messageBytesMax?: number | undefined;
  /** Sent as `user-agent`. */
  readonly userAgent?: string | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Makes a transport that calls a gRPC server; nothing is connected before the first call.
 *
 * Calls beyond what the server takes at a time wait for their turn. Connections without calls do
 * not keep the process alive.
 *
 * @throws {StatusError} INVALID_ARGUMENT when the address cannot be read, or the number of channels
 * is none.
 */
export function createGrpcTransport(options: GrpcTransportOptions): Transport {
  return new GrpcTransport(options);
}

/** Headers every call has, in the order in which gRPC wants them. */
type Headers = Record<string, string>;

class GrpcTransport implements Transport {
  readonly #address: Address;
  readonly #metadata: (() => Metadata | Promise<Metadata>) | undefined;
  readonly #userAgent: string;
  readonly #callSettings: { readonly addressText: string; readonly messageBytesMax: number };
  readonly #deadlines: Deadlines;
  readonly #calls = new Set<ClientCall>();
  /** Calls that wait for a connection with room, oldest first. */
  readonly #waiting = new Map<ClientCall, Headers>();
  readonly #pool: ConnectionPool;
  #isClosed = false;

  constructor(options: GrpcTransportOptions) {
    const clock = options.clock ?? systemClock;
    this.#address = parseAddress(options.address, options.tls !== undefined);
    this.#metadata = options.metadata;
    this.#userAgent = options.userAgent ?? "spandrel-rpc";
    this.#deadlines = new Deadlines(clock);
    const connectionOptions = {
      address: this.#address,
      tls: options.tls ?? {},
      clock,
      connectTimeoutMillis: options.connectTimeoutMillis ?? 20_000,
      keepAliveMillis: options.keepAliveMillis,
      keepAliveTimeoutMillis: options.keepAliveTimeoutMillis ?? 20_000,
    };
    const channels = channelRangeOf(options.channels ?? 1);
    this.#pool = new ConnectionPool(connectionOptions, channels, () => this.#sendWaiting());
    this.#callSettings = {
      addressText: this.#address.text,
      messageBytesMax: options.messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT,
    };
  }

  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const receiver = new UnaryReceiver(method.response, resolve, reject);
      const bytes = method.request.encode(request);
      receiver.call = this.#open(bytes, options, receiver);
      this.#start(receiver.call, method.path);
    });
  }

  serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): AsyncIterableIterator<Response> {
    return new MessageStream(method.response, (receiver) => {
      const call = this.#open(method.request.encode(request), options, receiver);
      // The stream must know its call before the call can fail.
      queueMicrotask(() => this.#start(call, method.path));
      return call;
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const call of [...this.#calls]) call.fail(transportClosedUnderCall());
    await this.#pool.close();
  }

  /** @throws {StatusError} when the call cannot even begin. */
  #open(request: Uint8Array, options: CallOptions, receiver: Receiver): ClientCall {
    if (this.#isClosed) throw transportClosed();
    if (options.signal?.aborted) throw callCancelled(options.signal.reason);
    const { timeoutMillis } = options;
    if (timeoutMillis !== undefined && timeoutMillis <= 0) throw deadlineExceeded();
    const call = new ClientCall(this.#callSettings, request, options, receiver, this.#ended);
    this.#calls.add(call);
    if (timeoutMillis !== undefined) {
      call.deadline = this.#deadlines.set(timeoutMillis, () => call.fail(deadlineExceeded()));
    }
    return call;
  }

  #start(call: ClientCall, path: string): void {
    if (call.isOver) return;
    const headers = this.#headers(path, call.options);
    if (this.#metadata === undefined) this.#send(call, headers);
    else void this.#startWithMetadata(call, headers, this.#metadata);
  }

  async #startWithMetadata(
    call: ClientCall,
    headers: Headers,
    ask: () => Metadata | Promise<Metadata>,
  ): Promise<void> {
    try {
      addMetadata(headers, await ask());
    } catch (error) {
      call.fail(error instanceof StatusError ? error : credentialsFailed(error));
      return;
    }
    if (!call.isOver) this.#send(call, headers);
  }

  #headers(path: string, options: CallOptions): Headers {
    const headers: Headers = {
      ":method": "POST",
      ":scheme": this.#address.isTls ? "https" : "http",
      ":authority": this.#address.text,
      ":path": path,
      te: "trailers",
    };
    if (options.timeoutMillis !== undefined) {
      headers["grpc-timeout"] = printTimeout(options.timeoutMillis);
    }
    headers["content-type"] = "application/grpc";
    headers["user-agent"] = this.#userAgent;
    headers["grpc-accept-encoding"] = ACCEPT_ENCODING;
    if (options.metadata !== undefined) addMetadata(headers, options.metadata);
    return headers;
  }

  #send(call: ClientCall, headers: Headers): void {
    const { affinity } = call.options;
    const connection = this.#waiting.size === 0 ? this.#pool.connectionFor(affinity) : undefined;
    if (connection === undefined) this.#waiting.set(call, headers);
    else this.#sendOn(connection, call, headers);
  }

  #sendOn(connection: Connection, call: ClientCall, headers: Headers): void {
    try {
      call.send(connection, headers);
    } catch (error) {
      // Headers that HTTP/2 does not allow are refused before anything is sent.
      call.fail(error instanceof StatusError ? error : malformedMetadata(error));
    }
  }

  /** Sends what waited, oldest first, as far as there is room. */
  #sendWaiting(): void {
    for (const [call, headers] of this.#waiting) {
      const connection = this.#isClosed
        ? undefined
        : this.#pool.connectionFor(call.options.affinity);
      if (connection === undefined) return;
      this.#waiting.delete(call);
      this.#sendOn(connection, call, headers);
    }
  }

  readonly #ended = (call: ClientCall): void => {
    this.#calls.delete(call);
    this.#waiting.delete(call);
  };
}
