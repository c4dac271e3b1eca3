// SPDX-License-Identifier: Apache-2.0
// Who may hold what, as a pure state machine. It knows neither time nor promises: it is told what
// happened and answers with data, which the room `txn` acts on.
//
// A lock covers a range of keys in one space (the rows of a table, the entries of an index), in one of
// two modes. Any number of owners may hold shared locks on a key, or one owner an exclusive one; an
// owner never conflicts with itself. A range that was read is locked whole, keys that do not exist
// included, so that nobody can slip a row into it.
//
// Conflicts are settled by wound-wait: an older transaction wounds the younger ones that stand in its
// way, a younger one waits for the older. Each wait is for an older owner or for one that is wounded
// and about to go, so no circle of waiting can form. An owner that is committing cannot be wounded: it
// waits for nothing any more, so waiting for it ends.
// https://cloud.google.com/spanner/docs/transactions#locking
//
// Requests are granted in order of age, not of arrival; one that waits does not bar those behind it
// that it does not conflict with, and a younger request does not overtake an older one that conflicts.
import { assert } from "@spandrel/base";

/** How a lock may be shared. */
export type LockMode = "shared" | "exclusive";

/** A transaction as the lock table knows it. */
export interface Owner {
  readonly id: number;
  /** When the logical transaction began; smaller is older. Ties are broken by id. */
  readonly age: bigint;
}

/** What a lock covers: the keys from `start` (included) to `end` (excluded) of a space. */
export interface LockRange {
  readonly space: number;
  readonly start: string;
  readonly end: string;
}

/** A wish for a lock. */
export interface LockRequest extends LockRange {
  readonly owner: Owner;
  readonly mode: LockMode;
}

/** The answer to a request: granted, or waiting, and then whom the requester wounds. */
export type LockDecision =
  | { readonly kind: "granted" }
  | { readonly kind: "waiting"; readonly wounded: readonly Wound[] };

/** An owner that has to give way, and the request that it stands in the way of. */
export interface Wound {
  readonly owner: Owner;
  readonly by: LockRequest;
}

interface Held {
  readonly start: string;
  readonly end: string;
  readonly owner: Owner;
  mode: LockMode;
}

/** The locks of one space. Single keys are found by hash, ranges by walking; ranges are few. */
interface Space {
  readonly keys: Map<string, Held[]>;
  ranges: Held[];
}

/** Whether `left` goes before `right`. */
export function isOlder(left: Owner, right: Owner): boolean {
  return left.age < right.age || (left.age === right.age && left.id < right.id);
}

/** Whether a range holds one key only, in the form that `singleKey` gives. */
function isSingleKey(range: { readonly start: string; readonly end: string }): boolean {
  return range.end.length === range.start.length + 1 && range.end === `${range.start}\0`;
}

/** The range of exactly one key. */
export function singleKey(space: number, key: string): LockRange {
  return { space, start: key, end: `${key}\0` };
}

/** The locks of a database; see the top of this file. */
export class LockTable {
  readonly #spaces = new Map<number, Space>();
  readonly #heldBy = new Map<number, { space: number; held: Held }[]>();
  readonly #committing = new Set<number>();
  #waiting: LockRequest[] = [];

