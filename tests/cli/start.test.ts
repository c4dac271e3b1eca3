// SPDX-License-Identifier: Apache-2.0
// The command `spandrel`, as somebody types it: its own process, its real ports, its signals.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const command = fileURLToPath(new URL("../../packages/cli/bin/spandrel.mjs", import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function run(...words: string[]): {
  child: ChildProcess;
  ended: Promise<Ended>;
  ready: Promise<string>;
} {
  const child = spawn(process.execPath, [command, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let [out, error] = ["", ""];
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      out += chunk;
      if (out.split("\n").length > 2) resolve(out);
    });
    child.once("exit", () => reject(new Error(`ended before it was ready: ${out}${error}`)));
  });
  ready.catch(() => undefined);
  child.stderr.on("data", (chunk) => {
    error += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code) => resolve({ code, out, error }));
  });
  return { child, ended, ready };
}

test("start prints its real ports, answers on both, and ends with 0 when told to", async () => {
  const signals = [
    { signal: "SIGINT", isForGroup: false },
    { signal: "SIGTERM", isForGroup: false },
    // What Ctrl-C on a terminal does: everybody in the foreground hears of it at once.
    { signal: "SIGINT", isForGroup: true },
  ] as const;
  for (const { signal, isForGroup } of signals) {
    const { child, ended, ready } = run("start", "--port", "0", "--rest-port", "0");
    const [line = "", hint = ""] = (await ready).split("\n");
    const match = /^spandrel ready grpc=(127\.0\.0\.1:\d+) rest=(127\.0\.0\.1:\d+)$/.exec(line);
    assert.ok(match, line);
    assert.ok(hint.endsWith(`SPANNER_EMULATOR_HOST=${match[1]}`), hint);
    for (const address of [match[1], match[2]]) {
      const response = await fetch(`http://${address}/v1/projects/p/instances`);
      assert.equal(response.status, 200);
    }
    const { pid = 0 } = child;
    process.kill(isForGroup ? -pid : pid, signal);
    assert.equal((await ended).code, 0, `${signal} ${isForGroup ? "to the group" : ""}`);
  }
});

test("a port that is taken is named, and the exit code is 1", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const address = other.address();
  assert.ok(typeof address === "object" && address !== null);
  const { code, error } = await run("start", "--port", String(address.port), "--rest-port", "0")
    .ended;
  other.close();
  assert.equal(code, 1);
  assert.match(error, new RegExp(`127\\.0\\.0\\.1:${address.port}`));
});

test("what the command does not understand is said in one line, and the exit code is 2", async () => {
  const cases: [string[], RegExp][] = [
    [[], /^Usage: spandrel/],
    [["strat"], /^Unknown command "strat"\. Try `spandrel --help`\.\n$/],
    [["start", "--port", "65536"], /^--port takes a port from 0 to 65535, not "65536"\./],
    [["start", "--prot", "1"], /^Unknown option '--prot'\./],
  ];
  for (const [words, expected] of cases) {
    const { code, error, out } = await run(...words).ended;
    assert.match(error, expected);
    assert.deepEqual([code, out], [2, ""]);
  }
});

test("help and version are answers, not errors", async () => {
  const help = await run("--help").ended;
  assert.match(help.out, /--rest-port PORT/);
  const version = await run("--version").ended;
  assert.match(version.out, /^\d+\.\d+\.\d+\n$/);
  assert.deepEqual([help.code, version.code, help.error], [0, 0, ""]);
});
