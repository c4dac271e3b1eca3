// SPDX-License-Identifier: Apache-2.0
// Every option of a server, its default and its unit.
import type { Clock, Logger, Random } from "@spandrel/base";
import type { Disk } from "@spandrel/store";
import type { Limits } from "../limits/limits.ts";

/** What a server in this process may be given. */
export interface ServerOptions {
  /** Time for sessions, timestamps and deadlines. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** Chance for ids and for functions such as GENERATE_UUID. Default: the machine's. */
  readonly random?: Random | undefined;
  /** Bounds that differ from those that Cloud Spanner documents. */
  readonly limits?: Partial<Limits> | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

/** What a server in this process that keeps its databases may be given. */
export interface OpenOptions extends ServerOptions {
  /** Where everything is kept; made when it is not there. One server at a time may use it. */
  readonly directory: string;
  /** Default: the machine's. */
  readonly disk?: Disk | undefined;
}

/** What a server that listens may be given. */
export interface ListeningOptions extends ServerOptions {
  /** The folder where everything is kept; default: nowhere, all is gone when the server is closed. */
  readonly dataDirectory?: string | undefined;
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string | undefined;
  /** The port for gRPC; 0 for any free one. Default 9010. */
  readonly port?: number | undefined;
  /** The port for REST; 0 for any free one. Default 9020. Either port answers both. */
  readonly restPort?: number | undefined;
  /**
   * Whether HTTP requests under `/spandrel/v1/` may do what `control` does: see the guide to testing.
   * Default: when `host` is a loopback address, and nobody else can reach it.
   */
  readonly control?: boolean | undefined;
}

/** The ports that clients of Spanner's emulator look for. */
export const defaultPort = 9010;
export const defaultRestPort = 9020;