  /** Asks for a lock. A request that waits stands in line until it is granted or its owner leaves. */
  request(request: LockRequest): LockDecision {
    const conflicting = this.#conflictsOf(request);
    if (conflicting.length === 0 && !this.#isOvertaking(request)) {
      this.#grant(request);
      return { kind: "granted" };
    }
    this.#enqueue(request);
    return { kind: "waiting", wounded: this.#woundsOf(request, conflicting) };
  }

  /** From now on the owner cannot be wounded. */
  startCommit(owner: Owner): void {
    this.#committing.add(owner.id);
  }

  /** Takes the owner out: its locks, and its request when it waits. Gives what is granted now. */
  release(owner: Owner): readonly LockRequest[] {
    for (const { space, held } of this.#heldBy.get(owner.id) ?? []) this.#drop(space, held);
    this.#heldBy.delete(owner.id);
    this.#committing.delete(owner.id);
    this.#waiting = this.#waiting.filter((request) => request.owner.id !== owner.id);
    return this.#grantWaiting();
  }

  /** Who holds anything, and who waits, for tests and for people. */
  describe(): { readonly held: readonly LockRequest[]; readonly waiting: readonly LockRequest[] } {
    const held = [...this.#heldBy.values()]
      .flat()
      .map(({ space, held: { start, end, owner, mode } }) => ({
        space,
        start,
        end,
        owner,
        mode,
      }));
    return { held, waiting: this.#waiting };
  }

  #grantWaiting(): readonly LockRequest[] {
    const granted: LockRequest[] = [];
    const still: LockRequest[] = [];
    for (const request of this.#waiting) {
      const isBarred = still.some((older) => conflicts(older, request));
      if (isBarred || this.#conflictsOf(request).length > 0) still.push(request);
      else {
        this.#grant(request);
        granted.push(request);
      }
    }
    this.#waiting = still;
    return granted;
  }

  #enqueue(request: LockRequest): void {
    const index = this.#waiting.findIndex((other) => isOlder(request.owner, other.owner));
    if (index < 0) this.#waiting.push(request);
    else this.#waiting.splice(index, 0, request);
  }

  /** Whether an older request that waits already wants what this one would take. */
  #isOvertaking(request: LockRequest): boolean {
    return this.#waiting.some(
      (other) => isOlder(other.owner, request.owner) && conflicts(other, request),
    );
  }

  #woundsOf(request: LockRequest, conflicting: readonly Held[]): readonly Wound[] {
    const wounded = new Map<number, Wound>();
    for (const { owner } of conflicting) {
      if (isOlder(request.owner, owner) && !this.#committing.has(owner.id)) {
        wounded.set(owner.id, { owner, by: request });
      }
    }
    return [...wounded.values()];
  }

  #conflictsOf(request: LockRequest): readonly Held[] {
    const space = this.#spaces.get(request.space);
    if (space === undefined) return [];
    const found: Held[] = [];
    const consider = (held: Held): void => {
      if (conflicts({ ...request, ...held, space: request.space }, request)) found.push(held);
    };
    for (const held of space.ranges) consider(held);
    if (isSingleKey(request))
      for (const held of space.keys.get(request.start) ?? []) consider(held);
    else for (const list of space.keys.values()) for (const held of list) consider(held);
    return found;
  }

  #grant({ space: id, start, end, owner, mode }: LockRequest): void {
    let space = this.#spaces.get(id);
    if (space === undefined) {
      space = { keys: new Map(), ranges: [] };
      this.#spaces.set(id, space);
    }
    const list = isSingleKey({ start, end }) ? (space.keys.get(start) ?? []) : space.ranges;
    const mine = list.find(
      (held) => held.owner.id === owner.id && held.start === start && held.end === end,
    );
    if (mine !== undefined) {
      if (mode === "exclusive") mine.mode = mode;
      return;
    }
    const held: Held = { start, end, owner, mode };
    list.push(held);
    if (list !== space.ranges) space.keys.set(start, list);
    const all = this.#heldBy.get(owner.id);
    if (all === undefined) this.#heldBy.set(owner.id, [{ space: id, held }]);
    else all.push({ space: id, held });
  }

  #drop(id: number, held: Held): void {
    const space = this.#spaces.get(id);
    assert(space !== undefined, "a lock that is held stands in a space");
    if (isSingleKey(held)) {
      const left = (space.keys.get(held.start) ?? []).filter((other) => other !== held);
      if (left.length === 0) space.keys.delete(held.start);
      else space.keys.set(held.start, left);
    } else {
      space.ranges = space.ranges.filter((other) => other !== held);
    }
    if (space.keys.size === 0 && space.ranges.length === 0) this.#spaces.delete(id);
  }
}

/** Whether two locks cannot be held at once: other owners, a shared key, and not both shared. */
export function conflicts(left: LockRequest, right: LockRequest): boolean {
  return (
    left.owner.id !== right.owner.id &&
    left.space === right.space &&
    (left.mode === "exclusive" || right.mode === "exclusive") &&
    left.start < right.end &&
    right.start < left.end
  );
}
