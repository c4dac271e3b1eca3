// SPDX-License-Identifier: Apache-2.0
// The world of the scripts about locks: a lock table, and actors who are the older the smaller
// their age is; by default, in the order of their appearance.
//
//   age 5                                         lock Singers/1 shared
//   lock Singers/1..5 exclusive     (5 excluded)  lock Singers/.. shared     (every key)
//   lock Singers/1 shared _exists,Name exclusive Age                         (some columns)
//   lock Singers/1 written Age                                     (without having read them)
//   cancel (leaves the queue, keeps its locks)    release
//
// The view [locks] shows who holds and who waits.
import type { GoldenCommand, GoldenWorld } from "@spandrel/testkit";
import {
  type Access,
  allColumns,
  type ColumnSet,
  columnBit,
  rowExists,
} from "../src/locks/columns.ts";
import {
  type LockRange,
  type LockRequest,
  LockTable,
  type Owner,
  singleKey,
} from "../src/locks/lock-table.ts";

const mostKey = "\uffff";
const modes: ReadonlySet<string> = new Set(["shared", "written", "exclusive"]);

/** See the top of this file. */
export class LockWorld implements GoldenWorld {
  readonly #table = new LockTable();
  readonly #owners = new Map<string, Owner>();
  readonly #spaces: string[] = [];
  readonly #columns: string[] = [];

  run({ actor, tags, text }: GoldenCommand): string {
    const shown = this.#act(actor, text);
    const view = tags.includes("locks") || text === "locks" ? this.#view() : [];
    return [...shown, ...view].join("\n");
  }

  #act(actor: string, text: string): readonly string[] {
    const [verb, what = "", ...wanted] = text.split(" ");
    if (verb === "locks") return [];
    if (verb === "age") {
      this.#owners.set(actor, { id: this.#owners.size + 1, age: BigInt(what) });
      return [];
    }
    const owner = this.#ownerOf(actor);
    switch (verb) {
      case "lock":
        return [this.#lock({ ...this.#rangeOf(what), owner, ...this.#accessOf(wanted) })];
      case "cancel": {
        const { waiting } = this.#table.describe();
        const request = waiting.find((each) => each.owner.id === owner.id);
        if (request === undefined) throw new Error("the actor waits for nothing");
        return ["canceled", ...this.#granted(this.#table.cancel(request))];
      }
      case "release":
        return ["released", ...this.#granted(this.#table.release(owner))];
      default:
        throw new Error(`unknown command: ${text}`);
    }
  }

  #granted(requests: readonly LockRequest[]): readonly string[] {
    return requests.map((request) => `now granted: ${this.#print(request)}`);
  }

  #lock(request: LockRequest): string {
    const decision = this.#table.request(request);
    if (decision.kind === "granted") return "granted";
    const wounded = decision.wounded.map(({ owner, columns }) =>
      columns === allColumns || (columns & rowExists) !== 0
        ? this.#nameOf(owner)
        : `${this.#nameOf(owner)} over ${this.#printColumns(columns)}`,
    );
    return wounded.length === 0 ? "waits" : `waits, wounds ${wounded.join(", ")}`;
  }

  #view(): readonly string[] {
    const { held, waiting } = this.#table.describe();
    const lines = [
      ...held.map((request) => `  held     ${this.#print(request)}`),
      ...waiting.map((request) => `  waiting  ${this.#print(request)}`),
    ];
    return lines.length > 0 ? lines : ["  the table is empty"];
  }

  #print(request: LockRequest): string {
    const { owner, space, start, end } = request;
    const range = end === `${start}\0` ? start : `${start}..${end === mostKey ? "" : end}`;
    return `${this.#nameOf(owner)} ${this.#printAccess(request)} ${this.#spaces[space]}/${range}`;
  }

  #printAccess({ readerShared, writerShared }: Access): string {
    const columnsByMode = [
      ["shared", readerShared & ~writerShared],
      ["written", writerShared & ~readerShared],
      ["exclusive", readerShared & writerShared],
    ] as const;
    const parts = columnsByMode.flatMap(([mode, columns]) => {
      if (columns === 0) return [];
      return columns === allColumns ? [mode] : [`${mode}(${this.#printColumns(columns)})`];
    });
    return parts.join(" ");
  }

  #printColumns(columns: ColumnSet): string {
    const named = this.#columns.filter((_, id) => (columnBit(id) & columns) !== 0);
    return [...((columns & rowExists) === 0 ? [] : ["_exists"]), ...named].join(",");
  }

  /** Such as `shared` for all columns, or `shared _exists,a exclusive b`. */
  #accessOf(words: readonly string[]): Access {
    let [readerShared, writerShared] = [0, 0];
    for (const [index, mode] of words.entries()) {
      if (!modes.has(mode)) continue;
      const next = words[index + 1];
      const columns = next === undefined || modes.has(next) ? allColumns : this.#columnsOf(next);
      if (mode !== "written") readerShared |= columns;
      if (mode !== "shared") writerShared |= columns;
    }
    if ((readerShared | writerShared) === 0) throw new Error("no mode is given");
    return { readerShared, writerShared };
  }

  #columnsOf(text: string): ColumnSet {
    let columns = 0;
    for (const name of text.split(",")) {
      if (name !== "_exists" && !this.#columns.includes(name)) this.#columns.push(name);
      columns |= name === "_exists" ? rowExists : columnBit(this.#columns.indexOf(name));
    }
    return columns;
  }

  #rangeOf(text: string): LockRange {
    const [name = "", keys = ""] = text.split("/");
    if (!this.#spaces.includes(name)) this.#spaces.push(name);
    const space = this.#spaces.indexOf(name);
    const [start = "", end] = keys.split("..");
    return end === undefined ? singleKey(space, start) : { space, start, end: end || mostKey };
  }

  #ownerOf(name: string): Owner {
    const id = this.#owners.size + 1;
    const owner = this.#owners.get(name) ?? { id, age: BigInt(id) };
    this.#owners.set(name, owner);
    return owner;
  }

  #nameOf(owner: Owner): string {
    for (const [name, each] of this.#owners) if (each.id === owner.id) return name;
    throw new Error("every owner has a name");
  }
}
