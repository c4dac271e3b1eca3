// SPDX-License-Identifier: Apache-2.0

/** An INT64: a number where that is exact, else a bigint. So `===` and `<` hold between any two. */
export type Integer = number | bigint;

/** The integer of an INT64's value. */
export function integerOf(value: Integer): Integer {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
