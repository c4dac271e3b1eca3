// SPDX-License-Identifier: Apache-2.0
// What a client may get wrong about transactions, with messages that no proper client would send: each
// gets the error that is documented for it, the server goes on, and nobody else is harmed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Code, codeName, StatusError } from "@spandrel/base";
import { timestampToProto } from "@spandrel/model";
import {
  type BeginTransactionRequest,
  type CommitRequest,
  type ExecuteSqlRequest,
  type PartialResultSet,
  SpannerDefinition,
  type TransactionOptions,
  type TransactionSelector,
} from "@spandrel/protocol";
import { DatabaseAdminDefinition, InstanceAdminDefinition } from "@spandrel/protocol/admin";
import { methodsOf } from "@spandrel/rpc";
import { createServer } from "@spandrel/server";
import { VirtualClock } from "@spandrel/testkit";

const spanner = methodsOf(SpannerDefinition);
const databaseAdmin = methodsOf(DatabaseAdminDefinition);
const instanceAdmin = methodsOf(InstanceAdminDefinition);

const clock = new VirtualClock();
const { transport, control } = createServer({ clock });
const instance = "projects/p/instances/main";
const database = `${instance}/databases/db`;

const readWrite: TransactionOptions = { mode: { $case: "readWrite", readWrite: {} } };
const readOnly: TransactionOptions = { mode: { $case: "readOnly", readOnly: {} } };

let session: string;
let multiplexed: string;

before(async () => {
  await transport.unary(instanceAdmin.createInstance, {
    parent: "projects/p",
    instanceId: "main",
  });
  for (const id of ["db", "other"]) {
    await transport.unary(databaseAdmin.createDatabase, {
      parent: instance,
      createStatement: `CREATE DATABASE ${id}`,
      extraStatements: ["CREATE TABLE T (Id INT64 NOT NULL, N INT64) PRIMARY KEY (Id)"],
    });
  }
  session = await newSession();
  multiplexed = await newSession({ multiplexed: true });
  await insert(session, "1");
});

after(async () => {
  // Whatever was done, the row is there, and everybody can work.
  const { rows } = await transport.unary(spanner.executeSql, {
    session: await newSession(),
    sql: "SELECT Id FROM T WHERE Id = 1",
  });
  assert.deepEqual(rows, [["1"]]);
});

async function newSession({ multiplexed = false, of = database } = {}): Promise<string> {
  const { name = "" } = await transport.unary(spanner.createSession, {
    database: of,
    session: { multiplexed },
  });
  return name;
}

function insert(from: string, id: string): Promise<unknown> {
  const write = { table: "T", columns: ["Id", "N"], values: [[id, "0"]] };
  return transport.unary(spanner.commit, {
    session: from,
    transaction: { $case: "singleUseTransaction", singleUseTransaction: readWrite },
    mutations: [{ operation: { $case: "insertOrUpdate", insertOrUpdate: write } }],
  });
}

async function begin(from: string, options = readWrite): Promise<Uint8Array> {
  const { id } = await transport.unary(spanner.beginTransaction, { session: from, options });
  return id ?? new Uint8Array();
}

async function failure(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (thrown) {
    const { code, message } = StatusError.from(thrown, Code.INTERNAL);
    return `${codeName(code)} ${message}`;
  }
  return "OK";
}

function query(request: ExecuteSqlRequest): Promise<string> {
  return failure(transport.unary(spanner.executeSql, { session, sql: "SELECT 1", ...request }));
}

function queryIn(from: string, id: Uint8Array): Promise<string> {
  return query({ session: from, transaction: { selector: { $case: "id", id } } });
}

function commitOf(from: string, id: Uint8Array, more: CommitRequest = {}): Promise<string> {
  const transaction = { $case: "transactionId", transactionId: id } as const;
  return failure(transport.unary(spanner.commit, { session: from, transaction, ...more }));
}

function bytes(length: number, fill = 7): Uint8Array {
  return new Uint8Array(length).fill(fill);
}

