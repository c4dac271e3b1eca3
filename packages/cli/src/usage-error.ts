// SPDX-License-Identifier: Apache-2.0

/** A command was called in a way that it does not understand. The text is for the one who called it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
