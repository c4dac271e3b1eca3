// SPDX-License-Identifier: Apache-2.0
// Backups: what a database held at a moment, kept under a name of its own until it expires, whatever
// becomes of the database. Making one disturbs nobody: it is read from a fork. A restore makes a new
// database from it, and leaves the backup as it is.
// https://cloud.google.com/spanner/docs/backup
//
// A backup that has expired is found out when somebody asks for it, as a session is.
import type { Clock } from "@spandrel/base";
import type { Database } from "../database/database.ts";
import {
  backupInUse,
  backupNotReady,
  backupOfOtherInstance,
  backupPending,
  expireTimeOutOfRange,
  invalidResourceId,
  missingField,
  resourceAlreadyExists,
  resourceNotFound,
  versionTimeInFuture,
  versionTimeTooOld,
} from "../errors/backup.ts";
import type { BackupContents } from "./backup-contents.ts";
import type { Change, Kept, Records } from "./records.ts";

const hourNanos = 3_600_000_000_000n;
const retentionNanosMin = 6n * hourNanos;
const retentionNanosMax = 366n * 24n * hourNanos;

/** A backup. Moments are nanoseconds since the Unix epoch. */
export interface Backup extends Kept {
  /** The database that it was made of, which may be gone. */
  readonly database: string;
  /** The moment whose state it holds. */
  readonly versionNanos: bigint;
  readonly createdNanos: bigint;
  readonly expireNanos: bigint;
  /** 0 where nobody has counted: in memory. */
  readonly sizeBytes: number;
  /** The number of its content; 0 while it is being created. */
  readonly content: number;
  /** The names of the schedules that it was made for; none when somebody asked for it. */
  readonly schedules?: readonly string[] | undefined;
}

/** A backup that is to be made. */
export interface BackupRequest {
  readonly instance: string;
  readonly id: string;
  readonly database: string;
  readonly expireNanos: bigint | undefined;
  /** By default the present. */
  readonly versionNanos: bigint | undefined;
  /** The schedules that it is made for; by default none. */
  readonly schedules?: readonly string[];
}

/** What backups work with. */
export interface BackupsOptions {
  readonly clock: Clock;
  readonly records: Records<Backup>;
  readonly change: Change;
  readonly database: (name: string) => Database;
  readonly createdNanosOf: (database: string) => bigint;
}

/** See the top of this file. */
export class Backups {
  readonly #options: BackupsOptions;
  readonly #coming = new Map<string, Backup>();
  /** Databases that are being restored, and the backups that they are restored from. */
  readonly #restoring = new Map<string, string>();
  contents: BackupContents;

  constructor(options: BackupsOptions, contents: BackupContents) {
    this.#options = options;
    this.contents = contents;
  }

  /**
   * Judges a request, and takes the name; `make` is the work.
   *
   * @throws {StatusError} INVALID_ARGUMENT for a bad id, expire_time or version_time, NOT_FOUND for the
   * database, ALREADY_EXISTS, FAILED_PRECONDITION when another one of the database is being made or the
   * version is not kept any more.
   */
  async begin(request: BackupRequest): Promise<{
    readonly backup: Backup;
    readonly make: () => Promise<Backup>;
  }> {
    const { instance, id, database, expireNanos, versionNanos, schedules = [] } = request;
    const name = this.#newName(instance, id);
    if (database === "") throw missingField("backup.database");
    const source = this.#options.database(database);
    if (!database.startsWith(`${instance}/databases/`)) {
      throw backupOfOtherInstance(database, instance);
    }
    const createdNanos = this.#options.clock.now();
    checkExpireTime(expireNanos, createdNanos);
    if (versionNanos !== undefined) this.#checkVersion(versionNanos, database, source);
    for (const each of this.#coming.values()) {
      if (each.database === database) throw backupPending(database);
    }
    const backup = {
      name,
      database,
      versionNanos: versionNanos ?? createdNanos,
      createdNanos,
      expireNanos,
      sizeBytes: 0,
      content: 0,
      schedules,
    };
    const make = async (): Promise<Backup> => {
      const present = (await source.snapshot({ kind: "strong" })).atMicros;
      const atMicros = versionNanos === undefined ? present : Number(versionNanos / 1_000n);
      const { number, sizeBytes } = await this.contents.keep(source, atMicros);
      return { ...backup, versionNanos: BigInt(atMicros) * 1_000n, content: number, sizeBytes };
    };
    return this.#begun(backup, make);
  }

