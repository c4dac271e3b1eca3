// SPDX-License-Identifier: Apache-2.0
// What Node loads of a package: one file per door, and what two doors share beside them. A program that
// loads hundreds of small files spends more time on that than on its first query. `npm run build` calls
// this after the compiler, which writes the declarations only.
//
// Packages that a package.json asks for as `dependencies` or `peerDependencies` stay outside; those
// that it has as `devDependencies` become part of it, and their notices stand in NOTICES.md. What is
// loaded with `import()` is a door of a package of ours, or a package outside, and stays apart.
//
// The code is not minified: names and lines in a stack are those that a reader finds in the file.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { packages } from "./floors.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The folder of a package of this repository. */
export const folderOf = (name) => join(root, "packages", name);

/** The package.json of a folder. */
export const manifestOf = (folder) =>
  JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/** The packages that are published: those that say so. */
export const publishedNames = Object.keys(packages).filter(
  (name) => manifestOf(folderOf(name)).publishConfig !== undefined,
);

/** Writes the JavaScript of a package to its `dist`, in place of what was there. */
export async function bundle(name) {
  const folder = folderOf(name);
  const manifest = manifestOf(folder);
  const outside = { ...manifest.dependencies, ...manifest.peerDependencies };
  const doors = Object.values(manifest.exports).map(({ source }) => join(folder, source));
  const main = join(folder, "src/main.ts");
  removeJavaScript(join(folder, "dist"));
  const { metafile, outputFiles } = await build({
    entryPoints: existsSync(main) ? [...doors, main] : doors,
    outdir: join(folder, "dist"),
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    chunkNames: "shared-[hash]",
    format: "esm",
    platform: "node",
    target: "node20",
    external: Object.keys(outside).flatMap((each) => [each, `${each}/*`]),
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
  });
  for (const { path, text } of outputFiles) writeFileSync(path, withClassNames(text));
  const notices = noticesOf(Object.keys(metafile.inputs));
  rmSync(join(folder, "dist/NOTICES.md"), { force: true });
  if (notices !== "") writeFileSync(join(folder, "dist/NOTICES.md"), notices);
}

function removeJavaScript(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true })) {
    if (/\.js(\.map)?$/.test(name)) rmSync(join(folder, name));
  }
}

/**
 * Gives classes their own names back: a class that names itself becomes `var Client = class _Client`,
 * and would be `_Client` in every stack. The name inside may as well be the name outside.
 */
function withClassNames(text) {
  const renamed = new Set([...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name));
  return text.replace(/\b_([A-Z]\w*)\b/g, (found, name) => (renamed.has(name) ? name : found));
}

/** Who wrote the files of others among the sources, and on which terms: the notices at their head. */
function noticesOf(inputs) {
  const notices = new Map();
  for (const input of inputs) {
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+\//.exec(input) ?? [];
    if (folder === undefined) continue;
    const { name, version, license } = manifestOf(join(root, folder));
    const title = `${name} ${version}, ${license}`;
    if (!notices.has(title)) notices.set(title, new Set());
    for (const head of headsOf(readFileSync(join(root, input), "utf8")))
      notices.get(title).add(head);
  }
  if (notices.size === 0) return "";
  const parts = [...notices].map(([title, heads]) =>
    [`## ${title}`, ...[...heads].map((head) => `\`\`\`text\n${head}\n\`\`\``)].join("\n\n"),
  );
  return `# Software of others in this package\n\n${parts.join("\n\n")}\n`;
}

/** The comment at the head of a file, when it is about rights. */
function headsOf(text) {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  const head = lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
  return head.some((line) => /copyright/i.test(line)) ? [head.join("\n").trim()] : [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of publishedNames) await bundle(name);
}
