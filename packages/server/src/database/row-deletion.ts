// SPDX-License-Identifier: Apache-2.0
// Row deletion policies: rows whose moment lies so many days back are deleted in the background, some
// time after it. Nobody may rely on when; until then they are there like any others.
// https://cloud.google.com/spanner/docs/ttl
//
// Every so often the rows that are too old are looked for in a snapshot, which disturbs nobody, and
// deleted in small transactions, each of which looks again. Whoever is in the way wins; what was left is
// found the next time. As long as no table has a policy, nothing happens at all.
import { type Clock, Code, StatusError } from "@spandrel/base";
import type { Limits } from "../limits/limits.ts";
import type { KeyPrefix } from "../rows/contract.ts";
import { findColumn, type Schema } from "../schema/schema.ts";
import { isOlder, type OldRows } from "./old-rows.ts";
import type { DatabaseSnapshot } from "./snapshot.ts";
import type { DatabaseTransaction } from "./transaction.ts";

/** Rows that are deleted in one transaction. */
const rowsPerTransaction = 500;

/** A database, as far as its policies need it. */
export interface PoliciesOwner {
  readonly schema: Schema;
  snapshot(bound: { readonly kind: "strong" }): Promise<DatabaseSnapshot>;
  begin(): DatabaseTransaction;
}

/** What carrying policies out works with. */
export interface RowDeletionOptions {
  readonly clock: Clock;
  readonly limits: Limits;
}

/** See the top of this file. */
export class RowDeletion {
  readonly #database: PoliciesOwner;
  readonly #options: RowDeletionOptions;
  readonly #stopped = new AbortController();
  #isWatching = false;

  constructor(database: PoliciesOwner, options: RowDeletionOptions) {
    this.#database = database;
    this.#options = options;
  }

  /** Looks for old rows from now on, every so often, as long as a table has a policy. */
  watch(): void {
    if (this.#isWatching || !hasPolicy(this.#database.schema)) return;
    this.#isWatching = true;
    const round = async (): Promise<void> => {
      const { clock, limits } = this.#options;
      const { signal } = this.#stopped;
      while (hasPolicy(this.#database.schema)) {
        await clock.sleep(limits.rowDeletionIntervalMillis, { signal, background: true });
        await deleteOldRows(this.#database, clock.now());
      }
    };
    const over = (): void => {
      this.#isWatching = false;
    };
    // It only ends so when it was stopped.
    round().then(over, over);
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped.abort();
  }
}

function hasPolicy({ tables }: Schema): boolean {
  for (const { rowDeletionPolicy } of tables.values()) if (rowDeletionPolicy) return true;
  return false;
}

/** Deletes the rows that are too old at a moment; gives how many. */
async function deleteOldRows(database: PoliciesOwner, nowNanos: bigint): Promise<number> {
  let deleted = 0;
  for (const table of database.schema.tables.values()) {
    const { rowDeletionPolicy: policy } = table;
    const column = policy && findColumn(table, policy.column);
    if (policy === undefined || column === undefined) continue;
    const beforeNanos = nowNanos - BigInt(policy.days) * dayNanos;
    const old = { table, column, beforeNanos };
    const snapshot = await database.snapshot({ kind: "strong" });
    for await (const keys of oldKeys(snapshot, old))
      deleted += await deleteSome(database, old, keys);
  }
  return deleted;
}

const dayNanos = 86_400_000_000_000n;

async function* oldKeys(
  snapshot: DatabaseSnapshot,
  { table, column, beforeNanos }: OldRows,
): AsyncIterable<readonly KeyPrefix[]> {
  const columns = [...table.primaryKey.map((part) => part.column), column];
  let keys: KeyPrefix[] = [];
  for await (const batch of snapshot.scan(table, columns)) {
    for (const row of batch) {
      if (!isOlder(row, beforeNanos)) continue;
      keys.push(row.slice(0, -1));
      if (keys.length < rowsPerTransaction) continue;
      yield keys;
      keys = [];
    }
  }
  if (keys.length > 0) yield keys;
}

async function deleteSome(
  database: PoliciesOwner,
  old: OldRows,
  keys: readonly KeyPrefix[],
): Promise<number> {
  const transaction = database.begin();
  try {
    const deleted = await transaction.deleteOlder(old, keys);
    await transaction.commit([], unbounded);
    return deleted;
  } catch (thrown) {
    const error = StatusError.from(thrown, Code.INTERNAL);
    // Somebody else wanted the rows, the schema has changed, or the disk is full: another time then.
    transaction.invalidate(error);
    return 0;
  }
}

/** Children go along, however many. */
const unbounded = {
  mutationsPerCommitMax: Number.POSITIVE_INFINITY,
  commitBytesMax: Number.POSITIVE_INFINITY,
};
