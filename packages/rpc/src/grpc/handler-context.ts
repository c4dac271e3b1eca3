// SPDX-License-Identifier: Apache-2.0
// What every server side hands its handlers, whatever the call came in by.
import { BugError, type Logger, type Random, randomText, StatusError } from "@spandrel/base";
import type { CallContext } from "../contract/router.ts";
import type { Metadata } from "../contract/transport.ts";
import { internalIncident } from "./errors.ts";
import { type HttpHeaders, metadataOf } from "./metadata.ts";

/** The context of one call; what the handler sees is the `CallContext` in it. */
export class HandlerContext implements CallContext {
  readonly #received: HttpHeaders;
  #metadata: Metadata | undefined;
  /** Undefined until the handler sets a header: most never do. */
  headers: Record<string, string> | undefined;
  /** Undefined until the handler sets a trailer: most never do. */
  trailers: Record<string, string> | undefined;
  #controller: AbortController | undefined;
  #abortedFor: StatusError | undefined;

  /** @param received all headers of the call; what of them is metadata is seen to here. */
  constructor(received: HttpHeaders) {
    this.#received = received;
  }

  get metadata(): Metadata {
    this.#metadata ??= metadataOf(this.#received);
    return this.#metadata;
  }

  /** Made when somebody asks for it: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedFor !== undefined) this.#controller.abort(this.#abortedFor);
    }
    return this.#controller.signal;
  }

  setHeader(key: string, value: string): void {
    this.headers ??= {};
    this.headers[key.toLowerCase()] = value;
  }

  setTrailer(key: string, value: string): void {
    this.trailers ??= {};
    this.trailers[key.toLowerCase()] = value;
  }

  /** Tells the handler to stop: the signal is aborted for this reason. Only the first time counts. */
  abort(reason: StatusError): void {
    if (this.#abortedFor !== undefined) return;
    this.#abortedFor = reason;
    this.#controller?.abort(reason);
  }
}

/**
 * What the caller is told about something that a handler threw.
 *
 * A StatusError is the handler's answer. All else is a mistake in the handler: the log gets it whole,
 * under an incident that the caller is told, and the caller gets nothing of it.
 */
export function statusOfThrown(
  thrown: unknown,
  path: string,
  logger: Logger,
  random: Random,
): StatusError {
  if (thrown instanceof StatusError) return thrown;
  const incident = randomText(random, 12);
  logger.log("error", thrown instanceof BugError ? "bug in a handler" : "handler failed", {
    incident,
    path,
    error: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown),
  });
  return internalIncident(incident, thrown);
}

/**
 * Logs what a handler threw after its call was over, when nobody is left to be told.
 *
 * A status is an ordinary end, and so is an AbortError: whatever the handler was waiting for has
 * heeded the signal.
 */
export function logLateFailure(
  thrown: unknown,
  path: string,
  logger: Logger,
  random: Random,
): void {
  if (thrown instanceof Error && thrown.name === "AbortError") return;
  statusOfThrown(thrown, path, logger, random);
}
