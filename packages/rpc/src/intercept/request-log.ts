// SPDX-License-Identifier: Apache-2.0
// A log of what was called, for tests to assert on and for people to look at. It is off until somebody
// asks for it, and holds a bounded number of the newest calls. What a message says beyond its method is
// told by the service, as fields; nothing else of a message is kept.
import { type Clock, type CodeName, StatusError } from "@spandrel/base";
import type { InterceptedCall, Interceptor } from "../contract/router.ts";
import type { DescribeCall } from "./faults.ts";

/** A call that was made. */
export interface LoggedRequest {
  /** Rises by one with each call; calls are in the order of their beginning. */
  readonly number: number;
  /** `Commit`. */
  readonly method: string;
  /** `/google.spanner.v1.Spanner/Commit`. */
  readonly path: string;
  /** What the service says of the request, by name. */
  readonly fields: Readonly<Record<string, string>>;
  /** Nanoseconds since the Unix epoch. */
  readonly startedNanos: bigint;
  /** Undefined while it is under way. */
  readonly endedNanos: bigint | undefined;
  /** `OK`, or how it failed; undefined while it is under way. */
  readonly status: CodeName | undefined;
  /** The text of the error; empty when there is none. */
  readonly message: string;
  /** How many messages were answered. */
  readonly messages: number;
}

/** What a log works with. */
export interface RequestLogOptions {
  readonly clock: Clock;
  readonly describe: DescribeCall;
  /** How many calls are kept. Default 10,000. */
  readonly capacity?: number | undefined;
}

type Written = { -readonly [Name in keyof LoggedRequest]: LoggedRequest[Name] };

const capacityDefault = 10_000;

/** See the top of this file. */
export class RequestLog implements Interceptor {
  readonly #options: RequestLogOptions;
  readonly #capacity: number;
  /** A ring: the request of number n is at the place n modulo the capacity. */
  #ring: Written[] = [];
  #isRecording = false;
  #count = 0;
  #clearedTo = 0;

  constructor(options: RequestLogOptions) {
    this.#options = options;
    this.#capacity = options.capacity ?? capacityDefault;
  }

  get isIdle(): boolean {
    return !this.#isRecording;
  }

  /** Whether calls are being logged. */
  get isRecording(): boolean {
    return this.#isRecording;
  }

  /** From now on calls are logged. Harmless when they are. */
  start(): void {
    this.#isRecording = true;
  }

  /** No further calls are logged; those that were stay. */
  stop(): void {
    this.#isRecording = false;
  }

  /** Forgets what was logged. */
  clear(): void {
    this.#ring = [];
    this.#clearedTo = this.#count;
  }

  /** How many calls were forgotten since the last `clear` because there were too many. */
  get dropped(): number {
    return Math.max(0, this.#count - this.#clearedTo - this.#capacity);
  }

  /** The calls, oldest first; as they are now, so that one that is under way has no end. */
  list(): readonly LoggedRequest[] {
    const from = this.#clearedTo + this.dropped;
    const requests: LoggedRequest[] = [];
    for (let number = from; number < this.#count; number++) {
      const request = this.#ring[number % this.#capacity];
      if (request !== undefined) requests.push({ ...request });
    }
    return requests;
  }

  async unary(call: InterceptedCall, next: () => Promise<unknown> | unknown): Promise<unknown> {
    const entry = this.#begin(call);
    try {
      const answer = await next();
      entry.messages = 1;
      this.#end(entry, undefined);
      return answer;
    } catch (thrown) {
      this.#end(entry, thrown);
      throw thrown;
    }
  }

  async *stream(call: InterceptedCall, next: () => AsyncIterable<unknown>): AsyncIterable<unknown> {
    const entry = this.#begin(call);
    try {
      for await (const message of next()) {
        entry.messages++;
        yield message;
      }
      this.#end(entry, undefined);
    } catch (thrown) {
      this.#end(entry, thrown);
      throw thrown;
    } finally {
      // The caller has left the stream before its end.
      if (entry.status === undefined) this.#end(entry, call.context.signal.reason, "CANCELLED");
    }
  }

  #begin(call: InterceptedCall): Written {
    const { name: method, path } = call.method;
    const entry: Written = {
      number: this.#count,
      method,
      path,
      fields: this.#options.describe(call),
      startedNanos: this.#options.clock.now(),
      endedNanos: undefined,
      status: undefined,
      message: "",
      messages: 0,
    };
    this.#ring[this.#count % this.#capacity] = entry;
    this.#count++;
    return entry;
  }

  #end(entry: Written, thrown: unknown, fallback: CodeName = "UNKNOWN"): void {
    entry.endedNanos = this.#options.clock.now();
    if (thrown === undefined) {
      entry.status = fallback === "UNKNOWN" ? "OK" : fallback;
      return;
    }
    const error = StatusError.from(thrown);
    entry.status = error.codeName;
    entry.message = error.message;
  }
}
