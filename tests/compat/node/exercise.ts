// SPDX-License-Identifier: Apache-2.0
// Tells every story to the server that SPANNER_EMULATOR_HOST names, one line of JSON per story.
// Google's client is used as it comes from its package; no story knows which server it talks to.
import * as client from "@google-cloud/spanner";
import { schema } from "./schema.ts";
import { stories } from "./stories/index.ts";
import type { Report, Story, World } from "./story.ts";

const instanceId = "compat";
const databaseId = `compat-${process.pid}`;

const world = await createWorld();
for (const story of stories) console.log(JSON.stringify(await reportOf(story, world)));
await world.database.close();
await world.spanner.close();

async function createWorld(): Promise<World> {
  const spanner = new client.Spanner({ projectId: "test" });
  const [instance, instanceCreation] = await spanner.createInstance(instanceId, {
    config: "emulator-config",
    nodes: 1,
    displayName: "Compatibility",
  });
  await instanceCreation.promise();
  const [database, databaseCreation] = await instance.createDatabase(databaseId, { schema });
  await databaseCreation.promise();
  return { client, spanner, instance, database };
}

async function reportOf(story: Story, told: World): Promise<Report> {
  const began = performance.now();
  const millis = (): number => Math.round(performance.now() - began);
  try {
    return { story: story.name, told: await story.tell(told), millis: millis() };
  } catch (thrown) {
    const failure = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    return { story: story.name, failure, millis: millis() };
  }
}
