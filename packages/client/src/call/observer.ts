// SPDX-License-Identifier: Apache-2.0
// What can be seen of a client from outside: spans, metrics, and messages on a diagnostics channel of
// Node. All of it belongs to one client; there is no global state, and nothing is set up by itself.
//
// Where nobody looks, a call costs one comparison more: no object is made for it. What a span never
// says by itself is the text of a statement, which may hold data of users.
// https://opentelemetry.io/docs/specs/semconv/database/
import { tracingChannel } from "node:diagnostics_channel";
import { type Clock, NANOS_PER_MILLI } from "@spandrel/base";
import type { Metadata } from "@spandrel/rpc";
import type { SpannerError } from "../errors/spanner-error.ts";
import { Instruments, type SessionCounts } from "./instruments.ts";
import type { Attributes, MeterProvider, Span, Tracer, TracerProvider } from "./open-telemetry.ts";

/** What may be seen of a client. */
export interface ObservabilityOptions {
  /** Where spans go. Default: nowhere. `trace.getTracerProvider()` gives the process's own. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where metrics go. Default: nowhere. `metrics.getMeterProvider()` gives the process's own. */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Whether spans hold the text of statements. Default: SPANNER_ENABLE_EXTENDED_TRACING of the
   * environment says `true`. When it says `false`, they never do.
   */
  readonly enableExtendedTracing?: boolean | undefined;
  /**
   * Whether Spanner's own spans become part of the trace. Default: SPANNER_ENABLE_END_TO_END_TRACING
   * of the environment says `true`.
   * https://cloud.google.com/spanner/docs/tracing-overview#end-to-end-side-tracing
   */
  readonly enableEndToEndTracing?: boolean | undefined;
  /** Whether no metrics are made. Default: SPANNER_DISABLE_BUILTIN_METRICS says `true`. */
  readonly disableBuiltinMetrics?: boolean | undefined;
}

/** What is published about a call: on `start`, then on `error` if it failed, then on `asyncEnd`. */
export interface CallMessage {
  /** Name of the procedure: `ExecuteStreamingSql`. */
  readonly method: string;
  /** Full name of the database or other resource that is called. */
  readonly resource: string;
  /** Whether the call is made in a multiplexed session. */
  readonly isMultiplexed: boolean;
  /** The id of the last attempt; empty before the first. */
  requestId: string;
  attempts: number;
  /** How long the call took, in milliseconds; zero before its end. */
  durationMillis: number;
  error: SpannerError | undefined;
}

/** The name of the diagnostics channel, for `tracingChannel(CALL_CHANNEL)`. */
export const CALL_CHANNEL = "spandrel:call";

const channel = tracingChannel<CallMessage, CallMessage>(CALL_CHANNEL);

/** What is known of a call before it is made. */
export interface CallDetails {
  readonly method: string;
  /** The name of the span without its prefix. Default: that of the procedure. */
  readonly span: string | undefined;
  readonly headers: Metadata;
  readonly isMultiplexed: boolean;
  readonly request: unknown;
}

/** What an observer is made of. */
export interface ObserverOptions extends ObservabilityOptions {
  readonly clock: Clock;
  /** Where calls go: `host:port`; empty when that is not known. */
  readonly address: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Tells tracers, meters and subscribers about the calls of one client. */
export class Observer {
  readonly clock: Clock;
  readonly isExtended: boolean;
  readonly isEndToEnd: boolean;
  readonly tracer: Tracer | undefined;
  readonly instruments: Instruments | undefined;
  readonly #common: Attributes;
  readonly #isWatching: boolean;

