// SPDX-License-Identifier: Apache-2.0
// A server on two ports: gRPC on the one, REST on the other, and both on either.
import { fromBase64, silentLogger, systemClock } from "@spandrel/base";
import { descriptorSetBase64 } from "@spandrel/protocol/descriptors";
import { createRestHandler, type Listener, listen } from "@spandrel/rpc/serve";
import { createServer } from "./embedded.ts";
import { operationRules } from "./operation-rules.ts";
import { defaultPort, defaultRestPort, type ListeningOptions } from "./options.ts";

/** A server that listens. */
export interface ListeningServer {
  /** `host:port` for gRPC; what SPANNER_EMULATOR_HOST has to say. */
  readonly grpcAddress: string;
  /** `host:port` for REST. */
  readonly restAddress: string;
  /** Ends calls after `graceMillis` (default 0) and closes both ports; harmless when done before. */
  close(options?: { readonly graceMillis?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a server. All that it holds is gone when it is closed.
 *
 * @throws {StatusError} UNAVAILABLE when a port cannot be had; the text names it.
 */
export async function startServer(options: ListeningOptions = {}): Promise<ListeningServer> {
  const { host = "127.0.0.1", port = defaultPort, restPort = defaultRestPort } = options;
  const { clock = systemClock, logger = silentLogger } = options;
  const { router } = createServer(options);
  const rest = createRestHandler({ router, descriptorSet, rules: operationRules, clock, logger });
  const common = { router, rest, host, clock, logger };
  const grpcListener = await listen({ ...common, port });
  let restListener: Listener;
  try {
    restListener = await listen({ ...common, port: restPort });
  } catch (thrown) {
    await grpcListener.close();
    throw thrown;
  }
  const close: ListeningServer["close"] = async (closing) => {
    await Promise.all([grpcListener.close(closing), restListener.close(closing)]);
  };
  return {
    grpcAddress: grpcListener.address,
    restAddress: restListener.address,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function descriptorSet(): Uint8Array {
  return fromBase64(descriptorSetBase64) ?? new Uint8Array();
}
