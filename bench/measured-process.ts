// SPDX-License-Identifier: Apache-2.0
// A process that holds one client and does what it is told, so that its processor time is the client's.
// Arguments: the module of the contender, the server's address.
import type { Contender, Cost, SmallWork, Task } from "./contender.ts";

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
    case "small":
      return costOf(() => workFor(task.work, task.millis, task.inFlight));
    case "rows":
      return costOf(contender.rows[task.way]);
    case "stream many":
      return costOf(contender.streamMany);
    case "close":
      await contender.close();
      process.disconnect();
      return undefined;
  }
}

/** So many workers, each with one piece of work at a time on a row of its own, for a time. */
async function workFor(work: SmallWork, millis: number, inFlight: number): Promise<number> {
  const end = performance.now() + millis;
  let count = 0;
  const perform = contender.small[work];
  const worker = async (id: number): Promise<void> => {
    while (performance.now() < end) {
      await perform(id);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, id) => worker(id)));
  return count;
}

async function costOf(work: () => Promise<number>): Promise<Cost> {
  const bytesBefore = process.memoryUsage.rss();
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const count = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMicros = (performance.now() - wallBefore) * 1_000;
  const peakBytes = process.resourceUsage().maxRSS * 1_024;
  return {
    count,
    cpuMicros: user + system,
    wallMicros,
    peakBytes,
    growthBytes: peakBytes - bytesBefore,
  };
}
