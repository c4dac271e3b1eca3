// SPDX-License-Identifier: Apache-2.0
// Golden scripts: what should happen, as text that a person reads and a machine replays.
//
//   # Two readers share a key; a writer waits for both.
//   t1: lock Singers/1 shared
//   t2: lock Singers/1 exclusive
//   ---
//   t1: granted
//   t2: waiting
//
// A block is commands, `---`, and what they gave; blank lines part the blocks, and a block of
// comments alone is prose. A command is one line, with the indented lines that follow it. `actor:`
// says who acts, `!` that the command must fail, `[tag]` asks for a view of something further in.
//
// A command that does not come to an end leaves its actor waiting; its result stands under the
// command that let it go on. Nobody may be left waiting at the end of a script.
//
// `GOLDEN=write npm test` records; without it, a block that differs, or has no result yet, fails.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { StatusError } from "@spandrel/base";

/** A line of a script. */
export interface GoldenCommand {
  /** Who acts; empty when nobody is named. */
  readonly actor: string;
  /** Whether the command is marked with `!`. */
  readonly mustFail: boolean;
  /** The views asked for in brackets. */
  readonly tags: readonly string[];
  /** The command itself; continued lines are kept apart by newlines. */
  readonly text: string;
}

/** What a script acts upon; each script gets a new one. */
export interface GoldenWorld {
  /** Carries a command out and gives what there is to show; a StatusError is a result as well. */
  run(command: GoldenCommand): string | Promise<string>;
  /** Lets everything happen that needs no time. By default, some turns of the event loop. */
  settle?(): Promise<void>;
  /** Whether the script waits for the command, whatever it takes: for time to pass, say. */
  mustEnd?(command: GoldenCommand): boolean;
}

/** Makes every script in a folder a test of its own. */
export function testGoldens(folder: URL, createWorld: (script: string) => GoldenWorld): void {
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".golden"));
  assert(scripts.length > 0, `no golden scripts in ${folder.pathname}`);
  for (const name of scripts.toSorted()) {
    test(`${folder.pathname.split("/").at(-2)}/${name}`, async () => {
      const file = new URL(name, folder);
      const recorded = readFileSync(file, "utf8");
      const actual = await replayGolden(recorded, createWorld(name));
      if (process.env["GOLDEN"] === "write") writeFileSync(file, actual);
      else compareGolden(recorded, actual);
    });
  }
}

/** Runs a script, and gives it as it would be recorded. */
export async function replayGolden(script: string, world: GoldenWorld): Promise<string> {
  const runner = new Runner(world);
  const replayed: string[] = [];
  for (const block of blocksOf(script)) {
    const end = block.indexOf("---");
    const lines = end < 0 ? block : block.slice(0, end);
    const commands = commandsOf(lines);
    if (commands.length === 0) {
      replayed.push(block.join("\n"));
      continue;
    }
    const output: string[] = [];
    for (const command of commands) output.push(...(await runner.run(command)));
    const shown = output.length === 0 ? ["(nothing)"] : output.map((line) => line || "¶");
    replayed.push([...lines, "---", ...shown].join("\n"));
  }
  runner.end();
  return `${replayed.join("\n\n")}\n`;
}

/** Compares a script with its replay, block by block. */
export function compareGolden(recorded: string, actual: string): void {
  const before = blocksOf(recorded);
  for (const [index, block] of blocksOf(actual).entries()) {
    const expected = before[index] ?? [];
    const end = block.indexOf("---");
    if (end >= 0 && !expected.includes("---")) {
      assert.fail(`Nothing is recorded yet for:\n${block.join("\n")}`);
    }
    if (block.join("\n") === expected.join("\n")) continue;
    const commands = block.slice(0, end).join("\n");
    const [was, is] = [expected, block].map((lines) => lines.slice(end + 1));
    assert.fail(`${commands}\n---\n${differenceOf(was ?? [], is ?? []).join("\n")}`);
  }
  assert(before.some(hasResult), "a script has at least one command");
}

function hasResult(block: readonly string[]): boolean {
  return block.includes("---");
}

/** The lines of both, those only in one marked, in the order of the lines that they share. */
function differenceOf(was: readonly string[], is: readonly string[]): readonly string[] {
  const lines: string[] = [];
  let next = 0;
  for (const line of was) {
    const at = is.indexOf(line, next);
    if (at < 0) {
      lines.push(`- ${line}`);
      continue;
    }
    for (const added of is.slice(next, at)) lines.push(`+ ${added}`);
    lines.push(`  ${line}`);
    next = at + 1;
  }
  return [...lines, ...is.slice(next).map((line) => `+ ${line}`)];
}

function blocksOf(script: string): readonly (readonly string[])[] {
  return script
    .trim()
    .split(/\n(?:[ \t]*\n)+/)
    .map((block) => block.split("\n"));
}

const form = /^(?:(?<actor>[\w-]+): )?(?<fails>! ?)?(?<tags>(?:\[\w+\] ?)*)(?<text>.*)$/s;

function commandsOf(lines: readonly string[]): readonly GoldenCommand[] {
  const joined: string[] = [];
  for (const line of lines) {
    if (line.startsWith("#")) continue;
    if (/^\s/.test(line) && joined.length > 0) joined.push(`${joined.pop()}\n${line}`);
    else joined.push(line);
  }
  return joined.map((line) => {
    const { actor = "", fails, tags = "", text = "" } = form.exec(line)?.groups ?? {};
    const mustFail = fails !== undefined;
    return { actor, mustFail, tags: [...tags.matchAll(/\w+/g)].map(([tag]) => tag), text };
  });
}

/** Who acts one after the other, and who is still at it. */
class Runner {
  readonly #world: GoldenWorld;
  readonly #waiting = new Set<GoldenCommand>();
  #output: string[] = [];
  #failure: unknown;

  constructor(world: GoldenWorld) {
    this.#world = world;
  }

  /** Runs a command until nothing happens any more, and gives what was to be seen meanwhile. */
  async run(command: GoldenCommand): Promise<readonly string[]> {
    this.#output = [];
    const done = this.#carryOut(command);
    this.#waiting.add(command);
    if (this.#world.mustEnd?.(command)) await done;
    await (this.#world.settle?.() ?? turns());
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#waiting.has(command)) this.#show(command, "waiting");
    return this.#output;
  }

  end(): void {
    const left = [...this.#waiting].map(({ actor, text }) => `${actor}: ${text}`);
    assert.deepEqual(left, [], "nobody is left waiting at the end of a script");
  }

  async #carryOut(command: GoldenCommand): Promise<void> {
    try {
      await undefined; // so that it is in the list of those that wait
      const result = await this.#world.run(command);
      this.#waiting.delete(command);
      if (command.mustFail) throw new Error(`should have failed: ${command.text}`);
      this.#show(command, result);
    } catch (thrown) {
      this.#waiting.delete(command);
      if (thrown instanceof StatusError && command.mustFail) {
        this.#show(command, `${thrown.codeName} ${thrown.message}`);
      } else {
        this.#failure ??= thrown;
      }
    }
  }

  #show({ actor }: GoldenCommand, result: string): void {
    if (result === "") return;
    const prefix = actor === "" ? "" : `${actor}: `;
    for (const line of result.split("\n")) this.#output.push(prefix + line);
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}
