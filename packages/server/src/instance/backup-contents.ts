// SPDX-License-Identifier: Apache-2.0
// What backups hold: in memory, forks that nobody changes; with a folder, files of blocks. Each has a
// number; what it is a backup of, and under which name, is not known here.
import { assert } from "@spandrel/base";
import { type Disk, readBlockFile, unfinishedSuffix, writeBlockFile } from "@spandrel/store";
import type { Database } from "../database/database.ts";

/** See the top of this file. */
export interface BackupContents {
  /** Keeps what a database held at a moment; gives its number and bytes, 0 where nobody has counted. */
  keep(database: Database, atMicros: number): Promise<StoredContent>;
  /** The same once more, for itself. */
  copy(number: number): Promise<StoredContent>;
  /** What is held, as `Database.blocks` gives it. */
  blocks(number: number): AsyncIterable<Uint8Array>;
  remove(number: number): Promise<void>;
}

/** What was kept. */
export interface StoredContent {
  readonly number: number;
  readonly sizeBytes: number;
}

/** Contents in memory: kept, and copied, in constant time. */
export class MemoryContents implements BackupContents {
  readonly #byNumber = new Map<
    number,
    { readonly database: Database; readonly atMicros: number }
  >();
  #last = 0;

  async keep(database: Database, atMicros: number): Promise<StoredContent> {
    const fork = database.fork();
    fork.retire();
    return this.#add({ database: fork, atMicros });
  }

  async copy(number: number): Promise<StoredContent> {
    return this.#add(this.#get(number));
  }

  async *blocks(number: number): AsyncGenerator<Uint8Array> {
    const { database, atMicros } = this.#get(number);
    yield* database.blocks(atMicros);
  }

  async remove(number: number): Promise<void> {
    this.#byNumber.delete(number);
  }

  #get(number: number) {
    const content = this.#byNumber.get(number);
    assert(content !== undefined, "a backup has a content");
    return content;
  }

  #add(content: { readonly database: Database; readonly atMicros: number }): StoredContent {
    this.#last++;
    this.#byNumber.set(this.#last, content);
    return { number: this.#last, sizeBytes: 0 };
  }
}

/** Contents in a folder of their own, a file each. */
export class FileContents implements BackupContents {
  readonly #disk: Disk;
  readonly #directory: string;
  #last = 0;

  private constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
  }

  /** Opens the folder, which need not exist; files with other numbers than these are removed. */
  static async open(
    disk: Disk,
    directory: string,
    numbers: readonly number[],
  ): Promise<FileContents> {
    const contents = new FileContents(disk, directory);
    contents.#last = Math.max(0, ...numbers);
    const known = new Set(numbers.map(String));
    await disk.makeDirectory(directory);
    for (const name of await disk.list(directory)) {
      if (!known.has(name)) await disk.remove(`${directory}/${name}`);
    }
    return contents;
  }

  keep(database: Database, atMicros: number): Promise<StoredContent> {
    return this.#write(database.blocks(atMicros));
  }

  copy(number: number): Promise<StoredContent> {
    return this.#write(this.blocks(number));
  }

  blocks(number: number): AsyncIterable<Uint8Array> {
    return readBlockFile(this.#disk, `${this.#directory}/${number}`);
  }

  remove(number: number): Promise<void> {
    return this.#disk.remove(`${this.#directory}/${number}`);
  }

  async #write(blocks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<StoredContent> {
    this.#last++;
    const number = this.#last;
    const path = `${this.#directory}/${number}`;
    try {
      const sizeBytes = await writeBlockFile(this.#disk, this.#directory, `${number}`, blocks);
      return { number, sizeBytes };
    } catch (thrown) {
      // Whatever there is of it belongs to nobody; what the disk does not let go of now goes with `open`.
      const leftovers = [path, `${path}${unfinishedSuffix}`].map((each) => this.#disk.remove(each));
      await Promise.allSettled(leftovers);
      throw thrown;
    }
  }
}
