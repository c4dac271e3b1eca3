// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type PoolOrder, PoolState } from "./pool-state.ts";

type Event =
  | { kind: "ask" }
  | { kind: "giveBack"; place: number }
  | { kind: "drop"; place: number }
  | { kind: "fill" }
  | { kind: "filled"; share: number }
  | { kind: "leave"; place: number };

const event: fc.Arbitrary<Event> = fc.oneof(
  fc.constant<Event>({ kind: "ask" }),
  fc.record({ kind: fc.constant("giveBack" as const), place: fc.nat() }),
  fc.record({ kind: fc.constant("drop" as const), place: fc.nat() }),
  fc.constant<Event>({ kind: "fill" }),
  fc.record({
    kind: fc.constant("filled" as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({ kind: fc.constant("leave" as const), place: fc.nat() }),
);

/** Plays events against a pool and keeps its own books beside. */
class Play {
  readonly #state: PoolState<number, number>;
  readonly #lent: number[] = [];
  readonly #line: number[] = [];
  #made = 0;
  #asked = 0;
  #claimed = 0;

  constructor(size: number, order: PoolOrder) {
    this.#state = new PoolState(size, order);
  }

  step(event: Event): void {
    const state = this.#state;
    if (event.kind === "ask") this.#ask();
    if (event.kind === "giveBack") this.#end(event.place, (session) => state.giveBack(session));
    if (event.kind === "drop") this.#end(event.place, (session) => state.drop(session));
    if (event.kind === "fill") this.#claimed += state.fillStarted();
    if (event.kind === "filled") this.#filled(event.share);
    if (event.kind === "leave") this.#leave(event.place);
    this.#serve();
    this.#check();
  }

  #ask(): void {
    const session = this.#state.canLend ? this.#state.lend() : undefined;
    if (session !== undefined) this.#lend(session);
    else {
      this.#asked += 1;
      this.#state.wait(this.#asked);
      this.#line.push(this.#asked);
    }
  }

  #end(place: number, act: (session: number) => unknown): void {
    const [session] = this.#lent.splice(place % Math.max(1, this.#lent.length), 1);
    if (session !== undefined) act(session);
  }

  #filled(share: number): void {
    const created = Array.from({ length: Math.floor(this.#claimed * share) }, () => ++this.#made);
    this.#state.fillEnded(this.#claimed, created);
    this.#claimed = 0;
  }

  #leave(place: number): void {
    const [waiter] = this.#line.splice(place % Math.max(1, this.#line.length), 1);
    if (waiter !== undefined) assert.ok(this.#state.leave(waiter));
  }

  #serve(): void {
    for (let served = this.#state.serve(); served !== undefined; served = this.#state.serve()) {
      assert.equal(served.waiter, this.#line.shift(), "first come, first served");
      this.#lend(served.session);
    }
  }

  #lend(session: number): void {
    assert.ok(!this.#lent.includes(session), "a session is lent to one caller at a time");
    this.#lent.push(session);
  }

  #check(): void {
    const { idle, checkedOut, waiting, size } = this.#state.counts;
    assert.equal(checkedOut, this.#lent.length);
    assert.equal(waiting, this.#line.length);
    assert.equal(this.#state.missing + this.#claimed + idle + checkedOut, size);
    assert.ok(idle === 0 || waiting === 0, "nobody waits beside an idle session");
  }
}

test("whatever happens, no place is lost, none is given twice, and the line is kept", () => {
  const order = fc.constantFrom<PoolOrder>("newest", "oldest");
  fc.assert(
    fc.property(
      fc.nat({ max: 5 }),
      order,
      fc.array(event, { maxLength: 60 }),
      (size, by, events) => {
        const play = new Play(size, by);
        for (const happening of events) play.step(happening);
      },
    ),
    { numRuns: 500 },
  );
});

test("a stranger is taken where a place is free, and a session twice given back is kept once", () => {
  const state = new PoolState<string, never>(1, "newest");
  assert.equal(state.giveBack("stranger"), "taken");
  assert.equal(state.giveBack("stranger"), "alreadyIdle");
  assert.equal(state.giveBack("another"), "full");
});
