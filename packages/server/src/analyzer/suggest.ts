// SPDX-License-Identifier: Apache-2.0

/** Shorter names are like too many others. */
const lengthMin = 3;

/** The name most like a wrong one, when it is like enough for `Did you mean …?`. */
export function suggest(wrong: string, names: Iterable<string>): string | undefined {
  const wanted = wrong.toLowerCase();
  const { length } = wanted;
  if (length < lengthMin) return undefined;
  let best: string | undefined;
  let bestDistance = length < 5 ? Math.floor(length / 2) : Math.floor(length / 5) + 2;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase(), bestDistance);
    if (distance < bestDistance || (distance === bestDistance && best === undefined)) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance; anything above `limit` is as good as `limit + 1`. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const change = left[row - 1] === right[column - 1] ? 0 : 1;
      current.push(
        Math.min(
          (above[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (above[column - 1] ?? 0) + change,
        ),
      );
    }
    above = current;
  }
  return above[right.length] ?? 0;
}
