// SPDX-License-Identifier: Apache-2.0
// Client and server in one process, without bytes. The very objects that the caller gives reach the
// handler, and the very objects that it answers with reach the caller, so both sides must treat
// every message as frozen once it is handed over. All else is as over a wire: deadlines,
// cancellation, metadata, statuses, and streams that are pulled one message at a time.
//
// What it does not do: limit the size of a message, or call a handler later than the caller's own
// turn. A handler's work begins within `unary` or `next`, before the caller's next statement.
import {
  type Clock,
  type Logger,
  type Random,
  type StatusError,
  silentLogger,
  systemClock,
  systemRandom,
} from "@spandrel/base";
import type { Method } from "../contract/method.ts";
import type { Route, Router } from "../contract/router.ts";
import type { CallOptions, Transport } from "../contract/transport.ts";
import { type Deadline, Deadlines } from "../grpc/deadlines.ts";
import {
  callCancelled,
  deadlineExceeded,
  methodNotFound,
  transportClosed,
  transportClosedUnderCall,
  wrongKind,
} from "../grpc/errors.ts";
import { HandlerContext, logLateFailure, statusOfThrown } from "../grpc/handler-context.ts";

/** What a local transport may be given. */
export interface LocalTransportOptions {
  /** For deadlines. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Learns of handlers that break. Default: silent. */
  readonly logger?: Logger | undefined;
  /** For the names of incidents. Default: the machine's. */
  readonly random?: Random | undefined;
}

/** Makes a transport that calls a router's handlers within this process. */
export function createLocalTransport(
  router: Router,
  options: LocalTransportOptions = {},
): Transport {
  return new LocalTransport(router, options);
}

class LocalTransport implements Transport {
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly calls: Set<LocalCall> = new Set<LocalCall>();
  readonly #router: Router;
  readonly #logger: Logger;
  readonly #random: Random;
  #isClosed = false;

  constructor(router: Router, options: LocalTransportOptions) {
    this.#router = router;
    this.clock = options.clock ?? systemClock;
    this.deadlines = new Deadlines(this.clock);
    this.#logger = options.logger ?? silentLogger;
    this.#random = options.random ?? systemRandom;
  }

