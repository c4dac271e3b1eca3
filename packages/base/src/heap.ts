// SPDX-License-Identifier: Apache-2.0

/** A queue that gives the smallest element first. Equal elements come out in no fixed order. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #compare: (left: T, right: T) => number;

  constructor(compare: (left: T, right: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The smallest element, left in place; undefined when there is none. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T; // parent < index, so it is there
      if (this.#compare(above, item) <= 0) break;
      items[index] = above;
      index = parent;
    }
    items[index] = item;
  }

  /** Takes the smallest element out; undefined when there is none. */
  pop(): T | undefined {
    const items = this.#items;
    const smallest = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return smallest;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= items.length) break;
      const right = child + 1;
      // Both indices are below the length, checked just above.
      if (right < items.length && this.#compare(items[right] as T, items[child] as T) < 0)
        child = right;
      const smaller = items[child] as T;
      if (this.#compare(last, smaller) <= 0) break;
      items[index] = smaller;
      index = child;
    }
    items[index] = last;
    return smallest;
  }
}
