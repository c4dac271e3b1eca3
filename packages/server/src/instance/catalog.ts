// SPDX-License-Identifier: Apache-2.0
// What a server keeps in its folder beside the databases: which instances and databases there are.
//
//   catalog       this list, written anew with every change of it
//   lock          the process that uses the folder
//   databases/N   the folder of a database; one that the list does not name is of no use to anybody
//   backups/N     what a backup holds; likewise
import { type Disk, readBlockFile, writeBlockFile } from "@spandrel/store";
import { folderInUse, folderNotUsable } from "../errors/instance.ts";
import type { Backup } from "./backups.ts";
import type { Instance } from "./instance.ts";
import type { KeptMessage } from "./records.ts";

/** A folder of a server, and the disk that it is on. */
export interface Home {
  readonly disk: Disk;
  readonly directory: string;
}

/** A database in the list. */
export interface ListedDatabase {
  readonly name: string;
  /** The number of its folder. */
  readonly folder: number;
  readonly createdNanos: bigint;
  readonly isDropProtected: boolean;
  readonly restoredFrom?: RestoredFrom | undefined;
}

/** The backup that a database was restored from, which may be gone. */
export interface RestoredFrom {
  readonly backup: string;
  readonly database: string;
  readonly versionNanos: bigint;
  readonly createdNanos: bigint;
}

/** The list; what came later to be kept is not in those that are older. */
export interface Catalog {
  readonly instances: readonly Instance[];
  readonly databases: readonly ListedDatabase[];
  readonly backups?: readonly Backup[];
  /** The rest, by kind, as the messages that they came as. */
  readonly messages?: Readonly<Record<string, readonly KeptMessage[]>>;
}

/** Keeps the catalog of one server in its folder. */
export class CatalogFile {
  readonly #home: Home;
  readonly #release: () => Promise<void>;

  private constructor(home: Home, release: () => Promise<void>) {
    this.#home = home;
    this.#release = release;
  }

  /**
   * Takes hold of a folder, which need not exist, until `close`.
   *
   * @throws {StatusError} FAILED_PRECONDITION when another server has it, or it cannot be used;
   * DATA_LOSS when the catalog is damaged.
   */
  static async open(
    home: Home,
  ): Promise<{ readonly file: CatalogFile; readonly catalog: Catalog }> {
    const { disk, directory } = home;
    const hold = async () => {
      await disk.makeDirectory(directory);
      return disk.lock(directory);
    };
    const lock = await hold().catch((thrown: unknown) => {
      throw folderNotUsable(directory, thrown);
    });
    if (lock === undefined) throw folderInUse(directory);
    try {
      const catalog = await readCatalog(home);
      const folders = new Set(catalog.databases.map(({ folder }) => String(folder)));
      for (const name of await disk.list(`${directory}/databases`)) {
        if (!folders.has(name)) await disk.remove(`${directory}/databases/${name}`);
      }
      return { file: new CatalogFile(home, () => lock.release()), catalog };
    } catch (thrown) {
      await lock.release();
      throw thrown;
    }
  }

  /** The folder of a database by its number. */
  folderOf(number: number): string {
    return `${this.#home.directory}/databases/${number}`;
  }

  /** The folder of what backups hold. */
  get backupsFolder(): string {
    return `${this.#home.directory}/backups`;
  }

  get disk(): Disk {
    return this.#home.disk;
  }

  /** Keeps another list in place of the one before; returns when it would outlive a crash. */
  async save(catalog: Catalog): Promise<void> {
    const { disk, directory } = this.#home;
    const text = JSON.stringify(catalog, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    );
    await writeBlockFile(disk, directory, fileName, [new TextEncoder().encode(text)]);
  }

  /** Lets go of the folder. */
  close(): Promise<void> {
    return this.#release();
  }
}

const fileName = "catalog";

async function readCatalog({ disk, directory }: Home): Promise<Catalog> {
  const names = await disk.list(directory);
  if (!names.includes(fileName)) return { instances: [], databases: [] };
  const decoder = new TextDecoder();
  let text = "";
  for await (const block of readBlockFile(disk, `${directory}/${fileName}`)) {
    text += decoder.decode(block, { stream: true });
  }
  // What was read is what was written, or else a checksum would have said so.
  return JSON.parse(text, (key, value: unknown) =>
    key.endsWith("Nanos") ? BigInt(value as string) : value,
  ) as Catalog;
}
