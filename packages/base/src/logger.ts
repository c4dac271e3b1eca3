// SPDX-License-Identifier: Apache-2.0

/** How much a log line matters. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/**
 * Where log lines go: an event's name and its fields.
 *
 * Fields never hold row data, SQL parameters or credentials.
 */
export interface Logger {
  log(level: LogLevel, event: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Logs nothing; the default everywhere. */
export const silentLogger: Logger = { log: () => undefined };
