// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/**
 * The most memory that this process had, in bytes.
 *
 * On Linux `maxRSS` is at least what the parent had when it made the process, so the kernel is asked
 * for the high-water mark of the process's own memory.
 */
export function peakBytes() {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1_024;
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(kibibytes) * 1_024;
}
