// SPDX-License-Identifier: Apache-2.0
// Sessions that clients have left behind take no room for long: nobody has to ask for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import { documentedLimits } from "../limits/limits.ts";
import { Sessions, type SessionTemplate } from "./sessions.ts";

const regular: SessionTemplate = { labels: {}, creatorRole: "", isMultiplexed: false };
const database = (id: string) => `projects/p/instances/i/databases/${id}`;

test("sessions that have expired go while others are created, of whatever database", async () => {
  const clock = new VirtualClock();
  const sessions = new Sessions({ clock, random: seededRandom(1), limits: documentedLimits });
  const ended: string[] = [];
  sessions.onEnd = ({ name }) => ended.push(name);
  const left = Array.from({ length: 100 }, () => sessions.create(database("left"), regular).name);
  await clock.advance(61 * 60_000);
  const kept = Array.from({ length: 60 }, () => sessions.create(database("used"), regular).name);
  assert.deepEqual(ended.toSorted(), left.toSorted());
  for (const name of kept) sessions.use(name);
});
