// SPDX-License-Identifier: Apache-2.0
import { Code, StatusError } from "@spandrel/base";

/** The numbers of connections are none, or the least is more than the most. */
export function invalidChannels(min: number, max: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `There cannot be from ${min} to ${max} channels. Pass a whole number from 1 on, or { min, max } ` +
      "of which min is not the larger.",
    { reason: "INVALID_CHANNELS" },
  );
}
