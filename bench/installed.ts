// SPDX-License-Identifier: Apache-2.0
// What an installation of a package brings along: the packages it depends on, all the way down, and the
// bytes of their files. A package of this repository counts as it would be published.
import { execFile } from "node:child_process";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What gets installed. */
export interface Installed {
  readonly packages: number;
  readonly bytes: number;
}

const root = await realpath(fileURLToPath(new URL("..", import.meta.url)));

/** What gets installed with a package, itself included and peers that are optional left out. */
export async function installed(name: string): Promise<Installed> {
  const folders = new Set<string>();
  await collect(name, root, folders);
  let bytes = 0;
  for (const folder of folders) {
    bytes += await (folder.includes("/node_modules/") ? bytesIn(folder) : bytesPacked(folder));
  }
  return { packages: folders.size, bytes };
}

async function collect(name: string, from: string, folders: Set<string>): Promise<void> {
  const folder = await resolve(name, from);
  if (folders.has(folder)) return;
  folders.add(folder);
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    await collect(dependency, folder, folders);
  }
}

/** The folder of a package as Node finds it: in the nearest `node_modules` above. */
async function resolve(name: string, from: string): Promise<string> {
  const folder = join(from, "node_modules", name);
  const found = await realpath(folder).catch(() => undefined);
  if (found !== undefined) return found;
  if (from === dirname(from)) throw new Error(`${name} is not installed`);
  return await resolve(name, dirname(from));
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += (await stat(path)).size;
    else if (entry.isDirectory() && entry.name !== "node_modules") bytes += await bytesIn(path);
  }
  return bytes;
}

async function bytesPacked(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)("npm", ["pack", "--dry-run", "--json"], {
    cwd: folder,
  });
  const [{ unpackedSize }] = JSON.parse(stdout) as [{ unpackedSize: number }];
  return unpackedSize;
}
