// SPDX-License-Identifier: Apache-2.0
// A table from method to handler, as data. Who listens, and on what, is not known here: the gRPC
// server, the REST edge and the in-process transport all look their handlers up in a Router.
import type { Method } from "./method.ts";
import type { Metadata } from "./transport.ts";

/** What a handler may know about the call that it answers. */
export interface CallContext {
  /** What the caller sent along. */
  readonly metadata: Metadata;
  /** Aborted when the caller has gone, cancelled, or its deadline has passed. */
  readonly signal: AbortSignal;
  /** Adds headers to the answer; too late after the first message. */
  setHeader(key: string, value: string): void;
  /** Adds trailers to the answer. */
  setTrailer(key: string, value: string): void;
}

/** Answers a call with one message, or throws StatusError. */
export type UnaryHandler<Request, Response> = (
  request: Request,
  context: CallContext,
) => Promise<Response> | Response;

/** Answers a call with a stream, pulled one message at a time; leaving it early ends the work. */
export type StreamHandler<Request, Response> = (
  request: Request,
  context: CallContext,
) => AsyncIterable<Response>;

/** A method with what answers it. */
export type Route =
  | {
      readonly kind: "unary";
      readonly method: Method<unknown, unknown>;
      readonly handler: UnaryHandler<unknown, unknown>;
    }
  | {
      readonly kind: "stream";
      readonly method: Method<unknown, unknown>;
      readonly handler: StreamHandler<unknown, unknown>;
    };

/** A call on its way to the handler that answers it. */
export interface InterceptedCall {
  readonly method: Method<unknown, unknown>;
  readonly request: unknown;
  readonly context: CallContext;
}

/**
 * Stands between those who call a router and its handlers, whatever the call came in by. It may look,
 * wait, answer itself, or change what is answered; it knows no more of a message than it is told.
 */
export interface Interceptor {
  /** Whether calls shall pass untouched. Asked once for each call, when it begins. */
  readonly isIdle: boolean;
  /** Answers a call that one message answers; `next` has the handler answer it. */
  unary(call: InterceptedCall, next: () => Promise<unknown> | unknown): Promise<unknown> | unknown;
  /** Answers a call that a stream answers; nothing of it happens before the stream is pulled. */
  stream(call: InterceptedCall, next: () => AsyncIterable<unknown>): AsyncIterable<unknown>;
}

/** The procedures that somebody serves. */
export class Router {
  readonly #routes = new Map<string, Route>();

  /** Serves a procedure that one message answers; the last handler given for a method counts. */
  unary<Request, Response>(
    method: Method<Request, Response>,
    handler: UnaryHandler<Request, Response>,
  ): this {
    // A route is only ever called with what its own method decoded.
    const route = { kind: "unary", method, handler } as unknown as Route;
    this.#routes.set(method.path, route);
    return this;
  }

  /** Serves a procedure that a stream answers; the last handler given for a method counts. */
  stream<Request, Response>(
    method: Method<Request, Response>,
    handler: StreamHandler<Request, Response>,
  ): this {
    const route = { kind: "stream", method, handler } as unknown as Route;
    this.#routes.set(method.path, route);
    return this;
  }

  /** Finds what answers a path such as `/google.spanner.v1.Spanner/ExecuteSql`. */
  find(path: string): Route | undefined {
    return this.#routes.get(path);
  }

  /** All that is served. */
  routes(): Iterable<Route> {
    return this.#routes.values();
  }

  /**
   * A router that serves what this one serves now, with an interceptor in front of every handler. While
   * that is idle, a call costs one question more, and reaches its handler in the same turn.
   */
  intercepted(interceptor: Interceptor): Router {
    const router = new Router();
    for (const route of this.#routes.values()) {
      const { method } = route;
      if (route.kind === "unary") {
        const { handler } = route;
        router.unary(method, (request, context) => {
          if (interceptor.isIdle) return handler(request, context);
          const call = { method, request, context };
          return interceptor.unary(call, () => handler(request, context));
        });
      } else {
        const { handler } = route;
        router.stream(method, (request, context) => {
          if (interceptor.isIdle) return handler(request, context);
          const call = { method, request, context };
          return interceptor.stream(call, () => handler(request, context));
        });
      }
    }
    return router;
  }
}
