// SPDX-License-Identifier: Apache-2.0
// A disk behind somebody who is asked before each operation, and may let it wait or fail. A failed
// operation has done nothing; what fails and why is for whoever is asked to say.
import type { Disk, DiskFile } from "./disk.ts";

/** What a disk is asked to do. A close and a lock are never stood in the way of. */
export const diskOperations = [
  "open",
  "list",
  "makeDirectory",
  "rename",
  "remove",
  "syncDirectory",
  "size",
  "read",
  "write",
  "truncate",
  "sync",
] as const;

/** What a disk is asked to do, by name. */
export type DiskOperation = (typeof diskOperations)[number];

/** Asked before an operation on a path: a promise is waited for, and what is thrown is its failure. */
export type BeforeOperation = (operation: DiskOperation, path: string) => Promise<void> | undefined;

/** The same disk, with `before` asked first. */
export function interceptDisk(disk: Disk, before: BeforeOperation): Disk {
  const after = async <T>(
    operation: DiskOperation,
    path: string,
    work: () => Promise<T>,
  ): Promise<T> => {
    const waiting = before(operation, path);
    if (waiting !== undefined) await waiting;
    return work();
  };
  return {
    open: (path, options) =>
      after("open", path, async () => interceptFile(await disk.open(path, options), path, after)),
    list: (path) => after("list", path, () => disk.list(path)),
    makeDirectory: (path) => after("makeDirectory", path, () => disk.makeDirectory(path)),
    rename: (from, to) => after("rename", from, () => disk.rename(from, to)),
    remove: (path) => after("remove", path, () => disk.remove(path)),
    syncDirectory: (path) => after("syncDirectory", path, () => disk.syncDirectory(path)),
    lock: (path) => disk.lock(path),
  };
}

type After = <T>(operation: DiskOperation, path: string, work: () => Promise<T>) => Promise<T>;

function interceptFile(file: DiskFile, path: string, after: After): DiskFile {
  return {
    size: () => after("size", path, () => file.size()),
    read: (offset, length) => after("read", path, () => file.read(offset, length)),
    write: (bytes, offset) => after("write", path, () => file.write(bytes, offset)),
    truncate: (bytes) => after("truncate", path, () => file.truncate(bytes)),
    sync: () => after("sync", path, () => file.sync()),
    close: () => file.close(),
  };
}
