// SPDX-License-Identifier: Apache-2.0
// What a story is: something that a program does with Google's client, and what it then sees.
//
// Stories run in a process of their own (exercise.ts), because Google's client reads its switches from
// the environment and installs handlers for signals. That process only tells what it saw; the test
// compares. Stories share one database and run in order, each with keys or tables of its own.
import type { Database, Instance, Spanner } from "@google-cloud/spanner";

/** What can be told as one line of JSON. */
export type Told =
  | null
  | boolean
  | number
  | string
  | readonly Told[]
  | { readonly [name: string]: Told };

/** What a story finds when it begins. */
export interface World {
  readonly client: typeof import("@google-cloud/spanner");
  readonly spanner: Spanner;
  readonly instance: Instance;
  readonly database: Database;
}

/** Something that a program does. */
export interface Story {
  /** A sentence that is true when the server is right. */
  readonly name: string;
  /** What the server does not have yet that the story needs: it is told, and may fail. */
  readonly missing?: string;
  /** Does it and tells what was seen. */
  readonly tell: (world: World) => Promise<Told>;
  /** What must have been seen. */
  readonly expected: Told | ((mode: Mode) => Told);
}

/** Which kinds of session the client uses. */
export interface Mode {
  readonly name: string;
  readonly isMultiplexed: boolean;
  readonly environment: Readonly<Record<string, string>>;
}

/** A line that the exercise prints: how one story went. */
export type Report =
  | { readonly story: string; readonly millis: number; readonly told: Told }
  | { readonly story: string; readonly millis: number; readonly failure: string };

/** A commit timestamp, which Google's types describe twice, in two ways that do not fit. */
export type WrittenTimestamp = Parameters<typeof Spanner.timestamp>[0];

const codeNames = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Tells how an action fails: its code and text, and that it took no second to say so. */
export async function failureOf(action: () => Promise<unknown>): Promise<Told> {
  const began = performance.now();
  try {
    await action();
  } catch (thrown) {
    const { code, details, message } = thrown as {
      code: number;
      details?: string;
      message: string;
    };
    const text = details ?? message;
    const isPrompt = performance.now() - began < 1_000;
    return { code: codeNames[code] ?? code ?? "none", text, isPrompt };
  }
  return "no failure";
}
