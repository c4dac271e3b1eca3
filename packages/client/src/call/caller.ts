// SPDX-License-Identifier: Apache-2.0
// The one place where a call leaves the client. It adds the metadata, keeps one deadline over all
// attempts, tries again what is safe to try again, and gives errors their class.
//
// What is promised: a call that fails for a passing reason is made again after a wait of milliseconds
// until its deadline; an attempt never outlives the deadline; an aborted signal ends call and wait at
// once. What is not done here: streams are only opened (`stream` resumes them), and transactions
// are only called (`transaction` starts them over).
import type { Clock, Logger, Random } from "@spandrel/base";
import { StatusError } from "@spandrel/base";
import { deadlineExceeded, type Metadata, type Method, type Transport } from "@spandrel/rpc";
import { expiredAfter } from "../errors/call.ts";
import { closed } from "../errors/session.ts";
import type { SpannerError } from "../errors/spanner-error.ts";
import { Deadline } from "../retry/deadline.ts";
import { callRetryMillis } from "../retry/policy.ts";
import { classifyError } from "./classify-error.ts";
import { explainError } from "./explain-error.ts";
import { defaultTimeoutMillis } from "./methods.ts";
import { type ObservedCall, Observer } from "./observer.ts";
import { REQUEST_ID, RequestIds } from "./request-id.ts";

/** What the caller of any operation may say about waiting for it. */
export interface OperationOptions {
  /** How long the operation may take in all, in milliseconds. Each operation has a default. */
  readonly timeoutMillis?: number | undefined;
  /** Ends the operation with CANCELLED when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** What a call needs beside its request. */
export interface Call extends OperationOptions {
  readonly headers: Metadata;
  /** Whether the call may be made again when its answer was lost. Default true. */
  readonly isIdempotent?: boolean;
  /** Whether the call is made in, or about, a multiplexed session. Default false. */
  readonly isMultiplexed?: boolean;
  /** What the call belongs to: calls of one transaction travel on one connection. Default: none. */
  readonly affinity?: object | undefined;
  /** The name of the call's span without its prefix. Default: by the procedure. */
  readonly span?: string;
  /** Told of each failure that another attempt shall follow, before it is waited for. */
  readonly tryingAgain?: (failure: SpannerError) => void;
}

/** What a caller is made of. */
export interface CallerOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Whether calls that write ask for the leader's region. */
  readonly routeToLeaderEnabled: boolean;
  /** Who is told of calls. Default: whoever listens to the diagnostics channel. */
  readonly observer?: Observer | undefined;
}

/** As long as a timer can be set to. */
const FOREVER_MILLIS = 2 ** 31 - 1;

/** Calls Spanner for one client. */
export class Caller {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly routeToLeaderEnabled: boolean;
  readonly observer: Observer;
  readonly #transport: Transport;
  readonly #requestIds: RequestIds;
  #isClosed = false;

  constructor(options: CallerOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.logger = options.logger;
    this.routeToLeaderEnabled = options.routeToLeaderEnabled;
    this.observer =
      options.observer ?? new Observer({ clock: options.clock, address: "", environment: {} });
    this.#transport = options.transport;
    this.#requestIds = new RequestIds(options.random);
  }