  constructor(options: ObserverOptions) {
    const { environment, tracerProvider, meterProvider } = options;
    const extended = environment["SPANNER_ENABLE_EXTENDED_TRACING"]?.trim().toLowerCase();
    const isDisabled =
      options.disableBuiltinMetrics ?? environment["SPANNER_DISABLE_BUILTIN_METRICS"] === "true";
    this.clock = options.clock;
    this.isExtended =
      extended !== "false" && (options.enableExtendedTracing ?? extended === "true");
    this.isEndToEnd =
      options.enableEndToEndTracing ??
      environment["SPANNER_ENABLE_END_TO_END_TRACING"]?.toLowerCase() === "true";
    this.tracer = tracerProvider?.getTracer(SCOPE, VERSION);
    this.instruments =
      meterProvider === undefined || isDisabled
        ? undefined
        : new Instruments(meterProvider.getMeter(SCOPE, VERSION));
    this.#common = commonAttributes(options.address);
    this.#isWatching = this.tracer !== undefined || this.instruments !== undefined;
  }

  /** Whether anybody wants to know about calls. */
  get isWatching(): boolean {
    return this.#isWatching || channel.hasSubscribers;
  }

  /** A call begins, whose attempts and end the result is told about. */
  callStarted(details: CallDetails): ObservedCall {
    return new ObservedCall(this, details, this.#common);
  }

  /** Runs a function of several calls within a span that is theirs. */
  within<T>(
    name: string,
    attributes: Attributes,
    run: (span: Span | undefined) => Promise<T>,
  ): Promise<T> {
    if (this.tracer === undefined) return run(undefined);
    const options = { kind: CLIENT, attributes: { ...this.#common, ...attributes } };
    return this.tracer.startActiveSpan(`CloudSpanner.${name}`, options, async (span) => {
      try {
        const value = await run(span);
        span.setStatus({ code: OK });
        return value;
      } catch (error) {
        spanFailed(span, error);
        throw error;
      } finally {
        span.end();
      }
    });
  }

  /** Lets the gauges of sessions ask for their numbers; gives what ends that. */
  watchSessions(counts: () => Iterable<SessionCounts>): () => void {
    return this.instruments?.watchSessions(counts) ?? (() => undefined);
  }
}

const SCOPE = "@spandrel/client";
const VERSION = "0.1.0";
const CLIENT = 2;
const OK = 1;
const ERROR = 2;

/** Names of spans that are not `CloudSpanner.` and the name of the procedure. */
const spanNames: Readonly<Record<string, string>> = {
  ExecuteSql: "Transaction.execute_update",
  ExecuteBatchDml: "DMLTransaction",
  BeginTransaction: "Transaction.begin",
  Commit: "Transaction.commit",
  Rollback: "Transaction.rollback",
  PartitionQuery: "Snapshot.partition_query",
  PartitionRead: "Snapshot.partition_read",
  BatchWrite: "batch_write",
};

/** One call under observation: all of its attempts. */
export class ObservedCall {
  readonly #observer: Observer;
  readonly #span: Span | undefined;
  readonly #message: CallMessage;
  readonly #startNanos: bigint;
  #attemptNanos = 0n;
  #hasAttempt = false;
  #hasEnded = false;

  constructor(observer: Observer, details: CallDetails, common: Attributes) {
    const { method, isMultiplexed, headers } = details;
    this.#observer = observer;
    this.#startNanos = observer.clock.monotonic();
    this.#message = {
      method,
      resource: headers["google-cloud-resource-prefix"] ?? "",
      isMultiplexed,
      requestId: "",
      attempts: 0,
      durationMillis: 0,
      error: undefined,
    };
    if (observer.tracer !== undefined) {
      const attributes = { ...common, ...attributesOf(details, this.#message, observer) };
      const name = `CloudSpanner.${spanNameOf(details)}`;
      this.#span = observer.tracer.startSpan(name, { kind: CLIENT, attributes });
    }
    if (channel.hasSubscribers) channel.start.publish(this.#message);
  }

  /** Metadata that makes the server's spans part of the trace; none unless that is asked for. */
  get headers(): Metadata | undefined {
    if (this.#span === undefined || !this.#observer.isEndToEnd) return undefined;
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    const flags = (traceFlags & 0xff).toString(16).padStart(2, "0");
    return {
      "x-goog-spanner-end-to-end-tracing": "true",
      traceparent: `00-${traceId}-${spanId}-${flags}`,
    };
  }

  /** An attempt begins. */
  attemptStarted(requestId: string): void {
    this.#attemptNanos = this.#observer.clock.monotonic();
    this.#hasAttempt = true;
    this.#message.requestId = requestId;
    this.#message.attempts += 1;
    this.#span?.setAttribute("x_goog_spanner_request_id", requestId);
  }

  /** The attempt failed; whether there is another one is not known yet. */
  attemptFailed(error: SpannerError): void {
    if (!this.#hasAttempt) return;
    this.#hasAttempt = false;
    this.#observer.instruments?.attempt(
      this.#message,
      this.#millisSince(this.#attemptNanos),
      error.codeName,
    );
    this.#span?.addEvent("attempt failed", {
      "rpc.grpc.status_code": error.code,
      attempt: this.#message.attempts,
      x_goog_spanner_request_id: this.#message.requestId,
    });
  }

  /** The call is over, by an error or without. Said twice, the first counts. */
  ended(error: SpannerError | undefined): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const message = this.#message;
    const status = error?.codeName ?? "OK";
    const { instruments } = this.#observer;
    if (this.#hasAttempt)
      instruments?.attempt(message, this.#millisSince(this.#attemptNanos), status);
    message.durationMillis = this.#millisSince(this.#startNanos);
    message.error = error;
    instruments?.operation(message, message.durationMillis, status);
    if (this.#span !== undefined) {
      if (error === undefined) this.#span.setStatus({ code: OK });
      else spanFailed(this.#span, error);
      this.#span.end();
    }
    if (!channel.hasSubscribers) return;
    if (error !== undefined) channel.error.publish(message);
    channel.asyncEnd.publish(message);
  }

  #millisSince(nanos: bigint): number {
    return Number(this.#observer.clock.monotonic() - nanos) / Number(NANOS_PER_MILLI);
  }
}

function spanFailed(span: Span, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof Error) span.recordException(error);
  const code = error instanceof Error && "codeName" in error ? String(error.codeName) : "_OTHER";
  span.setAttribute("db.response.status_code", code);
  span.setAttribute("error.type", code);
  span.setStatus({ code: ERROR, message: text });
}

function spanNameOf({ method, span, isMultiplexed }: CallDetails): string {
  if (span !== undefined) return span;
  if (method === "CreateSession" && isMultiplexed) return "CreateMultiplexedSession";
  return spanNames[method] ?? method;
}

function commonAttributes(address: string): Attributes {
  const [host = "", port = ""] = address.split(/:(?=\d+$)/);
  return {
    "db.system.name": "gcp.spanner",
    "gcp.client.service": "spanner",
    "gcp.client.version": VERSION,
    "gcp.client.repo": "spandrel",
    ...(host !== "" && { "server.address": host }),
    ...(port !== "" && { "server.port": Number(port) }),
  };
}

/** What requests for data have in common, of which each has some. */
interface KnownParts {
  readonly sql?: string;
  readonly table?: string;
  readonly statements?: readonly { readonly sql?: string }[];
  readonly mutations?: readonly unknown[];
  readonly requestOptions?: { readonly requestTag?: string; readonly transactionTag?: string };
}

function attributesOf(
  { method, request }: CallDetails,
  { resource, isMultiplexed }: CallMessage,
  observer: Observer,
): Attributes {
  // Requests are messages of the service; each has some of these fields, in these types.
  const { sql, table, statements, mutations, requestOptions } = request as KnownParts;
  const texts = statements?.map((statement) => statement.sql ?? "").join(";") ?? sql;
  const { requestTag, transactionTag } = requestOptions ?? {};
  return {
    "db.namespace": resource,
    "gcp.resource.name": `//spanner.googleapis.com/${resource}`,
    "db.operation.name": method,
    is_multiplexed: isMultiplexed,
    ...(observer.isExtended && texts && { "db.query.text": texts }),
    ...(table && { "db.collection.name": table }),
    ...(statements && { "db.operation.batch.size": statements.length }),
    ...(mutations && { num_mutations: mutations.length }),
    ...(requestTag && { "request.tag": requestTag }),
    ...(transactionTag && { "transaction.tag": transactionTag }),
  };
}
