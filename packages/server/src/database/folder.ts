// SPDX-License-Identifier: Apache-2.0
// A database in a folder: its log, and now and then a checkpoint that takes the place of the log before
// it. What was acknowledged is there when the folder is opened again, whatever happened in between.
//
//   checkpoint-000000000007   the state that the log before its segment 7 had led to, or a later one
//   log-000000000007 …        what was committed since
//
// A checkpoint is begun when the log has grown as long as the last checkpoint was, and by no less than
// `checkpointBytesMin`; so the work of checkpoints stays in proportion to the work of commits. It holds
// the state of some moment after its segment was begun: what it shares with the log is in both, and
// applying it twice changes nothing, since the versions of a key only get younger.
import { Code, type Logger, StatusError } from "@spandrel/base";
import { type Disk, Log, readBlockFile, unfinishedSuffix, writeBlockFile } from "@spandrel/store";
import { rowColumns } from "../rows/row-columns.ts";
import { decodeCommit, encodeCounters } from "../txn/commit-record.ts";
import { rowOver } from "../txn/commits.ts";
import { decodeState, encodeState } from "./checkpoint.ts";
import { Database, type DatabaseOptions } from "./database.ts";
import { repeatSchemaChange } from "./schema-history.ts";
import { type DatabaseState, emptyState, forkState } from "./state.ts";

/** A folder, and what to open it with. */
export interface FolderOptions extends DatabaseOptions {
  readonly disk: Disk;
  /** The folder of this database alone; it need not exist. */
  readonly directory: string;
  readonly logger: Logger;
  /** The log is at least so long before a checkpoint is made; default 16 MiB. */
  readonly checkpointBytesMin?: number;
}

const checkpointBytesMinDefault = 16 << 20;

/** See the top of this file. */
export class DatabaseFolder {
  readonly database: Database;
  readonly #options: FolderOptions;
  readonly #state: DatabaseState;
  readonly #log: Log;
  #checkpointBytes: number;
  #checkpointing: Promise<void> | undefined;
  #isClosed = false;

  private constructor(
    options: FolderOptions,
    state: DatabaseState,
    log: Log,
    checkpointBytes: number,
  ) {
    this.#options = options;
    this.#state = state;
    this.#log = log;
    this.#checkpointBytes = checkpointBytes;
    this.database = new Database(options, state);
    this.database.keepIn({ append: (record) => this.#append(record) });
  }

  /**
   * Opens the database in a folder; makes an empty one where there is none.
   *
   * @throws {StatusError} DATA_LOSS with file and offset when what was kept is damaged, and as the disk
   * does; then nothing has been changed.
   */
  static async open(options: FolderOptions): Promise<DatabaseFolder> {
    const { disk, directory, clock, limits } = options;
    await disk.makeDirectory(directory);
    const names = await disk.list(directory);
    const newest = names.flatMap(segmentOfCheckpoint).at(-1);
    const fromSegment = newest ?? 1;
    let checkpointBytes = 0;
    let state = emptyState(clock);
    if (newest !== undefined) {
      const path = `${directory}/${checkpointName(newest)}`;
      const counted = async function* (): AsyncGenerator<Uint8Array> {
        for await (const block of readBlockFile(disk, path)) {
          checkpointBytes += block.length;
          yield block;
        }
      };
      state = await decodeState(counted(), { clock, limits });
    }
    const log = await Log.open({ disk, directory, fromSegment }, (record) =>
      replay(record, state, options),
    );
    const folder = new DatabaseFolder(options, state, log, checkpointBytes);
    await folder.#removeSuperfluous(fromSegment);
    return folder;
  }

  /**
   * Makes a database in a folder that holds what these blocks say, as `Database.blocks` gives them.
   *
   * @throws {StatusError} as `open` does, and as whoever gives the blocks; then the folder is gone.
   */
  static async restore(
    options: FolderOptions,
    blocks: AsyncIterable<Uint8Array>,
  ): Promise<DatabaseFolder> {
    const { disk, directory } = options;
    await disk.makeDirectory(directory);
    try {
      await writeBlockFile(disk, directory, checkpointName(1), blocks);
      return await DatabaseFolder.open(options);
    } catch (thrown) {
      await disk.remove(directory);
      throw thrown;
    }
  }

  /** Makes a checkpoint now, while the database goes on; returns when it is on the disk. */
  checkpoint(): Promise<void> {
    this.#checkpointing ??= this.#checkpoint().finally(() => {
      this.#checkpointing = undefined;
    });
    return this.#checkpointing;
  }

