// SPDX-License-Identifier: Apache-2.0
// Generates packages/protocol/src/gen from Google's .proto files, as the package google-proto-files
// ships them. `--check` generates into a scratch folder and fails when the committed files differ.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = join(root, "packages/protocol/src/gen");
const sources = join(root, "node_modules/google-proto-files");
const paths = [
  "google/api/annotations.proto",
  "google/api/http.proto",
  "google/iam/v1/iam_policy.proto",
  "google/iam/v1/options.proto",
  "google/iam/v1/policy.proto",
  "google/longrunning/operations.proto",
  "google/rpc/code.proto",
  "google/rpc/error_details.proto",
  "google/rpc/status.proto",
  "google/spanner/admin/database/v1",
  "google/spanner/admin/instance/v1",
  "google/spanner/v1",
  "google/type/expr.proto",
];
/** The two doors: what a data client needs, and what only administration needs. */
const doors = {
  data: {
    "google/protobuf/duration": {},
    "google/protobuf/empty": {},
    "google/protobuf/timestamp": {},
    "google/rpc/error_details": {},
    "google/rpc/status": { Status: "RpcStatus" },
    "google/spanner/v1/commit_response": {},
    "google/spanner/v1/keys": {},
    "google/spanner/v1/mutation": {},
    "google/spanner/v1/query_plan": {},
    "google/spanner/v1/result_set": {},
    "google/spanner/v1/spanner": {},
    "google/spanner/v1/transaction": {},
    "google/spanner/v1/type": {},
  },
  admin: {
    "google/iam/v1/iam_policy": {},
    "google/iam/v1/policy": {},
    "google/longrunning/operations": {},
    "google/protobuf/any": {},
    "google/protobuf/field_mask": {},
    "google/spanner/admin/database/v1/backup": {},
    "google/spanner/admin/database/v1/backup_schedule": {},
    "google/spanner/admin/database/v1/common": {},
    "google/spanner/admin/database/v1/spanner_database_admin": {},
    "google/spanner/admin/instance/v1/common": { OperationProgress: "InstanceOperationProgress" },
    "google/spanner/admin/instance/v1/spanner_instance_admin": {},
    "google/type/expr": {},
  },
};
const options = [
  "enumsAsLiterals=true",
  "env=both",
  "esModuleInterop=true",
  "forceLong=bigint",
  "importSuffix=.ts",
  "comments=false",
  "initializeFieldsAsUndefined=false",
  "noDefaultsForOptionals=false",
  "oneof=unions",
  "outputIndex=false",
  "outputJsonMethods=false",
  "outputPartialMethods=false",
  "outputServices=generic-definitions",
  "outputTypeAnnotations=false",
  "removeEnumPrefix=false",
  "snakeToCamel=keys",
  "stringEnums=false",
  "unrecognizedEnum=false",
  "useAbortSignal=false",
  "useDate=false",
  "useExactTypes=false",
  "useOptionals=all",
];

function generate(folder) {
  const template = {
    version: "v2",
    plugins: [
      {
        local: join(root, "node_modules/.bin/protoc-gen-ts_proto"),
        out: folder,
        opt: options,
        include_imports: true,
      },
    ],
  };
  const buf = join(root, "node_modules/.bin/buf");
  const chosen = paths.flatMap((path) => ["--path", join(sources, path)]);
  execFileSync(buf, ["generate", sources, "--template", JSON.stringify(template), ...chosen], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (const name of filesOf(folder)) nameOurWire(folder, name);
  mendStruct(join(folder, "google/protobuf/struct.ts"));
  const image = execFileSync(
    buf,
    ["build", sources, "--exclude-source-info", "-o", "-#format=binpb", ...chosen],
    {
      cwd: root,
      maxBuffer: 64 << 20,
    },
  );
  writeFileSync(join(folder, "descriptors.ts"), descriptorModule(image));
  for (const [door, files] of Object.entries(doors)) {
    writeFileSync(join(folder, `${door}.ts`), doorModule(folder, files));
  }
}

/** Makes a generated file read and write by src/wire.ts, whose types stand by themselves. */
function nameOurWire(folder, name) {
  const path = join(folder, name);
  const up = "../".repeat(name.split(sep).length);
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace('"@bufbuild/protobuf/wire"', `"${up}wire.ts"`));
}

/**
 * An empty google.protobuf.ListValue has no field on the wire, and ts-proto (with useOptionals=all)
 * takes what it decodes to for a list that is none. It is an empty list.
 */
function mendStruct(path) {
  const text = readFileSync(path, "utf8");
  const mended = text.replace(
    /(unwrap\(message: ListValue\): Array<any> \{)[\s\S]*?\n {2}\},/,
    "$1\n    return message.values ?? [];\n  },",
  );
  if (mended === text) throw new Error(`Nothing to mend in ${path}: is it still needed?`);
  writeFileSync(path, mended);
}

/** A door lists what its files export by name, so that two files may each have a `protobufPackage`. */
function doorModule(folder, files) {
  const lines = ["// Code generated by tools/generate-protocol.mjs. DO NOT EDIT.", ""];
  for (const [file, renamed] of Object.entries(files)) {
    const text = readFileSync(join(folder, `${file}.ts`), "utf8");
    const values = new Set([...text.matchAll(/^export const (\w+)/gm)].map((match) => match[1]));
    const types = [...text.matchAll(/^export (?:interface|type) (\w+)/gm)].map((match) => match[1]);
    const names = [...new Set([...values, ...types])]
      .filter((name) => !/^(protobufPackage|protobufFileName|MessageFns|.*Entry)$/.test(name))
      .map(
        (name) =>
          `${values.has(name) ? "" : "type "}${name}${renamed[name] ? ` as ${renamed[name]}` : ""}`,
      )
      .sort();
    lines.push(`export {`, ...names.map((name) => `  ${name},`), `} from "./${file}.ts";`);
  }
  return [...lines, ""].join("\n");
}

/** The descriptor set as a module: text, so that it needs neither a file system nor a download. */
function descriptorModule(image) {
  const lines = image.toString("base64").match(/.{1,96}/g) ?? [];
  return [
    "// Code generated by tools/generate-protocol.mjs. DO NOT EDIT.",
    "",
    "/** The google.protobuf.FileDescriptorSet of every file in this folder, in base64. */",
    "export const descriptorSetBase64: string = [",
    ...lines.map((line) => `  "${line}",`),
    '].join("");',
    "",
  ].join("\n");
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

function differences(expected, actual) {
  const names = new Set([...filesOf(expected), ...filesOf(actual)]);
  const read = (folder, name) => {
    try {
      return readFileSync(join(folder, name), "utf8");
    } catch {
      return undefined; // The file stands on one side only, which is the difference.
    }
  };
  return [...names].filter((name) => read(expected, name) !== read(actual, name));
}

if (process.argv.includes("--check")) {
  const scratch = mkdtempSync(join(tmpdir(), "spandrel-protocol-"));
  try {
    generate(scratch);
    const changed = differences(scratch, committed);
    if (changed.length > 0) {
      console.error(`Generated files were edited or are stale: ${changed.join(", ")}`);
      console.error("Run `npm run generate` and commit the result.");
      process.exitCode = 1;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
} else {
  rmSync(committed, { recursive: true, force: true });
  generate(committed);
}
