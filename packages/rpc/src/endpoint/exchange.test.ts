// SPDX-License-Identifier: Apache-2.0
// Two ends joined by two lists of bytes: whatever is said, however its bytes are split and however late
// they come, the other end hears all of it once and in order, and no window is ever exceeded.
import assert from "node:assert/strict";
import { test } from "node:test";
import { concatBytes, seededRandom } from "@spandrel/base";
import fc from "fast-check";
import type { Headers } from "../hpack/header-list.ts";
import type { Endpoint } from "./endpoint.ts";
import { ErrorCode } from "./errors.ts";
import { WINDOW_BYTES_DEFAULT } from "./frame.ts";
import { Recorder, request, told } from "./recorder.test.ts";
import type { Stream, StreamHandler } from "./stream.ts";

type Chance = ReturnType<typeof seededRandom>;

/** The window of a connection, as the recorders make it. */
const WINDOW_BYTES = 200_000;

/** The byte at a place of the body that goes one way on a stream. */
const byteAt = (id: number, place: number): number => (id * 31 + place * 7 + (place >> 8)) & 0xff;

function body(id: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, place) => byteAt(id, place));
}

/** One side of one stream, as whoever takes it sees it. */
class Side implements StreamHandler {
  readonly end: Recorder;
  stream: Stream | undefined;
  received = 0;
  unconsumed = 0;
  heads: string[] = [];
  isEnded = false;
  resetBy: number | undefined;

  constructor(end: Recorder) {
    this.end = end;
  }

  headersReceived(headers: Headers): void {
    this.heads.push(`headers ${String(headers["x-length"])}`);
  }

  dataReceived(bytes: Uint8Array, start: number, end: number): void {
    assert.equal(this.isEnded, false);
    const { id } = this.stream!;
    for (let at = start; at < end; at++) {
      assert.equal(bytes[at], byteAt(id, this.received++), `stream ${id}, byte ${this.received}`);
    }
    this.unconsumed += end - start;
  }

  trailersReceived(headers: Headers): void {
    this.heads.push(`trailers ${String(headers["x-length"])}`);
  }

  endReceived(): void {
    this.isEnded = true;
  }

  streamReset(code: number): void {
    this.resetBy = code;
  }

  drained(): void {
    // All bodies are handed over at once.
  }
}

/** A direction of the connection: bytes that were sent and have not come yet. */
class Pipe {
  #pieces: Uint8Array[] = [];
  #leaving: Uint8Array | undefined;
  /** Data that was sent, on all streams together, and what this end has allowed the other. */
  dataBytes = 0;
  allowedBytes = WINDOW_BYTES_DEFAULT;

