// SPDX-License-Identifier: Apache-2.0
// Things of one kind that a server keeps beside its instances and databases, by their full names. What
// they are is not known here, but that they are plain: numbers, texts, and bigints whose names end with
// `Nanos`.

/** Something that is kept. */
export interface Kept {
  readonly name: string;
}

/** A message that is kept as it came. */
export interface KeptMessage extends Kept {
  /** Its bytes. */
  readonly base64: string;
}

/** Carries out a change after all others before it; what it did is undone when it cannot be kept. */
export type Change = <T>(change: () => T) => Promise<T>;

/** See the top of this file. */
export class Records<T extends Kept> {
  readonly #change: Change;
  readonly #byName = new Map<string, T>();

  constructor(change: Change) {
    this.#change = change;
  }

  get(name: string): T | undefined {
    return this.#byName.get(name);
  }

  /** Those whose names begin with a parent's, by name. */
  under(parent: string): readonly T[] {
    return this.all.filter(({ name }) => name.startsWith(`${parent}/`));
  }

  /** All of them, by name. */
  get all(): readonly T[] {
    return [...this.#byName.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Keeps something in place of what had its name; `check` may refuse it at the last moment. */
  put(record: T, check: () => void = () => undefined): Promise<void> {
    return this.#change(() => {
      check();
      this.#byName.set(record.name, record);
    });
  }

  remove(name: string): Promise<void> {
    return this.#change(() => void this.#byName.delete(name));
  }

  /** Forgets what belongs to something that goes; part of the change that lets it go. */
  forgetOf(owner: string): void {
    this.#byName.delete(owner);
    for (const { name } of this.under(owner)) this.#byName.delete(name);
  }

  /** Takes what was kept before, in place of all. */
  replaceAll(records: readonly T[]): void {
    this.#byName.clear();
    for (const record of records) this.#byName.set(record.name, record);
  }
}
