// SPDX-License-Identifier: Apache-2.0

/** A source of batches that is opened when its turn comes; the signal ends it. */
export type BatchSource<T> = (signal: AbortSignal) => AsyncGenerator<readonly T[], void, undefined>;

interface Arrival<T> {
  readonly source: AsyncGenerator<readonly T[], void, undefined>;
  readonly result: IteratorResult<readonly T[], void>;
}

/**
 * Reads several sources at once and gives their batches as they come, in no fixed order.
 *
 * Each source has at most one batch in hand, so a slow reader holds all of them back. When one fails,
 * or the reader leaves, the others are ended at once.
 */
export async function* mergeBatches<T>(
  sources: Iterable<BatchSource<T>>,
  parallelism: number,
): AsyncGenerator<readonly T[], void, undefined> {
  const ending = new AbortController();
  const waiting = sources[Symbol.iterator]();
  const arrivals = new Map<Arrival<T>["source"], Promise<Arrival<T>>>();
  const pull = (source: Arrival<T>["source"]): void => {
    arrivals.set(
      source,
      source.next().then((result) => ({ source, result })),
    );
  };
  const openNext = (): void => {
    const next = waiting.next();
    if (!next.done) pull(next.value(ending.signal));
  };
  for (let count = 0; count < parallelism; count++) openNext();
  try {
    while (arrivals.size > 0) {
      const { source, result } = await Promise.race(arrivals.values());
      arrivals.delete(source);
      if (result.done) {
        openNext();
      } else {
        yield result.value;
        pull(source);
      }
    }
  } finally {
    ending.abort();
    await Promise.allSettled([...arrivals.keys()].map((source) => source.return()));
    await Promise.allSettled(arrivals.values());
  }
}
