// SPDX-License-Identifier: Apache-2.0
import { Versions } from "../mvcc/versions.ts";

/** All keys of a database, apart by space; a space appears when it is first asked for. */
export class Spaces {
  readonly #versions = new Map<number, Versions>();

  of(space: number): Versions {
    let versions = this.#versions.get(space);
    if (versions === undefined) {
      versions = new Versions();
      this.#versions.set(space, versions);
    }
    return versions;
  }

  /** Forgets a space with all of its versions. */
  drop(space: number): void {
    this.#versions.delete(space);
  }

  /** Every space there is. */
  all(): Iterable<Versions> {
    return this.#versions.values();
  }
}
