// SPDX-License-Identifier: Apache-2.0
// The disk of this machine, by Node's own files.
import {
  type FileHandle,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Disk, DiskFile, DiskLock } from "./disk.ts";

class NodeFile implements DiskFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(
        bytes,
        filled,
        length - filled,
        offset + filled,
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const left = bytes.length - written;
      const { bytesWritten } = await this.#handle.write(bytes, written, left, offset + written);
      written += bytesWritten;
    }
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes);
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Makes the disk of this machine. Paths are the system's own. */
export function createNodeDisk(): Disk {
  return {
    async open(path, { create = false } = {}) {
      const handle = await open(path, "r+").catch((thrown: unknown) => {
        if (!create || codeOf(thrown) !== "ENOENT") throw thrown;
        return open(path, "w+", 0o600);
      });
      return new NodeFile(handle);
    },

    async list(path) {
      try {
        return (await readdir(path)).sort();
      } catch (thrown) {
        if (codeOf(thrown) === "ENOENT") return [];
        throw thrown;
      }
    },

    async makeDirectory(path) {
      const first = await mkdir(path, { recursive: true, mode: 0o700 });
      if (first === undefined) return;
      // A new folder is a name in the one above it, which has to outlive a crash as any other.
      const above = dirname(resolve(first));
      for (let each = resolve(path); each !== above; each = dirname(each)) {
        // One that this process may not read can still hold a folder; it cannot be told to be quick.
        await syncFolder(dirname(each)).catch((thrown: NodeJS.ErrnoException) => {
          if (thrown.code !== "EACCES") throw thrown;
        });
      }
    },

    rename: (from, to) => rename(from, to),

    remove: (path) => rm(path, { recursive: true, force: true }),

    syncDirectory: syncFolder,

    lock: lockFolder,
  };
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing, and needs none.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * A file with the number and the beginning of the process that holds the folder: Node knows no
 * advisory locks. A file that a dead process has left behind counts for nothing; numbers are used
 * again, so where the system tells when a process began, that has to agree.
 */
async function lockFolder(path: string): Promise<DiskLock | undefined> {
  const file = `${path}/lock`;
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${process.pid} ${await beginningOf(process.pid)}`, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A link appears at once with all that is in it, and never in place of another.
        await link(draft, file);
        return { release: () => rm(file, { force: true }) };
      } catch (thrown) {
        if (codeOf(thrown) !== "EEXIST") throw thrown;
      }
      const holder = await readFile(file, "utf8").catch(() => undefined);
      if (holder === undefined) continue;
      if (await isHeld(holder)) return undefined;
      await takeAway(file, holder);
    }
    return undefined;
  } finally {
    await rm(draft, { force: true });
  }
}

async function isHeld(holder: string): Promise<boolean> {
  const [pidText = "", beginning = ""] = holder.split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if (codeOf(thrown) === "ESRCH") return false;
  }
  return (await beginningOf(pid)) === beginning;
}

/** Removes the lock of a process that is gone, unless somebody else has just put up a new one. */
async function takeAway(file: string, holder: string): Promise<void> {
  const aside = `${file}.${process.pid}.gone`;
  await rename(file, aside).catch(() => undefined);
  const taken = await readFile(aside, "utf8").catch(() => undefined);
  if (taken !== undefined && taken !== holder) await rename(aside, file);
  await rm(aside, { force: true });
}

/** When a process began, in the system's own count; empty where the system does not tell. */
async function beginningOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  // The second field is the program's name, in brackets, with any characters in it.
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

function codeOf(thrown: unknown): unknown {
  return (thrown as { readonly code?: unknown } | undefined)?.code;
}
