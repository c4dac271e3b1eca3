// SPDX-License-Identifier: Apache-2.0
import type { Clock, Logger } from "@spandrel/base";
import type { Operations } from "../instance/operations.ts";
import type { Registry } from "../instance/registry.ts";
import type { Limits } from "../limits/limits.ts";
import type { Packed } from "./operation-messages.ts";

/** What the admin services work with. */
export interface AdminServiceOptions {
  readonly registry: Registry;
  readonly operations: Operations<Packed, Packed>;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly logger: Logger;
}
