// SPDX-License-Identifier: Apache-2.0
// Ranges of keys, found by what they overlap: a search tree by where the ranges begin, in which each
// node knows how far the ranges under it reach. It is a treap: priorities that look random keep it
// flat, whatever order ranges come and go in. Adding, removing, and finding the first overlap take a
// number of steps that grows with the logarithm of the ranges.

/** From `start` (included) to `end` (excluded). */
export interface Interval {
  readonly start: string;
  readonly end: string;
}

interface Node<T> {
  readonly item: T;
  /** Tells ranges apart that begin at the same key. */
  readonly serial: number;
  readonly priority: number;
  left: Node<T> | undefined;
  right: Node<T> | undefined;
  /** The greatest end in the node and under it. */
  reach: string;
}

/** See the top of this file. An item is in the tree at most once. */
export class IntervalTree<T extends Interval> {
  #root: Node<T> | undefined;
  readonly #nodes = new Map<T, Node<T>>();
  #serial = 0;

  /** How many ranges there are. */
  get size(): number {
    return this.#nodes.size;
  }

  add(item: T): void {
    this.#serial++;
    const node: Node<T> = {
      item,
      serial: this.#serial,
      priority: scramble(this.#serial),
      left: undefined,
      right: undefined,
      reach: item.end,
    };
    this.#nodes.set(item, node);
    this.#root = insert(this.#root, node);
  }

  /** Takes a range out; harmless when it is not there. */
  remove(item: T): void {
    const node = this.#nodes.get(item);
    if (node === undefined || !this.#nodes.delete(item)) return;
    this.#root = remove(this.#root, node);
  }

  /** Calls `visit` with every range that shares a key with one from `start` to before `end`. */
  visitOverlaps(start: string, end: string, visit: (item: T) => void): void {
    visitOverlaps(this.#root, start, end, visit);
  }
}

function visitOverlaps<T extends Interval>(
  node: Node<T> | undefined,
  start: string,
  end: string,
  visit: (item: T) => void,
): void {
  if (node === undefined || node.reach <= start) return;
  visitOverlaps(node.left, start, end, visit);
  if (node.item.start >= end) return;
  if (start < node.item.end) visit(node.item);
  visitOverlaps(node.right, start, end, visit);
}

function goesBefore<T extends Interval>(left: Node<T>, right: Node<T>): boolean {
  const { start: one } = left.item;
  const { start: other } = right.item;
  return one < other || (one === other && left.serial < right.serial);
}

/** Looks again at how far a node reaches, after a change under it. */
function settled<T extends Interval>(node: Node<T>): Node<T> {
  let reach = node.item.end;
  if (node.left !== undefined && node.left.reach > reach) reach = node.left.reach;
  if (node.right !== undefined && node.right.reach > reach) reach = node.right.reach;
  node.reach = reach;
  return node;
}

function insert<T extends Interval>(root: Node<T> | undefined, node: Node<T>): Node<T> {
  if (root === undefined) return node;
  if (node.priority > root.priority) {
    const [left, right] = split(root, node);
    node.left = left;
    node.right = right;
    return settled(node);
  }
  if (goesBefore(node, root)) root.left = insert(root.left, node);
  else root.right = insert(root.right, node);
  return settled(root);
}

type Halves<T> = readonly [before: Node<T> | undefined, behind: Node<T> | undefined];

function split<T extends Interval>(root: Node<T> | undefined, at: Node<T>): Halves<T> {
  if (root === undefined) return [undefined, undefined];
  if (goesBefore(root, at)) {
    const [before, behind] = split(root.right, at);
    root.right = before;
    return [settled(root), behind];
  }
  const [before, behind] = split(root.left, at);
  root.left = behind;
  return [before, settled(root)];
}

function remove<T extends Interval>(root: Node<T> | undefined, node: Node<T>): Node<T> | undefined {
  if (root === undefined) return undefined;
  if (root === node) return merge(root.left, root.right);
  if (goesBefore(node, root)) root.left = remove(root.left, node);
  else root.right = remove(root.right, node);
  return settled(root);
}

function merge<T extends Interval>(
  left: Node<T> | undefined,
  right: Node<T> | undefined,
): Node<T> | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  if (left.priority > right.priority) {
    left.right = merge(left.right, right);
    return settled(left);
  }
  right.left = merge(left, right.left);
  return settled(right);
}

/** Numbers in a row, made to look like dice (the finalizer of MurmurHash3). */
function scramble(serial: number): number {
  let bits = serial;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