  /** Takes what is to be sent, and lets go of what was taken the time before. */
  fill({ endpoint }: Recorder): void {
    if (this.#leaving !== undefined) endpoint.giveBackOutput(this.#leaving);
    this.#leaving = endpoint.takeOutput();
    if (this.#leaving === undefined) return;
    this.#pieces.push(this.#leaving.slice());
    for (const line of told(this.#leaving)) {
      const [, data] = /^DATA \d+ of (\d+)/.exec(line) ?? [];
      const [, update] = /^WINDOW_UPDATE by (\d+)/.exec(line) ?? [];
      this.dataBytes += Number(data ?? 0);
      this.allowedBytes += Number(update ?? 0);
    }
  }

  /** Delivers so many bytes at most, from a buffer that is spoiled right after. */
  deliver(to: Recorder, bytesMax: number): void {
    const all = concatBytes(this.#pieces);
    this.#pieces = [all.subarray(Math.min(bytesMax, all.length))];
    const lent = new Uint8Array(3 + Math.min(bytesMax, all.length));
    lent.set(all.subarray(0, lent.length - 3), 3);
    to.endpoint.receive(lent, 3);
    lent.fill(0xee);
  }

  get isEmpty(): boolean {
    return this.#pieces.every(({ length }) => length === 0);
  }
}

class World {
  readonly client = new Recorder(true);
  readonly server: Recorder;
  readonly #chance: Chance;
  readonly #toServer = new Pipe();
  readonly #toClient = new Pipe();
  readonly asked: { readonly side: Side; readonly length: number; isGivenUp: boolean }[] = [];
  readonly answered = new Map<number, { readonly side: Side; length: number | undefined }>();

  constructor(chance: Chance) {
    this.#chance = chance;
    const { answered } = this;
    this.server = new (class extends Recorder {
      override requestReceived(stream: Stream): StreamHandler {
        const side = new Side(this);
        side.stream = stream;
        answered.set(stream.id, { side, length: undefined });
        return side;
      }
    })(false);
  }

  below(limit: number): number {
    return Math.floor(this.#chance.next() * limit);
  }

  step(): void {
    switch (this.below(8)) {
      case 0:
        this.#ask();
        break;
      case 1:
        this.#answer();
        break;
      case 2:
        this.#consume();
        break;
      case 3:
        if (this.below(6) === 0) this.#giveUp();
        break;
      default:
        this.#move(this.below(3) === 0 ? 1 + this.below(40) : 1 + this.below(150_000));
    }
  }

  /** Lets everything come to its end. */
  settle(): void {
    for (let turn = 0; turn < 10_000; turn++) {
      this.#move(1e9);
      this.#consume();
      for (const answer of this.answered.values()) this.#answerOne(answer);
      if (this.#toServer.isEmpty && this.#toClient.isEmpty && this.#areOver()) return;
    }
    assert.fail("it goes on for ever");
  }

  #areOver(): boolean {
    const { client, server } = this;
    return client.endpoint.streamsOpen === 0 && server.endpoint.streamsOpen === 0;
  }

  #move(bytesMax: number): void {
    this.#toServer.fill(this.client);
    this.#toClient.fill(this.server);
    for (const [one, other] of [
      [this.#toServer, this.#toClient],
      [this.#toClient, this.#toServer],
    ] as const) {
      assert.ok(one.dataBytes <= other.allowedBytes, "the connection's window is kept to");
      assert.ok(other.allowedBytes <= one.dataBytes + WINDOW_BYTES, "and never gets larger");
    }
    this.#toServer.deliver(this.server, bytesMax);
    this.#toClient.deliver(this.client, bytesMax);
  }

  #length(): number {
    return this.below(3) === 0 ? this.below(300_000) : this.below(200);
  }

  #ask(): void {
    const side = new Side(this.client);
    const length = this.#length();
    const { endpoint } = this.client;
    const stream = endpoint.open({ ...request, "x-length": `${length}` }, side);
    side.stream = stream;
    this.asked.push({ side, length, isGivenUp: false });
    this.#sendBody(endpoint, stream, length);
    endpoint.end(stream);
  }

  /** Sends a body in up to three pieces. */
  #sendBody(endpoint: Endpoint, stream: Stream, length: number): void {
    const cuts = [this.below(length + 1), this.below(length + 1), length].sort((a, b) => a - b);
    const whole = body(stream.id, length);
    let from = 0;
    for (const to of cuts) {
      endpoint.sendData(stream, whole.subarray(from, to));
      from = to;
    }
  }

  #answer(): void {
    for (const answer of this.answered.values()) {
      if (this.below(2) === 0) this.#answerOne(answer);
    }
  }

  #answerOne(answer: { readonly side: Side; length: number | undefined }): void {
    const { side } = answer;
    const { endpoint } = this.server;
    if (!side.isEnded || answer.length !== undefined || side.stream === undefined) return;
    const length = this.#length();
    answer.length = length;
    endpoint.sendHeaders(side.stream, { ":status": "200", "x-length": `${length}` });
    this.#sendBody(endpoint, side.stream, length);
    endpoint.endWithTrailers(side.stream, { "x-length": `${length}` });
  }

  #consume(): void {
    const sides = [...this.asked.map(({ side }) => side)];
    sides.push(...[...this.answered.values()].map(({ side }) => side));
    for (const side of sides) {
      if (side.stream !== undefined) side.end.endpoint.consumed(side.stream, side.unconsumed);
      side.unconsumed = 0;
    }
  }

  #giveUp(): void {
    const one = this.asked[this.below(this.asked.length)];
    if (one?.side.stream === undefined) return;
    one.isGivenUp = true;
    this.client.endpoint.reset(one.side.stream, ErrorCode.CANCEL);
  }
}

test("everything that is said is heard once and in order, and no window is exceeded", () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 120 }), (seed, steps) => {
      const world = new World(seededRandom(seed));
      for (let step = 0; step < steps; step++) world.step();
      world.settle();
      const failures = [...world.client.events, ...world.server.events];
      assert.deepEqual(
        failures.filter((event) => event.startsWith("failed")),
        [],
      );
      for (const { side, length, isGivenUp } of world.asked) {
        if (isGivenUp) continue;
        assert.equal(side.resetBy, undefined);
        const answer = world.answered.get(side.stream!.id);
        assert.equal(answer?.side.received, length, "the request came whole");
        assert.equal(side.received, answer?.length, "and so did the answer");
        const said = [`headers ${answer?.length}`, `trailers ${answer?.length}`];
        assert.deepEqual([side.heads, side.isEnded], [said, true]);
      }
    }),
    { numRuns: 60 },
  );
});
