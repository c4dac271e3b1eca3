// SPDX-License-Identifier: Apache-2.0
// The machine that the server runs on: its disk forgets what was not synced when the power fails, and
// some time later the server is there again, with what the disk has kept. Calls that were under way get
// no answer, and calls in between find nobody.
import { type Clock, Code, type Random, StatusError, seededRandom } from "@spandrel/base";
import type { CallOptions, Method, Transport } from "@spandrel/rpc";
import { type OpenServer, openServer } from "@spandrel/server";
import { FaultyDisk } from "@spandrel/testkit";

/** What a machine is made of. */
export interface MachineOptions {
  readonly clock: Clock;
  readonly seed: number;
}

/** See the top of this file. */
export class Machine implements Transport {
  readonly disk: FaultyDisk;
  readonly #options: MachineOptions;
  readonly #random: Random;
  #server: OpenServer | undefined;
  /** Rises with every crash. */
  #life = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.disk = new FaultyDisk({ seed: options.seed });
    this.disk.behavior.wait = () => {
      const millis = this.#random.next() * 3;
      return millis < 1 ? undefined : options.clock.sleep(millis);
    };
  }

  /** How often the power has failed. */
  get crashes(): number {
    return this.#life;
  }

  /** Starts the server with what is on the disk. */
  async start(): Promise<void> {
    const life = this.#life;
    const { clock, seed } = this.#options;
    const server = await openServer({
      clock,
      random: seededRandom(seed + life),
      disk: this.disk.mount(),
      directory: "data",
    });
    if (life === this.#life) this.#server = server;
  }

  /** The power fails. */
  crash(): void {
    this.#life++;
    this.#server = undefined;
    this.disk.crash();
  }

  async unary<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response> {
    const life = this.#life;
    const { transport } = this.#running();
    try {
      return await transport.unary(method, request, options);
    } finally {
      this.#requireAlive(life);
    }
  }

  async *serverStream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): AsyncIterableIterator<Response> {
    const life = this.#life;
    const { transport } = this.#running();
    try {
      for await (const message of transport.serverStream(method, request, options)) {
        this.#requireAlive(life);
        yield message;
      }
    } finally {
      this.#requireAlive(life);
    }
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }

  #running(): OpenServer {
    if (this.#server === undefined) throw noAnswer("Nobody listens.");
    return this.#server;
  }

  #requireAlive(life: number): void {
    if (life !== this.#life) throw noAnswer("The machine went down.");
  }
}

function noAnswer(message: string): StatusError {
  return new StatusError(Code.UNAVAILABLE, message);
}
