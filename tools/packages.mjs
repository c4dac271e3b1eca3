// SPDX-License-Identifier: Apache-2.0
// What a program that installs a package finds in it: `npm run packages` builds the tarballs that would be
// published and looks at each with publint, with are-the-types-wrong, and for names of packages that an
// installation does not bring. Any complaint fails it. Nothing comes from the network.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { bundle, publishedNames } from "./bundle.mjs";
import { pack } from "./pack.mjs";

/**
 * What are-the-types-wrong may say. Our packages are ES modules alone. Node loads such a one by require()
 * from 20.19 and 22.12 on, but `require` in types that were compiled as CommonJS still counts as an error
 * ("CJSResolvesToESM"). TypeScript's oldest resolution, "node10", knows no `exports`.
 */
const isExpected = ({ kind, resolutionKind }) =>
  resolutionKind === "node10" || (kind === "CJSResolvesToESM" && resolutionKind === "node16-cjs");

async function complaintsAbout(tarball) {
  const bytes = new Uint8Array(readFileSync(tarball));
  const { messages, pkg: manifest } = await publint({
    pack: { tarball: bytes.buffer },
    strict: true,
  });
  const contents = createPackageFromTarballData(bytes);
  const { problems } = await checkPackage(contents);
  return [
    ...messages.map((message) => formatMessage(message, manifest)),
    ...problems.filter((problem) => !isExpected(problem)).map((problem) => JSON.stringify(problem)),
    ...strangers(contents, manifest),
  ];
}

/** Modules that a file names, and that come with neither Node, nor the package, nor its dependencies. */
function strangers(contents, manifest) {
  const known = { ...manifest.dependencies, ...manifest.peerDependencies };
  const files = contents.listFiles().filter((path) => /\.(m?js|d\.ts)$/.test(path));
  return files.flatMap((path) => {
    const code = contents.readFile(path).replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    const named = [
      ...code.matchAll(/(?:\bfrom |\bimport\(|\bimport )"((?:@[^/"]+\/)?[^/".][^/"]*)/g),
    ];
    return named
      .map(([, name]) => name)
      .filter((name) => !name.startsWith("node:") && !(name in known))
      .map((name) => `${path} names ${name}, which an installation does not bring`);
  });
}

const folder = mkdtempSync(join(tmpdir(), "spandrel-packages-"));
try {
  for (const name of publishedNames) await bundle(name);
  for (const [name, tarball] of pack(folder)) {
    for (const complaint of await complaintsAbout(tarball)) {
      console.error(`${name}: ${complaint}`);
      process.exitCode = 1;
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
