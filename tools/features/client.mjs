// SPDX-License-Identifier: Apache-2.0
import { feature, missing, tests } from "./feature.mjs";

const source = "packages/client/src";
const pools = (...titles) => tests(`${source}/session/pools.test.ts`, ...titles);
const manager = (...titles) => tests(`${source}/session/sessions-manager.test.ts`, ...titles);
const transactions = (...titles) => tests(`${source}/database/transactions.test.ts`, ...titles);
const reads = (...titles) => tests(`${source}/database/reads.test.ts`, ...titles);
const writes = (...titles) => tests(`${source}/database/writes.test.ts`, ...titles);
const resume = (...titles) => tests(`${source}/stream/resume.test.ts`, ...titles);
const retry = (...titles) => tests(`${source}/retry/retry.test.ts`, ...titles);
const values = (...titles) => tests(`${source}/values/values.test.ts`, ...titles);
const aging = (...titles) => tests("tests/sessions/aging.test.ts", ...titles);

export const client = {
  title: "The client",
  features: [
    feature(
      "pools of a fixed size: order, waiting, health, replacement",
      "sessions#create_and_size_the_session_cache",
      pools(
        "creates all sessions at once, a hundred per call, and asks again for the rest",
        "hands out the session put back last",
        "serves those who wait in the order in which they came",
        "trusts a session for 55 minutes and looks at it after that",
      ),
      tests(
        `${source}/session/pool-state.test.ts`,
        "whatever happens, no place is lost, none is given twice, and the line is kept",
      ),
    ),
    feature(
      "pools that grow, and pools that ping",
      "sessions#keep_an_idle_session_alive",
      pools(
        "never makes anybody wait, and keeps as many idle sessions as its target",
        "pings the sessions that are due, and no others",
        "begins read-write transactions ahead",
      ),
    ),
    feature(
      "a pool of one's own",
      "sessions",
      pools("a pool of one's own needs bind, get, put and clear"),
    ),
    feature(
      "the multiplexed session: one for all, rotated after seven days, replaced when lost",
      "sessions#multiplexed-sessions",
      manager(
        "is created once for all who ask, with the role and without labels",
        "is replaced after seven days: built new, swapped, the old one neither deleted nor touched",
        "is replaced at once, and once, when the server has lost it",
      ),
      aging(
        "a month of weekly rotations needs one session a week and is never noticed",
        "a pooled session is looked at after 55 idle minutes, and replaced when the hour has ended it",
      ),
    ),
    feature(
      "the three variables that switch multiplexed sessions",
      "sessions#multiplexed-sessions",
      manager(
        "unset, reads and read-write transactions share a session, partitioned ones do not",
        "are read at each checkout, and what is switched off uses the pool",
      ),
    ),
    feature(
      "read-write transactions: inline begin, tokens, retries of aborts",
      "transactions#rw_transaction_interface",
      transactions(
        "begin with their first statement and number the statements",
        "send the token with the highest number, also when a batch alone brought it",
        "start over within milliseconds, and name the attempt before",
        "wait as long as the server says",
        "fail at once when the wait would pass the deadline",
      ),
    ),
    feature(
      "commits whose answer is lost are not made twice",
      "transactions",
      transactions(
        "are sent again after a passing failure, as the same request",
        "whose answer does not come leave the outcome unknown",
      ),
      writes("are applied at most once: begun with a key, then committed"),
    ),
    feature(
      "retries of calls, with growing waits and one deadline",
      "custom-timeout-and-retry",
      retry(
        "is made again after RESOURCE_EXHAUSTED when the server says when",
        "begins with 10 to 20 ms, grows by 1.3, and ends at 32 s",
      ),
      reads("a server that is away is waited for thirty seconds, not for an hour"),
      [{ file: "tests/client/golden/retry-table.golden" }],
    ),
    feature(
      "streams that break go on without a row lost or doubled",
      "reads",
      resume(
        "goes on without repeating or losing a row, wherever and however often it breaks",
        "is not resumed after an error that will not pass",
      ),
      tests(
        `${source}/stream/merge-chunks.test.ts`,
        "any splitting of any rows gives the same rows",
      ),
    ),
    feature(
      "snapshots and timestamp bounds",
      "timestamp-bounds",
      reads(
        "the first read begins, those that come meanwhile wait and name the id",
        "a staleness of zero is sent, and two bounds are refused before any call",
      ),
    ),
    feature(
      "partitioned DML, batch snapshots, batch write",
      "reads#read_data_in_parallel",
      writes(
        "starts over when aborted, and resumes when the stream breaks",
        "are cut into partitions that other processes read",
        "groups of mutations are written in one call, once",
      ),
    ),
    feature(
      "types: nothing is guessed, nothing rounded",
      "reference/standard-sql/data-types",
      values(
        "of INT64 become numbers when asked, and never wrong ones",
        "have the type that JavaScript says, and no other is guessed",
        "keep their nanoseconds both ways",
      ),
    ),
    feature(
      "Temporal's instants, days and durations as values, both ways",
      "reference/standard-sql/data-types#timestamp_type",
      tests(
        "tests/client/temporal.test.ts",
        "TIMESTAMP, DATE and INTERVAL go there and come back as Temporal's own",
      ),
      tests(
        `${source}/values/temporal.test.ts`,
        "are sent with all that they hold",
        "are not made where there is no Temporal, and the error says what to use",
      ),
    ),
    feature(
      "PROTO and ENUM: parameters by full name, messages read by the program's own readers",
      "reference/standard-sql/data-types#protocol_buffer_type",
      tests(
        `${source}/database/protos.test.ts`,
        "messages are bytes, and enums numbers, to a program that names no readers",
        "a reader that was named reads all messages of its type, wherever they are",
        "parameters and columns are written under the full name of their type",
      ),
    ),
    feature(
      "results by column, in typed arrays",
      "reads",
      tests(
        `${source}/stream/column-batches.test.ts`,
        "hold what rows hold, however the result was cut",
        "numbers and booleans are typed arrays, all else is a list",
      ),
    ),
    feature(
      "whoever waits for a session, or for its transaction to begin, waits as long as it likes",
      "sessions#multiplexed-sessions",
      tests(
        `${source}/database/waiting.test.ts`,
        "a result that is left does not wait for its … session, which serves the next",
        "queries of one transaction each wait as long as they want for a … session",
        "the others of a … transaction wait as long as they want",
      ),
    ),
    feature(
      "calls that need the leader say so",
      "leader-aware-routing",
      reads("the first query creates the shared session, the next one is one call"),
      transactions("begin with their first statement and number the statements"),
    ),
    feature(
      "administration",
      "create-manage-instances",
      tests(
        `${source}/database/administration.test.ts`,
        "waiting for an operation ends when the caller says, and the operation goes on",
      ),
    ),
    feature(
      "several connections: opened under load, closed when idle, a transaction kept on its own",
      "sessions",
      tests(
        `${source}/database/connections.test.ts`,
        "the calls of one transaction, and only those, belong together",
        "a transaction keeps to a connection among several, and outlives it",
      ),
      tests(
        "packages/rpc/src/http2/connection-pool.test.ts",
        "connections beyond the least are closed when nobody calls, and opened when many do",
      ),
    ),
    feature(
      "over the wire and in process",
      "reference/rpc",
      tests(
        `${source}/database/wire.test.ts`,
        "rows, parameters, mutations and errors survive the wire",
      ),
    ),
    feature(
      "TLS, certificates of the client's own, Google's credentials, other universes, Spanner Omni",
      "https://cloud.google.com/docs/authentication/application-default-credentials",
      tests(
        "tests/client/secure-connection.test.ts",
        "a client trusts whom it is told to trust, and sends its credentials there",
        "a server that nobody vouches for is not talked to, and the error says why",
        "a server that asks for a certificate gets the client's, and refuses who has none",
        "a service account signs its own tokens, for Spanner's scopes, from a file or by value",
        "credentials of another universe are not sent",
        "Spanner Omni has one project, and multiplexed sessions whatever the environment says",
      ),
    ),
    feature(
      "OpenTelemetry traces and metrics, a diagnostics channel, gauges of sessions",
      "use-opentelemetry",
      tests(
        "tests/client/observability.test.ts",
        "each call has a span, and a transaction one around those of its calls",
        "calls and attempts are counted and timed, with their outcome",
        "gauges tell of sessions, multiplexed and pooled, until the client is closed",
        "sessions that are handed out, come back, or do not come in time are counted",
        "the diagnostics channel tells of each call, as long as somebody listens",
      ),
    ),
    feature(
      "administration: every call of both services",
      "reference/rpc",
      tests(
        "tests/client/administration.test.ts",
        "a backup tells its progress until it is done, and a database is restored from it",
        "who may do what is read with its version, and written with what was read",
      ),
    ),
    feature(
      "mistakes are told with what to do",
      "reference/standard-sql/data-types",
      tests(
        "tests/client/mistakes.test.ts",
        "a plain number for an INT64 column says how to write one",
        "after close() every call says that the client is closed",
        "a client, an instance and a database refuse to be handed to a worker",
      ),
    ),
    missing("Location hints", "leader-aware-routing", {
      calls: ["/google.spanner.v1.Spanner/FetchCacheUpdate"],
    }),
  ],
};
