// SPDX-License-Identifier: Apache-2.0
// An ordered map from byte strings to values whose copies cost nothing.
//
// It is a B+tree. A key is a string of characters 0 to 255, one a byte, so that `<` is the order of
// bytes. Each tree carries an owner token, and so does each node; a tree may change only the nodes
// that carry its own token, and copies any other node before it writes. `fork()` gives both sides a
// new token: from then on every node is shared by both, and each side copies what it writes, from the
// leaf up to the root. A fork takes constant time and no memory.
//
// Deleting leaves small nodes be and unlinks a node once it is empty: keys that die in numbers (old
// versions, dropped rows) leave in ranges, so that rebalancing would cost more than it saves.
//
// Cursors hold a position by key, not by node: after a change of the tree a cursor finds its place
// again by searching. So a scan may be interleaved with writes; it sees a key that was added ahead of
// it and does not see one that was removed.
import { assert } from "@spandrel/base";

/** Most children or entries of a node. Scans like it large, inserts small; 64 was measured best. */
const fanOut = 64;

/** The right to change a node: the tree's token must be the node's. */
type Owner = object;

interface Leaf<V> {
  owner: Owner;
  readonly keys: string[];
  readonly values: V[];
}

interface Branch<V> {
  owner: Owner;
  /** Child `i + 1` holds the keys from `separators[i]` on. */
  readonly separators: string[];
  readonly children: TreeNode<V>[];
}

type TreeNode<V> = Leaf<V> | Branch<V>;

function isLeaf<V>(node: TreeNode<V>): node is Leaf<V> {
  return "keys" in node;
}

/** An entry: a key and what stands under it. */
export type Entry<V> = readonly [key: string, value: V];

/** An ordered map from byte strings to values; see the top of this file. */
export class OrderedTree<V> {
  #owner: Owner = {};
  #root: TreeNode<V>;
  #size = 0;
  /** Rises with every change, so that a cursor knows when its leaf may be stale. */
  #version = 0;

  constructor() {
    this.#root = { owner: this.#owner, keys: [], values: [] };
  }

  /** How many keys there are. */
  get size(): number {
    return this.#size;
  }

  /** What stands under a key; undefined when nothing does. */
  get(key: string): V | undefined {
    const leaf = this.#leafOf(key);
    const index = lowerBound(leaf.keys, key);
    return leaf.keys[index] === key ? leaf.values[index] : undefined;
  }

  /** Puts a value under a key, in place of one that stands there. */
  set(key: string, value: V): void {
    this.#version++;
    const root = this.#owned(this.#root);
    this.#root = root;
    const split = this.#insert(root, key, value);
    if (split === undefined) return;
    this.#root = { owner: this.#owner, separators: [split.key], children: [root, split.node] };
  }

  /** Takes a key out; false when it was not there. */
  delete(key: string): boolean {
    if (this.get(key) === undefined) return false;
    this.#version++;
    const root = this.#owned(this.#root);
    this.#root = root;
    this.#remove(root, key);
    this.#size--;
    while (!isLeaf(this.#root) && this.#root.children.length === 1) {
      this.#root = this.#root.children[0] as TreeNode<V>; // one child, as just checked
    }
    return true;
  }

  /** A copy in constant time; from now on neither side sees what the other writes. */
  fork(): OrderedTree<V> {
    const copy = new OrderedTree<V>();
    copy.#root = this.#root;
    copy.#size = this.#size;
    this.#owner = {};
    return copy;
  }

  /** Entries from `start` (included) up to `end` (excluded; undefined is no end), ascending. */
  *scan(start: string, end: string | undefined): IterableIterator<Entry<V>> {
    let from = start;
    for (;;) {
      const { leaf, next } = this.#leafAndNext(from);
      const version = this.#version;
      let index = lowerBound(leaf.keys, from);
      for (; index < leaf.keys.length; index++) {
        const key = leaf.keys[index] as string; // below the length
        if (end !== undefined && key >= end) return;
        yield [key, leaf.values[index] as V];
        if (this.#version !== version) {
          from = `${key}\0`;
          break;
        }
      }
      if (index === leaf.keys.length) {
        if (next === undefined) return;
        from = next;
      }
    }
  }

  /** Entries below `end` (excluded; undefined is no end) down to `start` (included), descending. */
  *scanReverse(start: string, end: string | undefined): IterableIterator<Entry<V>> {
    let below = end;
    for (;;) {
      const { leaf, previous } = this.#leafAndPrevious(below);
      const version = this.#version;
      let index = (below === undefined ? leaf.keys.length : lowerBound(leaf.keys, below)) - 1;
      for (; index >= 0; index--) {
        const key = leaf.keys[index] as string; // between 0 and the length
        if (key < start) return;
        yield [key, leaf.values[index] as V];
        if (this.#version !== version) {
          below = key;
          break;
        }
      }
      if (index < 0) {
        if (previous === undefined) return;
        below = previous;
      }
    }
  }

  /**
   * The values from `start` (included) to `end` (excluded), run by run in the order that is asked for.
   *
   * A run is as it was when it was given: what changes later is seen by the runs that follow.
   */
  *runs(start: string, end: string, isReverse: boolean): IterableIterator<readonly V[]> {
    let [from, to]: [string | undefined, string | undefined] = [start, end];
    let isMoved = true;
    while (from !== undefined && to !== undefined && from < to) {
      const [first, last]: [string, string] = [from, to];
      let leaf: Leaf<V>;
      if (isReverse) ({ leaf, previous: to } = this.#leafAndPrevious(last));
      else ({ leaf, next: from } = this.#leafAndNext(first));
      const { keys, values } = leaf;
      // Leaves in the middle are taken whole, without a look at their keys, unless the tree has changed.
      const isFirst = isMoved || (isReverse && (to === undefined || to <= first));
      const isLast = isMoved || (!isReverse && (from === undefined || from > last));
      const run = values.slice(
        isFirst ? lowerBound(keys, first) : 0,
        isLast ? lowerBound(keys, last) : keys.length,
      );
      const version = this.#version;
      if (run.length > 0) yield isReverse ? run.reverse() : run;
      isMoved = this.#version !== version;
    }
  }

  #leafOf(key: string): Leaf<V> {
    let node = this.#root;
    while (!isLeaf(node)) node = node.children[upperBound(node.separators, key)] as TreeNode<V>;
    return node;
  }

  /** The leaf where a key would stand, and the smallest key that the leaf after it may hold. */
  #leafAndNext(key: string): { leaf: Leaf<V>; next: string | undefined } {
    let node = this.#root;
    let next: string | undefined;
    while (!isLeaf(node)) {
      const index = upperBound(node.separators, key);
      next = node.separators[index] ?? next;
      node = node.children[index] as TreeNode<V>;
    }
    return { leaf: node, next };
  }

  /** The leaf that holds the keys right below a bound, and the bound of the leaf before it. */
  #leafAndPrevious(below: string | undefined): { leaf: Leaf<V>; previous: string | undefined } {
    let node = this.#root;
    let previous: string | undefined;
    while (!isLeaf(node)) {
      const index =
        below === undefined ? node.separators.length : lowerBound(node.separators, below);
      previous = node.separators[index - 1] ?? previous;
      node = node.children[index] as TreeNode<V>;
    }
    return { leaf: node, previous };
  }

