// SPDX-License-Identifier: Apache-2.0
// What a program that installs a package finds in it: `npm run packages` lints each package that is
// published, as it would be packed. It needs what `npm run build` makes; any complaint fails it.
import { existsSync, readFileSync } from "node:fs";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packages } from "./floors.mjs";

let complaints = 0;
for (const name of Object.keys(packages)) {
  const directory = new URL(`../packages/${name}/`, import.meta.url).pathname;
  const description = JSON.parse(readFileSync(`${directory}package.json`, "utf8"));
  if (description.private === true) continue;
  if (!existsSync(`${directory}dist`)) throw new Error(`${name} is not built: npm run build`);
  const { messages, pkg } = await publint({ pkgDir: directory, strict: true });
  for (const message of messages) {
    console.error(`${description.name}: ${formatMessage(message, pkg)}`);
    complaints++;
  }
}
process.exitCode = complaints === 0 ? 0 : 1;
