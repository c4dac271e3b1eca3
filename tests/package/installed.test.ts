// SPDX-License-Identifier: Apache-2.0
// What users get: the packages are built, packed and installed as they would be from the registry, into
// a folder that knows nothing of this repository, and used there.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startServer } from "@spandrel/server";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const compiler = join(root, "node_modules/typescript-7/bin/tsc");
const compile = [compiler, "--noEmit", "--strict", "--target", "es2022", "--types", "node"];

/** A program that uses the client, in a form that both kinds of modules understand. */
const program = `
async function main(address) {
  const client = new Client({ project: "p", emulatorHost: address });
  await (await client.instance("main").create()).result();
  const database = client.instance("main").database("db");
  await (await database.create()).result();
  const [row] = await database.query("SELECT 'installed' AS how").rows();
  console.log(row?.["how"]);
  await client.close();
}
main(process.argv[2] ?? "");
`;

let folder = "";

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "spandrel-installed-"));
  await run([compiler, "-b", "packages/client", "packages/cli"], root);
  await run(["tools/bundle.mjs"], root);
  const packed = await run(["tools/pack.mjs", join(folder, "packed")], root);
  const tarballs = packed.trim().split("\n");
  const ofClient = /spandrel-(base|client|model|protocol|rpc)-/;
  await install(
    join(folder, "client"),
    tarballs.filter((path) => ofClient.test(basename(path))),
  );
  // Nothing is downloaded: the one package that is not ours is the repository's.
  await install(join(folder, "all"), [...tarballs, join(root, "node_modules/re2js")]);
});

after(() => rm(folder, { recursive: true }));

test("the client comes with four packages of ours and nobody else's, in less than 3 MB", async () => {
  const modules = join(folder, "client/node_modules");
  const found = await readdir(join(modules, "@spandrel"));
  assert.deepEqual(found.sort(), ["base", "client", "model", "protocol", "rpc"]);
  const others = (await readdir(modules)).filter((name) => !name.startsWith("."));
  assert.deepEqual(others, ["@spandrel"]);
  let bytes = 0;
  for (const path of await readdir(modules, { recursive: true })) {
    const file = await stat(join(modules, path));
    if (file.isFile()) bytes += file.size;
  }
  assert.ok(bytes < 3_000_000, `${bytes} bytes`);
});

test("what becomes part of a package keeps the notices of those who wrote it", async () => {
  for (const name of ["protocol", "rpc"]) {
    const path = join(folder, "client/node_modules/@spandrel", name, "dist/NOTICES.md");
    const notices = await readFile(path, "utf8");
    assert.match(notices, /^## @bufbuild\/protobuf \d/m);
    assert.match(notices, /Copyright \d+-\d+ Buf Technologies/);
    assert.match(notices, /Copyright 2008 Google Inc[\s\S]*Redistributions in binary form/);
  }
});

test("it is imported by ES modules and required by CommonJS", async () => {
  const heads = {
    "program.mjs": 'import { Client } from "@spandrel/client";',
    "program.cjs": 'const { Client } = require("@spandrel/client");',
  };
  for (const [name, head] of Object.entries(heads)) {
    await using server = await startServer({ port: 0, restPort: 0 });
    const path = join(folder, "client", name);
    await writeFile(path, head + program);
    assert.equal((await run([path, server.grpcAddress])).trim(), "installed", name);
  }
});

test("classes are called what they are exported as", async () => {
  const path = join(folder, "all/names.mjs");
  const doors = ["base", "client", "rpc", "server", "sql", "store"].map(
    (name) => `@spandrel/${name}`,
  );
  await writeFile(
    path,
    `for (const door of ${JSON.stringify(doors)})
       for (const [name, value] of Object.entries(await import(door)))
         if (/^class/.test(value)) console.log(name, value.name);`,
  );
  const lines = (await run([path])).trim().split("\n");
  assert.ok(lines.includes("Client Client"));
  for (const line of lines) {
    const [exported, own] = line.split(" ");
    assert.equal(own, exported);
  }
});

test("its types hold by themselves, for Node and for bundlers", async () => {
  const here = join(folder, "client");
  await symlink(join(root, "node_modules/@types"), join(here, "node_modules/@types"));
  await writeFile(
    join(here, "typed.mts"),
    `import { Client, type Row } from "@spandrel/client";
     import type { Backup } from "@spandrel/client/admin";
     export const client: Client = new Client({ project: "p" });
     export const backup: Backup = { name: "b" };
     export async function one(): Promise<Row> {
       return await client.instance("i").database("d").query("SELECT 1").one();
     }
     // @ts-expect-error: the types are there, and say no.
     new Client({ project: 1 });`,
  );
  for (const module of [
    ["--module", "nodenext"],
    ["--module", "esnext", "--moduleResolution", "bundler"],
  ]) {
    await run([...compile, "--lib", "es2024,esnext.disposable", ...module, "typed.mts"], here);
  }
});

test("a program with the client becomes a small file, with administration beside it", async () => {
  const here = join(folder, "client");
  const { metafile } = await build({
    stdin: { contents: `import { Client } from "@spandrel/client";${program}`, resolveDir: here },
    absWorkingDir: here,
    outdir: "bundled",
    bundle: true,
    splitting: true,
    minify: true,
    metafile: true,
    format: "esm",
    platform: "node",
    outExtension: { ".js": ".mjs" },
    logLevel: "silent",
  });
  const entry = "bundled/stdin.mjs";
  const imports = metafile.outputs[entry]?.imports ?? [];
  const shared = imports.filter(({ kind, external }) => kind === "import-statement" && !external);
  const first = [entry, ...shared.map(({ path }) => path)].map((path) => metafile.outputs[path]);
  const hasAdmin = (inputs: object) =>
    Object.keys(inputs).some((input) => input.endsWith("protocol/dist/admin.js"));
  assert.ok(first.every((output) => output !== undefined && !hasAdmin(output.inputs)));
  assert.ok(Object.values(metafile.outputs).some(({ inputs }) => hasAdmin(inputs)));
  const bytes = first.reduce((sum, output) => sum + (output?.bytes ?? 0), 0);
  assert.ok(bytes < 300_000, `${bytes} bytes`);
  await using server = await startServer({ port: 0, restPort: 0 });
  assert.equal((await run([join(here, entry), server.grpcAddress])).trim(), "installed");
});

test("the command serves", async () => {
  const words = ["start", "--port", "0", "--rest-port", "0"];
  const command = spawn(join(folder, "all/node_modules/.bin/spandrel"), words, {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface(command.stdout), "line");
    assert.match(line, /^spandrel ready grpc=127\.0\.0\.1:\d+ rest=127\.0\.0\.1:\d+$/);
  } finally {
    command.kill("SIGTERM");
    assert.deepEqual(await once(command, "exit"), [0, null]);
  }
});

/** Runs a program by the Node that runs this; gives what it wrote, fails when it fails. */
async function run(words: readonly string[], cwd: string = folder): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd });
  return stdout;
}

async function install(into: string, tarballs: readonly string[]): Promise<void> {
  const words = ["install", "--prefix", into, "--offline", "--cache", join(folder, "cache")];
  await promisify(execFile)("npm", [...words, "--no-audit", "--no-fund", ...tarballs]);
}
