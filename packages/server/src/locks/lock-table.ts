// SPDX-License-Identifier: Apache-2.0
// Who may hold what, as a pure state machine. It knows neither time nor promises: it is told what
// happened and answers with data, which the room `txn` acts on.
//
// A lock covers a range of keys in one space (the rows of a table, the entries of an index) and some
// columns of them, each shared with those who read it too, or with those who write it too. So two who
// write a column of a key without having read it do not meet; one that has read it and writes it has it
// alone. An owner never conflicts with itself. A range that was read is locked whole, keys that do not
// exist included, so that nobody can slip a row into it: whether a row is there counts as a column, which
// every reader shares.
//
// Conflicts are settled by wound-wait: an older transaction wounds the younger ones that stand in its
// way, a younger one waits for the older. Each wait is for an older owner or for one that is wounded
// and about to go, so no circle of waiting can form.
// https://cloud.google.com/spanner/docs/transactions#locking
//
// Requests are granted in order of age, not of arrival; one that waits does not bar those behind it
// that it does not conflict with, and a younger request does not overtake an older one that conflicts.
//
// Locks on single keys stand in an ordered tree, locks on ranges in a tree of intervals: what a request
// conflicts with is found without walking over what it does not touch.
import { assert } from "@spandrel/base";
import { OrderedTree } from "@spandrel/store";
import { type Access, type ColumnSet, clash } from "./columns.ts";
import { IntervalTree } from "./interval-tree.ts";

/** A transaction as the lock table knows it. */
export interface Owner {
  readonly id: number;
  /** When the logical transaction first asked for a lock; smaller is older. Ties go by id. */
  readonly age: bigint;
}

/** What a lock covers: the keys from `start` (included) to `end` (excluded) of a space. */
export interface LockRange {
  readonly space: number;
  readonly start: string;
  readonly end: string;
}

/** A wish for a lock. */
export interface LockRequest extends LockRange, Access {
  readonly owner: Owner;
}

/** The answer to a request: granted, or waiting, and then whom the requester wounds. */
export type LockDecision =
  | { readonly kind: "granted" }
  | { readonly kind: "waiting"; readonly wounded: readonly Wound[] };

/** An owner that has to give way, the request that it stands in the way of, and in which columns. */
export interface Wound {
  readonly owner: Owner;
  readonly by: LockRequest;
  readonly columns: ColumnSet;
}

interface Held extends LockRange {
  readonly owner: Owner;
  readerShared: ColumnSet;
  writerShared: ColumnSet;
}

/** The locks of one space, and those who wait in it, oldest first. */
interface Space {
  readonly keys: OrderedTree<Held[]>;
  readonly ranges: IntervalTree<Held>;
  waiting: LockRequest[];
}

/** What is held where a request would like to be. */
interface Found {
  /** Locks of others that the request conflicts with. */
  readonly conflicting: readonly Held[];
  /** The requester's own lock on the very same keys. */
  readonly own: Held | undefined;
  /** Whether locks of the requester already give all that the request asks for. */
  readonly isCovered: boolean;
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
  readonly #heldBy = new Map<Owner["id"], Set<Held>>();
  readonly #waitingOf = new Map<Owner["id"], Set<LockRequest>>();

  /** Asks for a lock. A request that waits stands in line until it is granted or its owner leaves. */
  request(request: LockRequest): LockDecision {
    const space = this.#spaceOf(request.space);
    const found = find(space, request);
    if (found.isCovered) return { kind: "granted" };
    if (found.conflicting.length === 0 && !isOvertaking(space, request)) {
      this.#grant(space, request, found);
      return { kind: "granted" };
    }
    this.#enqueue(space, request);
    return { kind: "waiting", wounded: woundsOf(request, found.conflicting) };
  }

  /** Takes back a request that waits. Gives what is granted now that it bars nobody any more. */
  cancel(request: LockRequest): readonly LockRequest[] {
    this.#leaveQueue(request);
    return this.#grantWaiting([request.space]);
  }

