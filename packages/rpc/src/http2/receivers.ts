// SPDX-License-Identifier: Apache-2.0
// The two ways to take an answer: as one message, or as a stream that is pulled.
import { Code, StatusError } from "@spandrel/base";
import type { Codec } from "../contract/method.ts";
import { callCancelled, malformedResponse, wrongResponseCount } from "../grpc/errors.ts";
import type { Frame } from "../grpc/frame.ts";
import type { ClientCall, Receiver } from "./client-call.ts";
import { UNREAD_BYTES_MAX } from "./limits.ts";

/** @throws {StatusError} when the frame is not such a message. */
function decode<Response>(codec: Codec<Response>, call: ClientCall, frame: Frame): Response {
  const bytes = call.decompress(frame);
  try {
    return codec.decode(bytes);
  } catch (error) {
    throw malformedResponse(error);
  }
}

/** Waits for exactly one message and an OK. */
export class UnaryReceiver<Response> implements Receiver {
  readonly #codec: Codec<Response>;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: StatusError) => void;
  #frame: Frame | undefined;
  /** Set by whoever starts the call, before anything can arrive. */
  call: ClientCall | undefined;

  constructor(
    codec: Codec<Response>,
    resolve: (response: Response) => void,
    reject: (error: StatusError) => void,
  ) {
    this.#codec = codec;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  bytesArrived(): void {
    for (let frame = this.call?.takeFrame(); frame !== undefined; frame = this.call?.takeFrame()) {
      if (this.#frame !== undefined) throw wrongResponseCount(2);
      this.#frame = frame;
    }
  }

  callEnded(error: StatusError | undefined): void {
    if (error !== undefined) {
      this.#reject(error);
    } else if (this.#frame === undefined || this.call === undefined) {
      this.#reject(wrongResponseCount(0));
    } else {
      try {
        this.#resolve(decode(this.#codec, this.call, this.#frame));
      } catch (broken) {
        this.#reject(StatusError.from(broken, Code.INTERNAL));
      }
    }
  }
}

interface Pull<Response> {
  readonly resolve: (result: IteratorResult<Response>) => void;
  readonly reject: (error: StatusError) => void;
}

type Stage =
  | { readonly kind: "fresh" }
  | { readonly kind: "open"; readonly call: ClientCall }
  /** The call is over; messages that came before may still be pulled. */
  | { readonly kind: "over"; readonly call: ClientCall; readonly error: StatusError | undefined }
  | { readonly kind: "ended" };

/**
 * A stream of messages as it is pulled.
 *
 * What nobody pulls stays bounded: at most so many bytes wait here, and beyond them the stream is
 * not read, so that the server stops once the window of the stream is full. Pulls may overlap; they
 * are answered in their order.
 */
export class MessageStream<Response> implements AsyncIterableIterator<Response>, Receiver {
  readonly #codec: Codec<Response>;
  readonly #start: (receiver: Receiver) => ClientCall;
  #stage: Stage = { kind: "fresh" };
  #frames: Frame[] = [];
  #frameNext = 0;
  #unreadBytes = 0;
  #isPaused = false;
  readonly #pulls: Pull<Response>[] = [];

  constructor(codec: Codec<Response>, start: (receiver: Receiver) => ClientCall) {
    this.#codec = codec;
    this.#start = start;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Response>> {
    if (this.#stage.kind === "fresh") {
      try {
        this.#stage = { kind: "open", call: this.#start(this) };
      } catch (error) {
        this.#stage = { kind: "ended" };
        return Promise.reject(error);
      }
    }
    return new Promise((resolve, reject) => {
      this.#pulls.push({ resolve, reject });
      this.#serve();
    });
  }

  return(value?: unknown): Promise<IteratorResult<Response>> {
    const stage = this.#stage;
    this.#stage = { kind: "ended" };
    this.#drop();
    if (stage.kind === "open") stage.call.fail(callCancelled());
    this.#serve();
    return Promise.resolve({ done: true, value });
  }

  bytesArrived(): void {
    if (this.#stage.kind !== "open") return;
    const { call } = this.#stage;
    for (let frame = call.takeFrame(); frame !== undefined; frame = call.takeFrame()) {
      this.#frames.push(frame);
      this.#unreadBytes += frame.bytes.length;
    }
    this.#serve();
    if (this.#unreadBytes > UNREAD_BYTES_MAX && !this.#isPaused) {
      this.#isPaused = true;
      call.pause();
    }
  }

  callEnded(error: StatusError | undefined): void {
    if (this.#stage.kind !== "open") return;
    this.#stage = { kind: "over", call: this.#stage.call, error };
    this.#serve();
  }

  /** Answers pulls as far as it can be done now. */
  #serve(): void {
    while (this.#pulls.length > 0) {
      const result = this.#take();
      if (result === undefined) return;
      const pull = this.#pulls.shift();
      if (result instanceof StatusError) pull?.reject(result);
      else pull?.resolve(result);
    }
  }

  /** What the next pull gets; undefined when it must wait. */
  #take(): IteratorResult<Response> | StatusError | undefined {
    const stage = this.#stage;
    if (stage.kind === "ended") return { done: true, value: undefined };
    if (stage.kind === "fresh") return undefined;
    const frame = this.#takeFrame();
    if (frame !== undefined) return this.#decode(stage.call, frame);
    if (stage.kind === "open") return undefined;
    this.#stage = { kind: "ended" };
    return stage.error ?? { done: true, value: undefined };
  }

  #decode(call: ClientCall, frame: Frame): IteratorResult<Response> | StatusError {
    try {
      const value = decode(this.#codec, call, frame);
      if (this.#isPaused && this.#unreadBytes <= UNREAD_BYTES_MAX / 2) {
        this.#isPaused = false;
        call.resume();
      }
      return { done: false, value };
    } catch (broken) {
      const error = StatusError.from(broken, Code.INTERNAL);
      this.#stage = { kind: "ended" };
      this.#drop();
      call.fail(error);
      return error;
    }
  }

  #takeFrame(): Frame | undefined {
    const frame = this.#frames[this.#frameNext];
    if (frame === undefined) return undefined;
    this.#frameNext += 1;
    this.#unreadBytes -= frame.bytes.length;
    if (this.#frameNext === this.#frames.length) {
      this.#frames = [];
      this.#frameNext = 0;
    }
    return frame;
  }

  #drop(): void {
    this.#frames = [];
    this.#frameNext = 0;
    this.#unreadBytes = 0;
  }
}
