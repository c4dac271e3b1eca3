// SPDX-License-Identifier: Apache-2.0
// Versions behave as a list of all that was ever written, searched from its end.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type StoredRow, Versions } from "./versions.ts";

interface Change {
  readonly atMicros: number;
  readonly key: string;
  readonly row: StoredRow;
}

/** What has been written, oldest first, and the oldest moment that may still be read. */
interface Model {
  readonly versions: Versions;
  changes: readonly Change[];
  horizonMicros: number;
}

const keys = ["a", "b", "c", "d"];
const key = fc.constantFrom(...keys);
const row = fc.option(fc.constantFrom("1", "2", ""), { freq: 2 });

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      writes: fc.uniqueArray(fc.record({ key, row }), { selector: (each) => each.key }),
      /** How far behind the present the horizon of the write lies. */
      keptMicros: fc.integer({ min: 0, max: 12 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("sweep" as const),
      keysMax: fc.integer({ min: 1, max: 5 }),
      keptMicros: fc.integer({ min: 0, max: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("fork" as const) }) },
);

function rowAt(model: Model, wanted: string, atMicros: number): StoredRow {
  const seen = model.changes.filter((each) => each.key === wanted && each.atMicros <= atMicros);
  return seen.at(-1)?.row ?? null;
}

function checkAt(model: Model, atMicros: number): void {
  const rows = keys.map((each) => [each, rowAt(model, each, atMicros)] as const);
  for (const [each, expected] of rows) assert.equal(model.versions.get(each, atMicros), expected);
  const there = rows.filter(([, stored]) => stored !== null);
  assert.deepEqual([...model.versions.scan("", "z", atMicros, false)], there);
  assert.deepEqual([...model.versions.scan("", "z", atMicros, true)], there.toReversed());
  const within = there.filter(([each]) => each >= "b" && each < "d");
  assert.deepEqual([...model.versions.scan("b", "d", atMicros, false)], within);
}

test("every moment from the horizon on reads as a list of all writes would, forks too", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const models: Model[] = [{ versions: new Versions(), changes: [], horizonMicros: 0 }];
      let now = 0;
      for (const [count, action] of steps.entries()) {
        const model = models[count % models.length] as Model;
        now += 1 + (count % 2);
        if (action.kind === "write") {
          const horizon = Math.max(model.horizonMicros, now - action.keptMicros);
          model.versions.write(action.writes, now, horizon);
          const changes = action.writes.map((write) => ({ ...write, atMicros: now }));
          model.changes = [...model.changes, ...changes];
          model.horizonMicros = horizon;
        } else if (action.kind === "sweep") {
          model.horizonMicros = Math.max(model.horizonMicros, now - action.keptMicros);
          const looked = model.versions.sweep(action.keysMax, model.horizonMicros);
          assert.ok(looked <= action.keysMax, "a sweep is no longer than it may be");
        } else if (models.length < 3) {
          models.push({ ...model, versions: model.versions.fork() });
        }
      }
      for (const model of models) {
        for (let at = model.horizonMicros; at <= now + 1; at++) checkAt(model, at);
      }
    }),
    { numRuns: 400 },
  );
});

test("a round of sweeps leaves what a read from the horizon on sees, and no more", () => {
  const writes = fc.array(
    fc.uniqueArray(fc.record({ key, row }), { selector: (each) => each.key, minLength: 1 }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(writes, fc.integer({ min: 1, max: 3 }), (commits, keysMax) => {
      const versions = new Versions();
      for (const [index, changes] of commits.entries()) versions.write(changes, index + 1, 0);
      const horizon = commits.length + 1;
      const before = [...versions.scan("", "z", horizon, false)];
      do versions.sweep(keysMax, horizon);
      while (!versions.isRoundComplete);
      assert.deepEqual([...versions.scan("", "z", horizon, false)], before);
      assert.equal(versions.size, before.length, "no tombstone is left");
    }),
  );
});

test("a key that was deleted is dropped once no read can see it before", () => {
  const versions = new Versions();
  versions.write([{ key: "a", row: "1" }], 1, 0);
  versions.write([{ key: "a", row: null }], 5, 0);
  versions.sweep(10, 4);
  assert.equal(versions.get("a", 4), "1");
  assert.equal(versions.writtenAtMicros("a"), 5);
  versions.sweep(10, 5);
  assert.equal(versions.writtenAtMicros("a"), 0);
  assert.equal(versions.size, 0);
});

test("a read before the horizon is refused, also one that is under way", () => {
  const versions = new Versions();
  versions.write(
    [
      { key: "a", row: "1" },
      { key: "b", row: "1" },
    ],
    1,
    0,
  );
  const scan = versions.scan("", "z", 3, false);
  assert.deepEqual(scan.next().value, ["a", "1"]);
  versions.write([{ key: "b", row: "2" }], 9, 8);
  assert.throws(() => scan.next(), /exceeded the maximum timestamp staleness/);
  assert.throws(() => versions.get("b", 7), /exceeded the maximum timestamp staleness/);
  assert.equal(versions.get("b", 8), "1");
  assert.equal(versions.writtenAfter("a", "b", 7), undefined);
});

test("what was written after a moment is told with what was there before, deletions too", () => {
  const versions = new Versions();
  versions.write(
    [
      { key: "a", row: "1" },
      { key: "c", row: "1" },
    ],
    1,
    0,
  );
  versions.write([{ key: "b", row: "1" }], 5, 0);
  versions.write([{ key: "c", row: null }], 7, 0);
  const changes = (start: string, end: string, atMicros: number) => [
    ...(versions.writtenAfter(start, end, atMicros) ?? []),
  ];
  const made = { before: null, after: "1" };
  const gone = { before: "1", after: null };
  assert.deepEqual(changes("b", "b\0", 4), [made]);
  assert.deepEqual(changes("b", "b\0", 5), []);
  assert.deepEqual(changes("a", "b", 1), []);
  assert.deepEqual(changes("a", "z", 4), [made, gone]);
  assert.deepEqual(changes("a", "z", 6), [gone]);
  assert.deepEqual(changes("a", "z", 7), []);
});

test("a key is never written at a moment that is not after its last one", () => {
  const versions = new Versions();
  versions.write([{ key: "a", row: "1" }], 5, 0);
  assert.throws(() => versions.write([{ key: "a", row: "2" }], 5, 0), /only rise/);
});

test("of a key that is written all the time, no more is kept than twice what can be read", () => {
  const versions = new Versions();
  const kept = 1_000;
  let most = 0;
  for (let at = 1; at < 10 * kept; at++) {
    versions.write([{ key: "hot", row: `${at}` }], at, Math.max(0, at - kept));
    const [history] = versions.histories();
    most = Math.max(most, history?.[1].length ?? 0);
  }
  assert.ok(most <= 2 * kept + 2, `${most} versions`);
  for (const at of [9 * kept, 9 * kept + 500]) assert.equal(versions.get("hot", at), `${at}`);
});