  #owned<N extends TreeNode<V>>(node: N): N {
    if (node.owner === this.#owner) return node;
    const copy: TreeNode<V> = isLeaf(node)
      ? { owner: this.#owner, keys: node.keys.slice(), values: node.values.slice() }
      : {
          owner: this.#owner,
          separators: node.separators.slice(),
          children: node.children.slice(),
        };
    return copy as N; // the same kind of node as went in
  }

  /** Puts an entry under an owned node; gives the right half when the node had to split. */
  #insert(node: TreeNode<V>, key: string, value: V): Split<V> | undefined {
    if (isLeaf(node)) return this.#insertIntoLeaf(node, key, value);
    const index = upperBound(node.separators, key);
    const child = this.#owned(node.children[index] as TreeNode<V>);
    node.children[index] = child;
    const split = this.#insert(child, key, value);
    if (split === undefined) return undefined;
    node.separators.splice(index, 0, split.key);
    node.children.splice(index + 1, 0, split.node);
    if (node.children.length <= fanOut) return undefined;
    const middle = splitPoint(node.children.length, index + 1);
    const separators = node.separators.splice(middle - 1);
    const separator = separators.shift();
    assert(separator !== undefined, "a branch that splits has a separator in its middle");
    const children = node.children.splice(middle);
    return { key: separator, node: { owner: this.#owner, separators, children } };
  }

  #insertIntoLeaf(leaf: Leaf<V>, key: string, value: V): Split<V> | undefined {
    const index = lowerBound(leaf.keys, key);
    if (leaf.keys[index] === key) {
      leaf.values[index] = value;
      return undefined;
    }
    this.#size++;
    leaf.keys.splice(index, 0, key);
    leaf.values.splice(index, 0, value);
    if (leaf.keys.length <= fanOut) return undefined;
    const middle = splitPoint(leaf.keys.length, index);
    const keys = leaf.keys.splice(middle);
    const values = leaf.values.splice(middle);
    const first = keys[0];
    assert(first !== undefined, "the right half of a split leaf has a key");
    return { key: first, node: { owner: this.#owner, keys, values } };
  }

  /** Takes a key that is there out of an owned node; true when the node is empty now. */
  #remove(node: TreeNode<V>, key: string): boolean {
    if (isLeaf(node)) {
      const index = lowerBound(node.keys, key);
      node.keys.splice(index, 1);
      node.values.splice(index, 1);
      return node.keys.length === 0;
    }
    const index = upperBound(node.separators, key);
    const child = this.#owned(node.children[index] as TreeNode<V>);
    node.children[index] = child;
    if (!this.#remove(child, key) || node.children.length === 1) return false;
    node.children.splice(index, 1);
    node.separators.splice(Math.max(0, index - 1), 1);
    return false;
  }
}

interface Split<V> {
  readonly key: string;
  readonly node: TreeNode<V>;
}

/** Halves a full node, but for keys that come in order, where the left side stays nearly full. */
function splitPoint(length: number, insertedAt: number): number {
  return insertedAt === length - 1 ? length - 1 : length >> 1;
}

/** The first index whose key is not below the wanted one. */
function lowerBound(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index whose key is above the wanted one. */
function upperBound(keys: readonly string[], wanted: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
