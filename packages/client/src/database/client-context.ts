// SPDX-License-Identifier: Apache-2.0
import type {
  DirectedReadOptions,
  ExecuteSqlRequest_QueryOptions as QueryOptions,
} from "@spandrel/protocol";
import type { DatabaseAdmin } from "../admin/database-admin.ts";
import type { InstanceAdmin } from "../admin/instance-admin.ts";
import type { Caller } from "../call/caller.ts";
import type { SessionCounts } from "../call/instruments.ts";
import type { Environment } from "../session/sessions-manager.ts";
import type { DefaultTransactionOptions } from "../transaction/context.ts";
import type { ClientContextValues } from "../transaction/request-options.ts";
import type { DecodeOptions } from "../values/decode.ts";

/** What instances and databases take from their client. */
export interface ClientContext {
  readonly caller: Caller;
  readonly instanceAdmin: InstanceAdmin;
  readonly databaseAdmin: DatabaseAdmin;
  readonly project: string;
  readonly environment: Environment;
  readonly decode: DecodeOptions;
  readonly clientContext: ClientContextValues | undefined;
  readonly queryOptions: QueryOptions;
  readonly directedReadOptions: DirectedReadOptions | undefined;
  readonly defaultTransactionOptions: DefaultTransactionOptions;
  /** Databases that were not closed yet. */
  readonly open: Set<{ close(): Promise<void>; sessionCounts(): SessionCounts }>;
}
