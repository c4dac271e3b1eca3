// SPDX-License-Identifier: Apache-2.0
// What tests and tools ask of a server beyond Spanner's own protocol: to fail on purpose, to hurry time,
// to say what was asked of it and what it holds, and to copy whole databases.
//
// The room promises that what is not asked for costs nothing: while there is no rule and no log, a call
// passes by one question. It decides nothing about data itself: it has the rooms below do, on purpose,
// what they would do by themselves. The same is there over HTTP, see http.ts.
import type { AdjustableClock } from "@spandrel/base";
import { Faults, interceptBoth, RequestLog, type Router } from "@spandrel/rpc";
import type { Disk } from "@spandrel/store";
import type { Places } from "../service/places.ts";
import { createDatabaseTools, type DatabaseTools } from "./databases.ts";
import type { DiskFaults } from "./disk-faults.ts";
import { faultEffects, loseSession } from "./fault-effects.ts";
import { createLiveData, type LiveData } from "./live-data.ts";
import { fieldsOf } from "./request-fields.ts";

/** What tests and tools may do with a server. */
export interface ServerControl {
  /**
   * The server's time: for sessions, staleness, timestamps, and how long versions are kept. Deadlines
   * of calls are not by it: they are the caller's.
   */
  readonly clock: AdjustableClock;
  /** Calls that fail, wait or break off by rule, and things that happen to them. */
  readonly faults: Faults;
  /** A disk that is slow or fails, where there is a data folder. */
  readonly diskFaults: DiskFaults;
  /** What was called. Off until it is started. */
  readonly requests: RequestLog;
  /** Sessions, transactions and locks as they are now. */
  readonly live: LiveData;
  /** Forks, resets, snapshots and dumps. */
  readonly databases: DatabaseTools;
  /** Forgets a session of whatever kind, as Cloud Spanner may; whether there was one. */
  loseSession(name: string): boolean;
  /** Takes back what was asked for: no rule, no log, and the machine's time. Databases stay. */
  clear(): void;
}

/** What a control works with. */
export interface ControlOptions {
  readonly clock: AdjustableClock;
  readonly places: Places;
  readonly diskFaults: DiskFaults;
  /** For files that a caller names. */
  readonly disk: Disk;
  /** What is served. */
  readonly router: Router;
}

/** Makes the control of a server, and the router to serve in place of the one it was given. */
export function createControl({ clock, places, diskFaults, disk, router }: ControlOptions): {
  readonly control: ServerControl;
  readonly router: Router;
} {
  const faults = new Faults({
    clock,
    methods: [...router.routes()].map(({ method }) => method),
    effects: faultEffects(places),
    describe: (call) => ({ ...fieldsOf(call) }),
  });
  const requests = new RequestLog({ clock, describe: (call) => ({ ...fieldsOf(call) }) });
  const interceptor = interceptBoth(requests, faults);
  const control: ServerControl = {
    clock,
    faults,
    diskFaults,
    requests,
    live: createLiveData(places),
    databases: createDatabaseTools(places.registry, disk),
    loseSession: (name) => loseSession(places, name),
    clear() {
      faults.clear();
      diskFaults.clear();
      requests.stop();
      requests.clear();
      clock.reset();
    },
  };
  return { control, router: router.intercepted(interceptor) };
}
