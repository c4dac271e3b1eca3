// SPDX-License-Identifier: Apache-2.0
// One version for all packages: `node tools/set-version.mjs 0.2.0` writes it into each package.json, and
// into what the packages ask of each other. Run `npm install` afterwards for the lock file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../packages", import.meta.url));
const [version = ""] = process.argv.slice(2);

if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
  console.error("Usage: node tools/set-version.mjs MAJOR.MINOR.PATCH");
  process.exit(2);
}
for (const name of readdirSync(folder)) {
  const path = join(folder, name, "package.json");
  const description = JSON.parse(readFileSync(path, "utf8"));
  description.version = version;
  for (const dependency of Object.keys(description.dependencies ?? {})) {
    if (dependency.startsWith("@spandrel/")) description.dependencies[dependency] = version;
  }
  writeFileSync(path, `${JSON.stringify(description, null, 2)}\n`);
}
console.log(`All packages are ${version} now; run npm install.`);
