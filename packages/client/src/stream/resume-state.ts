// SPDX-License-Identifier: Apache-2.0
// The state of a stream that may break and go on. Pure: it is told what happened and says what to do.
//
// A message may carry a resume token: a stream opened again with it goes on behind that message. So
// messages are held back until a token covers them; what was delivered is never sent again.
//
//                      received, with token: deliver all that is held
//             ┌──────────────────────────────────────────────────────────────┐
//             ▼                                                              │
//        ┌─────────┐  received, without token: hold   ┌─────────┐            │
//   ───▶ │ covered │ ───────────────────────────────▶ │ holding │ ───────────┤
//        └─────────┘ ◀─────────────────────────────── └─────────┘            │
//          ▲   │       broke, transient: drop, reopen      │ too much is held: │
//          └───┘                                           ▼ deliver all       │
//   broke, transient: reopen                          ┌─────────┐            │
//                                                     │ exposed │ ───────────┘
//                                                     └─────────┘
//                                                       broke: fail
//
// Invariants: what is held was never delivered; in `exposed` something was delivered that no token
// covers, so a break cannot be mended; at most MESSAGES_HELD_MAX messages, of at most BYTES_HELD_MAX
// bytes together, are held.
import type { StatusError } from "@spandrel/base";
import { isTransient } from "../retry/policy.ts";

/** How many messages wait for a token before they are delivered without one. */
export const MESSAGES_HELD_MAX = 128;

/** How many bytes of messages wait for a token before they are delivered without one. */
export const BYTES_HELD_MAX: number = 16 * 1024 * 1024;

/** What the state must know of a message. */
export interface ResumableMessage {
  readonly resumeToken?: Uint8Array | undefined;
  /** Whether the server says that nothing follows. */
  readonly last?: boolean | undefined;
  /** How many bytes it was on the wire; undefined when it never was. */
  readonly byteLength?: number | undefined;
}

/** Where a stream stands. */
export interface ResumeState<M> {
  /** Opens the stream behind all that was covered; empty at the beginning. */
  readonly token: Uint8Array;
  /** Received, not delivered yet. */
  readonly held: readonly M[];
  readonly heldBytes: number;
  /** Whether something was delivered that the token does not cover. */
  readonly isExposed: boolean;
  /** How often the stream broke since a message last came. */
  readonly failures: number;
}

/** What to do after a message: deliver these, in order. Perhaps none. */
export interface Received<M> {
  readonly state: ResumeState<M>;
  readonly deliver: readonly M[];
}

/** What to do after a break. */
export type Broken<M> =
  | { readonly kind: "reopen"; readonly state: ResumeState<M> }
  | { readonly kind: "fail" };

const nothing: readonly never[] = [];

/** The state before the stream is opened. */
export function notOpened<M>(): ResumeState<M> {
  return { token: new Uint8Array(0), held: nothing, heldBytes: 0, isExposed: false, failures: 0 };
}

/** A message came. */
export function messageReceived<M extends ResumableMessage>(
  state: ResumeState<M>,
  message: M,
): Received<M> {
  const all = state.held.length === 0 ? [message] : [...state.held, message];
  const { resumeToken } = message;
  if (resumeToken !== undefined && resumeToken.length > 0) {
    return { state: covered(resumeToken), deliver: all };
  }
  const bytes = state.heldBytes + (message.byteLength ?? 0);
  const isTooMuch = all.length > MESSAGES_HELD_MAX || bytes > BYTES_HELD_MAX;
  const isExposed = state.isExposed || message.last === true || isTooMuch;
  const held = isExposed ? nothing : all;
  const heldBytes = isExposed ? 0 : bytes;
  return {
    state: { token: state.token, held, heldBytes, isExposed, failures: 0 },
    deliver: isExposed ? all : nothing,
  };
}

function covered<M>(token: Uint8Array): ResumeState<M> {
  return { token, held: nothing, heldBytes: 0, isExposed: false, failures: 0 };
}

/** The stream ended as it should: what is held is delivered. */
export function streamEnded<M>(state: ResumeState<M>): readonly M[] {
  return state.held;
}

/** The stream broke. */
export function streamBroke<M>(state: ResumeState<M>, error: StatusError): Broken<M> {
  if (state.isExposed || !isTransient(error)) return { kind: "fail" };
  return {
    kind: "reopen",
    state: { ...notOpened(), token: state.token, failures: state.failures + 1 },
  };
}
