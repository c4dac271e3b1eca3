// SPDX-License-Identifier: Apache-2.0
// Several interceptors as one: the first is the outermost, and sees what those behind it have done.
import type { InterceptedCall, Interceptor } from "../contract/router.ts";

/** Puts an interceptor around another one. It is idle when both are. */
export function interceptBoth(outer: Interceptor, inner: Interceptor): Interceptor {
  return {
    get isIdle(): boolean {
      return outer.isIdle && inner.isIdle;
    },
    unary(call: InterceptedCall, next: () => Promise<unknown> | unknown) {
      const behind = inner.isIdle ? next : () => inner.unary(call, next);
      return outer.isIdle ? behind() : outer.unary(call, behind);
    },
    stream(call: InterceptedCall, next: () => AsyncIterable<unknown>) {
      const behind = inner.isIdle ? next : () => inner.stream(call, next);
      return outer.isIdle ? behind() : outer.stream(call, behind);
    },
  };
}
