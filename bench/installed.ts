// SPDX-License-Identifier: Apache-2.0
// What an installation of a package brings along: the packages it depends on, all the way down, and the
// bytes of their files. Packages of this repository are packed and installed by npm for it, as they
// would be from the registry; others are looked at where the repository has them installed.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What gets installed. */
export interface Installed {
  readonly packages: number;
  readonly bytes: number;
}

const root = await realpath(fileURLToPath(new URL("..", import.meta.url)));

/** What comes with a package of this repository, itself included and optional peers left out. */
export async function installedAsPublished(name: string): Promise<Installed> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), "spandrel-installed-"));
  try {
    const pack = [join(root, "tools/pack.mjs"), join(folder, "packed")];
    const { stdout } = await promisify(execFile)(process.execPath, pack);
    const needed = await foldersOf(name, root);
    const tarballs = stdout.trim().split("\n");
    const isNeeded = (path: string) =>
      needed.some((each) => path.includes(`/spandrel-${each.split("/").at(-1)}-`));
    const words = ["install", "--prefix", folder, "--offline", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", [...words, ...tarballs.filter(isNeeded)]);
    return await installed(name, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What comes with a package where it is installed. */
export async function installed(name: string, from: string = root): Promise<Installed> {
  const folders = await foldersOf(name, from);
  const bytes = await Promise.all(folders.map(bytesIn));
  return { packages: folders.length, bytes: bytes.reduce((sum, each) => sum + each, 0) };
}

/** The folders of a package and of all that it depends on. */
async function foldersOf(name: string, from: string): Promise<string[]> {
  const folders = new Set<string>();
  await collect(name, from, folders);
  return [...folders];
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
