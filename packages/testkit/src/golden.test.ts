// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { Code, StatusError } from "@spandrel/base";
import { compareGolden, type GoldenWorld, replayGolden } from "./golden.ts";

/** A world of one door: `enter` waits until somebody says `open`. */
function doorWorld(): GoldenWorld {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    run: async ({ text, tags }) => {
      if (text === "enter") await promise;
      if (text === "open") resolve();
      if (text === "break") throw new StatusError(Code.ABORTED, "the door broke");
      if (text === "trip") throw new TypeError("our own mistake");
      return tags.length > 0 ? `${text}, seen by ${tags.join(" and ")}` : text;
    },
  };
}

const replay = (script: string) => replayGolden(script, doorWorld());

test("each command's output stands under its block, with the name of who acted", async () => {
  assert.equal(
    await replay("# prose\n\n# a remark\nann: knock\nlook\n\nbob: [ears] [eyes] peep\n"),
    "# prose\n\n# a remark\nann: knock\nlook\n---\nann: knock\nlook\n\n" +
      "bob: [ears] [eyes] peep\n---\nbob: peep, seen by ears and eyes\n",
  );
});

test("who waits is said so, and goes on under the command that lets it", async () => {
  assert.equal(
    await replay("ann: enter\nlook\n\nbob: open"),
    "ann: enter\nlook\n---\nann: waiting\nlook\n\nbob: open\n---\nbob: open\nann: enter\n",
  );
});

test("nobody is left waiting at the end of a script", async () => {
  await assert.rejects(replay("ann: enter"), /left waiting/);
});

test("a command marked as failing shows its error, and may not succeed", async () => {
  assert.equal(await replay("ann: ! break"), "ann: ! break\n---\nann: ABORTED the door broke\n");
  await assert.rejects(replay("! open"), /should have failed/);
  await assert.rejects(replay("break"), /the door broke/);
});

test("an error that is no status is a mistake of ours, marked or not", async () => {
  await assert.rejects(replay("! trip"), TypeError);
});

test("indented lines belong to the command above; an empty line of output is shown", async () => {
  assert.equal(await replay("say\n  a"), "say\n  a\n---\nsay\n  a\n");
  const blank: GoldenWorld = { run: () => "a\n\nb" };
  assert.equal(await replayGolden("x", blank), "x\n---\na\n¶\nb\n");
});

test("a replay replaces what was recorded, and is a fixed point", async () => {
  const once = await replay("look\n---\nold words");
  assert.equal(once, "look\n---\nlook\n");
  assert.equal(await replay(once), once);
});

test("a difference is told by its block, line by line", () => {
  const recorded = "first\n---\nsame\n\nlook\n---\na\nb\n";
  compareGolden(recorded, recorded);
  assert.throws(
    () => compareGolden(recorded, "first\n---\nsame\n\nlook\n---\na\nc\n"),
    (error: Error) => error.message === "look\n---\n  a\n- b\n+ c",
  );
});

test("a script without results, or without commands, does not pass", async () => {
  assert.throws(() => compareGolden("look\n", "look\n---\nlook\n"), /Nothing is recorded yet/);
  assert.throws(() => compareGolden("# prose\n", "# prose\n"), /at least one command/);
});

test("GOLDEN=write records what the next run compares with", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "golden-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const script = join(folder, "one.golden");
  const program = join(folder, "program.mjs");
  writeFileSync(script, "look\n");
  const testGoldens = JSON.stringify(new URL("golden.ts", import.meta.url));
  const scripts = JSON.stringify(pathToFileURL(`${folder}/`));
  writeFileSync(
    program,
    `import { testGoldens } from ${testGoldens};
    testGoldens(new URL(${scripts}), () => ({ run: ({ text }) => text }));`,
  );
  const run = (environment: Record<string, string>) =>
    spawnSync(process.execPath, ["--conditions=source", program], { env: environment }).status;
  assert.equal(run({}), 1, "nothing is recorded yet");
  assert.equal(run({ GOLDEN: "write" }), 0);
  assert.equal(readFileSync(script, "utf8"), "look\n---\nlook\n");
  assert.equal(run({}), 0);
  writeFileSync(script, "look\n---\nlooked\n");
  assert.equal(run({}), 1, "what was recorded is something else");
});