  async unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): Promise<Response> {
    const call = this.open(options);
    try {
      const route = this.route(method.path, "unary");
      const answer = await call.run(() => route.handler(request, call.context));
      call.headersSent();
      // The route was found by the method's own path: its handler answers with the method's message.
      return answer as Response;
    } catch (thrown) {
      throw this.status(thrown, method.path);
    } finally {
      call.end();
    }
  }

  serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): AsyncIterableIterator<Response> {
    return new LocalStream<Response>(this, method.path, request, options);
  }

  close(): Promise<void> {
    this.#isClosed = true;
    for (const call of [...this.calls]) call.interrupt(transportClosedUnderCall());
    return Promise.resolve();
  }

  /** @throws {StatusError} when the call cannot even begin. */
  open(options: CallOptions): LocalCall {
    if (this.#isClosed) throw transportClosed();
    if (options.signal?.aborted) throw callCancelled(options.signal.reason);
    if (options.timeoutMillis !== undefined && options.timeoutMillis <= 0) throw deadlineExceeded();
    return new LocalCall(this, options);
  }

  /** @throws {StatusError} UNIMPLEMENTED when nobody answers the path, or in the other way. */
  route<Kind extends Route["kind"]>(path: string, kind: Kind): Extract<Route, { kind: Kind }> {
    const route = this.#router.find(path);
    if (route === undefined) throw methodNotFound(path);
    if (!isKind(route, kind)) throw wrongKind(path, route.kind === "stream");
    return route;
  }

  /** What the caller is told about something that a handler threw. */
  status(thrown: unknown, path: string): StatusError {
    return statusOfThrown(thrown, path, this.#logger, this.#random);
  }

  /** Sees to what a handler threw when its caller is gone. */
  failedLate(thrown: unknown, path: string): void {
    logLateFailure(thrown, path, this.#logger, this.#random);
  }
}

function isKind<Kind extends Route["kind"]>(
  route: Route,
  kind: Kind,
): route is Extract<Route, { kind: Kind }> {
  return route.kind === kind;
}

/** One call in flight, from its first step until `end`. */
class LocalCall {
  readonly context: HandlerContext;
  readonly #transport: LocalTransport;
  readonly #options: CallOptions;
  readonly #deadline: Deadline | undefined;
  readonly #aborted: (() => void) | undefined;
  #interruption: StatusError | undefined;
  #interrupted: ((error: StatusError) => void) | undefined;
  #hasSentHeaders = false;
  #hasEnded = false;

  constructor(transport: LocalTransport, options: CallOptions) {
    this.#transport = transport;
    this.#options = options;
    this.context = new HandlerContext(options.metadata ?? {});
    transport.calls.add(this);
    if (options.timeoutMillis !== undefined) {
      const expired = (): void => this.interrupt(deadlineExceeded());
      this.#deadline = transport.deadlines.set(options.timeoutMillis, expired);
    }
    const { signal } = options;
    if (signal !== undefined) {
      this.#aborted = () => this.interrupt(callCancelled(signal.reason));
      signal.addEventListener("abort", this.#aborted, { once: true });
    }
  }

  /** Does some of the handler's work, and gives up waiting for it when the call is interrupted. */
  run<T>(work: () => Promise<T> | T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#checkDeadline();
      if (this.#interruption !== undefined) throw this.#interruption;
      this.#interrupted = reject;
      // A promise that settles after the interruption finds this one settled, and is not heard.
      Promise.resolve(work()).then(resolve, reject);
    });
  }

  /** A handler that never waits for the outside starves the clock's timers: look at the time too. */
  #checkDeadline(): void {
    if (this.#deadline === undefined) return;
    if (this.#transport.clock.monotonic() >= this.#deadline.atNanos) {
      this.interrupt(deadlineExceeded());
    }
  }

  /** Ends the call early, for the caller and for the handler. */
  interrupt(reason: StatusError): void {
    if (this.#hasEnded || this.#interruption !== undefined) return;
    this.#interruption = reason;
    this.context.abort(reason);
    this.#interrupted?.(reason);
  }

  /** Tells the caller the headers, once. */
  headersSent(): void {
    if (this.#hasSentHeaders) return;
    this.#hasSentHeaders = true;
    this.#options.onHeaders?.(this.context.headers ?? {});
  }

  /** Leaves nothing behind, and tells the caller the trailers. Harmless when done before. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#transport.calls.delete(this);
    this.#deadline?.cancel();
    if (this.#aborted !== undefined) {
      this.#options.signal?.removeEventListener("abort", this.#aborted);
    }
    this.#options.onTrailers?.(this.context.trailers ?? {});
  }
}

type Stage =
  | { readonly kind: "fresh" }
  | {
      readonly kind: "open";
      readonly call: LocalCall;
      readonly messages: AsyncIterator<unknown>;
    }
  | { readonly kind: "ended" };

/** The caller's end of a stream. Pulls that overlap are answered in their order. */
class LocalStream<Response> implements AsyncIterableIterator<Response> {
  readonly #transport: LocalTransport;
  readonly #path: string;
  readonly #request: unknown;
  readonly #options: CallOptions;
  #stage: Stage = { kind: "fresh" };
  #pullsPending = 0;
  #lastPull: Promise<unknown> | undefined;

  constructor(transport: LocalTransport, path: string, request: unknown, options: CallOptions) {
    this.#transport = transport;
    this.#path = path;
    this.#request = request;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Response>> {
    const pull =
      this.#pullsPending === 0
        ? this.#pull()
        : (this.#lastPull ?? Promise.resolve()).then(() => this.#pull());
    this.#pullsPending += 1;
    const done = (): void => {
      this.#pullsPending -= 1;
    };
    this.#lastPull = pull.then(done, done);
    return pull;
  }

  async return(value?: unknown): Promise<IteratorResult<Response>> {
    const stage = this.#stage;
    this.#stage = { kind: "ended" };
    if (stage.kind === "open") {
      stage.call.interrupt(callCancelled());
      stage.call.end();
      await this.#leave(stage.messages);
    }
    return { done: true, value };
  }

  async #pull(): Promise<IteratorResult<Response>> {
    if (this.#stage.kind === "ended") return { done: true, value: undefined };
    let call: LocalCall | undefined;
    try {
      if (this.#stage.kind === "fresh") this.#stage = this.#open();
      const { messages } = this.#stage;
      call = this.#stage.call;
      const result = await call.run(() => messages.next());
      call.headersSent();
      // The route was found by the method's own path: its handler answers with its messages.
      if (!result.done) return { done: false, value: result.value as Response };
      this.#stage = { kind: "ended" };
      call.end();
      return { done: true, value: undefined };
    } catch (thrown) {
      const stage: Stage = this.#stage;
      this.#stage = { kind: "ended" };
      call?.end();
      // A handler that was interrupted may be in the middle of a wait: it ends when it notices.
      if (stage.kind === "open") void this.#leave(stage.messages);
      throw this.#transport.status(thrown, this.#path);
    }
  }

  #open(): Extract<Stage, { kind: "open" }> {
    const call = this.#transport.open(this.#options);
    try {
      const route = this.#transport.route(this.#path, "stream");
      const iterable = route.handler(this.#request, call.context);
      return { kind: "open", call, messages: iterable[Symbol.asyncIterator]() };
    } catch (thrown) {
      call.end();
      throw thrown;
    }
  }

  /** Ends the handler's generator; waits for it only when it is not in the middle of a message. */
  async #leave(messages: AsyncIterator<unknown>): Promise<void> {
    const left = Promise.resolve(messages.return?.()).catch((thrown: unknown) => {
      this.#transport.failedLate(thrown, this.#path);
    });
    if (this.#pullsPending === 0) await left;
  }
}
