// SPDX-License-Identifier: Apache-2.0
// The metrics of a client. Names and labels are those of Spanner's own clients, and the one that
// OpenTelemetry asks of every client of a database.
import type {
  Attributes,
  Counter,
  Histogram,
  Meter,
  ObservableGauge,
  ObservableResult,
} from "./open-telemetry.ts";

/** The sessions of one database at one moment. */
export interface SessionCounts {
  readonly database: string;
  /** Whether the database has its multiplexed session. */
  readonly hasMultiplexedSession: boolean;
  /** Regular sessions that nobody has checked out. */
  readonly idle: number;
  readonly checkedOut: number;
  /** Callers who wait for a session. */
  readonly waiting: number;
  /** The most sessions that the pool may have; undefined when it has no bound. */
  readonly size: number | undefined;
}

/** What labels are made of. */
interface Labeled {
  readonly method: string;
  readonly resource: string;
  readonly isMultiplexed: boolean;
}

const CLIENT_NAME = "spandrel/0.1.0";

/** The instruments of one client. */
export class Instruments {
  readonly #operationLatencies: Histogram;
  readonly #operationCount: Counter;
  readonly #attemptLatencies: Histogram;
  readonly #attemptCount: Counter;
  readonly #duration: Histogram;
  readonly #acquired: Counter;
  readonly #released: Counter;
  readonly #timeouts: Counter;
  readonly #gauges: readonly (readonly [ObservableGauge, Observe])[];

  constructor(meter: Meter) {
    const latency = (name: string, description: string): Histogram =>
      meter.createHistogram(name, { description, unit: "ms" });
    const count = (name: string, description: string): Counter =>
      meter.createCounter(name, { description, unit: "1" });
    const gauge = (name: string, description: string): ObservableGauge =>
      meter.createObservableGauge(name, { description, unit: "1" });
    this.#operationLatencies = latency("operation_latencies", "Time of a call, retries included.");
    this.#operationCount = count("operation_count", "Calls, retries not counted.");
    this.#attemptLatencies = latency("attempt_latencies", "Time of one attempt at a call.");
    this.#attemptCount = count("attempt_count", "Attempts at calls.");
    this.#duration = meter.createHistogram("db.client.operation.duration", {
      description: "Duration of database client operations.",
      unit: "s",
    });
    this.#acquired = count("num_acquired_sessions", "Sessions that were handed out.");
    this.#released = count("num_released_sessions", "Sessions that came back.");
    this.#timeouts = count("get_session_timeouts", "Waits for a session that were too long.");
    this.#gauges = [
      [gauge("open_session_count", "Sessions that the client has."), observeOpen],
      [gauge("num_sessions_in_pool", "Regular sessions, in use and not."), observePool],
      [gauge("max_allowed_sessions", "The most regular sessions."), observeSize],
      [gauge("num_waiting_callers", "Callers who wait for a session."), observeWaiting],
    ];
  }

  /** A call is over. */
  operation(call: Labeled, millis: number, status: string): void {
    const labels = labelsOf(call, status);
    this.#operationLatencies.record(millis, labels);
    this.#operationCount.add(1, labels);
    this.#duration.record(millis / 1_000, {
      "db.system.name": "gcp.spanner",
      "db.namespace": call.resource,
      "db.operation.name": call.method,
      ...(status !== "OK" && { "error.type": status, "db.response.status_code": status }),
    });
  }

  /** An attempt at a call is over. */
  attempt(call: Labeled, millis: number, status: string): void {
    const labels = labelsOf(call, status);
    this.#attemptLatencies.record(millis, labels);
    this.#attemptCount.add(1, labels);
  }

  /** A session was handed out. */
  sessionAcquired(database: string, isMultiplexed: boolean): void {
    this.#acquired.add(1, { database, is_multiplexed: isMultiplexed });
  }

  /** A session came back; the multiplexed one when somebody has no more use for it. */
  sessionReleased(database: string, isMultiplexed: boolean): void {
    this.#released.add(1, { database, is_multiplexed: isMultiplexed });
  }

  /** Somebody waited for a session until there was no more time. */
  sessionTimedOut(database: string, isMultiplexed: boolean): void {
    this.#timeouts.add(1, { database, is_multiplexed: isMultiplexed });
  }

  /** Asks for the numbers of sessions whenever metrics are collected; gives what ends that. */
  watchSessions(counts: () => Iterable<SessionCounts>): () => void {
    const ends = this.#gauges.map(([gauge, observe]) => {
      const callback = (result: ObservableResult): void => {
        for (const each of counts()) observe(result, each);
      };
      gauge.addCallback(callback);
      return () => gauge.removeCallback(callback);
    });
    return () => {
      for (const end of ends) end();
    };
  }
}

type Observe = (result: ObservableResult, counts: SessionCounts) => void;

const observeOpen: Observe = (result, counts) => {
  const { database, hasMultiplexedSession, idle, checkedOut } = counts;
  result.observe(hasMultiplexedSession ? 1 : 0, { database, is_multiplexed: true });
  result.observe(idle + checkedOut, { database, is_multiplexed: false });
};

const observePool: Observe = (result, { database, idle, checkedOut }) => {
  result.observe(idle, { database, type: "num_sessions_available" });
  result.observe(checkedOut, { database, type: "num_in_use_sessions" });
};

const observeSize: Observe = (result, { database, size }) => {
  if (size !== undefined) result.observe(size, { database });
};

const observeWaiting: Observe = (result, { database, waiting }) => {
  result.observe(waiting, { database });
};

function labelsOf({ method, resource, isMultiplexed }: Labeled, status: string): Attributes {
  const [, project = "", , instance = "", , database = ""] = resource.split("/");
  return {
    project_id: project,
    instance_id: instance,
    database,
    method,
    status,
    is_multiplexed: isMultiplexed,
    client_name: CLIENT_NAME,
  };
}
