// SPDX-License-Identifier: Apache-2.0
import { Code, StatusError } from "@spandrel/base";
import type { CallOptions, Method, Transport } from "@spandrel/rpc";

/** A transport that counts the calls that go through it, by method, until it is told to stop. */
export class CountingTransport implements Transport {
  readonly #inner: Transport;
  readonly #stop: AbortSignal;
  readonly #counts = new Map<string, number>();

  constructor(inner: Transport, stop: AbortSignal) {
    this.#inner = inner;
    this.#stop = stop;
  }

  /** How often a method was called; without a name, all calls. */
  count(method?: string): number {
    if (method !== undefined) return this.#counts.get(method) ?? 0;
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    this.#countOne(method.name);
    return this.#inner.unary(method, request, options);
  }

  serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): AsyncIterableIterator<Response> {
    this.#countOne(method.name);
    return this.#inner.serverStream(method, request, options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Counts a call; refuses it once all is over, so that nobody goes on retrying. */
  #countOne(name: string): void {
    if (this.#stop.aborted) throw new StatusError(Code.CANCELLED, "The demonstration was stopped.");
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}
