// SPDX-License-Identifier: Apache-2.0
// `spandrel start`: a server on two ports, until it is told to stop.
import { parseArgs } from "node:util";
import { type Logger, StatusError } from "@spandrel/base";
import { defaultPort, defaultRestPort, type ListeningOptions, startServer } from "@spandrel/server";
import type { Console } from "../console.ts";
import { UsageError } from "../usage-error.ts";

/** How long calls in flight may go on once the server was told to stop. */
const graceMillis = 1_000;

/** Serves until the console's signal; gives the exit code. */
export async function start(words: readonly string[], console: Console): Promise<number> {
  const options = { ...readOptions(words), logger: warningsTo(console) };
  try {
    const server = await startServer(options);
    console.out(`spandrel ready grpc=${server.grpcAddress} rest=${server.restAddress}`);
    console.out(
      `Point any Spanner client at it: export SPANNER_EMULATOR_HOST=${server.grpcAddress}`,
    );
    await stopped(console.stop);
    await server.close({ graceMillis });
    return 0;
  } catch (thrown) {
    if (!(thrown instanceof StatusError)) throw thrown;
    console.error(thrown.message);
    return 1;
  }
}

/**
 * Reads the options of `start`.
 *
 * @throws {UsageError} for an option that is unknown, or a port that is none.
 */
function readOptions(words: readonly string[]): ListeningOptions {
  const options = {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: String(defaultPort) },
    "rest-port": { type: "string", default: String(defaultRestPort) },
    data: { type: "string" },
    control: { type: "boolean" },
  } as const;
  try {
    const { values } = parseArgs({
      args: [...words],
      options,
      strict: true,
      allowNegative: true,
    });
    return {
      host: values.host,
      port: portOf("--port", values.port),
      restPort: portOf("--rest-port", values["rest-port"]),
      dataDirectory: values.data,
      control: values.control,
    };
  } catch (thrown) {
    if (thrown instanceof TypeError) throw new UsageError(`${thrown.message.split(". ")[0]}.`);
    throw thrown;
  }
}

/** What an operator has to know, and nothing else, a line each. */
function warningsTo(console: Console): Logger {
  return {
    log(level, event, fields = {}) {
      if (level !== "warn" && level !== "error") return;
      console.error(`${level}: ${event} ${JSON.stringify(fields)}`);
    },
  };
}

function portOf(option: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) {
    throw new UsageError(`${option} takes a port from 0 to 65535, not "${text}".`);
  }
  return port;
}

function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
}