test("an id that nobody was given is of no transaction", async () => {
  for (const id of [bytes(16), bytes(1), bytes(1_000), new Uint8Array()]) {
    assert.match(await queryIn(session, id), /^NOT_FOUND Transaction not found/);
    assert.match(await commitOf(session, id), /^NOT_FOUND Transaction not found/);
    // Rolling back what is not there leaves what one wanted.
    const transactionId = id;
    assert.equal(
      await failure(transport.unary(spanner.rollback, { session, transactionId })),
      "OK",
    );
  }
});

test("a transaction of another session, or of another database, is out of reach, and goes on", async () => {
  const id = await begin(session);
  const strangers = [
    await newSession(),
    multiplexed,
    await newSession({ of: `${instance}/databases/other` }),
  ];
  for (const stranger of strangers) {
    const other = "FAILED_PRECONDITION Transaction was started in a different session";
    assert.equal(await queryIn(stranger, id), other);
    assert.equal(await commitOf(stranger, id), other);
    await transport.unary(spanner.rollback, { session: stranger, transactionId: id });
  }
  assert.equal(await queryIn(session, id), "OK");
  assert.equal(await commitOf(session, id), "OK");
});

test("what is over stays over: a commit is told again, and nothing else is done", async () => {
  const committed = await begin(session);
  assert.equal(await commitOf(session, committed), "OK");
  assert.equal(await commitOf(session, committed), "OK");
  assert.match(await queryIn(session, committed), /^FAILED_PRECONDITION/);
  const rolledBack = await begin(session);
  await transport.unary(spanner.rollback, { session, transactionId: rolledBack });
  assert.match(await queryIn(session, rolledBack), /^FAILED_PRECONDITION/);
  assert.match(await commitOf(session, rolledBack), /^FAILED_PRECONDITION/);
  const reading = await begin(session, readOnly);
  assert.match(await commitOf(session, reading), /^FAILED_PRECONDITION/);
});

test("a precommit token that is forged, or of another transaction, does not commit", async () => {
  const mine = await begin(multiplexed);
  const theirs = await begin(multiplexed);
  const token = async (id: Uint8Array): Promise<Uint8Array> => {
    const { precommitToken } = await transport.unary(spanner.executeSql, {
      session: multiplexed,
      sql: "SELECT N FROM T WHERE Id = 1",
      transaction: { selector: { $case: "id", id } },
    });
    return precommitToken?.precommitToken ?? new Uint8Array();
  };
  const own = await token(mine);
  const foreign = await token(theirs);
  assert.match(await commitOf(multiplexed, mine), /^INVALID_ARGUMENT/);
  for (const forged of [foreign, bytes(20), bytes(1), own.subarray(0, own.length - 1)]) {
    const precommitToken = { precommitToken: forged, seqNum: 9 };
    assert.match(await commitOf(multiplexed, mine, { precommitToken }), /^INVALID_ARGUMENT/);
  }
  const precommitToken = { precommitToken: own, seqNum: 1 };
  assert.equal(await commitOf(multiplexed, mine, { precommitToken }), "OK");
  await transport.unary(spanner.rollback, { session: multiplexed, transactionId: theirs });
});

