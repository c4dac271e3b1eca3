// SPDX-License-Identifier: Apache-2.0
// A server on two ports: gRPC on the one, REST on the other, and both on either. Requests for the control
// come to the same ports, under a path of their own.
import { fromBase64, silentLogger, systemClock } from "@spandrel/base";
import { descriptorSetBase64 } from "@spandrel/protocol/descriptors";
import { createRestHandler, type Listener, listen } from "@spandrel/rpc/serve";
import type { ServerControl } from "../control/control.ts";
import { isLoopback } from "../control/guard.ts";
import { createControlHandler } from "../control/http.ts";
import { createServer, openServer } from "./embedded.ts";
import { operationRules } from "./operation-rules.ts";
import { defaultPort, defaultRestPort, type ListeningOptions } from "./options.ts";

/** A server that listens. */
export interface ListeningServer {
  /** `host:port` for gRPC; what SPANNER_EMULATOR_HOST has to say. */
  readonly grpcAddress: string;
  /** `host:port` for REST. */
  readonly restAddress: string;
  /** For tests and tools: faults, time, a log of requests, live data, forks, snapshots and dumps. */
  readonly control: ServerControl;
  /** Ends calls after `graceMillis` (default 0) and closes both ports; harmless when done before. */
  close(options?: { readonly graceMillis?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a server. Without a folder, all that it holds is gone when it is closed.
 *
 * @throws {StatusError} UNAVAILABLE when a port cannot be had; the text names it. As `openServer` does
 * for a folder.
 */
export async function startServer(options: ListeningOptions = {}): Promise<ListeningServer> {
  const { host = "127.0.0.1", port = defaultPort, restPort = defaultRestPort } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const { dataDirectory: directory } = options;
  const server = directory === undefined ? undefined : await openServer({ ...options, directory });
  const { router, control } = server ?? createServer(options);
  const plain = createRestHandler({ router, descriptorSet, rules: operationRules, clock, logger });
  const isControlled = options.control ?? isLoopback(host);
  const rest = isControlled ? createControlHandler({ control, host, logger, rest: plain }) : plain;
  const common = { router, rest, host, clock, logger };
  const listeners: Listener[] = [];
  const close: ListeningServer["close"] = async (closing) => {
    await Promise.all(listeners.map((each) => each.close(closing)));
    await server?.close();
  };
  try {
    for (const each of [port, restPort]) listeners.push(await listen({ ...common, port: each }));
  } catch (thrown) {
    await close();
    throw thrown;
  }
  const [grpcAddress = "", restAddress = ""] = listeners.map(({ address }) => address);
  return {
    grpcAddress,
    restAddress,
    control,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function descriptorSet(): Uint8Array {
  return fromBase64(descriptorSetBase64) ?? new Uint8Array();
}
