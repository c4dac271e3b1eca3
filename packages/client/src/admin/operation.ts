// SPDX-License-Identifier: Apache-2.0
import { codeOf } from "@spandrel/base";
import type { Any, Operation as ProtoOperation } from "@spandrel/protocol/admin";
import type { GeneratedMessage } from "@spandrel/rpc";
import type { Caller, OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { operationStillRunning } from "../errors/admin.ts";
import { SpannerError } from "../errors/spanner-error.ts";
import { backoffMillis, operationBackoff } from "../retry/backoff.ts";
import { Deadline } from "../retry/deadline.ts";
import { type AdminMethods, adminMethods } from "./admin-methods.ts";

/** How what an operation carries is read. */
export interface OperationCodec<T, M> {
  result(any: Any): T;
  metadata(any: Any): M;
}

/**
 * Something that the server does over a longer time, such as creating a database.
 *
 * It goes on whether or not anybody waits for it. `T` is what comes of it, `M` what it says of itself
 * meanwhile.
 * https://cloud.google.com/spanner/docs/manage-and-observe-long-running-operations
 */
export class Operation<T = unknown, M = unknown> {
  readonly #caller: Caller;
  readonly #codec: OperationCodec<T, M>;
  #message: ProtoOperation;

  constructor(caller: Caller, message: ProtoOperation, codec: OperationCodec<T, M>) {
    this.#caller = caller;
    this.#message = message;
    this.#codec = codec;
  }

  /** An operation whose result and metadata are of the types that they name. */
  static ofNamedTypes(
    caller: Caller,
    message: ProtoOperation,
    messages: AdminMethods["messages"],
  ): Operation<unknown, unknown> {
    const decode = (any: Any): unknown => decodeAny(any, messages);
    return new Operation(caller, message, { result: decode, metadata: decode });
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

  /** What the operation last said of itself, such as its progress; undefined when it said nothing. */
  get metadata(): M | undefined {
    const { metadata } = this.#message;
    return metadata === undefined ? undefined : this.#codec.metadata(metadata);
  }

  /** Asks the server how the operation is doing. */
  async reload(options: OperationOptions = {}): Promise<void> {
    const { operations } = await adminMethods();
    const call = { ...options, headers: this.#headers() };
    this.#message = await this.#caller.unary(operations.getOperation, { name: this.name }, call);
  }

  /**
   * Asks the server again and again, and gives what the operation says of itself each time, until it
   * is over. Leaving the loop leaves the operation alone.
   *
   * @throws {SpannerError} DEADLINE_EXCEEDED when `timeoutMillis` passes first.
   */
  async *updates(options: OperationOptions = {}): AsyncGenerator<M | undefined, void, undefined> {
    const { clock, random } = this.#caller;
    const deadline = new Deadline(clock, options.timeoutMillis ?? Number.POSITIVE_INFINITY);
    for (let polls = 1; !this.isDone; polls++) {
      yield this.metadata;
      const waitMillis = backoffMillis(polls, random, operationBackoff);
      if (waitMillis >= deadline.remainingMillis()) throw operationStillRunning(this.name);
      await this.#caller.sleep(waitMillis, options.signal);
      await this.reload({ signal: options.signal, timeoutMillis: deadline.forTransport() });
    }
    yield this.metadata;
  }

  /**
   * Waits until the operation is over and gives what came of it.
   *
   * @throws {SpannerError} the failure of the operation, or DEADLINE_EXCEEDED when `timeoutMillis`
   * passes first; the operation then goes on.
   */
  async result(options: OperationOptions = {}): Promise<T> {
    const updates = this.updates(options);
    while (!(await updates.next()).done);
    const { result } = this.#message;
    if (result?.$case === "error") {
      const { code = 0, message = "" } = result.error;
      throw new SpannerError(codeOf(code), message);
    }
    return this.#codec.result(result?.response ?? {});
  }

  /** Asks the server to stop; whether it does is seen in the operation's result. */
  async cancel(options: OperationOptions = {}): Promise<void> {
    const { operations } = await adminMethods();
    const call = { ...options, headers: this.#headers() };
    await this.#caller.unary(operations.cancelOperation, { name: this.name }, call);
  }

  /** Lets the server forget the operation, which ends nothing. */
  async delete(options: OperationOptions = {}): Promise<void> {
    const { operations } = await adminMethods();
    const call = { ...options, headers: this.#headers() };
    await this.#caller.unary(operations.deleteOperation, { name: this.name }, call);
  }

  #headers(): ReturnType<typeof headersOf> {
    return headersOf({ resource: this.name, routing: ["name", this.name] });
  }
}

/** Reads a message by the type that it names; one of a type that is not known stays as it came. */
function decodeAny(any: Any, messages: AdminMethods["messages"]): unknown {
  const { typeUrl = "", value = new Uint8Array() } = any;
  const name = typeUrl.slice(typeUrl.lastIndexOf(".") + 1);
  if (name === "Empty") return undefined;
  // The services' messages by their names, which a name from the wire may or may not be one of.
  const known = new Map(Object.entries(messages)).get(name) as
    | GeneratedMessage<unknown>
    | undefined;
  return known === undefined ? any : known.decode(value);
}
