// SPDX-License-Identifier: Apache-2.0
// The packages as they are published: `npm run pack -- FOLDER` writes a tarball of each, from what
// `npm run build` makes, and `npm publish` takes it from there.
//
// A package.json of this repository is private, so that nobody publishes the folder it lies in: it names
// sources and tools that only the repository has. What is published is the JavaScript, the declarations
// that its doors lead to, a README, the license, and a package.json that names nothing else. There are
// no source maps: nothing is minified, and what lies in node_modules is what a debugger shows.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { folderOf, manifestOf, publishedNames } from "./bundle.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Writes a tarball of each package into a folder; gives their paths by the packages' names. */
export function pack(folder, names = publishedNames) {
  const scratch = mkdtempSync(join(tmpdir(), "spandrel-pack-"));
  try {
    for (const name of names) stage(name, join(scratch, name));
    mkdirSync(folder, { recursive: true });
    const folders = names.map((name) => join(scratch, name));
    const words = ["pack", ...folders, "--pack-destination", resolve(folder), "--json"];
    const output = execFileSync("npm", words, { stdio: ["ignore", "pipe", "ignore"] });
    const packed = JSON.parse(output.toString());
    return new Map(packed.map(({ name, filename }) => [name, join(resolve(folder), filename)]));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Writes what is published of a package into a folder. */
function stage(name, folder) {
  const source = folderOf(name);
  const { private: _, devDependencies: __, ...manifest } = manifestOf(source);
  for (const door of Object.values(manifest.exports)) {
    delete door.source;
    stageDeclarations(source, folder, door.types);
  }
  for (const file of readdirSync(join(source, "dist"))) {
    if (/\.(js|md)$/.test(file)) cpSync(join(source, "dist", file), join(folder, "dist", file));
  }
  if (manifest.bin !== undefined)
    cpSync(join(source, "bin"), join(folder, "bin"), { recursive: true });
  cpSync(join(source, "README.md"), join(folder, "README.md"));
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** Copies a file of declarations and those that it leads to, under the names that programs import. */
function stageDeclarations(source, folder, path) {
  if (existsSync(join(folder, path))) return;
  const text = readFileSync(join(source, path), "utf8");
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const imported = [];
  const published = text.replace(/(from |import\()"(\.[^"]+)\.ts"/g, (_, before, file) => {
    imported.push(join(dirname(path), `${file}.d.ts`));
    return `${before}"${file}.js"`;
  });
  writeFileSync(join(folder, path), published);
  for (const each of imported) stageDeclarations(source, folder, each);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error("Usage: npm run pack -- FOLDER");
  for (const path of pack(folder).values()) console.log(path);
}
