// SPDX-License-Identifier: Apache-2.0
// `npm run crash -- --rounds N --seed S`: kills a server N times while sixteen writers commit, and once
// lets it run out of room for its files. The exit code is 1 when anything acknowledged is not there.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { seededRandom, systemClock } from "@spandrel/base";
import { createBank, Ledger, startServer, verify, writeUntilGone } from "./crash.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "50" }, seed: { type: "string", default: "1" } },
});
const random = seededRandom(Number(values.seed));
const directory = await mkdtemp(join(tmpdir(), "spandrel-crash-"));
const ledger = new Ledger();
try {
  let server = await startServer(directory);
  await createBank(server);
  for (let round = 1; round <= Number(values.rounds); round++) {
    const writing = writeUntilGone(server, ledger, random);
    await systemClock.sleep(50 + random.next() * 500);
    server.process.kill("SIGKILL");
    await writing;
    const began = systemClock.monotonic();
    server = await startServer(directory);
    const millis = Number((systemClock.monotonic() - began) / 1_000_000n);
    await verify(server, ledger);
    console.log(
      `round ${round}: ${ledger.acknowledged.size} acknowledged, ${ledger.unknown.size} unknown, ` +
        `ready after ${millis} ms, nothing lost`,
    );
  }
  server.process.kill("SIGTERM");
  await server.ended;
  await fillDisk();
  console.log("ok");
} finally {
  await rm(directory, { recursive: true });
}

/** A server that may write only small files: it refuses commits, and keeps what it has. */
async function fillDisk(): Promise<void> {
  const small = await mkdtemp(join(tmpdir(), "spandrel-full-"));
  const kept = new Ledger();
  try {
    const server = await startServer(small, 400);
    await createBank(server);
    const writing = writeUntilGone(server, kept, random);
    const before = await untilNothingGoes(kept);
    await verify(server, kept);
    server.process.kill("SIGKILL");
    await writing;
    const again = await startServer(small);
    await verify(again, kept);
    const more = writeUntilGone(again, kept, random);
    await systemClock.sleep(500);
    again.process.kill("SIGKILL");
    await more;
    if (kept.acknowledged.size <= before) throw new Error("With room, nothing went on.");
    const last = await startServer(small);
    await verify(last, kept);
    last.process.kill("SIGTERM");
    await last.ended;
    console.log(
      `full disk: ${before} acknowledged before, ${kept.acknowledged.size} after, nothing lost`,
    );
  } finally {
    await rm(small, { recursive: true });
  }
}

/** Waits until no commit has been acknowledged for two seconds; how many were before. */
async function untilNothingGoes(ledger: Ledger): Promise<number> {
  for (let second = 0; second < 120; second += 2) {
    const before = ledger.acknowledged.size;
    await systemClock.sleep(2_000);
    if (before > 0 && ledger.acknowledged.size === before) return before;
  }
  throw new Error("The disk was not full after two minutes.");
}
