// SPDX-License-Identifier: Apache-2.0
import { feature, goldens, missing, stories, tests } from "./feature.mjs";

const service = (...titles) => tests("packages/server/src/service/spanner.test.ts", ...titles);
const chunk = (...titles) => tests("packages/server/src/service/chunk.test.ts", ...titles);
const partition = (...titles) => tests("packages/server/src/database/partition.test.ts", ...titles);
const folder = (...titles) => tests("packages/server/src/database/folder.test.ts", ...titles);
const bad = (...titles) => tests("tests/bad-input/bad-input.test.ts", ...titles);
const limited = (...titles) => tests("tests/bad-input/limits.test.ts", ...titles);

export const streams = {
  title: "Reads and streams",
  features: [
    feature(
      "reads by keys, ranges, prefixes, and of all rows, with a limit",
      "reads",
      goldens("rows/key-sets", "rows/descending-key", "rows/key-order"),
      tests(
        "packages/server/src/database/key-sets.test.ts",
        "any key set and limit read the rows that a search would find, in key order",
      ),
      stories("mutations", "rows are read by keys and by ranges of keys"),
    ),
    feature(
      "reads through an index",
      "secondary-indexes#read_using_an_index",
      goldens("rows/index-reads"),
      stories("mutations", "rows are read through an index, with a limit"),
    ),
    feature(
      "values and rows larger than a message",
      "reference/rpc/google.spanner.v1#partialresultset",
      chunk(
        "rows cut into messages of any size join to the same rows",
        "a value of ten megabytes leaves in pieces of about one megabyte",
      ),
      stories("queries", "a value larger than one message comes whole"),
    ),
    feature(
      "resume tokens: a stream goes on where it broke",
      "reference/rpc/google.spanner.v1#executesqlrequest",
      service(
        "a stream of … goes on behind any of its tokens as if it had not been broken",
        "a token is of one request only, its parameters included",
        "a stream cannot go on once its own transaction has written, and is told to try again",
      ),
    ),
    feature(
      "a stream is produced no faster than it is read",
      "reference/rpc/google.spanner.v1",
      tests(
        "packages/rpc/src/http2/calls.test.ts",
        "a reader that stops is sent no more than windows and buffers hold",
        "breaking out of a loop ends the handler's generator",
      ),
    ),
  ],
};

export const partitions = {
  title: "Partitions",
  features: [
    feature(
      "PartitionRead: each row once, in one snapshot, also by an index",
      "reads#read_data_in_parallel",
      partition(
        "the partitions of a read give each of its rows once, also by an index",
        "partitions are of about the same size",
      ),
      service(
        "partitions of a read are carried elsewhere as bytes, and give its rows in the same snapshot",
        "a partition is of one session, one transaction and one request",
      ),
      stories("partitions", "the partitions of a read together give all of its rows"),
    ),
    feature(
      "PartitionQuery of queries that work row by row; others are refused",
      "reads#read_data_in_parallel",
      partition(
        "the partitions of a query give each of its rows once: …",
        "a query that does not work row by row cannot be cut: …",
      ),
      stories("partitions", "the partitions of a query together give all of its rows"),
    ),
    feature(
      "Partitioned DML",
      "dml-partitioned",
      service("partitioned DML updates and deletes, and does nothing else"),
      stories(
        "partitions",
        "partitioned DML changes a whole table and tells at least how many rows",
      ),
      tests(
        "packages/server/src/database/partitioned-dml.test.ts",
        "every row is changed once, in several transactions",
        "what was done before a partition fails stays done",
        "a partition that has to give way is done again, and the others are not",
      ),
    ),
    missing("Data Boost", "databoost/databoost-overview", {
      but: "the flag is taken; there is nothing to boost",
    }),
  ],
};