  /** From now on every call fails. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Calls a procedure that one message answers.
   *
   * @throws {SpannerError} the status of the last attempt.
   */
  async unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    call: Call,
  ): Promise<Response> {
    if (this.#isClosed) throw closed("client");
    const deadline = new Deadline(
      this.clock,
      call.timeoutMillis ?? defaultTimeoutMillis(method.name),
    );
    const observed = this.#observe(method.name, request, call);
    if (observed === undefined) return this.#attempts(method, request, call, deadline, undefined);
    try {
      const answer = await this.#attempts(method, request, call, deadline, observed);
      observed.ended(undefined);
      return answer;
    } catch (error) {
      observed.ended(classifyError(error, ""));
      throw error;
    }
  }

  async #attempts<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    call: Call,
    deadline: Deadline,
    observed: ObservedCall | undefined,
  ): Promise<Response> {
    const number = this.#requestIds.next();
    let before: SpannerError | undefined;
    for (let attempt = 1; ; attempt++) {
      const requestId = this.#requestIds.print(number, attempt);
      observed?.attemptStarted(requestId);
      try {
        return await this.#transport.unary(method, request, {
          metadata: { ...call.headers, ...observed?.headers, [REQUEST_ID]: requestId },
          timeoutMillis: deadline.forTransport(),
          signal: call.signal,
          affinity: call.affinity,
        });
      } catch (thrown) {
        const failed = explainError(classifyError(thrown, requestId), request);
        const error = expiredAfter(before, failed);
        before = error;
        observed?.attemptFailed(error);
        if (call.isIdempotent === false) throw error;
        const waitMillis = callRetryMillis(error, attempt, this.random);
        if (waitMillis !== undefined) call.tryingAgain?.(error);
        await this.waitOrThrow(waitMillis, deadline, error, call.signal);
      }
    }
  }

  /** Numbers a stream, whose attempts are then opened one by one. */
  startStream<Request, Response>(
    method: Method<Request, Response>,
    call: Pick<Call, "headers" | "isMultiplexed" | "affinity" | "span">,
  ): StreamCalls<Request, Response> {
    const { headers, affinity } = call;
    const number = this.#requestIds.next();
    let attempt = 0;
    let requestId = "";
    let asked: Request | undefined;
    let observed: ObservedCall | undefined;
    return {
      open: (request, deadline, signal) => {
        if (this.#isClosed) throw closed("client");
        attempt += 1;
        asked = request;
        requestId = this.#requestIds.print(number, attempt);
        if (attempt === 1) observed = this.#observe(method.name, request, call);
        observed?.attemptStarted(requestId);
        return this.#transport.serverStream(method, request, {
          metadata: { ...headers, ...observed?.headers, [REQUEST_ID]: requestId },
          timeoutMillis: deadline.forTransport(),
          signal,
          affinity,
        });
      },
      classify: (thrown) => {
        const error = explainError(classifyError(thrown, requestId), asked);
        observed?.attemptFailed(error);
        return error;
      },
      ended: (error) => observed?.ended(error),
    };
  }

  /** What is told of a call, where anybody wants to know. */
  #observe(
    method: string,
    request: unknown,
    { span, headers, isMultiplexed = false }: Pick<Call, "headers" | "isMultiplexed" | "span">,
  ): ObservedCall | undefined {
    if (!this.observer.isWatching) return undefined;
    return this.observer.callStarted({ method, span, headers, isMultiplexed, request });
  }

  /**
   * Waits before the next attempt.
   *
   * @throws {SpannerError} the error itself, at once, when there is nothing to wait for or no time
   * is left; CANCELLED when the signal is aborted during the wait.
   */
  async waitOrThrow(
    waitMillis: number | undefined,
    deadline: Deadline,
    error: SpannerError,
    signal?: AbortSignal,
  ): Promise<void> {
    if (waitMillis === undefined || waitMillis >= deadline.remainingMillis()) throw error;
    this.logger.log("debug", "call failed, trying again", {
      code: error.codeName,
      waitMillis,
      requestId: error.requestId,
    });
    await this.sleep(waitMillis, signal);
  }

  /**
   * Waits for what others may wait for as well: one who leaves does not end it.
   *
   * @throws {SpannerError} what `late` makes when the caller's time is over; CANCELLED when its signal
   * is aborted.
   */
  async waitFor<T>(
    shared: Promise<T>,
    options: OperationOptions,
    late: () => SpannerError = () => classifyError(deadlineExceeded(), ""),
  ): Promise<T> {
    const { signal, timeoutMillis } = options;
    if (signal === undefined && timeoutMillis === undefined) return shared;
    const left = new AbortController();
    const leave = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal]);
    const gone = this.sleep(timeoutMillis ?? FOREVER_MILLIS, leave).then(() => {
      throw late();
    });
    try {
      return await Promise.race([shared, gone]);
    } finally {
      left.abort();
      gone.catch(() => undefined); // It ended by being aborted just now, or was thrown already.
    }
  }

  /** Waits, and ends with CANCELLED or DEADLINE_EXCEEDED when the signal is aborted. */
  async sleep(millis: number, signal?: AbortSignal): Promise<void> {
    try {
      await this.clock.sleep(millis, { signal });
    } catch (thrown) {
      throw classifyError(StatusError.from(thrown), "");
    }
  }
}

/** The attempts of one stream. */
export interface StreamCalls<Request, Response> {
  /** Opens the next attempt. */
  open(
    request: Request,
    deadline: Deadline,
    signal: AbortSignal | undefined,
  ): AsyncIterableIterator<Response>;
  /** Gives what the current attempt threw its class and request id. */
  classify(thrown: unknown): SpannerError;
  /** No attempt follows: the stream was read or left, or failed for good. */
  ended(error: SpannerError | undefined): void;
}
