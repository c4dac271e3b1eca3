// SPDX-License-Identifier: Apache-2.0
// A client of a scripted server in this process, on a clock that the test turns.
import { seededRandom } from "@spandrel/base";
import { Client, type ClientOptions } from "@spandrel/client";
import { createLocalTransport } from "@spandrel/rpc";
import type { ScriptedServer, VirtualClock } from "@spandrel/testkit";

/** Makes a client that calls the server, knows no environment, and is always as lucky. */
export function scriptedClient(
  { router }: ScriptedServer,
  clock: VirtualClock,
  options: ClientOptions = {},
): Client {
  return new Client({
    project: "p",
    transport: createLocalTransport(router, { clock }),
    clock,
    random: seededRandom(1),
    environment: {},
    ...options,
  });
}
