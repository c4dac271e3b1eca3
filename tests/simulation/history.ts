// SPDX-License-Identifier: Apache-2.0
// The strongest promise there is, checked: commit timestamps are the serial order. What was done is
// replayed in the order of timestamps on a plain map; every read, in a transaction or of a snapshot,
// must have seen just what the map holds at that place.

/** Values by key. A key without a row reads as undefined. */
export type Values = ReadonlyMap<bigint, bigint | undefined>;

/** A transaction as the client saw it. */
export interface Attempted {
  readonly id: string;
  readonly reads: Values;
  readonly writes: ReadonlyMap<bigint, bigint>;
  /** Real time, by the clock of the simulation, in nanoseconds. */
  readonly beganNanos: bigint;
  readonly endedNanos: bigint;
  readonly outcome:
    | { readonly kind: "committed"; readonly atNanos: bigint }
    | { readonly kind: "failed" }
    | { readonly kind: "unknown" };
}

/** What a snapshot read, all keys at once. */
export interface Looked {
  readonly atNanos: bigint;
  readonly values: Values;
}

/** All that happened. */
export interface History {
  readonly attempted: readonly Attempted[];
  readonly looked: readonly Looked[];
  /** What the database says has been committed, and when: a row that each transaction inserts. */
  readonly log: ReadonlyMap<string, bigint>;
}

/** What is wrong with a history; nothing, when the database has kept its promise. */
export function findProblems(history: History): string[] {
  return [...outcomeProblems(history), ...realTimeProblems(history), ...serialProblems(history)];
}

/** What was acknowledged is there, at its moment; what failed is not. */
function* outcomeProblems({ attempted, log }: History): Iterable<string> {
  for (const { id, outcome } of attempted) {
    const at = log.get(id);
    if (outcome.kind === "committed" && at !== outcome.atNanos) {
      yield `${id} was acknowledged at ${outcome.atNanos}, the log says ${at}`;
    }
    if (outcome.kind === "failed" && at !== undefined) yield `${id} failed, but was committed`;
  }
}

/** A transaction that began after another was acknowledged has a later moment. */
function* realTimeProblems({ attempted, log }: History): Iterable<string> {
  for (const first of attempted) {
    if (first.outcome.kind !== "committed") continue;
    for (const second of attempted) {
      const at = log.get(second.id);
      if (at === undefined || second.beganNanos <= first.endedNanos) continue;
      if (at <= first.outcome.atNanos)
        yield `${second.id} began after ${first.id}, but is before it`;
    }
  }
}

function* serialProblems({ attempted, looked, log }: History): Iterable<string> {
  const byId = new Map(attempted.map((each) => [each.id, each]));
  const events = [
    ...[...log].map(([id, atNanos]) => ({ atNanos, id, values: undefined })),
    ...looked.map(({ atNanos, values }) => ({ atNanos, id: "", values })),
  ].sort((left, right) => order(left, right));
  const state = new Map<bigint, bigint>();
  for (const { id, atNanos, values } of events) {
    if (values !== undefined) yield* differences(`the snapshot at ${atNanos}`, values, state);
    const transaction = byId.get(id);
    if (transaction === undefined) continue;
    yield* differences(id, transaction.reads, state);
    for (const [key, value] of transaction.writes) state.set(key, value);
  }
}

interface Event {
  readonly atNanos: bigint;
  readonly values: Values | undefined;
}

/** A snapshot sees what was committed at its own moment. */
function order(left: Event, right: Event): number {
  if (left.atNanos !== right.atNanos) return left.atNanos < right.atNanos ? -1 : 1;
  return Number(left.values !== undefined) - Number(right.values !== undefined);
}

function* differences(
  who: string,
  seen: Values,
  state: ReadonlyMap<bigint, bigint>,
): Iterable<string> {
  for (const [key, value] of seen) {
    if (state.get(key) !== value) yield `${who} saw ${key}=${value}, it was ${state.get(key)}`;
  }
}
