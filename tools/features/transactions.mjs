// SPDX-License-Identifier: Apache-2.0
import { feature, goldens, missing, stories, tests } from "./feature.mjs";

const service = (...titles) => tests("packages/server/src/service/spanner.test.ts", ...titles);
const writers = (...titles) => tests("tests/transactions/many-writers.test.ts", ...titles);
const rest = (...titles) => tests("tests/sessions/rest-session-table.test.ts", ...titles);

export const transactions = {
  title: "Transactions",
  features: [
    feature(
      "external consistency: commit timestamps are the serial order of all that happened",
      "true-time-external-consistency",
      tests(
        "tests/simulation/simulation.test.ts",
        "whatever network and power do, commit timestamps are the serial order of all that happened",
      ),
      tests(
        "packages/server/src/database/serializable.test.ts",
        "transactions that run at once read and leave what they would one by one",
      ),
    ),
    feature(
      "no anomaly: dirty read and write, lost update, unrepeatable read, phantom, write skew",
      "transactions#serializability_and_external_consistency",
      goldens(
        "txn/anomaly-dirty-read",
        "txn/anomaly-dirty-write",
        "txn/anomaly-lost-update",
        "txn/anomaly-unrepeatable-read",
        "txn/anomaly-phantom",
        "txn/anomaly-write-skew",
        "txn/anomalies-serializable",
        "txn/anomalies-optimistic",
      ),
    ),
    feature(
      "many writers at once, of both kinds of sessions",
      "transactions#rw_transaction_performance",
      writers(
        "two hundred increments of one row through … count two hundred",
        "money moved through … is neither made nor lost, and no reader sees it under way",
        "a transaction that only touches its own rows never waits for another and is never aborted",
      ),
    ),
    feature(
      "optimistic concurrency: no locks for reads, validation at the commit",
      "reference/rpc/google.spanner.v1#readwrite",
      goldens("txn/optimistic"),
      service("an optimistic transaction is told at its commit that what it read has changed"),
    ),
    feature(
      "repeatable read isolation",
      "isolation-levels",
      goldens("txn/repeatable-read", "txn/anomalies-repeatable-read"),
      service("a commit under repeatable read tells its isolation and the moment that it read at"),
      tests(
        "packages/server/src/database/serializable.test.ts",
        "a repeatable read is of one moment, and what it writes is as it was then",
      ),
    ),
    feature(
      "read-only transactions: one moment, no locks, nobody waits",
      "transactions#read-only_transactions",
      goldens("txn/snapshot-isolation"),
      stories("snapshots", "a snapshot shows one moment to all of its reads and queries"),
    ),
    feature(
      "inline begin: the first statement begins the transaction",
      "transactions",
      tests(
        "packages/client/src/database/transactions.test.ts",
        "begin with their first statement and number the statements",
        "a first statement that fails is executed again in a transaction begun for it",
      ),
    ),
    feature(
      "idempotence: what was answered is answered again, and not done again",
      "reference/rpc/google.spanner.v1#executesqlrequest",
      service(
        "a write whose caller gave up waiting may be sent again, and is then done once",
        "the rows of a write that was answered already are streamed again, and are not written again",
      ),
    ),
    feature(
      "precommit tokens on multiplexed sessions, the highest one wins",
      "reference/rpc/google.spanner.v1#multiplexedsessionprecommittoken",
      rest(
        "every result on a multiplexed session brings a precommit token, which the commit must return",
      ),
    ),
    feature(
      "a retry keeps the age of the attempt before it",
      "transactions#transaction-retries",
      goldens("txn/inherited-age"),
      rest("a retry names the transaction before it on a multiplexed session only"),
    ),
    feature(
      "what may follow a commit, a rollback, a failed statement",
      "transactions",
      goldens("txn/ending"),
      tests(
        "packages/server/src/database/poison.test.ts",
        "an INSERT whose second row is refused poisons its transaction, and leaves nothing",
        "a statement that cannot be understood does no harm",
      ),
    ),
    feature(
      "streams end with the transaction that they read in",
      "reference/rpc/google.spanner.v1",
      tests(
        "tests/transactions/stream-and-commit.test.ts",
        "a transaction that commits ends its streams with FAILED_PRECONDITION",
        "a read that waits for a lock when its own transaction commits is told, and holds up nothing",
      ),
    ),
    feature(
      "commit statistics, and mutations counted as Spanner counts them",
      "commit-statistics",
      stories("mutations", "commit statistics count mutations"),
      goldens("rows/limits"),
    ),
    feature(
      "commit timestamps in columns and keys",
      "commit-timestamp",
      goldens("rows/commit-timestamp", "txn/pending-commit-timestamp"),
      stories("mutations", "a commit timestamp is written where its placeholder stands"),
    ),
    feature(
      "batch write: groups succeed and fail on their own",
      "batch-write",
      stories("mutations", "groups of a batch write succeed and fail on their own"),
    ),
    missing(
      "Transactions that are kept from change streams",
      "change-streams#exclude-transaction",
      { but: "the option is taken; there is nothing that it could keep out" },
    ),
  ],
};

