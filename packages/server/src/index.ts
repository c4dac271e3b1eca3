// SPDX-License-Identifier: Apache-2.0
// The embedded server: Spanner's own protocol, in this process or on two ports.
export type { AdjustableClock } from "@spandrel/base";
export type {
  Fault,
  FaultRule,
  FaultStatus,
  Faults,
  LoggedRequest,
  Occasion,
  RequestLog,
} from "@spandrel/rpc";
export type { DiskOperation } from "@spandrel/store";
export type { ServerControl } from "./control/control.ts";
export type { BytePieces, DatabaseTools, DumpOptions } from "./control/databases.ts";
export type { DiskFault, DiskFaultRule, DiskFaults } from "./control/disk-faults.ts";
export type { DumpFormat } from "./control/dump-text.ts";
export type { LiveData, LiveLock, LiveSession, LiveTransaction } from "./control/live-data.ts";
export type { LoadSummary, TextPieces } from "./control/load-text.ts";
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
