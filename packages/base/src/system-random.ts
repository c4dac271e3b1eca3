// SPDX-License-Identifier: Apache-2.0
// The only file that rolls real dice.
import type { Random } from "./random.ts";

/** Chance from the machine's cryptographic generator; `next` is the fast, ordinary kind. */
export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
