// SPDX-License-Identifier: Apache-2.0
// The work that both kinds of sessions are put to: read-write transactions, many at a time, that meet
// on the same rows. Each one reads a city, counts the visit in its country's tally, and notes it down.
import { createHistogram } from "node:perf_hooks";
import { COMMIT_TIMESTAMP, type Database } from "@spandrel/client";

/** What was done, and how long it took. */
export interface Outcome {
  readonly transactions: number;
  /** Attempts that were aborted in favor of an older transaction and made again. */
  readonly retries: number;
  readonly millis: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
}

/** Visits cities, so many at a time. */
export async function visitCities(
  database: Database,
  cityIds: readonly bigint[],
  inFlight: number,
): Promise<Outcome> {
  const histogram = createHistogram();
  const started = performance.now();
  let next = 0;
  let attempts = 0;
  const visitor = async (): Promise<void> => {
    for (let cityId = cityIds[next++]; cityId !== undefined; cityId = cityIds[next++]) {
      const begun = performance.now();
      const needed = await visit(database, cityId);
      attempts += needed;
      histogram.record(Math.max(1, Math.round((performance.now() - begun) * 1_000)));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, visitor));
  return {
    transactions: cityIds.length,
    retries: attempts - cityIds.length,
    millis: performance.now() - started,
    p50Millis: histogram.percentile(50) / 1_000,
    p99Millis: histogram.percentile(99) / 1_000,
  };
}

/** One visit in one transaction; gives how many attempts it took. */
async function visit(database: Database, cityId: bigint): Promise<number> {
  let attempts = 0;
  await database.runInTransaction(async (transaction) => {
    attempts++;
    const city = await transaction
      .executeSql({ sql: "SELECT Country FROM Cities WHERE CityId = @cityId", params: { cityId } })
      .one();
    const country = city["Country"] as string;
    await transaction.executeUpdate({
      sql: "UPDATE Tallies SET Visits = Visits + 1 WHERE Country = @country",
      params: { country },
    });
    transaction.insert("Visits", {
      Country: country,
      VisitId: crypto.randomUUID(),
      CityId: cityId,
      VisitedAt: COMMIT_TIMESTAMP,
    });
  });
  return attempts;
}
