// SPDX-License-Identifier: Apache-2.0
// `npm run simulate -- --seed N --count M`: runs M seeds from N on; the exit code is 1 when one of them
// shows a problem. The seed is printed first, so that a run that hangs can be repeated too.
import { parseArgs } from "node:util";
import { findProblems } from "./history.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: { seed: { type: "string", default: "1" }, count: { type: "string", default: "1" } },
});
const first = Number(values.seed);
let failed = 0;
for (let seed = first; seed < first + Number(values.count); seed++) {
  process.stdout.write(`seed ${seed}: `);
  const history = await simulate({ seed });
  const problems = findProblems(history);
  console.log(
    `${history.log.size} committed, ${history.looked.length} snapshots, ${problems.length} problems`,
  );
  for (const problem of problems) console.log(`  ${problem}`);
  failed += Number(problems.length > 0);
}
process.exitCode = failed === 0 ? 0 : 1;