  /** Returns when everything that was committed is on the disk and the files are closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#checkpointing?.catch(() => undefined);
    const counters = this.#state.counters.release();
    // When this is not kept, numbers are skipped that nobody has seen.
    if (counters.length > 0) {
      await this.#log.append(encodeCounters(counters)).catch(() => undefined);
    }
    await this.#log.close();
  }

  /** Closes the files and removes them, with the folder. */
  async remove(): Promise<void> {
    await this.close();
    await this.#options.disk.remove(this.#options.directory);
  }

  async #append(record: Uint8Array): Promise<void> {
    await this.#log.append(record);
    const { checkpointBytesMin = checkpointBytesMinDefault, logger, directory } = this.#options;
    const due = Math.max(checkpointBytesMin, this.#checkpointBytes);
    if (this.#log.segmentBytes < due || this.#checkpointing !== undefined || this.#isClosed) return;
    this.checkpoint().catch((thrown: unknown) => {
      // The log has everything; the next commit tries again.
      const { message } = StatusError.from(thrown, Code.INTERNAL);
      logger.log("warn", "checkpoint failed", { directory, error: message });
    });
  }

  async #checkpoint(): Promise<void> {
    const { disk, directory, clock } = this.#options;
    const { timestamps } = this.#state;
    const segment = await this.#log.rotate();
    // All commits in the log before the segment are kept; those who wait for them publish first.
    await timestamps.settled(timestamps.lastMicros);
    const state = forkState(this.#state, clock);
    this.#checkpointBytes = await writeBlockFile(
      disk,
      directory,
      checkpointName(segment),
      encodeState(state, { counters: state.counters.reserved }),
    );
    await this.#removeSuperfluous(segment);
  }

  /** Removes what a checkpoint has made superfluous, and what a crash has left behind. */
  async #removeSuperfluous(fromSegment: number): Promise<void> {
    const { disk, directory } = this.#options;
    for (const name of await disk.list(directory)) {
      const isOld = segmentOfCheckpoint(name).some((each) => each < fromSegment);
      if (isOld || name.endsWith(unfinishedSuffix)) await disk.remove(`${directory}/${name}`);
    }
    await this.#log.removeBefore(fromSegment);
  }
}

function replay(bytes: Uint8Array, state: DatabaseState, { limits }: FolderOptions): void {
  const { atMicros, statement, counters, spaces } = decodeCommit(bytes);
  for (const { space, writes } of spaces) {
    const versions = state.spaces.of(space);
    for (const write of writes) {
      const below = write.part === undefined ? null : versions.newest(write.key);
      versions.restore(write.key, { atMicros, row: rowOver(write, below, rowColumns) });
    }
  }
  for (const [id, counter] of counters) state.counters.resume(id, counter);
  state.timestamps.promise(atMicros);
  const last = state.schemas.statements.at(-1);
  if (statement === undefined || (last !== undefined && last.atMicros >= atMicros)) return;
  const { schema, effects } = repeatSchemaChange(state.schemas.current, statement, limits);
  state.schemas.add(schema, { atMicros, statement }, state.spaces.horizonMicros);
  for (const effect of effects) {
    if (effect.kind === "forget") state.spaces.forget(effect.space, atMicros);
  }
}

function checkpointName(segment: number): string {
  return `checkpoint-${String(segment).padStart(12, "0")}`;
}

function segmentOfCheckpoint(name: string): readonly number[] {
  const digits = /^checkpoint-(\d{12})$/.exec(name)?.[1];
  return digits === undefined ? [] : [Number(digits)];
}
