// SPDX-License-Identifier: Apache-2.0
// The promises of the lock table, for any order of events. The wounded leave at once or later, as
// they do in real life, and some who wait think better of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { allColumns } from "./columns.ts";
import {
  conflicts,
  isOlder,
  type LockRequest,
  LockTable,
  type Owner,
  singleKey,
} from "./lock-table.ts";

const letters = "abcdef";
const columns = fc.oneof(
  { weight: 2, arbitrary: fc.constant(allColumns) },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 7 }) },
);
const access = fc
  .record({
    readerShared: fc.oneof(fc.constant(0), columns),
    writerShared: fc.oneof(fc.constant(0), columns),
  })
  .filter(({ readerShared, writerShared }) => (readerShared | writerShared) !== 0);
const place = fc.integer({ min: 0, max: letters.length - 1 });
const range = fc.oneof(
  fc.record({ space: fc.constantFrom(1, 2), key: place }).map(({ space, key }) => {
    return singleKey(space, letters.charAt(key));
  }),
  fc.tuple(place, place).map(([left, right]) => {
    const [start, end] = [Math.min(left, right), Math.max(left, right) + 1];
    return { space: 1, start: letters.charAt(start), end: letters.charAt(end) || "z" };
  }),
);
const who = fc.integer({ min: 0, max: 5 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("request" as const), who, range, access }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("release" as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), who }) },
);

/** Owners whose ages are not in the order of their ids, two of them of one age. */
const owners: readonly Owner[] = [30n, 10n, 20n, 10n, 50n, 40n].map((age, id) => ({ id, age }));

class Story {
  readonly table = new LockTable();
  readonly doomed = new Set<number>();

  get waiting(): ReadonlySet<number> {
    return new Set(this.table.describe().waiting.map(({ owner }) => owner.id));
  }

  request(request: LockRequest): void {
    // A transaction asks for one lock after the other, and for none once it must give way.
    const { id } = request.owner;
    if (this.waiting.has(id) || this.doomed.has(id)) return;
    const decision = this.table.request(request);
    if (decision.kind === "granted") return;
    for (const { owner, by } of decision.wounded) {
      assert.ok(isOlder(by.owner, owner), "only the younger is wounded");
      this.doomed.add(owner.id);
    }
  }

  release(owner: Owner): void {
    const before = this.table.describe().waiting;
    const granted = this.table.release(owner);
    for (const request of granted) assert.ok(before.includes(request), "who is granted had waited");
    this.doomed.delete(owner.id);
    const { held, waiting } = this.table.describe();
    assert.ok(!held.concat(waiting).some((each) => each.owner.id === owner.id), "nothing is left");
  }

  cancel(owner: Owner): void {
    const { held, waiting } = this.table.describe();
    const request = waiting.find((each) => each.owner.id === owner.id);
    if (request === undefined) return;
    const granted = this.table.cancel(request);
    const after = this.table.describe();
    assert.ok(!after.waiting.includes(request), "who thinks better of it waits no more");
    assert.ok(
      held.every((each) => after.held.includes(each)),
      "what was held is still held",
    );
    for (const each of granted) assert.ok(waiting.includes(each), "who is granted had waited");
  }

  check(): void {
    const { held, waiting } = this.table.describe();
    for (const [index, one] of held.entries()) {
      for (const other of held.slice(index + 1))
        assert.ok(!conflicts(one, other), "all compatible");
    }
    for (const request of waiting) {
      const inTheWay = held.filter((each) => conflicts(each, request));
      const ahead = waiting.filter(
        (each) => isOlder(each.owner, request.owner) && conflicts(each, request),
      );
      assert.ok(inTheWay.length + ahead.length > 0, "nobody waits for nothing");
      // Each wait is for somebody older, or for one that is about to go: no circle can form.
      for (const { owner } of inTheWay) {
        const isAboutToGo = this.doomed.has(owner.id);
        assert.ok(isAboutToGo || isOlder(owner, request.owner), "no circle of waiting");
      }
    }
  }
}

test("no two grants conflict, nobody waits for nothing, and no circle of waiting forms", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const story = new Story();
      for (const action of steps) {
        const owner = owners[action.who] as Owner;
        if (action.kind === "request") {
          story.request({ ...action.range, owner, ...action.access });
        } else if (action.kind === "release") {
          story.release(owner);
        } else {
          story.cancel(owner);
        }
        story.check();
      }
      for (const owner of owners) story.release(owner);
      assert.deepEqual(story.table.describe(), { held: [], waiting: [] });
    }),
    { numRuns: 1_500 },
  );
});

test("whatever happens, everybody who waits is granted when those ahead leave", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const story = new Story();
      for (const action of steps) {
        const owner = owners[action.who] as Owner;
        if (action.kind === "request") {
          story.request({ ...action.range, owner, ...action.access });
        } else if (action.kind === "release") story.release(owner);
        else story.cancel(owner);
      }
      // The doomed and those that wait for nothing leave, until nobody is left who waits.
      for (let round = 0; story.waiting.size > 0; round++) {
        assert.ok(round < owners.length, "each round somebody can go on");
        const { waiting } = story;
        const free = owners.filter(({ id }) => story.doomed.has(id) || !waiting.has(id));
        for (const owner of free) story.release(owner);
      }
    }),
    { numRuns: 500 },
  );
});
