// SPDX-License-Identifier: Apache-2.0
import { staysInItsThread } from "../errors/session.ts";

/**
 * Makes an object refuse to be copied: to a worker, to another process, into JSON.
 *
 * What arrived there would have neither methods nor connections, and fail far from the mistake. Whoever
 * copies an object reads its enumerable properties, and this one throws.
 */
export function keepInThread(object: object, what: string): void {
  Object.defineProperty(object, "staysInItsThread", {
    enumerable: true,
    get: () => {
      throw staysInItsThread(what);
    },
  });
}
