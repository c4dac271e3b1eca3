// SPDX-License-Identifier: Apache-2.0
// The seam of the whole project. Everything that calls a service calls it through a Transport; how
// the call travels (gRPC over HTTP/2, or the very same objects within one process) is decided once,
// where the Transport is made.
//
// What every Transport promises:
//  - A failed call throws StatusError with the code, text and details that the server gave.
//  - A deadline that passes is DEADLINE_EXCEEDED; an aborted signal is CANCELLED; both reach the
//    server, which stops working.
//  - A stream is pulled: what is not asked for is not fetched, but for a bounded window. Leaving the
//    loop early cancels the call.
//  - Metadata keys are lower case; values of keys that end in `-bin` are base64 text.
import type { Method } from "./method.ts";

/** Headers or trailers of a call: lower-case keys; several values of a key are joined by `, `. */
export type Metadata = Readonly<Record<string, string>>;

/** What a caller may say about one call. */
export interface CallOptions {
  readonly metadata?: Metadata | undefined;
  /** How long the call may take, in milliseconds, all messages included. Default: no limit. */
  readonly timeoutMillis?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Calls with the same object travel on the same connection, as long as it lasts and has room.
   *
   * When it is lost, draining or full, the next call takes another one, and those after it follow.
   * A transport that has no connections pays no heed. The object itself is not looked at, and is
   * not kept: nothing needs to be given back. Default: any connection.
   */
  readonly affinity?: object | undefined;
  /** Called once with the headers of the answer, when there are any. */
  readonly onHeaders?: ((headers: Metadata) => void) | undefined;
  /** Called once with the trailers of the answer, also when the call failed. */
  readonly onTrailers?: ((trailers: Metadata) => void) | undefined;
}

/** A way to call services. */
export interface Transport {
  /**
   * Calls a procedure that one message answers.
   *
   * @throws {StatusError} the status of a call that failed.
   */
  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response>;

  /**
   * Calls a procedure that a stream of messages answers. Nothing is sent before the first `next()`.
   *
   * @throws {StatusError} from `next()`, the status of a call that failed.
   */
  serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): AsyncIterableIterator<Response>;

  /** Ends the transport: calls in flight end with CANCELLED, later ones with UNAVAILABLE. */
  close(): Promise<void>;
}
