// SPDX-License-Identifier: Apache-2.0
// Peers that mean no good, or know no better: nothing they send is thrown, and everything they can make
// this end keep or do is bounded.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { concatBytes } from "@spandrel/base";
import fc from "fast-check";
import { Flag, PREFACE } from "./frame.ts";
import {
  CONTINUATIONS_MAX,
  EMPTY_DATA_MAX,
  HEADER_BLOCK_BYTES_MAX,
  UNSENT_ANSWERS_MAX,
} from "./limits.ts";
import { answer, frame, Recorder, request, uint32 } from "./recorder.test.ts";

const { END_HEADERS, END_STREAM } = Flag;

/** A connection that is good, as one end gets it, and what that end does in it. */
function conversation(isClient: boolean): { readonly bytes: Uint8Array; readonly end: Recorder } {
  const end = new Recorder(isClient);
  const peer = end;
  const frames = [frame(4, 0, 0, [0, 3, ...uint32(100)])];
  if (isClient) {
    for (const id of [1, 3]) {
      end.open();
      frames.push(peer.headers(id, END_HEADERS, { ...answer, "x-name": `value ${id}` }));
      frames.push(frame(0, 8, id, [2, 1, 2, 3, 0, 0]), frame(8, 0, id, uint32(10)));
      frames.push(peer.headers(id, END_HEADERS | END_STREAM, { "grpc-status": "0" }));
    }
  } else {
    frames.unshift(PREFACE);
    for (const id of [1, 3, 5]) {
      frames.push(peer.headers(id, END_HEADERS, { ...request, "x-name": `value ${id}` }));
      frames.push(frame(0, END_STREAM, id, [1, 2, 3]));
    }
    frames.push(frame(3, 0, 5, uint32(8)));
  }
  frames.push(frame(6, 0, 0, new Uint8Array(8)), frame(7, 0, 0, [...uint32(3), ...uint32(0)]));
  return { bytes: concatBytes(frames), end };
}

/** Whether an end is in one of the two states that it may be in: going on, or failed once. */
function isSound(end: Recorder): boolean {
  const failures = end.events.filter((event) => event.startsWith("failed"));
  const goaways = end.sent().filter((line) => line.startsWith("GOAWAY"));
  return failures.length === goaways.length && failures.length <= 1;
}

describe("bytes of any kind", () => {
  test("the same bytes mean the same, however they are split", () => {
    for (const isClient of [true, false]) {
      const whole = conversation(isClient);
      const sent = whole.end.receive(whole.bytes);
      // Data is passed on as it comes: only the sum of its pieces is the same.
      const summed = (events: readonly string[]): string[] => {
        const sums: string[] = [];
        let data = 0;
        for (const event of events) {
          if (event.startsWith("data of ")) data += Number(event.slice(8));
          else sums.push(`${data} ${event}`);
        }
        return sums;
      };
      const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
      fc.assert(
        fc.property(sizes, (pieces) => {
          const { bytes, end } = conversation(isClient);
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = pieces[turn % pieces.length] ?? 1;
            end.endpoint.receive(bytes.subarray(at, at + size));
            at += size;
          }
          assert.deepEqual(summed(end.events), summed(whole.end.events));
          assert.deepEqual(end.sent(), sent);
        }),
      );
    }
  });

  test("a good conversation in which some bytes are wrong never throws", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    for (const isClient of [true, false]) {
      fc.assert(
        fc.property(changes, (wrong) => {
          const { bytes, end } = conversation(isClient);
          for (const [place, value] of wrong) bytes[place % bytes.length] = value;
          end.endpoint.receive(bytes);
          assert.ok(isSound(end), end.events.join("\n"));
          end.endpoint.close(0);
          assert.equal(end.endpoint.streamsOpen, 0);
        }),
        { numRuns: 3_000 },
      );
    }
  });

  test("random frames never throw", () => {
    const frames = fc.array(
      fc.tuple(fc.nat(10), fc.nat(255), fc.nat(8), fc.uint8Array({ maxLength: 20 })),
      { maxLength: 20 },
    );
    for (const isClient of [true, false]) {
      fc.assert(
        fc.property(frames, (random) => {
          const end = Recorder.greeted(isClient);
          if (isClient) for (const _ of [1, 3, 5]) end.open();
          end.sent();
          for (const [type, flags, id, payload] of random) {
            end.endpoint.receive(frame(type, flags, id, payload));
          }
          assert.ok(isSound(end), end.events.join("\n"));
        }),
        { numRuns: 2_000 },
      );
    }
  });
});

