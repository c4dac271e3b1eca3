// SPDX-License-Identifier: Apache-2.0
// The rules of the floors, made from tools/floors.mjs.
import { packages, rooms, runsAnywhere } from "./tools/floors.mjs";

const names = Object.keys(packages);
const source = (name) => `^packages/${name}/src/`;
const anyOf = (list) => `(${list.join("|")})`;

const packageRules = names.map((name) => ({
  name: `floor-${name}`,
  comment: `${name} may import only: ${packages[name].join(", ") || "nothing"}.`,
  severity: "error",
  from: { path: source(name), pathNot: "\\.test\\.ts$" },
  to: {
    path: `^packages/${anyOf(names.filter((other) => other !== name && !packages[name].includes(other)))}/`,
  },
}));

const testRules = names
  .filter((name) => name !== "testkit")
  .map((name) => ({
    name: `test-floor-${name}`,
    comment: `Tests of ${name} may import what ${name} may, and testkit.`,
    severity: "error",
    from: { path: `^packages/${name}/.*\\.test\\.ts$` },
    to: {
      path: `^packages/${anyOf(
        names.filter((other) => ![name, "testkit", ...packages[name]].includes(other)),
      )}/`,
    },
  }));

const doorRules = names.map((name) => ({
  name: `door-of-${name}`,
  comment: `Enter ${name} through one of its doors, the files that its package.json exports.`,
  severity: "error",
  from: { pathNot: `^packages/${name}/` },
  to: {
    path: source(name),
    pathNot: `^packages/${name}/src/(index|admin|descriptors|in-process|serve)\\.ts$`,
  },
}));

/** A room may use every line above its own in the table; its own line and those below are barred. */
const roomRules = Object.entries(rooms).flatMap(([name, lines]) =>
  lines.flatMap((line, depth) =>
    line.map((room) => {
      const barred = lines
        .slice(depth)
        .flat()
        .filter((other) => other !== room);
      return {
        name: `room-${name}-${room}`,
        comment: `${name}/${room} stands on line ${depth + 1} and may look down only.`,
        severity: "error",
        from: { path: `${source(name)}${room}/` },
        to: { path: `${source(name)}(${anyOf(barred.length > 0 ? barred : ["-"])}/|[^/]+\\.ts$)` },
      };
    }),
  ),
);

/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    ...packageRules,
    ...testRules,
    ...doorRules,
    ...roomRules,
    {
      name: "runs-anywhere",
      comment: `${runsAnywhere.join(", ")} run in a browser too: no Node modules.`,
      severity: "error",
      from: { path: `^packages/${anyOf(runsAnywhere)}/src/`, pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-cycles",
      severity: "error",
      // The types of the SQL tree are one recursive definition, told in several files.
      from: { pathNot: "(/gen/|^packages/sql/src/tree/)" },
      to: { circular: true },
    },
    {
      name: "dead-file",
      comment: "A file that nothing imports is dead.",
      severity: "error",
      from: {
        orphan: true,
        path: "^packages/[^/]+/src/",
        pathNot: "(\\.test\\.ts|index\\.ts|main\\.ts|/gen/.*)$",
      },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: "(node_modules|/dist/)" },
    exclude: { path: "/dist/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["source", "import", "node"],
    },
  },
};
