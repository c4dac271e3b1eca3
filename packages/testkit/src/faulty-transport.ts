// SPDX-License-Identifier: Apache-2.0
// A transport that misbehaves as networks do, by the dice it is given: calls are late, are lost before
// they reach the server or after they had their effect, and streams break in the middle. What it never
// does is lie: a call that it answers was answered by the server.
import { type Clock, Code, type Random, StatusError } from "@spandrel/base";
import type { CallOptions, Method, Transport } from "@spandrel/rpc";

/** How often what goes wrong, each from 0 (never) to 1 (always). */
export interface Faults {
  /** The request is lost: the server never sees it. */
  readonly lostRequest: number;
  /** The answer is lost: the server has done what was asked. */
  readonly lostAnswer: number;
  /** A stream breaks before its next message. */
  readonly brokenStream: number;
  /** The longest that a call is late, in milliseconds, each way. */
  readonly delayMillisMax: number;
}

/** What the transport is made of. */
export interface FaultyTransportOptions {
  readonly inner: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: Faults;
}

/** See the top of this file. */
export class FaultyTransport implements Transport {
  readonly #options: FaultyTransportOptions;
  #faults: Faults;

  constructor(options: FaultyTransportOptions) {
    this.#options = options;
    this.#faults = options.faults;
  }

  /** From now on nothing goes wrong. */
  heal(): void {
    this.#faults = { lostRequest: 0, lostAnswer: 0, brokenStream: 0, delayMillisMax: 0 };
  }

  async unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    await this.#travel(options);
    this.#maybeLose(this.#faults.lostRequest);
    const answer = await this.#options.inner.unary(method, request, options);
    await this.#travel(options);
    this.#maybeLose(this.#faults.lostAnswer);
    return answer;
  }

  async *serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): AsyncIterableIterator<Response> {
    await this.#travel(options);
    this.#maybeLose(this.#faults.lostRequest);
    for await (const message of this.#options.inner.serverStream(method, request, options)) {
      await this.#travel(options);
      this.#maybeLose(this.#faults.brokenStream);
      yield message;
    }
  }

  close(): Promise<void> {
    return this.#options.inner.close();
  }

  async #travel(options: CallOptions | undefined): Promise<void> {
    const { clock, random } = this.#options;
    const millis = random.next() * this.#faults.delayMillisMax;
    if (millis > 0) await clock.sleep(millis, { signal: options?.signal });
  }

  #maybeLose(chance: number): void {
    if (this.#options.random.next() < chance) {
      throw new StatusError(Code.UNAVAILABLE, "The connection was lost.");
    }
  }
}
