// SPDX-License-Identifier: Apache-2.0
// The only file that reads the process's environment.
import { env } from "node:process";
import type { Environment } from "../session/sessions-manager.ts";

/** The variables of this process, as they are when they are read. */
export const systemEnvironment: Environment = env;
