// SPDX-License-Identifier: Apache-2.0
// The command `spandrel start --data`, killed while sixteen writers commit, over the files of this
// machine. After each kill it is started again, and everything that was acknowledged has to be there,
// nothing by halves, and indexes have to say what tables say.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Code, type Random, StatusError } from "@spandrel/base";
import { Client, type Database, SessionNotFoundError } from "@spandrel/client";

const command = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const writers = 16;
const accounts = 8;

/** A server in a process of its own. */
export interface ServerProcess {
  readonly address: string;
  readonly process: ChildProcess;
  /** Settles when the process is gone; the signal or code that ended it. */
  readonly ended: Promise<string>;
}

/** Starts a server on a folder; `fileBlocksMax` bounds the size of each file that it may write. */
export async function startServer(
  directory: string,
  fileBlocksMax?: number,
): Promise<ServerProcess> {
  const options = ["--conditions=source", command];
  const words = [...options, "start", "--port", "0", "--rest-port", "0", "--data", directory];
  const node = process.execPath;
  const child =
    fileBlocksMax === undefined
      ? spawn(node, words, { stdio: ["ignore", "pipe", "inherit"] })
      : spawn("sh", ["-c", `ulimit -f ${fileBlocksMax}; exec "$0" "$@"`, node, ...words], {
          stdio: ["ignore", "pipe", "inherit"],
        });
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? String(code)));
  });
  const address = await new Promise<string>((resolve, reject) => {
    let out = "";
    child.stdout?.on("data", (chunk) => {
      out += chunk;
      const match = /grpc=(\S+)/.exec(out);
      if (match?.[1] !== undefined) resolve(match[1]);
    });
    ended.then((how) => reject(new Error(`The server ended before it was ready: ${how}`)), reject);
  });
  return { address, process: child, ended };
}

/** What the writers know across the lives of the server. */
export class Ledger {
  /** Transfers that were acknowledged. */
  readonly acknowledged = new Set<number>();
  /** Transfers whose outcome nobody knows. */
  readonly unknown = new Set<number>();
  next = 1;
}

/** Works with a database of a running server, and lets go of it. */
export async function withDatabase<T>(
  { address }: ServerProcess,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const client = new Client({ project: "p", emulatorHost: address });
  const database = client.instance("main").database("bank");
  try {
    return await work(database);
  } finally {
    await database.close();
    await client.close();
  }
}

/** Makes the instance, the database and the accounts, with 1,000 in each. */
export async function createBank(server: ServerProcess): Promise<void> {
  const client = new Client({ project: "p", emulatorHost: server.address });
  await (await client.instance("main").create()).result();
  await client.close();
  await withDatabase(server, async (database) => {
    const ddlStatements = [
      "CREATE TABLE Accounts (Id INT64, Balance INT64) PRIMARY KEY (Id)",
      "CREATE INDEX ByBalance ON Accounts (Balance)",
      "CREATE TABLE Transfers (Id INT64, Amount INT64, Padding STRING(MAX)) PRIMARY KEY (Id)",
      "CREATE INDEX ByAmount ON Transfers (Amount)",
    ];
    await (await database.create({ ddlStatements })).result();
    await database.runInTransaction((transaction) => {
      for (let id = 0; id < accounts; id++) {
        transaction.insert("Accounts", { Id: BigInt(id), Balance: 1_000n });
      }
    });
  });
}

/** Commits from many writers at once until the server no longer answers; never fails. */
export function writeUntilGone(
  server: ServerProcess,
  ledger: Ledger,
  random: Random,
): Promise<void> {
  return withDatabase(server, async (database) => {
    const gone = new AbortController();
    server.process.once("exit", () => gone.abort());
    const write = async (): Promise<void> => {
      while (!gone.signal.aborted) {
        const id = ledger.next++;
        const from = BigInt(Math.floor(random.next() * accounts));
        const to = BigInt(Math.floor(random.next() * accounts));
        ledger.unknown.add(id);
        try {
          await transfer(database, id, from, to, gone.signal);
          ledger.acknowledged.add(id);
          ledger.unknown.delete(id);
        } catch (thrown) {
          if (!isOfDeath(thrown)) throw thrown;
        }
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
  });
}

/** What a call may end with when its server dies, or cannot write. */
function isOfDeath(thrown: unknown): boolean {
  if (!(thrown instanceof StatusError)) return false;
  const { code } = thrown;
  const lost: readonly Code[] = [Code.UNAVAILABLE, Code.CANCELLED, Code.RESOURCE_EXHAUSTED];
  return lost.includes(code) || thrown instanceof SessionNotFoundError;
}

async function transfer(
  database: Database,
  id: number,
  from: bigint,
  to: bigint,
  signal: AbortSignal,
): Promise<void> {
  const move = "UPDATE Accounts SET Balance = Balance + @amount WHERE Id = @id";
  await database.runInTransaction(
    async (transaction) => {
      await transaction.executeUpdate({ sql: move, params: { id: from, amount: -1n } });
      await transaction.executeUpdate({ sql: move, params: { id: to, amount: 1n } });
      const padding = "x".repeat(id % 700);
      transaction.insert("Transfers", {
        Id: BigInt(id),
        Amount: BigInt(id % 10),
        Padding: padding,
      });
    },
    { signal },
  );
}

/** Whether the database keeps all that it has promised, at one moment; throws what it does not. */
export async function verify(server: ServerProcess, ledger: Ledger): Promise<void> {
  await withDatabase(server, async (database) => {
    const acknowledged = [...ledger.acknowledged];
    await using snapshot = database.snapshot({ multiUse: true });
    const column = async (sql: string): Promise<readonly number[]> => {
      const rows = await snapshot.query(sql).rows();
      return rows.flatMap((row) => Object.values(row).map(Number));
    };
    assert.deepEqual(await column("SELECT SUM(Balance) FROM Accounts"), [accounts * 1_000]);
    const there = new Set(await column("SELECT Id FROM Transfers"));
    for (const id of acknowledged) assert.ok(there.has(id), `transfer ${id} is lost`);
    for (const id of there) {
      const isKnown = ledger.acknowledged.has(id) || ledger.unknown.has(id);
      assert.ok(isKnown, `transfer ${id} was never made`);
    }
    for (const [table, index, columns] of [
      ["Accounts", "ByBalance", "Id, Balance"],
      ["Transfers", "ByAmount", "Id, Amount"],
    ] as const) {
      const of = (source: string) => column(`SELECT ${columns} FROM ${source} ORDER BY Id`);
      assert.deepEqual(await of(`${table}@{FORCE_INDEX=${index}}`), await of(table), index);
    }
  });
}