export const durability = {
  title: "Durability",
  features: [
    feature(
      "with --data, what was acknowledged outlives a kill",
      "https://cloud.google.com/spanner/docs/whitepapers/life-of-reads-and-writes",
      tests(
        "tests/crash/crash.test.ts",
        "a server that is killed while it commits has lost nothing when it is started again",
      ),
      folder(
        "after a crash at any moment, every acknowledged transfer is there and no money is lost",
        "rows, schema, old versions, old schemas and counters are there again",
      ),
    ),
    feature(
      "checkpoints take the place of the log before them",
      "https://cloud.google.com/spanner/docs/whitepapers/life-of-reads-and-writes",
      folder("a checkpoint is made by itself, and takes the place of the log before it"),
    ),
    feature(
      "damage is named with its place, and harms no other database",
      "https://cloud.google.com/spanner/docs/whitepapers/life-of-reads-and-writes",
      tests(
        "tests/crash/crash.test.ts",
        "a damaged database says so to whoever asks for it, and harms no other",
      ),
      tests(
        "packages/store/src/log.test.ts",
        "a bit that flips anywhere in a log that was closed is named with its place, and not served",
        "a log that is cut at any byte opens with whole records only",
      ),
    ),
    feature(
      "a full disk refuses writes, and serves reads",
      "https://cloud.google.com/spanner/docs/whitepapers/life-of-reads-and-writes",
      folder(
        "a full disk refuses commits and schema changes, reads go on, and so do writes with room",
      ),
    ),
  ],
};

export const limits = {
  title: "Limits",
  intro: "All of them, with their numbers, are in [limits.md](limits.md).",
  features: [
    feature(
      "keys, values, rows, commits: bytes and mutations",
      "https://cloud.google.com/spanner/quotas",
      goldens("rows/limits"),
      tests(
        "packages/server/src/database/commit-size.test.ts",
        "a commit of too many bytes is refused whole, and one below the limit is not",
        "entries of an index count, and a row that is written over counts once",
        "an array is as large as a cell may be, all its elements together",
        "a row grows, commit by commit, until it is as large as a row may be",
      ),
    ),
    feature(
      "tables, columns, key columns, indexes, interleaving",
      "https://cloud.google.com/spanner/quotas#schema_limits",
      goldens("ddl/limits"),
    ),
    feature(
      "the length of a schema and of its changes, roles, views in views, locality groups, placements",
      "https://cloud.google.com/spanner/quotas#schema_limits",
      limited(
        "an administrative request is small, but for the statements of a schema",
        "a schema grows to its limit, keeps what it has, and shrinks again",
        "roles are counted, and so is how deep views read views",
        "locality groups and placements are counted",
      ),
    ),
    feature(
      "requests on the wire; instance partitions, configurations, backup schedules",
      "https://cloud.google.com/spanner/quotas#request_limits",
      limited(
        "a request is as large as it may be, and a commit may be larger",
        "partitions of an instance, custom configurations and backup schedules are counted",
      ),
    ),
    feature(
      "what runs at a time: reads of a session, partitioned DML, restores",
      "https://cloud.google.com/spanner/quotas",
      limited(
        "a regular session runs so many reads at a time; a multiplexed one any number",
        "partitioned statements are counted while they run",
      ),
      tests("tests/admin/backups.test.ts", "ten databases are restored into an instance at a time"),
    ),
    feature(
      "statements: joins, function calls, subqueries, parameters and the like; nesting is bounded",
      "https://cloud.google.com/spanner/quotas#query_limits",
      tests("packages/server/src/database/statement-size.test.ts", "at most … …"),
      tests(
        "tests/bad-input/parser.test.ts",
        "nesting of any kind is bounded, and the refusal says so",
      ),
    ),
    feature(
      "a query that would hold too much is refused",
      "https://cloud.google.com/spanner/quotas#query_limits",
      tests(
        "packages/server/src/executor/query.test.ts",
        "a sort that would hold more than it may is refused",
      ),
    ),
    feature(
      "values that are too long or of another type are named",
      "https://cloud.google.com/spanner/quotas",
      bad(
        "values that are too long are refused with their size and the limit",
        "values that are not of their column's type are refused, each with column and type",
      ),
    ),
  ],
};
