// SPDX-License-Identifier: Apache-2.0
// The id that Spanner's front end logs for every request, so that a slow or failed call can be found:
// `version.process.client.channel.request.attempt`, all decimal.
import type { Random } from "@spandrel/base";

/** The metadata key of the request id. */
export const REQUEST_ID = "x-goog-spanner-request-id";

let clientsMade = 0;

/** Numbers the requests of one client. */
export class RequestIds {
  readonly #prefix: string;
  #requests = 0;

  constructor(random: Random) {
    let process = 0n;
    for (const byte of random.bytes(8)) process = (process << 8n) | BigInt(byte);
    clientsMade += 1;
    // The channel is 1: the transport below decides which connection carries a call.
    this.#prefix = `1.${process}.${clientsMade}.1`;
  }

  /** The number of the next request. */
  next(): number {
    this.#requests += 1;
    return this.#requests;
  }

  /** The id of one attempt of a request; attempts count from one. */
  print(request: number, attempt: number): string {
    return `${this.#prefix}.${request}.${attempt}`;
  }
}
