// SPDX-License-Identifier: Apache-2.0
// A stream of partial result sets that goes on after it broke. What to do is decided by
// `resume-state`; this is the part that waits and calls.
//
// What is promised: messages come in order, none twice and none left out; one deadline covers every
// attempt and every wait; the call is cancelled when the reader leaves; `ended` of the source is
// called once, whichever way the stream ends. What a request looks like, and whether a failure can be
// mended otherwise than by resuming, is asked of the source, which lends these functions.
import type { Caller, OperationOptions } from "../call/caller.ts";
import { classifyError } from "../call/classify-error.ts";
import { expiredAfter } from "../errors/call.ts";
import type { SpannerError } from "../errors/spanner-error.ts";
import { Deadline } from "../retry/deadline.ts";
import { callRetryMillis } from "../retry/policy.ts";
import type { ReceivedMessage } from "./partial-result-set-codec.ts";
import {
  messageReceived,
  notOpened,
  type ResumeState,
  streamBroke,
  streamEnded,
} from "./resume-state.ts";

/** One attempt at a stream. */
export interface StreamAttempt {
  readonly messages: AsyncIterableIterator<ReceivedMessage>;
  /** Gives what the attempt threw its class and request id. */
  classify(thrown: unknown): SpannerError;
}

/** Where the messages come from, and who wants to know about them. */
export interface StreamSource {
  readonly caller: Caller;
  /** Opens the next attempt, behind a resume token that is empty at the beginning. */
  open(resumeToken: Uint8Array, deadline: Deadline): StreamAttempt | Promise<StreamAttempt>;
  /** A message came. */
  received(message: ReceivedMessage): void;
  /**
   * An attempt failed for good before anything was delivered; gives whether it was mended, so that
   * opening once more makes sense.
   */
  mend?(error: SpannerError): Promise<boolean>;
  /** The stream is over: read to its end, left, or failed. */
  ended(error: SpannerError | undefined): Promise<void> | undefined;
}

/** How long a stream may take when its reader sets no limit. */
const STREAM_TIMEOUT_MILLIS = 3_600_000;

/** Messages of one stream, in as many attempts as it takes. */
export class ResumableStream {
  readonly #source: StreamSource;
  readonly #options: OperationOptions;
  #state: ResumeState<ReceivedMessage> = notOpened();
  #attempt: StreamAttempt | undefined;
  #deadline: Deadline | undefined;
  /** The last failure, until a message comes after it. */
  #failure: SpannerError | undefined;
  #isOpening = false;
  #hasDelivered = false;
  #isOver = false;

  constructor(source: StreamSource, options: OperationOptions) {
    this.#source = source;
    this.#options = options;
  }

  /**
   * The next messages, or undefined at the end. Nothing is sent before the first call of this.
   *
   * @throws {SpannerError} the failure that could not be mended.
   */
  async next(): Promise<readonly ReceivedMessage[] | undefined> {
    while (!this.#isOver) {
      const deliver = await this.#step();
      if (deliver.length === 0) continue;
      this.#hasDelivered = true;
      return deliver;
    }
    return undefined;
  }

  /** Leaves the stream where it is, and cancels its call. */
  async cancel(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    // Who waits for a session, or for a transaction to begin, cleans up when that is over.
    if (this.#isOpening) return;
    await this.#closeAttempt();
    await this.#source.ended(undefined);
  }

  async #step(): Promise<readonly ReceivedMessage[]> {
    const opened = this.#attempt ?? this.#open();
    const attempt = opened instanceof Promise ? await opened : opened;
    if (attempt === undefined) return [];
    let result: IteratorResult<ReceivedMessage>;
    try {
      result = await attempt.messages.next();
    } catch (thrown) {
      this.#failure = expiredAfter(this.#failure, attempt.classify(thrown));
      await this.#broke(this.#failure);
      return [];
    }
    if (result.done) return this.#end(streamEnded(this.#state));
    this.#failure = undefined;
    this.#source.received(result.value);
    const { state, deliver } = messageReceived(this.#state, result.value);
    this.#state = state;
    if (!result.value.last) return deliver;
    // The trailers bring nothing that is of use, so they are not waited for.
    this.#attempt = undefined;
    hearEnd(attempt.messages).catch(() => undefined); // How the call ends matters no more.
    return this.#end(deliver);
  }

  #end(
    deliver: readonly ReceivedMessage[],
  ): readonly ReceivedMessage[] | Promise<readonly ReceivedMessage[]> {
    this.#isOver = true;
    const ended = this.#source.ended(undefined);
    return ended === undefined ? deliver : ended.then(() => deliver);
  }

  /** Opens the next attempt. What fails here is no break of the stream: it had its own retries. */
  #open(): StreamAttempt | Promise<StreamAttempt | undefined> {
    try {
      this.#deadline ??= this.#startDeadline();
      const attempt = this.#source.open(this.#state.token, this.#deadline);
      if (attempt instanceof Promise) return this.#waitForOpen(attempt);
      this.#attempt = attempt;
      return attempt;
    } catch (thrown) {
      return this.#fail(classifyError(thrown, ""));
    }
  }

  /** The attempt when it is open; undefined when the stream was left in the meantime. */
  async #waitForOpen(opening: Promise<StreamAttempt>): Promise<StreamAttempt | undefined> {
    this.#isOpening = true;
    try {
      this.#attempt = await opening;
    } catch (thrown) {
      if (!this.#isOver) return this.#fail(classifyError(thrown, ""));
    } finally {
      this.#isOpening = false;
    }
    if (!this.#isOver) return this.#attempt;
    await this.#closeAttempt();
    await this.#source.ended(undefined);
    return undefined;
  }

  /** Makes ready for another attempt after a wait, or ends the stream with the error. */
  async #broke(error: SpannerError): Promise<void> {
    this.#attempt = undefined;
    try {
      const broken = streamBroke(this.#state, error);
      if (broken.kind === "fail") {
        if (await this.#isMended(error)) return;
        throw error;
      }
      this.#state = broken.state;
      const { caller } = this.#source;
      const waitMillis = callRetryMillis(error, broken.state.failures, caller.random);
      const deadline = this.#deadline ?? this.#startDeadline();
      await caller.waitOrThrow(waitMillis, deadline, error, this.#options.signal);
    } catch (thrown) {
      await this.#fail(classifyError(thrown, ""));
    }
  }

  async #fail(failure: SpannerError): Promise<never> {
    this.#isOver = true;
    await this.#source.ended(failure);
    throw failure;
  }

  async #isMended(error: SpannerError): Promise<boolean> {
    if (this.#hasDelivered || this.#source.mend === undefined) return false;
    const isMended = await this.#source.mend(error);
    if (isMended) this.#state = notOpened();
    return isMended;
  }

  #startDeadline(): Deadline {
    const timeoutMillis = this.#options.timeoutMillis ?? STREAM_TIMEOUT_MILLIS;
    return new Deadline(this.#source.caller.clock, timeoutMillis);
  }

  async #closeAttempt(): Promise<void> {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    await attempt?.messages.return?.();
  }
}

/** Hears the end of a call whose last message is here, which costs less than to cancel it. */
async function hearEnd(messages: AsyncIterableIterator<ReceivedMessage>): Promise<void> {
  const { done } = await messages.next();
  if (!done) await messages.return?.();
}