  /** Takes the owner out: its locks, and its requests that wait. Gives what is granted now. */
  release(owner: Owner): readonly LockRequest[] {
    const touched = new Set<number>();
    for (const held of this.#heldBy.get(owner.id) ?? []) {
      touched.add(held.space);
      this.#drop(held);
    }
    this.#heldBy.delete(owner.id);
    for (const request of [...(this.#waitingOf.get(owner.id) ?? [])]) {
      touched.add(request.space);
      this.#leaveQueue(request);
    }
    return this.#grantWaiting(touched);
  }

  /** The owners who hold locks and wait for none. */
  *runningHolders(): IterableIterator<Owner> {
    for (const [id, all] of this.#heldBy) {
      if (this.#waitingOf.has(id)) continue;
      for (const { owner } of all) {
        yield owner;
        break;
      }
    }
  }

  /** Whether anybody waits. */
  get isAnyoneWaiting(): boolean {
    return this.#waitingOf.size > 0;
  }

  /** Who holds anything, and who waits, for tests and for people. */
  describe(): { readonly held: readonly LockRequest[]; readonly waiting: readonly LockRequest[] } {
    const held = [...this.#heldBy.values()].flatMap((all) => [...all]);
    const waiting = [...this.#spaces.values()].flatMap((space) => space.waiting);
    return { held, waiting: waiting.sort(byAge) };
  }

  #spaceOf(id: number): Space {
    let space = this.#spaces.get(id);
    if (space === undefined) {
      space = { keys: new OrderedTree(), ranges: new IntervalTree(), waiting: [] };
      this.#spaces.set(id, space);
    }
    return space;
  }

  /** Grants what can be granted in spaces where something has changed. */
  #grantWaiting(ids: Iterable<number>): readonly LockRequest[] {
    const granted: LockRequest[] = [];
    for (const id of ids) {
      const space = this.#spaceOf(id);
      const still: LockRequest[] = [];
      for (const request of space.waiting) {
        const isBarred = still.some((older) => conflicts(older, request));
        const found = isBarred ? undefined : find(space, request);
        if (found === undefined || found.conflicting.length > 0) {
          still.push(request);
          continue;
        }
        if (!found.isCovered) this.#grant(space, request, found);
        this.#forgetWaiting(request);
        granted.push(request);
      }
      space.waiting = still;
      this.#dropSpaceIfEmpty(id, space);
    }
    return granted.sort(byAge);
  }

  #enqueue(space: Space, request: LockRequest): void {
    const index = space.waiting.findLastIndex((other) => !isOlder(request.owner, other.owner));
    space.waiting.splice(index + 1, 0, request);
    const own = this.#waitingOf.get(request.owner.id);
    if (own === undefined) this.#waitingOf.set(request.owner.id, new Set([request]));
    else own.add(request);
  }

  #leaveQueue(request: LockRequest): void {
    const space = this.#spaceOf(request.space);
    space.waiting = space.waiting.filter((other) => other !== request);
    this.#forgetWaiting(request);
  }

  #forgetWaiting(request: LockRequest): void {
    const own = this.#waitingOf.get(request.owner.id);
    own?.delete(request);
    if (own?.size === 0) this.#waitingOf.delete(request.owner.id);
  }

  #grant(space: Space, request: LockRequest, { own }: Found): void {
    if (own !== undefined) {
      own.readerShared |= request.readerShared;
      own.writerShared |= request.writerShared;
      return;
    }
    const { space: id, start, end, owner, readerShared, writerShared } = request;
    const held: Held = { space: id, start, end, owner, readerShared, writerShared };
    if (isSingleKey(held)) {
      const list = space.keys.get(start);
      if (list === undefined) space.keys.set(start, [held]);
      else list.push(held);
    } else {
      space.ranges.add(held);
    }
    const all = this.#heldBy.get(owner.id);
    if (all === undefined) this.#heldBy.set(owner.id, new Set([held]));
    else all.add(held);
  }

  #drop(held: Held): void {
    const { keys, ranges } = this.#spaceOf(held.space);
    if (!isSingleKey(held)) {
      ranges.remove(held);
      return;
    }
    const list = keys.get(held.start);
    const index = list?.indexOf(held) ?? -1;
    assert(list !== undefined && index >= 0, "a lock that is held stands in its space");
    list.splice(index, 1);
    if (list.length === 0) keys.delete(held.start);
  }

  #dropSpaceIfEmpty(id: number, { keys, ranges, waiting }: Space): void {
    if (keys.size + ranges.size + waiting.length === 0) this.#spaces.delete(id);
  }
}

/** Looks at every lock that shares a key with a request. */
function find(space: Space, request: LockRequest): Found {
  const conflicting: Held[] = [];
  let own: Held | undefined;
  let [readerShared, writerShared] = [0, 0];
  const visit = (held: Held): void => {
    if (held.owner.id !== request.owner.id) {
      if (conflicts(held, request)) conflicting.push(held);
      return;
    }
    if (held.start === request.start && held.end === request.end) own = held;
    if (held.start > request.start || request.end > held.end) return;
    readerShared |= held.readerShared;
    writerShared |= held.writerShared;
  };
  space.ranges.visitOverlaps(request.start, request.end, visit);
  if (isSingleKey(request)) {
    for (const held of space.keys.get(request.start) ?? []) visit(held);
  } else {
    for (const [, list] of space.keys.scan(request.start, request.end)) list.forEach(visit);
  }
  const missing = (request.readerShared & ~readerShared) | (request.writerShared & ~writerShared);
  return { conflicting, own, isCovered: missing === 0 };
}

/** Whether an older request that waits already wants what this one would take. */
function isOvertaking({ waiting }: Space, request: LockRequest): boolean {
  return waiting.some((other) => isOlder(other.owner, request.owner) && conflicts(other, request));
}

function woundsOf(request: LockRequest, conflicting: readonly Held[]): readonly Wound[] {
  const wounded = new Map<number, Wound>();
  for (const held of conflicting) {
    const { owner } = held;
    if (!isOlder(request.owner, owner)) continue;
    const columns = clash(request, held) | (wounded.get(owner.id)?.columns ?? 0);
    wounded.set(owner.id, { owner, by: request, columns });
  }
  return [...wounded.values()];
}

function byAge(left: LockRequest, right: LockRequest): number {
  if (isOlder(left.owner, right.owner)) return -1;
  return isOlder(right.owner, left.owner) ? 1 : 0;
}

/** Whether two locks of two owners cannot be held at once: one reads what the other writes. */
export function conflicts(left: LockRequest, right: LockRequest): boolean {
  return (
    left.owner.id !== right.owner.id &&
    left.space === right.space &&
    clash(left, right) !== 0 &&
    left.start < right.end &&
    right.start < left.end
  );
}