describe("floods", () => {
  const calm = "ENHANCE_YOUR_CALM";

  /** Sends the same again and again while nothing leaves, and gives the count that was too many. */
  function countUntilCalm(end: Recorder, next: (count: number) => Uint8Array): number {
    for (let count = 1; count < 1e5; count++) {
      end.endpoint.receive(next(count));
      if (end.events.at(-1)?.startsWith(`failed ${calm}`)) return count;
    }
    return Number.POSITIVE_INFINITY;
  }

  test("pings, settings and streams to refuse are answered while the answers leave", () => {
    const ping = frame(6, 0, 0, new Uint8Array(8));
    const settings = frame(4, 0, 0);
    for (const bytes of [ping, settings]) {
      const end = Recorder.greeted(true);
      for (let count = 0; count < 3 * UNSENT_ANSWERS_MAX; count++) {
        assert.equal(end.receive(bytes).length, 1);
      }
      assert.equal(
        countUntilCalm(end, () => bytes),
        UNSENT_ANSWERS_MAX + 1,
      );
    }
    const server = Recorder.greeted(false, [], 1);
    const refused = (count: number): Uint8Array =>
      server.headers(2 * count + 1, END_HEADERS, request);
    server.endpoint.receive(refused(0));
    assert.equal(countUntilCalm(server, refused), UNSENT_ANSWERS_MAX + 1);
  });

  test("data without any data", () => {
    const server = Recorder.greeted(false);
    server.receive(server.headers(1, END_HEADERS, request));
    assert.equal(
      countUntilCalm(server, () => frame(0, 0, 1)),
      EMPTY_DATA_MAX + 1,
    );
  });

  test("a header block without an end", () => {
    const pieces: ReadonlyMap<number, number> = new Map([
      [0, CONTINUATIONS_MAX],
      [16_384, HEADER_BLOCK_BYTES_MAX / 16_384],
    ]);
    for (const [bytes, tooMany] of pieces) {
      const server = Recorder.greeted(false);
      server.receive(frame(1, 0, 1, [0x82]));
      const piece = frame(9, 0, 1, new Uint8Array(bytes));
      assert.equal(
        countUntilCalm(server, () => piece),
        tooMany,
      );
    }
  });

  test("a peer that opens streams and resets them leaves nothing behind", () => {
    const server = Recorder.greeted(false, [], 10);
    for (let id = 1; id < 20_000; id += 2) {
      server.receive(server.headers(id, END_HEADERS, request), frame(3, 0, id, uint32(8)));
      assert.equal(server.endpoint.streamsOpen, 0);
    }
  });

  test("a small block that means long headers ends its stream alone", () => {
    const client = Recorder.greeted(true);
    client.open();
    client.sent();
    const long = "x".repeat(4_000);
    for (let count = 0; count < 2; count++) {
      client.receive(client.headers(1, END_HEADERS, { ":status": "100", "x-long": long }));
    }
    const bomb = client.headers(1, END_HEADERS, { ...answer, "x-long": Array(1_000).fill(long) });
    assert.ok(bomb.length < 2_000);
    assert.deepEqual(client.receive(bomb), ["RST_STREAM 1 ENHANCE_YOUR_CALM"]);
  });
});
