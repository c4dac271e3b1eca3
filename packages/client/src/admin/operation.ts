// SPDX-License-Identifier: Apache-2.0
import { codeOf } from "@spandrel/base";
import type { Operation as ProtoOperation } from "@spandrel/protocol/admin";
import type { Caller, OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { operationStillRunning } from "../errors/admin.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { backoffMillis, operationBackoff } from "../retry/backoff.ts";
import { Deadline } from "../retry/deadline.ts";
import { adminMethods } from "./admin-methods.ts";

/** Reads the bytes of an operation's result. */
export type ResultDecoder<T> = (bytes: Uint8Array) => T;

/**
 * Something that the server does over a longer time, such as creating a database.
 *
 * It goes on whether or not anybody waits for it.
 */
export class Operation<T> {
  readonly #caller: Caller;
  readonly #resource: string;
  readonly #decode: ResultDecoder<T>;
  #message: ProtoOperation;

  constructor(caller: Caller, resource: string, message: ProtoOperation, decode: ResultDecoder<T>) {
    this.#caller = caller;
    this.#resource = resource;
    this.#message = message;
    this.#decode = decode;
  }

  /** The operation's full name, by which it can be found again. */
  get name(): string {
    return this.#message.name ?? "";
  }

  /** Whether it was over when the server was last asked. */
  get isDone(): boolean {
    return this.#message.done ?? false;
  }

  /** What the server last said, undecoded. */
  get message(): ProtoOperation {
    return this.#message;
  }

  /** Asks the server how the operation is doing. */
  async reload(options: OperationOptions = {}): Promise<void> {
    const { operations } = await adminMethods();
    const call = { ...options, headers: this.#headers() };
    this.#message = await this.#caller.unary(operations.getOperation, { name: this.name }, call);
  }

  /**
   * Waits until the operation is over and gives what came of it.
   *
   * @throws {SpannerError} the failure of the operation, or DEADLINE_EXCEEDED when `timeoutMillis`
   * passes first; the operation then goes on.
   */
  async result(options: OperationOptions = {}): Promise<T> {
    const { clock, random } = this.#caller;
    const deadline = new Deadline(clock, options.timeoutMillis ?? Number.POSITIVE_INFINITY);
    for (let polls = 1; !this.isDone; polls++) {
      const waitMillis = backoffMillis(polls, random, operationBackoff);
      if (waitMillis >= deadline.remainingMillis()) throw operationStillRunning(this.name);
      await this.#caller.sleep(waitMillis, options.signal);
      await this.reload({ signal: options.signal });
    }
    const { result } = this.#message;
    if (result?.$case === "error") {
      const { code = 0, message = "" } = result.error;
      throw new SpannerError(codeOf(code), message);
    }
    return this.#decode(result?.response.value ?? new Uint8Array());
  }

  /** Asks the server to stop; whether it does is seen in the operation's result. */
  async cancel(options: OperationOptions = {}): Promise<void> {
    const { operations } = await adminMethods();
    const call = { ...options, headers: this.#headers() };
    await this.#caller.unary(operations.cancelOperation, { name: this.name }, call);
  }

  #headers(): ReturnType<typeof headersOf> {
    return headersOf({ resource: this.#resource, routing: ["name", this.name] });
  }
}
