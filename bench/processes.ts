// SPDX-License-Identifier: Apache-2.0
// Starting the processes of a run, asking them, and ending them whatever happens.
import { type ChildProcess, execFile, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Cost, Task } from "./contender.ts";

/** The environment of measured processes: Google's client asks no metadata server, sends no metrics. */
export function environmentFor(address: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    SPANNER_EMULATOR_HOST: address,
    GOOGLE_CLOUD_PROJECT: "bench",
    METADATA_SERVER_DETECTION: "none",
    SPANNER_DISABLE_BUILTIN_METRICS: "true",
  };
}

/** A process that answers each message with one message. */
class AnsweringProcess implements AsyncDisposable {
  readonly #child: ChildProcess;

  constructor(file: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    this.#child = fork(pathOf(file), args, { env: environment });
  }

  /** The next message; fails when the process ends instead. */
  async next<Answer>(): Promise<Answer> {
    const stopped = new AbortController();
    const ended = once(this.#child, "exit", { signal: stopped.signal }).then(([code, signal]) => {
      throw new Error(`${this.#child.spawnargs.at(-2)} ended with ${code ?? signal}`);
    });
    const answer = once(this.#child, "message", { signal: stopped.signal });
    try {
      const [message] = await Promise.race([answer, ended]);
      return message as Answer;
    } finally {
      stopped.abort();
      // The one that lost the race is called off; nobody waits for it.
      await Promise.allSettled([answer, ended]);
    }
  }

  ask<Answer>(message: object): Promise<Answer> {
    const answer = this.next<Answer>();
    this.#child.send(message);
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, "exit");
    // Google's client listens for SIGTERM and goes on.
    this.#child.kill("SIGKILL");
    await ended;
  }
}

/** The server's process. */
export class ServerProcess extends AnsweringProcess {
  static async start(): Promise<{ server: ServerProcess; address: string }> {
    const server = new ServerProcess("server-process.ts", [], { PATH: process.env["PATH"] });
    const { address } = await server.next<{ address: string }>();
    return { server, address };
  }

  /** Processor time since its start, in microseconds. */
  async cpuMicros(): Promise<number> {
    return (await this.ask<{ cpuMicros: number }>({})).cpuMicros;
  }
}

/** A client's process. */
export class ClientProcess extends AnsweringProcess {
  static async start(module: string, address: string): Promise<ClientProcess> {
    const environment = environmentFor(address);
    const client = new ClientProcess("measured-process.ts", [module, address], environment);
    await client.next();
    return client;
  }

  /** Lets it do something, which is not to close, and gives what it took. */
  async perform(task: Task): Promise<Cost> {
    const { cost, failure } = await this.ask<{ cost?: Cost; failure?: string }>(task);
    if (failure !== undefined || cost === undefined) throw new Error(failure);
    return cost;
  }
}

/** Runs a program that prints what its first row cost. */
export async function firstRow(file: string, address: string): Promise<Cost> {
  const { stdout } = await promisify(execFile)(process.execPath, [pathOf(file)], {
    env: environmentFor(address),
    timeout: 30_000,
    killSignal: "SIGKILL",
  });
  return { count: 1, ...(JSON.parse(stdout) as Omit<Cost, "count">) };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
