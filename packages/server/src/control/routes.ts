// SPDX-License-Identifier: Apache-2.0
// The URLs of the control, as Google's own look: resources as paths, and what is no reading, making or
// deleting as a verb behind a colon. https://cloud.google.com/apis/design/custom_methods

import { parseTimestamp, printTimestamp } from "@spandrel/model";
import { type Fault, type Fields, type LoggedRequest, wrongField } from "@spandrel/rpc";
import { faultNotFound } from "../errors/control.ts";
import type { ServerControl } from "./control.ts";
import type { DumpFormat } from "./dump-text.ts";

/** Where the control is. */
export const prefix = "/spandrel/v1";

/** A request as a route gets it. */
export interface RoutedRequest {
  readonly control: ServerControl;
  /** What stands in the path for the parts in braces. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The fields of the body; none when it is empty. */
  readonly body: Fields;
  /** The body as it comes, for routes that take it so. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a route answers: JSON, or text or bytes in pieces. */
export type RoutedAnswer =
  | { readonly json: unknown }
  | { readonly type: string; readonly pieces: AsyncIterable<string | Uint8Array> };

/** A URL, and what answers it. */
export interface ControlRoute {
  readonly verb: "GET" | "POST" | "DELETE";
  /** Behind the prefix; `{database}` stands for a full name, any other part for one segment. */
  readonly path: string;
  readonly says: string;
  /** Whether the body is read by the route itself. */
  readonly takesBytes?: boolean;
  answer(request: RoutedRequest): Promise<RoutedAnswer> | RoutedAnswer;
}

/** Every route but the first page, which lists them. */
export const routes: readonly ControlRoute[] = [
  {
    verb: "POST",
    path: ":clear",
    says: "Takes back all rules, the log, and what was done to the clock.",
    answer: ({ control, body }) => {
      body.end();
      control.clear();
      return { json: {} };
    },
  },
  {
    verb: "GET",
    path: "/clock",
    says: "The server's time.",
    answer: ({ control }) => clockAnswer(control),
  },
  {
    verb: "POST",
    path: "/clock:stop",
    says: "Stops the clock where it is.",
    answer: ({ control, body }) => {
      body.end();
      control.clock.stop();
      return clockAnswer(control);
    },
  },
  {
    verb: "POST",
    path: "/clock:run",
    says: "Lets the clock run on from where it stands.",
    answer: ({ control, body }) => {
      body.end();
      control.clock.run();
      return clockAnswer(control);
    },
  },
  {
    verb: "POST",
    path: "/clock:reset",
    says: "Lets the clock run, with the machine's time of day.",
    answer: ({ control, body }) => {
      body.end();
      control.clock.reset();
      return clockAnswer(control);
    },
  },
  {
    verb: "POST",
    path: "/clock:advance",
    says: 'Lets time pass at once: {"millis": 3600000}.',
    answer: ({ control, body }) => {
      const millis = body.number("millis", 0);
      body.end();
      if (millis === undefined) throw wrongField("millis", "is required");
      control.clock.advance(millis);
      return clockAnswer(control);
    },
  },
  {
    verb: "POST",
    path: "/clock:set",
    says: 'Sets the time of day: {"time": "2030-01-01T00:00:00Z"}.',
    answer: ({ control, body }) => {
      const nanos = parseTimestamp(body.requiredText("time"));
      body.end();
      if (nanos === undefined) throw wrongField("time", "must be such as 2030-01-01T00:00:00Z");
      control.clock.set(nanos);
      return clockAnswer(control);
    },
  },
  ...faultRoutes("faults", "calls", ({ faults }) => faults),
  ...faultRoutes("diskFaults", "operations of the disk", ({ diskFaults }) => diskFaults),
  {
    verb: "GET",
    path: "/requests",
    says: "The log of requests; any field narrows it: ?method=Commit&transactionTag=a.",
    answer: ({ control, query }) => requestsAnswer(control, query),
  },
  ...(["start", "stop", "clear"] as const).map(
    (verb): ControlRoute => ({
      verb: "POST",
      path: `/requests:${verb}`,
      says: { start: "Begins to log.", stop: "Ends logging.", clear: "Empties the log." }[verb],
      answer: ({ control, body }) => {
        body.end();
        control.requests[verb]();
        return requestsAnswer(control, new URLSearchParams());
      },
    }),
  ),
  {
    verb: "GET",
    path: "/databases",
    says: "The names of all databases, forks included.",
    answer: ({ control }) => ({ json: { databases: control.live.databases() } }),
  },
  {
    verb: "GET",
    path: "/{database}/sessions",
    says: "The sessions of a database, multiplexed ones included.",
    answer: ({ control, path }) => ({ json: { sessions: control.live.sessions(named(path)) } }),
  },
  {
    verb: "DELETE",
    path: "/{database}/sessions/{session}",
    says: "Has the server forget a session, of whatever kind, with what it has open.",
    answer: ({ control, path }) => {
      const isLost = control.loseSession(`${named(path)}/sessions/${path["session"]}`);
      return { json: { isLost } };
    },
  },
  {
    verb: "GET",
    path: "/{database}/transactions",
    says: "The transactions that are under way; with ?over=true also those that are remembered.",
    answer: ({ control, path, query }) => {
      const isOver = query.get("over") === "true";
      return { json: { transactions: control.live.transactions(named(path), { isOver }) } };
    },
  },
  {
    verb: "GET",
    path: "/{database}/locks",
    says: "The locks that are held and waited for.",
    answer: ({ control, path }) => ({ json: { locks: control.live.locks(named(path)) } }),
  },
  {
    verb: "POST",
    path: "/{database}:fork",
    says: 'Copies a database in no time: {"databaseId": "copy"}.',
    answer: async ({ control, path, body }) => {
      const id = body.requiredText("databaseId");
      body.end();
      return { json: { name: await control.databases.fork(named(path), id) } };
    },
  },
  {
    verb: "POST",
    path: "/{database}:reset",
    says: "Takes a fork back to its origin, any other database to nothing.",
    answer: async ({ control, path, body }) => {
      body.end();
      await control.databases.reset(named(path));
      return { json: { name: named(path) } };
    },
  },
  {
    verb: "GET",
    path: "/{database}:snapshot",
    says: "The whole database as bytes.",
    answer: ({ control, path }) => ({
      type: "application/octet-stream",
      pieces: control.databases.snapshot(named(path)),
    }),
  },
  {
    verb: "POST",
    path: "/{instance}/databases:restore",
    says: "Creates a database ?databaseId=… from a snapshot, which is the body.",
    takesBytes: true,
    answer: async ({ control, path, query, bytes }) => {
      const id = query.get("databaseId") ?? "";
      if (id === "") throw wrongField("databaseId", "is required");
      const name = await control.databases.restore(path["instance"] ?? "", id, bytes);
      return { json: { name } };
    },
  },
  {
    verb: "GET",
    path: "/{database}:dump",
    says: "Schema and rows as text, ?format=sql (the default) or json.",
    answer: ({ control, path, query }) => {
      const format = formatOf(query);
      const type = format === "sql" ? "application/sql" : "application/x-ndjson";
      return { type, pieces: control.databases.dump(named(path), { format }) };
    },
  },
  {
    verb: "POST",
    path: "/{database}:load",
    says: "Carries out a dump, which is the body; ?format=sql (the default) or json.",
    takesBytes: true,
    answer: async ({ control, path, query, bytes }) => {
      const format = formatOf(query);
      return { json: await control.databases.load(named(path), decoded(bytes), { format }) };
    },
  },
];

/** Rules of faults, of calls or of the disk. */
interface Rules {
  add(rule: never): Pick<Fault, "id">;
  get(id: string): object | undefined;
  list(): readonly object[];
  remove(id: string): boolean;
  clear(): void;
}

function faultRoutes(
  name: "faults" | "diskFaults",
  what: string,
  of: (control: ServerControl) => Rules,
): readonly ControlRoute[] {
  const required = (control: ServerControl, id = ""): object => {
    const found = of(control).get(id);
    if (found === undefined) throw faultNotFound(id);
    return found;
  };
  return [
    {
      verb: "GET",
      path: `/${name}`,
      says: `The rules by which ${what} fail, and how often each has struck.`,
      answer: ({ control }) => ({ json: { [name]: of(control).list() } }),
    },
    {
      verb: "POST",
      path: `/${name}`,
      says: `Adds a rule by which ${what} fail.`,
      // The rule is read, and refused when it is none, where it is added.
      answer: ({ control, body }) => ({ json: of(control).add(body.all as never) }),
    },
    {
      verb: "POST",
      path: `/${name}:clear`,
      says: "Removes all of them.",
      answer: ({ control, body }) => {
        body.end();
        of(control).clear();
        return { json: { [name]: [] } };
      },
    },
    {
      verb: "GET",
      path: `/${name}/{id}`,
      says: "One rule.",
      answer: ({ control, path }) => ({ json: required(control, path["id"]) }),
    },
    {
      verb: "DELETE",
      path: `/${name}/{id}`,
      says: "Removes a rule.",
      answer: ({ control, path: { id = "" } }) => {
        const removed = required(control, id);
        of(control).remove(id);
        return { json: removed };
      },
    },
  ];
}

function named(path: Readonly<Record<string, string>>): string {
  return path["database"] ?? "";
}

function clockAnswer({ clock }: ServerControl): RoutedAnswer {
  const now = clock.now();
  const { isStopped, aheadNanos } = clock;
  return { json: { time: printTimestamp(now), nowNanos: now, isStopped, aheadNanos } };
}

function requestsAnswer({ requests }: ServerControl, query: URLSearchParams): RoutedAnswer {
  const wanted = [...query];
  const has = (request: LoggedRequest) => {
    const fields: Readonly<Record<string, string | undefined>> = {
      ...request.fields,
      method: request.method,
      path: request.path,
      status: request.status,
    };
    return wanted.every(([name, value]) => fields[name] === value);
  };
  const { isRecording, dropped } = requests;
  return { json: { isRecording, dropped, requests: requests.list().filter(has) } };
}

function formatOf(query: URLSearchParams): DumpFormat {
  const format = query.get("format") ?? "sql";
  if (format !== "sql" && format !== "json") throw wrongField("format", "must be sql or json");
  return format;
}

async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of bytes) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
