// SPDX-License-Identifier: Apache-2.0
// The world of the scripts about transactions, rows and schemas: one database, a clock that stands
// still, and actors who each have a transaction or a snapshot.
//
//   ddl CREATE TABLE …             changes the schema           print      shows it
//   begin [retry=t1]               a read-write transaction, as old as the one it retries
//         [reads=optimistic]       or reads=repeatable; by default they are pessimistic
//   sql UPDATE …                   a statement in a transaction       give up    stops waiting for it
//   snapshot [staleness=10s] [max=10s] [at=t1] [min=t1]         a read-only one; t1 is a commit
//   insert Singers Id,Name ["1","Ann"], ["2",null]              likewise update upsert replace
//   delete Singers ["1"]
//   read Singers Id,Name ["1"] [index=ByName] [limit=2] [lock=exclusive]      rows by their keys
//   read Singers Id all            or a range: from ["1"] to ["2"], after ["1"] before ["2"]
//   commit      rollback      advance 10s
//
// Mutations of an actor wait for its commit. Who has no name acts in a transaction of one command.
// Values are JSON as on the wire.
import { Code, StatusError, seededRandom } from "@spandrel/base";
import { encodeValue, printTimestamp, type WireValue } from "@spandrel/model";
import type { KeyRange, KeySet, Mutation } from "@spandrel/protocol";
import { type GoldenCommand, type GoldenWorld, VirtualClock } from "@spandrel/testkit";
import { Database } from "../src/database/database.ts";
import type { ReadRequest } from "../src/database/resolve.ts";
import type { RowStream } from "../src/database/row-stream.ts";
import type { DatabaseSnapshot } from "../src/database/snapshot.ts";
import type { TimestampBound } from "../src/database/timestamp-bound.ts";
import type { Committed, DatabaseTransaction } from "../src/database/transaction.ts";
import { documentedLimits, type Limits } from "../src/limits/limits.ts";
import type { Isolation } from "../src/txn/read-write.ts";
import { nanosOf, optionsOf } from "./command.ts";

interface Actor {
  transaction: DatabaseTransaction | undefined;
  snapshot: DatabaseSnapshot | undefined;
  mutations: Mutation[];
  committedNanos: bigint;
  /** Ends the wait of the actor's statement. */
  statement: AbortController;
}

const isolations: Readonly<Record<string, Isolation>> = {
  optimistic: "optimistic",
  repeatable: "repeatable read",
};

type JsonRow = WireValue[];

const kinds = ["insert", "update", "upsert", "replace"] as const;

/** See the top of this file. */
export class DatabaseWorld implements GoldenWorld {
  readonly #clock = new VirtualClock();
  readonly #database: Database;
  readonly #actors = new Map<string, Actor>();

  constructor(limits: Partial<Limits> = {}) {
    this.#database = new Database({
      clock: this.#clock,
      random: seededRandom(1),
      limits: { ...documentedLimits, ...limits },
    });
  }

  settle(): Promise<void> {
    return this.#clock.settle();
  }

  mustEnd({ text }: GoldenCommand): boolean {
    return text.startsWith("advance ");
  }

  async run({ actor: name, text }: GoldenCommand): Promise<string> {
    const actor = this.#actorOf(name);
    const [verb = ""] = text.split(/\s/, 1);
    const rest = text.slice(verb.length).trim();
    switch (verb) {
      case "ddl":
        await this.#database.changeSchema(rest);
        return "";
      case "print":
        return this.#database.ddl().join(";\n");
      case "advance":
        await this.#clock.advance(Number(nanosOf(rest) / 1_000_000n));
        return "";
      case "begin": {
        const { retry, reads = "" } = optionsOf(rest).options;
        const age = retry === undefined ? undefined : this.#actorOf(retry).transaction?.age;
        actor.transaction = this.#database.begin(age, isolations[reads] ?? "pessimistic");
        actor.mutations = [];
        return "";
      }
      case "snapshot": {
        actor.snapshot = await this.#database.snapshot(this.#boundOf(rest));
        return `reads at ${printTimestamp(BigInt(actor.snapshot.atMicros) * 1_000n)}`;
      }
      case "read":
        return printRows(await this.#read(name, actor, rest));
      case "sql":
        return this.#execute(mustHave(actor.transaction, "transaction"), rest, actor.statement);
      case "give":
        actor.statement.abort(new StatusError(Code.CANCELLED, "given up"));
        actor.statement = new AbortController();
        return "";
      case "commit":
        return this.#commit(actor, actor.mutations);
      case "rollback":
        mustHave(actor.transaction, "transaction").rollBack();
        return "";
      default:
        return this.#mutate(name, actor, mutationOf(verb, rest));
    }
  }

  async #execute(
    transaction: DatabaseTransaction,
    text: string,
    { signal }: AbortController,
  ): Promise<string> {
    const statement = { text, parameters: {}, parameterTypes: {}, isPlanOnly: false };
    const result = await transaction.execute(statement, signal);
    if (result.rowCount === undefined) return printRows(result);
    const rows = result.columns.length === 0 ? "" : `\n${await printRows(result)}`;
    return `${result.rowCount} rows${rows}`;
  }

  async #mutate(name: string, actor: Actor, mutation: Mutation): Promise<string> {
    if (name !== "") {
      actor.mutations.push(mutation);
      return "";
    }
    actor.transaction = this.#database.begin();
    await this.#commit(actor, [mutation]);
    return "";
  }

  async #commit(actor: Actor, mutations: readonly Mutation[]): Promise<string> {
    const transaction = mustHave(actor.transaction, "transaction");
    const committed: Committed = await transaction.commit(mutations);
    actor.committedNanos = BigInt(committed.atMicros) * 1_000n;
    return `${printTimestamp(actor.committedNanos)}, ${committed.mutations} mutations`;
  }

  async #read(name: string, actor: Actor, text: string): Promise<RowStream> {
    const request = readOf(text);
    if (actor.snapshot !== undefined) return actor.snapshot.read(request);
    if (name !== "") return mustHave(actor.transaction, "transaction").read(request);
    return (await this.#database.snapshot({ kind: "strong" })).read(request);
  }

  #boundOf(text: string): TimestampBound {
    const { staleness, max, at, min } = optionsOf(text).options;
    if (staleness !== undefined) return { kind: "exact staleness", nanos: nanosOf(staleness) };
    if (max !== undefined) return { kind: "maximum staleness", nanos: nanosOf(max) };
    if (at !== undefined) return { kind: "read timestamp", atNanos: this.#momentOf(at) };
    if (min !== undefined) return { kind: "minimum read timestamp", atNanos: this.#momentOf(min) };
    return { kind: "strong" };
  }

  /** `t1` is the moment of that actor's commit, `+5s` one to come. */
  #momentOf(text: string): bigint {
    if (/^[+-]/.test(text)) return this.#clock.now() + nanosOf(text);
    return this.#actorOf(text).committedNanos;
  }

  #actorOf(name: string): Actor {
    let actor = this.#actors.get(name);
    if (actor === undefined) {
      actor = {
        transaction: undefined,
        snapshot: undefined,
        mutations: [],
        committedNanos: 0n,
        statement: new AbortController(),
      };
      this.#actors.set(name, actor);
    }
    return actor;
  }
}