export const locks = {
  title: "Locks",
  features: [
    feature(
      "shared and exclusive, of keys and of ranges",
      "transactions#locking",
      goldens("locks/shared-and-exclusive", "locks/overlapping-ranges", "locks/own-locks"),
    ),
    feature(
      "of columns: writers of other columns of one row go side by side",
      "introspection/lock-statistics#explain-lock-modes",
      goldens("locks/columns"),
      tests(
        "packages/server/src/database/column-locks.test.ts",
        "writers of other columns of one row lose nothing of each other's",
        "two transactions that write other columns of a row commit in any order, and wait for nobody",
        "a check over two columns holds whoever writes which of them",
      ),
    ),
    feature(
      "writer-shared: writers who have not read a column write it side by side, the later one wins",
      "introspection/lock-statistics#explain-lock-modes",
      goldens("locks/lock-modes", "txn/blind-writes"),
      writers(
        "writers that have not read a row write it all at once, and the last commit is what stays",
      ),
      tests(
        "packages/server/src/database/blind-writes.test.ts",
        "the row is what its writers left in the order of their moments, now and after a crash",
        "of two on their way, the first one is refused by the disk, and the second leaves what is its own",
      ),
    ),
    feature(
      "a range that was read takes no new row",
      "transactions#locking",
      goldens("locks/range-and-phantom"),
    ),
    feature(
      "wound-wait: the older transaction wounds, the younger one waits; no deadlock",
      "transactions#deadlocks",
      goldens("locks/wound-wait", "locks/upgrade-deadlock", "txn/wounded-by-older"),
      tests(
        "packages/server/src/locks/lock-table.test.ts",
        "no two grants conflict, nobody waits for nothing, and no circle of waiting forms",
        "whatever happens, everybody who waits is granted when those ahead leave",
      ),
    ),
    feature(
      "grants in order of age",
      "transactions#locking",
      goldens("locks/order-of-waiting", "txn/age"),
    ),
    feature("a reader alone becomes a writer", "transactions#locking", goldens("locks/upgrade")),
    feature(
      "who gives up waiting makes room",
      "transactions#locking",
      goldens("locks/leaving-the-queue", "locks/changing-ones-mind", "txn/giving-up"),
    ),
    feature(
      "a transaction that is idle for ten seconds gives way to one that wants its locks",
      "transactions#idle_transactions",
      goldens("txn/idle"),
    ),
    feature(
      "lock hints of reads",
      "reference/standard-sql/query-syntax#statement_hints",
      service("a lock hint makes a read exclusive, in a read-write transaction only"),
    ),
    feature(
      "the abort tells which keys and which column were wanted",
      "introspection/lock-statistics",
      goldens("txn/locks-named"),
    ),
    feature(
      "a schema change waits for older writers and aborts open ones",
      "schema-updates",
      goldens("txn/schema-change", "txn/schema-change-waits"),
    ),
  ],
};

export const time = {
  title: "Time",
  features: [
    feature(
      "commit timestamps rise, at any clock",
      "true-time-external-consistency",
      goldens("txn/commit-timestamps"),
    ),
    feature(
      "strong, exact and bounded staleness, read and minimum timestamps",
      "timestamp-bounds",
      goldens("txn/stale-reads"),
      stories("snapshots", "a snapshot of an earlier moment shows what was there then"),
    ),
    feature(
      "versions are kept for an hour, older reads are refused",
      "pitr",
      tests(
        "packages/server/src/mvcc/versions.test.ts",
        "every moment from the horizon on reads as a list of all writes would, forks too",
        "a read before the horizon is refused, also one that is under way",
      ),
    ),
    feature(
      "version_retention_period of a database",
      "pitr#version-retention-period",
      goldens("ddl/database-options", "txn/stale-reads"),
    ),
    feature(
      "versions that nobody can ask for are swept",
      "pitr",
      tests(
        "packages/server/src/txn/spaces.test.ts",
        "commits that sweep change nothing that a read from the horizon on sees",
        "rows that come and go leave nothing behind, whichever keys they had",
      ),
    ),
    feature(
      "rows that expire by a ROW DELETION POLICY",
      "ttl",
      goldens("ddl/create-table", "errors/row-deletion-policy"),
      tests(
        "packages/server/src/database/row-deletion.test.ts",
        "rows are deleted once they are old enough, with their children and index entries",
        "many old rows go in one round; a policy that is dropped deletes nothing more",
      ),
    ),
  ],
};
