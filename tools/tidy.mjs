// SPDX-License-Identifier: Apache-2.0
// House rules that no linter knows, as a list of functions from a file to what is wrong with it.
// `node tools/tidy.mjs` prints what it finds in the files of the repository, new ones included.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binaryBytesMax = 100_000;

const isSource = (path) => /\.(ts|mts|mjs|js)$/.test(path) && !isGenerated(path);
const isGenerated = (path) => path.includes("/gen/");
// Reports under api/ are generated, with headings of their own.
const isDocument = (path) => path.endsWith(".md") && !path.startsWith("api/");
/** A hidden file in a folder is somebody's scratch paper. */
const isScratch = (path) => /\/\.[^/]*$/.test(path);
/** This file and its test name what they forbid. */
const isTidy = (path) => path.startsWith("tools/tidy.");

/** Each rule: which files it looks at, and the lines (or 0, the file) that it finds fault with. */
const rules = [
  {
    says: "a source begins with its SPDX line",
    of: isSource,
    find: ({ lines }) => {
      const [first, second] = lines;
      const line = first?.startsWith("#!") ? second : first;
      return line === "// SPDX-License-Identifier: Apache-2.0" ? [] : [1];
    },
  },
  {
    says: "a document has one title",
    of: isDocument,
    find: ({ prose }) => {
      const titles = linesThat(prose, (line) => line.startsWith("# "));
      return titles.length === 0 ? [0] : titles.slice(1);
    },
  },
  {
    says: "work left undone is an issue, not a comment",
    of: (path) => (isSource(path) || isDocument(path)) && !isTidy(path),
    find: ({ lines }) => linesThat(lines, (line) => /\b(TODO|FIXME|XXX|HACK)\b/.test(line)),
  },
  {
    says: "an empty catch gives its reason in words",
    of: (path) => isSource(path) && !isTidy(path),
    find: ({ text }) => {
      const empty = text.matchAll(/\bcatch\s*(\([^)]*\)\s*)?\{\s*\}/g);
      return [...empty].map(({ index }) => text.slice(0, index).split("\n").length);
    },
  },
  {
    says: "a golden ends with one newline, and each line where its text ends",
    of: (path) => path.endsWith(".golden"),
    find: ({ text, lines }) => {
      const isEnded = text.endsWith("\n") && !text.endsWith("\n\n");
      return [
        ...(isEnded ? [] : [lines.length]),
        ...linesThat(lines, (line) => /[ \t]$/.test(line)),
      ];
    },
  },
  {
    says: `a binary has at most ${binaryBytesMax} bytes`,
    of: () => true,
    find: ({ text, size }) => (size > binaryBytesMax && text.includes("\0") ? [0] : []),
  },
  {
    says: "a limit has the page that it comes from above it, or at the top of its file",
    of: (path) => /^packages\/server\/src\/limits\/.*(?<!\.test)\.ts$/.test(path),
    find: ({ lines }) => {
      const isLimit = (line) => /^export const [A-Z_]+\b|^ {2}readonly \w+: number;/.test(line);
      const head = lines.findIndex((line) => !line.startsWith("//"));
      const hasLink = (part) => part.some((line) => line.includes("https://"));
      if (hasLink(lines.slice(0, head))) return [];
      return linesThat(lines, (line, index) => {
        if (!isLimit(line)) return false;
        const start = lines.lastIndexOf("", index);
        return !hasLink(lines.slice(start + 1, index));
      });
    },
  },
  {
    says: "the server's errors are made in its room of errors",
    of: (path) => /^packages\/server\/src\/(?!errors\/).*(?<!\.test)\.ts$/.test(path),
    find: ({ lines }) => linesThat(lines, (line) => line.includes("new StatusError(")),
  },
  {
    says: "paths of one machine, and how the work was done, do not belong here",
    of: (path) => !isTidy(path) && path !== "package-lock.json" && !isGenerated(path),
    find: ({ lines }) => linesThat(lines, (line) => forbidden.test(line)),
  },
  {
    says: "a relative link leads to a file",
    of: isDocument,
    find: ({ path, prose }) =>
      linesThat(prose, (line) => {
        const targets = [...line.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
        return targets.some((target) => {
          const [file] = target.split("#");
          const isElsewhere = /^[a-z]+:/.test(target) || file === "";
          return !isElsewhere && !existsSync(join(root, dirname(path), file));
        });
      }),
  },
];

const forbidden =
  /(^|[\s"'`(=])\/(work|tmp|home|root)\/\w|\bshared\/(design|reference)\b|\bsub-?agents?\b/;

function linesThat(lines, test) {
  return lines.flatMap((line, index) => (test(line, index) ? [index + 1] : []));
}

/** The lines of a document, those inside of fences made empty. */
function proseOf(lines) {
  let isFenced = false;
  return lines.map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) isFenced = !isFenced;
    return isFenced || isFence ? "" : line;
  });
}

/** What is wrong with a file, as `path:line: rule`. */
export function findingsOf(path, text, size = text.length) {
  const lines = text.split("\n");
  const file = { path, text, size, lines, prose: isDocument(path) ? proseOf(lines) : [] };
  return rules
    .filter((rule) => rule.of(path))
    .flatMap(({ says, find }) => find(file).map((line) => `${path}:${line}: ${says}`));
}

/** What is wrong with the files of the repository. */
export function findingsOfRepository() {
  const words = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const listed = execFileSync("git", words, { cwd: root, encoding: "utf8" });
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)) && !isScratch(path))
    .flatMap((path) => {
      const { size } = statSync(join(root, path));
      return findingsOf(path, readFileSync(join(root, path), "latin1"), size);
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const findings = findingsOfRepository();
  for (const finding of findings) console.error(finding);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