function mustHave<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the actor has no ${what}`);
  return value;
}

async function printRows({ columns, batches }: RowStream): Promise<string> {
  const lines: string[] = [];
  for await (const batch of batches) {
    for (const row of batch) {
      const values = columns.map(({ type }, place) => {
        const value = row[place] ?? null;
        return value === null ? "NULL" : JSON.stringify(encodeValue(type, value));
      });
      lines.push(values.join(" "));
    }
  }
  return lines.join("\n") || "no rows";
}

function mutationOf(verb: string, text: string): Mutation {
  const [table = "", second = ""] = text.split(/\s+/, 2);
  if (verb === "nothing") return { operation: undefined };
  if (verb === "delete") {
    const keySet = keySetOf(text.slice(table.length).trim());
    return { operation: { $case: "delete", delete: { table, keySet } } };
  }
  const kind = kinds.find((each) => each === verb);
  if (kind === undefined) throw new Error(`unknown command: ${verb} ${text}`);
  const values = rowsOf(text.slice(text.indexOf(second, table.length) + second.length));
  const write = { table, columns: second === "-" ? [] : second.split(","), values };
  switch (kind) {
    case "insert":
      return { operation: { $case: "insert", insert: write } };
    case "update":
      return { operation: { $case: "update", update: write } };
    case "upsert":
      return { operation: { $case: "insertOrUpdate", insertOrUpdate: write } };
    case "replace":
      return { operation: { $case: "replace", replace: write } };
  }
}

function readOf(text: string): ReadRequest {
  const { words, options } = optionsOf(text);
  const [table = "", columns = ""] = words.split(/\s+/, 2);
  const keys = words.slice(words.indexOf(columns, table.length) + columns.length).trim();
  return {
    table,
    columns: columns === "-" ? [] : columns.split(","),
    index: options["index"] ?? "",
    limit: BigInt(options["limit"] ?? 0),
    isForUpdate: options["lock"] === "exclusive",
    keySet: keySetOf(keys),
  };
}

const bound = /\b(from|after|to|before) (\[[^\]]*\])/g;

function keySetOf(text: string): KeySet {
  if (text === "all") return { keys: [], ranges: [], all: true };
  if (text.startsWith("[")) return { keys: rowsOf(text), ranges: [], all: false };
  const ranges = text.split(" and ").map((range): KeyRange => {
    const made: { -readonly [Name in keyof KeyRange]: KeyRange[Name] } = {
      startKeyType: undefined,
      endKeyType: undefined,
    };
    for (const [, side, json = "[]"] of range.matchAll(bound)) {
      const key: JsonRow = JSON.parse(json);
      if (side === "from") made.startKeyType = { $case: "startClosed", startClosed: key };
      if (side === "after") made.startKeyType = { $case: "startOpen", startOpen: key };
      if (side === "to") made.endKeyType = { $case: "endClosed", endClosed: key };
      if (side === "before") made.endKeyType = { $case: "endOpen", endOpen: key };
    }
    return made;
  });
  return { keys: [], ranges, all: false };
}

function rowsOf(text: string): JsonRow[] {
  return JSON.parse(`[${text}]`);
}
