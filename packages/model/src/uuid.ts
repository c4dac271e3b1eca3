// SPDX-License-Identifier: Apache-2.0

const pattern = /^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$/;

/** Reads a UUID of 36 characters in any case; gives it in lower case, undefined when it is none. */
export function parseUuid(text: string): string | undefined {
  return pattern.test(text) ? text.toLowerCase() : undefined;
}
