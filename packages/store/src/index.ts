// SPDX-License-Identifier: Apache-2.0
// An ordered map whose forks cost nothing, and what keeps such maps on a disk. It knows no SQL and no
// timestamps.
export {
  decodeBlocks,
  encodeBlocks,
  readBlockFile,
  unfinishedSuffix,
  writeBlockFile,
} from "./block-file.ts";
export type { Disk, DiskFile, DiskLock } from "./disk.ts";
export {
  type BeforeOperation,
  type DiskOperation,
  diskOperations,
  interceptDisk,
} from "./intercepted-disk.ts";
export { Log, type LogOptions } from "./log.ts";
export { createNodeDisk } from "./node-disk.ts";
export { type Entry, OrderedTree } from "./ordered-tree.ts";
