// SPDX-License-Identifier: Apache-2.0
// The commands of `spandrel`, for programs that want them without a process of their own.
export type { Console } from "./console.ts";
export { runCommand } from "./run-command.ts";
