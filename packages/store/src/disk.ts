// SPDX-License-Identifier: Apache-2.0
// The door to a disk: what the log and the checkpoints ask of it, and no more. `NodeDisk` is the real
// one; tests bring one that forgets what was not synced, fills up, and fails.
//
// What is promised to the callers of a disk: after `sync` of a file its bytes outlive a crash; after
// `syncDirectory` so do the names in the folder. Nothing else does, and what was written in between
// may be there wholly, partly, or not at all.

/** A file that is open. Reads and writes name their offset, so they may overlap in time. */
export interface DiskFile {
  /** How many bytes the file holds. */
  size(): Promise<number>;
  /** Up to `length` bytes from `offset`; fewer only at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Writes all bytes, or throws; then any part of them may be there. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** Makes the file exactly so long. */
  truncate(bytes: number): Promise<void>;
  /** Returns once everything that was written, and the length, would outlive a crash. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What holds a folder against others; see `Disk.lock`. */
export interface DiskLock {
  release(): Promise<void>;
}

/** Files and folders, by paths with `/`. Failures are thrown as they come from the system. */
export interface Disk {
  /** Opens a file for reading and writing; `create` makes one where there is none. */
  open(path: string, options?: { readonly create?: boolean }): Promise<DiskFile>;
  /** The names in a folder, in order; none when there is no such folder. */
  list(path: string): Promise<readonly string[]>;
  /** Makes a folder and those above it; harmless when it is there. */
  makeDirectory(path: string): Promise<void>;
  /** Gives a file another name, in place of the file that has it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder with all that is in it; harmless when it is not there. */
  remove(path: string): Promise<void>;
  /** Returns once the names in a folder would outlive a crash. */
  syncDirectory(path: string): Promise<void>;
  /**
   * Keeps every other process out of a folder until it is released, or this process has ended.
   * Undefined when another one holds it.
   */
  lock(path: string): Promise<DiskLock | undefined>;
}
