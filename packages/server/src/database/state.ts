// SPDX-License-Identifier: Apache-2.0
// All that a database is, apart from those who are using it: what a fork copies and a disk keeps.
import type { Clock } from "@spandrel/base";
import { Counters } from "../rows/counters.ts";
import { Spaces } from "../txn/spaces.ts";
import { Timestamps } from "../txn/timestamps.ts";
import { SchemaHistory } from "./schema-history.ts";

/** See the top of this file. */
export interface DatabaseState {
  readonly spaces: Spaces;
  readonly schemas: SchemaHistory;
  readonly counters: Counters;
  readonly timestamps: Timestamps;
}

/** A database with nothing in it. */
export function emptyState(clock: Clock): DatabaseState {
  return {
    spaces: new Spaces(),
    schemas: new SchemaHistory(),
    counters: new Counters(),
    timestamps: new Timestamps(clock),
  };
}

/** A copy in constant time; from now on neither side sees what the other does. */
export function forkState(state: DatabaseState, clock: Clock): DatabaseState {
  return {
    spaces: state.spaces.fork(),
    schemas: state.schemas.fork(),
    counters: state.counters.fork(),
    timestamps: new Timestamps(clock, state.timestamps.lastMicros),
  };
}
