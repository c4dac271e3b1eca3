// SPDX-License-Identifier: Apache-2.0
// A server in this process: the services over their rooms, a transport that reaches them without a byte
// being written, and the control over all of it.
import {
  AdjustableClock,
  type Clock,
  silentLogger,
  systemClock,
  systemRandom,
} from "@spandrel/base";
import { createLocalTransport, Router, type Transport } from "@spandrel/rpc";
import { createNodeDisk } from "@spandrel/store";
import { createControl, type ServerControl } from "../control/control.ts";
import { DiskFaults } from "../control/disk-faults.ts";
import { Operations } from "../instance/operations.ts";
import { Registry, type RegistryOptions } from "../instance/registry.ts";
import { documentedLimits } from "../limits/limits.ts";
import { serveDatabaseAdmin } from "../service/database-admin.ts";
import { serveInstanceAdmin } from "../service/instance-admin.ts";
import type { Packed } from "../service/operation-messages.ts";
import { serveOperations } from "../service/operations-service.ts";
import { serveSpanner } from "../service/spanner.ts";
import type { OpenOptions, ServerOptions } from "./options.ts";
import { boundRequests } from "./request-size.ts";

/** A Spanner in this process. */
export interface EmbeddedServer {
  /** Calls the server with no socket between: hand it to a client. */
  readonly transport: Transport;
  /** Everything that is served, for whoever listens. */
  readonly router: Router;
  /** For tests and tools: faults, time, a log of requests, live data, forks, snapshots and dumps. */
  readonly control: ServerControl;
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
  const context = contextOf(options);
  return serve(new Registry(context), context);
}

/** A Spanner in this process whose databases are kept in a folder. */
export interface OpenServer extends EmbeddedServer {
  /** Returns when everything is on the disk and the folder is free; calls after that fail. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a server in this process with all that it has kept in a folder; an empty one the first time.
 * What it acknowledges from now on is there when the folder is opened again, whatever happens in
 * between. Sessions, open transactions and forks are not kept. A database whose files are damaged
 * answers each call with DATA_LOSS, and the place of the damage.
 *
 * @throws {StatusError} FAILED_PRECONDITION when another server has the folder, or it cannot be used;
 * DATA_LOSS when the list of databases is damaged.
 */
export async function openServer(options: OpenOptions): Promise<OpenServer> {
  const context = contextOf(options);
  const { directory, disk = createNodeDisk() } = options;
  const home = { disk: context.diskFaults.intercept(disk), directory };
  const registry = await Registry.open(context, home);
  const close = () => registry.close();
  return { ...serve(registry, context), close, [Symbol.asyncDispose]: close };
}

/** What the rooms work with. */
interface Context extends RegistryOptions {
  readonly clock: AdjustableClock;
  /** The clock underneath: deadlines are the caller's, and go on while the server's time stands. */
  readonly callersClock: Clock;
  readonly diskFaults: DiskFaults;
}

function contextOf(options: ServerOptions): Context {
  const { random = systemRandom, logger = silentLogger } = options;
  const callersClock = options.clock ?? systemClock;
  const clock = new AdjustableClock(callersClock);
  const limits = { ...documentedLimits, ...options.limits };
  return { clock, callersClock, random, logger, limits, diskFaults: new DiskFaults(clock) };
}

function serve(registry: Registry, context: Context): EmbeddedServer {
  const { clock, callersClock, random, limits, logger, diskFaults } = context;
  const operations = new Operations<Packed, Packed>(random);
  const plain = new Router();
  const places = serveSpanner(plain, { registry, clock, random, limits });
  const admin = { registry, operations, clock, limits, logger };
  serveInstanceAdmin(plain, admin);
  serveDatabaseAdmin(plain, admin);
  serveOperations(plain, admin);
  const { control, router } = createControl({
    clock,
    places,
    diskFaults,
    disk: createNodeDisk(),
    router: boundRequests(plain, limits),
  });
  const transport = createLocalTransport(router, { clock: callersClock, logger, random });
  return { router, transport, control };
}
