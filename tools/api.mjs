// SPDX-License-Identifier: Apache-2.0
// The public surface of each published package, as a report under api/ that is reviewed as a diff.
// Needs the built declarations: `npm run api` builds first. `--check` fails when a report is stale.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig } from "@microsoft/api-extractor";

const root = fileURLToPath(new URL("..", import.meta.url));
const isCheck = process.argv.includes("--check");
const packages = ["base", "client", "model", "rpc", "server", "sql", "store"];
const silent = { logLevel: "none" };
let stale = 0;

for (const name of packages) {
  const folder = join(root, "packages", name);
  mkdirSync(join(root, "node_modules/.cache/api"), { recursive: true });
  const configObject = {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, "dist/index.d.ts"),
    compiler: {
      overrideTsconfig: {
        compilerOptions: {
          target: "es2022",
          module: "nodenext",
          lib: ["es2023", "esnext.disposable", "dom"],
          types: ["node"],
          skipLibCheck: true,
        },
        include: [join(folder, "dist")],
      },
    },
    apiReport: {
      enabled: true,
      reportFileName: `${name}.api.md`,
      reportFolder: join(root, "api"),
      reportTempFolder: join(root, "node_modules/.cache/api"),
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: { default: silent },
      extractorMessageReporting: { default: silent },
      tsdocMessageReporting: { default: silent },
    },
  };
  const config = ExtractorConfig.prepare({
    configObject,
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, "package.json"),
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: !isCheck,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  if (apiReportChanged) {
    stale++;
    if (isCheck)
      console.error(`api/${name}.api.md is stale: run \`npm run api\` and review the diff.`);
  }
}
if (isCheck && stale > 0) process.exitCode = 1;