test("selectors without sense are refused", async () => {
  const select = (selector: TransactionSelector["selector"]) =>
    query({ transaction: { selector } });
  const stale: TransactionOptions = {
    mode: {
      $case: "readOnly",
      readOnly: { timestampBound: { $case: "maxStaleness", maxStaleness: { seconds: 1n } } },
    },
  };
  assert.match(await select({ $case: "singleUse", singleUse: readWrite }), /^INVALID_ARGUMENT/);
  assert.match(await select({ $case: "begin", begin: {} }), /^INVALID_ARGUMENT/);
  assert.match(await select({ $case: "begin", begin: stale }), /^INVALID_ARGUMENT/);
  assert.equal(await select({ $case: "singleUse", singleUse: {} }), "OK", "a strong read");
  assert.equal(await select(undefined), "OK", "a strong read");
  const beginWith = (request: BeginTransactionRequest) =>
    failure(transport.unary(spanner.beginTransaction, { session, ...request }));
  assert.match(await beginWith({}), /^INVALID_ARGUMENT/);
  assert.match(await beginWith({ options: stale }), /^INVALID_ARGUMENT/);
  const previous: TransactionOptions = {
    mode: {
      $case: "readWrite",
      readWrite: { multiplexedSessionPreviousTransactionId: bytes(16) },
    },
  };
  assert.match(await beginWith({ options: previous }), /^INVALID_ARGUMENT/);
  assert.match(
    await failure(transport.unary(spanner.commit, { session, transaction: undefined })),
    /^NOT_FOUND Transaction not found/,
  );
  const singleUseTransaction = readOnly;
  assert.match(
    await failure(
      transport.unary(spanner.commit, {
        session,
        transaction: { $case: "singleUseTransaction", singleUseTransaction },
      }),
    ),
    /^INVALID_ARGUMENT/,
  );
});

test("moments that are past, far ahead or no moments at all are refused", async () => {
  const hour = 3_600_000_000_000n;
  const readAt = (nanos: bigint) => readAtTime(timestampToProto(nanos));
  const readAtTime = (readTimestamp: { seconds: bigint; nanos: number }) =>
    bounded({ $case: "readTimestamp", readTimestamp });
  type ReadOnly = Extract<TransactionOptions["mode"], { $case: "readOnly" }>["readOnly"];
  const bounded = (timestampBound: ReadOnly["timestampBound"]) =>
    query({
      sql: "SELECT N FROM T",
      transaction: {
        selector: {
          $case: "singleUse",
          singleUse: { mode: { $case: "readOnly", readOnly: { timestampBound } } },
        },
      },
    });
  await clock.advance(2 * 3_600_000);
  session = await newSession();
  assert.match(await readAt(clock.now() - 2n * hour), /^FAILED_PRECONDITION/);
  assert.match(await readAt(0n), /^FAILED_PRECONDITION/);
  assert.match(await readAt(-hour), /^FAILED_PRECONDITION/);
  assert.match(await readAt(clock.now() + 2n * hour), /^DEADLINE_EXCEEDED/);
  const year10000 = { seconds: 253_402_300_800n, nanos: 0 };
  const year0 = { seconds: -62_135_596_801n, nanos: 0 };
  for (const time of [year10000, year0, { seconds: 1n << 62n, nanos: 0 }]) {
    const answer = await readAtTime(time);
    assert.match(answer, /^INVALID_ARGUMENT Invalid read_timestamp/, `${time.seconds}`);
  }
  for (const seconds of [-1n, -(1n << 40n)]) {
    const staleness = { seconds };
    assert.match(
      await bounded({ $case: "exactStaleness", exactStaleness: staleness }),
      /^INVALID_ARGUMENT/,
    );
    assert.match(
      await bounded({ $case: "maxStaleness", maxStaleness: staleness }),
      /^INVALID_ARGUMENT/,
    );
  }
  assert.match(
    await bounded({ $case: "exactStaleness", exactStaleness: { seconds: 1n << 40n } }),
    /^INVALID_ARGUMENT Invalid exact_staleness/,
  );
});

test("a commit delay out of range is refused before anything is done", async () => {
  const id = await begin(session);
  for (const maxCommitDelay of [{ nanos: -1 }, { seconds: 1n }, { seconds: 1n << 60n }]) {
    assert.match(await commitOf(session, id, { maxCommitDelay }), /^INVALID_ARGUMENT/);
  }
  assert.equal(await commitOf(session, id, { maxCommitDelay: { nanos: 500_000_000 } }), "OK");
});

