// SPDX-License-Identifier: Apache-2.0
// Whether a failed call may be made again, and after which wait. The decision is a plain function of
// the error and the number of failures; who waits, and how long in all, is the caller's affair.
//
//   UNAVAILABLE                      after back-off, or RetryInfo when the server sends one
//     NOT_TRUSTED among its reasons  never: another attempt meets the same certificate
//   RESOURCE_EXHAUSTED + RetryInfo   after RetryInfo; without it the caller must do less
//   INTERNAL of a broken connection  after back-off (wire-quirks.ts)
//   ABORTED                          never the call: the whole transaction (transactionRetryMillis)
//   everything else                  never
import { Code, NANOS_PER_MILLI, type Random, type StatusError } from "@spandrel/base";
import { backoffMillis } from "./backoff.ts";
import { saysConnectionBroke } from "./wire-quirks.ts";

/** The wait that the server asks for, in milliseconds; undefined when it does not say. */
function serverDelayMillis(error: StatusError): number | undefined {
  const info = error.findDetail("RetryInfo");
  return info === undefined ? undefined : Number(info.delayNanos) / Number(NANOS_PER_MILLI);
}

/** Whether the same call, or the same stream from its last token, may be tried again. */
export function isTransient(error: StatusError): boolean {
  if (error.code === Code.UNAVAILABLE) return error.reason !== "NOT_TRUSTED";
  if (error.code === Code.RESOURCE_EXHAUSTED) return serverDelayMillis(error) !== undefined;
  return saysConnectionBroke(error);
}

/**
 * Milliseconds to wait before calling again after so many failures in a row, counted from one.
 *
 * Undefined when the error is not one to call again after.
 */
export function callRetryMillis(
  error: StatusError,
  failures: number,
  random: Random,
): number | undefined {
  if (!isTransient(error)) return undefined;
  return serverDelayMillis(error) ?? backoffMillis(failures, random);
}

/** Milliseconds to wait before the next attempt of an aborted transaction, counted from one. */
export function transactionRetryMillis(
  error: StatusError,
  failures: number,
  random: Random,
): number {
  return serverDelayMillis(error) ?? backoffMillis(failures, random);
}
