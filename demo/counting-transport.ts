// SPDX-License-Identifier: Apache-2.0
import type { CallOptions, Method, Transport } from "@spandrel/rpc";

/** A transport that counts the calls that go through it, by method. */
export class CountingTransport implements Transport {
  readonly #inner: Transport;
  readonly #counts = new Map<string, number>();

  constructor(inner: Transport) {
    this.#inner = inner;
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

  #countOne(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}