  /** The same for a copy of a backup, in whatever instance. @throws {StatusError} as `begin` does. */
  async beginCopy(
    instance: string,
    id: string,
    source: string,
    expireNanos: bigint | undefined,
  ): Promise<{ readonly backup: Backup; readonly make: () => Promise<Backup> }> {
    const name = this.#newName(instance, id);
    const original = this.#ready(source);
    checkExpireTime(expireNanos, original.createdNanos);
    const backup = { ...original, name, expireNanos, content: 0, schedules: [] };
    return this.#begun(backup, async () => {
      const { number, sizeBytes } = await this.contents.copy(original.content);
      return { ...backup, content: number, sizeBytes };
    });
  }

  #begun(backup: Backup, make: () => Promise<Backup>) {
    this.#coming.set(backup.name, backup);
    const work = async (): Promise<Backup> => {
      try {
        const made = await make();
        await this.#options.records.put(made).catch(async (thrown: unknown) => {
          await this.#letGo(made.content);
          throw thrown;
        });
        return made;
      } finally {
        this.#coming.delete(backup.name);
      }
    };
    return { backup, make: work };
  }

  /** @throws {StatusError} NOT_FOUND when there is no such backup, or it has expired. */
  get(name: string): Backup {
    this.#dropExpired();
    const backup = this.#options.records.get(name) ?? this.#coming.get(name);
    if (backup === undefined) throw resourceNotFound("Backup", name);
    return backup;
  }

  /** The backups of an instance by name, those included that are being created. */
  list(instance: string): readonly Backup[] {
    this.#dropExpired();
    const coming = [...this.#coming.values()].filter(({ name }) => name.startsWith(`${instance}/`));
    return [...this.#options.records.under(instance), ...coming].sort((left, right) =>
      left.name < right.name ? -1 : 1,
    );
  }

  /** The databases that are being restored from a backup. */
  referencing(name: string): readonly string[] {
    return [...this.#restoring].flatMap(([database, backup]) => (backup === name ? database : []));
  }

  /** Has a backup expire at another moment. @throws {StatusError} NOT_FOUND, INVALID_ARGUMENT. */
  async setExpireTime(name: string, expireNanos: bigint | undefined): Promise<Backup> {
    const backup = this.#ready(name);
    checkExpireTime(expireNanos, backup.createdNanos);
    const changed = { ...backup, expireNanos };
    await this.#options.records.put(changed);
    return changed;
  }

  /** @throws {StatusError} NOT_FOUND; FAILED_PRECONDITION while it is being made or restored from. */
  async delete(name: string): Promise<void> {
    const { content } = this.#ready(name);
    const [database] = this.referencing(name);
    if (database !== undefined) throw backupInUse(name, database);
    await this.#options.records.remove(name);
    await this.#letGo(content);
  }

  /**
   * Makes a database from a backup: `restore` gets its content; until that returns, the backup cannot
   * be deleted.
   *
   * @throws {StatusError} NOT_FOUND, FAILED_PRECONDITION when it is not ready, and as `restore` does.
   */
  async restore<T>(
    name: string,
    database: string,
    restore: (blocks: AsyncIterable<Uint8Array>, backup: Backup) => Promise<T>,
  ): Promise<T> {
    const backup = this.#ready(name);
    this.#restoring.set(database, name);
    try {
      return await restore(this.contents.blocks(backup.content), backup);
    } finally {
      this.#restoring.delete(database);
    }
  }

  #ready(name: string): Backup {
    const backup = this.get(name);
    if (this.#coming.has(name)) throw backupNotReady(name);
    return backup;
  }

  #newName(instance: string, id: string): string {
    if (!backupIdPattern.test(id)) throw invalidResourceId("Backup", id, backupIdRule);
    const name = `${instance}/backups/${id}`;
    this.#dropExpired();
    if (this.#coming.has(name) || this.#options.records.get(name) !== undefined) {
      throw resourceAlreadyExists("Backup", name);
    }
    return name;
  }

  #checkVersion(versionNanos: bigint, name: string, database: Database): void {
    const now = this.#options.clock.now();
    if (versionNanos > now) throw versionTimeInFuture();
    const retained = now - BigInt(database.versionRetentionMillis) * 1_000_000n;
    const created = this.#options.createdNanosOf(name);
    if (versionNanos < retained || versionNanos < created) throw versionTimeTooOld(name);
  }

  /** Forgets what has expired. */
  #dropExpired(): void {
    const now = this.#options.clock.now();
    for (const { name, expireNanos, content } of this.#options.records.all) {
      if (expireNanos > now || this.referencing(name).length > 0) continue;
      this.#options.records.forgetOf(name);
      const forgotten = this.#options.change(() => undefined);
      forgotten.then(() => this.#letGo(content)).catch(() => undefined);
    }
  }

  /** Removes what belongs to no backup; what cannot be removed now is when the server is opened next. */
  async #letGo(content: number): Promise<void> {
    await this.contents.remove(content).catch(() => undefined);
  }
}

const backupIdPattern = /^[a-z][a-z0-9_-]{0,58}[a-z0-9]$/;
const backupIdRule = "2 to 60 characters and match [a-z][a-z0-9_-]*[a-z0-9]";

function checkExpireTime(
  expireNanos: bigint | undefined,
  createdNanos: bigint,
): asserts expireNanos is bigint {
  if (expireNanos === undefined) throw missingField("expire_time");
  const left = expireNanos - createdNanos;
  if (left < retentionNanosMin || left > retentionNanosMax) throw expireTimeOutOfRange();
}
