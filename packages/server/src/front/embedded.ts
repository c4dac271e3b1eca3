// SPDX-License-Identifier: Apache-2.0
// A server in this process: the services over their rooms, and a transport that reaches them without
// a byte being written.
import { silentLogger, systemClock, systemRandom } from "@spandrel/base";
import { createLocalTransport, Router, type Transport } from "@spandrel/rpc";
import { Operations } from "../instance/operations.ts";
import { Registry } from "../instance/registry.ts";
import { documentedLimits } from "../limits/limits.ts";
import { serveDatabaseAdmin } from "../service/database-admin.ts";
import { serveInstanceAdmin } from "../service/instance-admin.ts";
import type { Packed } from "../service/operation-messages.ts";
import { serveOperations } from "../service/operations-service.ts";
import { serveSpanner } from "../service/spanner.ts";
import type { ServerOptions } from "./options.ts";

/** A Spanner in this process. */
export interface EmbeddedServer {
  /** Calls the server with no socket between: hand it to a client. */
  readonly transport: Transport;
  /** Everything that is served, for whoever listens. */
  readonly router: Router;
}

/**
 * Makes a server in this process. It listens nowhere, and has nothing in it.
 *
 * ```ts
 * import { createServer } from "@spandrel/server";
 * import { Client } from "@spandrel/client";
 *
 * const { transport } = createServer();
 * await using client = new Client({ project: "test", transport });
 * const instance = client.instance("main");
 * await (await instance.create()).result();
 * console.log(await instance.exists()); // → true
 * ```
 */
export function createServer(options: ServerOptions = {}): EmbeddedServer {
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
  const limits = { ...documentedLimits, ...options.limits };
  const registry = new Registry({ clock, random, limits, logger });
  const operations = new Operations<Packed, Packed>(random);
  const router = new Router();
  serveSpanner(router, { registry, clock, random, limits });
  serveInstanceAdmin(router, { registry, operations, clock });
  serveDatabaseAdmin(router, { registry, operations, clock });
  serveOperations(router, { registry, operations, clock });
  return { router, transport: createLocalTransport(router, { clock, logger, random }) };
}
