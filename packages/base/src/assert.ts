// SPDX-License-Identifier: Apache-2.0
// Our own mistakes. A failed assertion is a bug of ours, never a fault of the caller's input, so it
// is caught nowhere but at the edge of the process, where it becomes INTERNAL.

/** An error in our own code: a state that we held to be impossible. */
export class BugError extends Error {
  override readonly name = "BugError";
}

/**
 * States what must be true here.
 *
 * @throws {BugError} when it is not.
 */
export function assert(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new BugError(claim);
}

/**
 * Ends a switch that covers every case; the compiler refuses it when a case is missing.
 *
 * @throws {BugError} always.
 */
export function unreachable(value: never): never {
  throw new BugError(`unreachable: ${JSON.stringify(value)}`);
}

/**
 * Gives back a value that must be there.
 *
 * @throws {BugError} when it is undefined.
 */
export function defined<T>(value: T | undefined, claim: string): T {
  if (value === undefined) throw new BugError(claim);
  return value;
}
