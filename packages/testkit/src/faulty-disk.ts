// SPDX-License-Identifier: Apache-2.0
// A disk in memory that does everything a real one may do to a program: it forgets what was not
// synced, keeps half of a write, fills up, fails, and is slow. Chance comes from a seed.
//
// After `crash`, each change of a file since its last sync is there wholly, in part, or not at all,
// whatever happened to the changes before it; of the new, gone and changed names of a folder since its
// last sync, some first ones have come through. Folders themselves are never lost. A program sees the
// disk by `mount`, and from the crash on it can do nothing more with it: it is dead.
import { type Random, seededRandom } from "@spandrel/base";
import type { Disk, DiskFile } from "@spandrel/store";

/** What a disk can be asked to do, for faults by name. */
export type DiskOperation = "open" | "read" | "write" | "sync" | "truncate" | "rename" | "remove";

/** How a disk behaves; all of it may be changed while it is in use. */
export interface DiskBehavior {
  /** Bytes that fit on it. Default: no end. */
  capacityBytes: number;
  /** Whether an operation on a path fails now, and with which error code of the system. */
  fails: (operation: DiskOperation, path: string) => string | undefined;
  /** What an operation waits for before it does anything. */
  wait: (operation: DiskOperation) => Promise<unknown> | undefined;
}

type Change =
  | { readonly kind: "write"; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly size: number };

interface Content {
  bytes: Uint8Array;
  size: number;
}

interface Node {
  synced: Content;
  current: Content;
  changes: Change[];
}

/** Names that come or go in one step. */
type NameChange = readonly { readonly path: string; readonly node: Node | undefined }[];

/** See the top of this file. */
export class FaultyDisk {
  readonly behavior: DiskBehavior = {
    capacityBytes: Number.POSITIVE_INFINITY,
    fails: () => undefined,
    wait: () => undefined,
  };
  readonly #random: Random;
  #names = new Map<string, Node>();
  #syncedNames = new Map<string, Node>();
  /** By folder, what happened to its names since the last sync. */
  readonly #nameChanges = new Map<string, NameChange[]>();
  readonly #locks = new Set<string>();
  /** Rises with every crash; files of an earlier life are dead. */
  #life = 0;

  constructor({ seed = 1 }: { readonly seed?: number } = {}) {
    this.#random = seededRandom(seed);
  }

