// SPDX-License-Identifier: Apache-2.0
// Which of the calls that a rule is about it strikes: the third one, those from the fifth on, the first
// two, one in ten. Chance comes from a seed, so that a run can be repeated.
import { type Random, seededRandom } from "@spandrel/base";
import type { Fields } from "./fields.ts";

/** Which occasions a rule strikes, of those that it is about; by default every one. */
export interface Occasion {
  /** Only this one; the first is 1. */
  readonly nth?: number | undefined;
  /** From this one on; the first is 1. */
  readonly from?: number | undefined;
  /** At most so many times. */
  readonly times?: number | undefined;
  /** With this probability, from 0 to 1. */
  readonly probability?: number | undefined;
  /** For the probability; the same seed strikes the same occasions. Default 1. */
  readonly seed?: number | undefined;
}

/** Reads the fields of an occasion. @throws {StatusError} INVALID_ARGUMENT with the field's name. */
export function readOccasion(fields: Fields): Occasion {
  return {
    nth: fields.count("nth", 1),
    from: fields.count("from", 1),
    times: fields.count("times", 1),
    probability: fields.number("probability", 0, 1),
    seed: fields.count("seed", 0),
  };
}

/** Counts occasions, and says of each whether it is struck. */
export class OccasionCounter {
  readonly #occasion: Occasion;
  readonly #random: Random;
  #matched = 0;
  #struck = 0;

  constructor(occasion: Occasion) {
    this.#occasion = occasion;
    this.#random = seededRandom(occasion.seed ?? 1);
  }

  /** How many occasions there were. */
  get matched(): number {
    return this.#matched;
  }

  /** How many of them were struck. */
  get struck(): number {
    return this.#struck;
  }

  /** Counts an occasion; whether it is struck. */
  strikes(): boolean {
    const { nth, from = 1, times = Number.POSITIVE_INFINITY, probability } = this.#occasion;
    this.#matched++;
    if (nth !== undefined && this.#matched !== nth) return false;
    if (this.#matched < from || this.#struck >= times) return false;
    if (probability !== undefined && this.#random.next() >= probability) return false;
    this.#struck++;
    return true;
  }
}
