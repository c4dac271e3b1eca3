// SPDX-License-Identifier: Apache-2.0
// The embedded server: Spanner's own protocol, in this process or on two ports.
export {
  createServer,
  type EmbeddedServer,
  type OpenServer,
  openServer,
} from "./front/embedded.ts";
export { type ListeningServer, startServer } from "./front/listening.ts";
export {
  defaultPort,
  defaultRestPort,
  type ListeningOptions,
  type OpenOptions,
  type ServerOptions,
} from "./front/options.ts";
export { documentedLimits, type Limits } from "./limits/limits.ts";
