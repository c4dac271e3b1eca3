// SPDX-License-Identifier: Apache-2.0
// Chance comes in through this door, so that a seed repeats a run.

/** A source of chance. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number;
  /** So many random bytes. */
  bytes(length: number): Uint8Array;
}

/** A generator that gives the same numbers for the same seed (the algorithm is mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** A random text of so many characters that are safe in a URL, six bits of chance each. */
export function randomText(random: Random, length: number): string {
  let text = "";
  for (const byte of random.bytes(length)) text += alphabet.charAt(byte & 63);
  return text;
}