test("partition tokens that are forged, or of another place, read nothing", async () => {
  const sql = "SELECT Id FROM T";
  const partitions = async (from: string) => {
    const answer = await transport.unary(spanner.partitionQuery, {
      session: from,
      sql,
      transaction: { selector: { $case: "begin", begin: readOnly } },
    });
    const id = answer.transaction?.id ?? new Uint8Array();
    return { id, token: answer.partitions?.[0]?.partitionToken ?? new Uint8Array() };
  };
  const mine = await partitions(multiplexed);
  const read = (partitionToken: Uint8Array, more: ExecuteSqlRequest = {}) =>
    query({
      session: multiplexed,
      sql,
      transaction: { selector: { $case: "id", id: mine.id } },
      partitionToken,
      ...more,
    });
  assert.equal(await read(mine.token), "OK");
  const changed = mine.token.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  for (const forged of [bytes(1), bytes(200), changed, mine.token.subarray(0, 20)]) {
    assert.equal(await read(forged), "INVALID_ARGUMENT Invalid partition token.");
  }
  const other = await partitions(multiplexed);
  assert.match(await read(other.token), /^INVALID_ARGUMENT .*a different transaction/);
  const foreign = await partitions(await newSession());
  assert.match(await read(foreign.token), /^INVALID_ARGUMENT .*a different session/);
  assert.match(await read(mine.token, { sql: "SELECT N FROM T" }), /^INVALID_ARGUMENT .*different/);
  assert.match(await read(mine.token, { transaction: undefined }), /^INVALID_ARGUMENT/);
});

test("resume tokens that are forged, or of another request, go on with nothing", async () => {
  const stream = async (request: ExecuteSqlRequest): Promise<PartialResultSet[]> => {
    const parts: PartialResultSet[] = [];
    const sql = "SELECT Id FROM T";
    for await (const part of transport.serverStream(spanner.executeStreamingSql, {
      session: multiplexed,
      sql,
      ...request,
    })) {
      parts.push(part);
    }
    return parts;
  };
  const parts = await stream({});
  const token = parts.findLast((part) => (part.resumeToken?.length ?? 0) > 0)?.resumeToken;
  const good = token ?? new Uint8Array();
  for (const resumeToken of [bytes(1), bytes(24), bytes(32), bytes(1_000)]) {
    assert.match(await failure(stream({ resumeToken })), /^INVALID_ARGUMENT .*resume_token/);
  }
  assert.ok(good.length > 0);
  assert.equal(await failure(stream({ resumeToken: good })), "OK");
  assert.match(
    await failure(stream({ resumeToken: good, sql: "SELECT N FROM T" })),
    /^INVALID_ARGUMENT .*resume_token/,
  );
});

test("ten thousand transactions with locks that a client leaves behind hold nobody up for long", async () => {
  const count = 10_000;
  const leaving = await newSession({ multiplexed: true });
  for (let start = 0; start < count; start += 500) {
    await Promise.all(
      Array.from({ length: 500 }, (_, index) =>
        transport.unary(spanner.executeSql, {
          session: leaving,
          sql: "UPDATE T SET N = 1 WHERE Id = @id",
          params: { id: `${start + index + 1}` },
          paramTypes: { id: { code: 2 } },
          seqno: 1n,
          transaction: { selector: { $case: "begin", begin: readWrite } },
        }),
      ),
    );
  }
  assert.equal(open(leaving), count);
  assert.ok(control.live.locks(database).length >= count);
  const heir = await newSession();
  let isDone = false;
  const writing = insert(heir, "1").then(() => {
    isDone = true;
  });
  await clock.settle();
  assert.equal(isDone, false, "the lock is held");
  await clock.advance(12_000);
  await writing;
  // All of them make room for those who come later, though nobody wants most of their locks.
  for (let index = 0; index < 2_000; index++) await begin(await newSession());
  assert.ok(open(leaving) < count / 10, `${open(leaving)} are left`);
  assert.ok(control.live.locks(database).length < count / 5);
});

/** How many transactions of a session are under way. */
function open(of: string): number {
  return control.live.transactions(database).filter((each) => each.session === of).length;
}
