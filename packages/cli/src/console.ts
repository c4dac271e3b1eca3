// SPDX-License-Identifier: Apache-2.0

/** Where a command writes, and what ends it. */
export interface Console {
  /** Writes a line for people or programs that read the output. */
  out(line: string): void;
  /** Writes a line about something that went wrong. */
  error(line: string): void;
  /** Aborted when the command shall end: Ctrl-C, or SIGTERM. */
  readonly stop: AbortSignal;
}
