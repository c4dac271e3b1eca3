// SPDX-License-Identifier: Apache-2.0
// A process that holds one client and does what it is told, so that its processor time is the client's.
// Arguments: the module of the contender, the server's address.
import type { Contender, Cost, Task } from "./contender.ts";

const [module = "", address = ""] = process.argv.slice(2);
const { connect } = (await import(module)) as { connect: (address: string) => Contender };
const contender = connect(address);

process.on("message", (task: Task) => {
  perform(task).then(
    (cost) => process.send?.({ cost }),
    (error: unknown) => process.send?.({ failure: String(error) }),
  );
});
process.send?.({ cost: undefined });

async function perform(task: Task): Promise<Cost | undefined> {
  switch (task.kind) {
    case "select one":
      return costOf(() => callFor(task.millis, task.inFlight));
    case "rows": {
      const read = contender.rows[task.way];
      return read === undefined ? undefined : costOf(read);
    }
    case "close":
      await contender.close();
      process.disconnect();
      return undefined;
  }
}

/** So many callers, each with one call at a time, until the time is over. */
async function callFor(millis: number, inFlight: number): Promise<number> {
  const end = performance.now() + millis;
  let count = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await contender.selectOne();
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return count;
}

async function costOf(work: () => Promise<number>): Promise<Cost> {
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const count = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMicros = (performance.now() - wallBefore) * 1_000;
  return { count, cpuMicros: user + system, wallMicros };
}
