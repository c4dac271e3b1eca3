// SPDX-License-Identifier: Apache-2.0

/** How a case ended. */
export type Verdict =
  | { readonly kind: "passed" }
  | { readonly kind: "failed"; readonly why: string }
  /** The case asks for something that is not built, or that Spanner's protocol cannot carry. */
  | { readonly kind: "waiting"; readonly for: string }
  /** The case is about something that GoogleSQL has and Spanner does not. */
  | { readonly kind: "foreign"; readonly construct: string };

/** The verdict of a comparison: passed when there is no difference. */
export function verdictOf(difference: string | undefined): Verdict {
  return difference === undefined ? { kind: "passed" } : { kind: "failed", why: difference };
}