  /** How many bytes all files hold. */
  get usedBytes(): number {
    let bytes = 0;
    for (const { current } of this.#names.values()) bytes += current.size;
    return bytes;
  }

  /** The power fails. What was not synced is a matter of chance; locks are gone. */
  crash(): void {
    this.#life++;
    this.#locks.clear();
    for (const changes of this.#nameChanges.values()) {
      const through = Math.floor(this.#random.next() * (changes.length + 1));
      for (const change of changes.slice(0, through)) applyNames(this.#syncedNames, change);
    }
    this.#nameChanges.clear();
    this.#names = new Map(this.#syncedNames);
    for (const node of this.#names.values()) this.#loseUnsynced(node);
  }

  /** Flips a bit of a file where it lies. */
  flipBit(path: string, byte: number, bit = 0): void {
    const { current, synced } = this.#nodeOf(path);
    for (const { bytes } of new Set([current, synced]))
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
  }

  /** The bytes of a file as they are now. */
  bytesOf(path: string): Uint8Array {
    const { current } = this.#nodeOf(path);
    return current.bytes.slice(0, current.size);
  }

  /** Puts a file on the disk as if it had always been there. */
  put(path: string, bytes: Uint8Array): void {
    const content = { bytes: bytes.slice(), size: bytes.length };
    const node = { synced: content, current: copyOf(content), changes: [] };
    this.#names.set(path, node);
    this.#syncedNames.set(path, node);
  }

  /** The paths of all files, in order. */
  paths(): readonly string[] {
    return [...this.#names.keys()].sort();
  }

  /** The disk as a program sees it, up to the next crash. */
  mount(): Disk {
    const life = this.#life;
    const operate = <T>(operation: DiskOperation, path: string, work: () => T) =>
      this.#operate(operation, path, life, work);
    return {
      open: (path, { create = false } = {}) =>
        operate("open", path, () =>
          this.#fileOf(path, create ? this.#make(path) : this.#nodeOf(path)),
        ),
      list: async (path) => this.#namesIn(path),
      // A folder is there as soon as it is named.
      makeDirectory: async () => undefined,
      rename: (from, to) =>
        operate("rename", from, () => {
          const node = this.#nodeOf(from);
          this.#changeNames([
            { path: from, node: undefined },
            { path: to, node },
          ]);
        }),
      remove: (path) => operate("remove", path, () => this.#remove(path)),
      syncDirectory: (path) =>
        operate("sync", path, () => {
          for (const change of this.#nameChanges.get(path) ?? []) {
            applyNames(this.#syncedNames, change);
          }
          this.#nameChanges.delete(path);
        }),
      lock: async (path) => {
        if (this.#locks.has(path)) return undefined;
        this.#locks.add(path);
        return { release: async () => void (life === this.#life && this.#locks.delete(path)) };
      },
    };
  }

  #namesIn(path: string): readonly string[] {
    const inside = [...this.#names.keys()].filter((each) => each.startsWith(`${path}/`));
    const names = inside.map((each) => each.slice(path.length + 1).split("/")[0] ?? "");
    return [...new Set(names)].sort();
  }

  #make(path: string): Node {
    const there = this.#names.get(path);
    if (there !== undefined) return there;
    const empty = { bytes: new Uint8Array(256), size: 0 };
    const node = { synced: empty, current: copyOf(empty), changes: [] };
    this.#changeNames([{ path, node }]);
    return node;
  }

  #remove(path: string): void {
    for (const each of [...this.#names.keys()]) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      this.#changeNames([{ path: each, node: undefined }]);
    }
  }

  #fileOf(path: string, node: Node): DiskFile {
    const life = this.#life;
    const operate = <T>(operation: DiskOperation, work: () => T) =>
      this.#operate(operation, path, life, work);
    return {
      size: async () => node.current.size,
      read: (offset, length) =>
        operate("read", () => {
          const end = Math.min(node.current.size, offset + length);
          return node.current.bytes.slice(Math.min(offset, end), end);
        }),
      write: (bytes, offset) =>
        operate("write", () => {
          const growth = Math.max(0, offset + bytes.length - node.current.size);
          const missing = Math.max(0, growth - (this.behavior.capacityBytes - this.usedBytes));
          const fitting = bytes.slice(0, Math.max(0, bytes.length - missing));
          write(node.current, fitting, offset);
          node.changes.push({ kind: "write", offset, bytes: fitting });
          if (missing > 0) throw systemError("ENOSPC", "no space left on device");
        }),
      truncate: (size) =>
        operate("truncate", () => {
          truncate(node.current, size);
          node.changes.push({ kind: "truncate", size });
        }),
      sync: () =>
        operate("sync", () => {
          node.synced = copyOf(node.current);
          node.changes = [];
        }),
      close: async () => undefined,
    };
  }

  /** Does what is asked, all at once, when its time has come; a machine that has died does nothing. */
  async #operate<T>(
    operation: DiskOperation,
    path: string,
    life: number,
    work: () => T,
  ): Promise<T> {
    await this.behavior.wait(operation);
    const code = this.behavior.fails(operation, path);
    if (life !== this.#life) throw systemError("EIO", "the machine is gone");
    if (code !== undefined) throw systemError(code, `${operation} of ${path}`);
    return work();
  }

  #nodeOf(path: string): Node {
    const node = this.#names.get(path);
    if (node === undefined) throw systemError("ENOENT", `no such file: ${path}`);
    return node;
  }

  #changeNames(change: NameChange): void {
    applyNames(this.#names, change);
    const path = change[0]?.path ?? "";
    const folder = path.slice(0, path.lastIndexOf("/"));
    const changes = this.#nameChanges.get(folder) ?? [];
    changes.push(change);
    this.#nameChanges.set(folder, changes);
  }

  #loseUnsynced(node: Node): void {
    const content = copyOf(node.synced);
    for (const change of node.changes) {
      const chance = this.#random.next();
      if (chance < 0.3) continue;
      if (change.kind === "truncate") {
        truncate(content, change.size);
      } else {
        const share = chance < 0.6 ? this.#random.next() : 1;
        write(
          content,
          change.bytes.slice(0, Math.floor(change.bytes.length * share)),
          change.offset,
        );
      }
    }
    node.synced = content;
    node.current = copyOf(content);
    node.changes = [];
  }
}

function applyNames(names: Map<string, Node>, change: NameChange): void {
  for (const { path, node } of change) {
    if (node === undefined) names.delete(path);
    else names.set(path, node);
  }
}

function copyOf({ bytes, size }: Content): Content {
  return { bytes: bytes.slice(), size };
}

function write(content: Content, bytes: Uint8Array, offset: number): void {
  const end = offset + bytes.length;
  if (end > content.bytes.length) {
    const larger = new Uint8Array(end * 2);
    larger.set(content.bytes.subarray(0, content.size));
    content.bytes = larger;
  }
  content.bytes.set(bytes, offset);
  content.size = Math.max(content.size, end);
}

function truncate(content: Content, size: number): void {
  if (size > content.size) write(content, new Uint8Array(size - content.size), content.size);
  content.bytes.fill(0, size, content.size);
  content.size = size;
}

function systemError(code: string, text: string): Error {
  return Object.assign(new Error(`${code}: ${text}`), { code });
}
