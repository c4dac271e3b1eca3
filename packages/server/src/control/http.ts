// SPDX-License-Identifier: Apache-2.0
// The control over HTTP: JSON under /spandrel/v1, on the ports that gRPC and REST have. Everything else
// is passed on. Errors are worded as the REST edge words them. Numbers that may pass 2⁵³ are texts of
// digits, as proto3 JSON has them.
import { Code, type Logger, StatusError } from "@spandrel/base";
import { Fields } from "@spandrel/rpc";
import {
  envelopeOf,
  type HttpHandler,
  type HttpRequest,
  type HttpResponse,
  httpStatusOf,
  readJson,
  urlNotFound,
  verbNotAllowed,
} from "@spandrel/rpc/serve";
import type { ServerControl } from "./control.ts";
import { requireFriend } from "./guard.ts";
import { type ControlRoute, prefix, type RoutedAnswer, routes } from "./routes.ts";

/** What to control, and what to pass on. */
export interface ControlHandlerOptions {
  readonly control: ServerControl;
  /** Where the server listens. */
  readonly host: string;
  readonly logger: Logger;
  /** Answers what is not for the control. */
  readonly rest: HttpHandler;
}

const isOfControl = new RegExp(`^${prefix}(?:[/:]|$)`);

/** A rule is short; snapshots and dumps are not read by this. */
const bodyBytesMax = 1 << 20;

/** Makes what answers requests for the control, and passes all others on. */
export function createControlHandler(options: ControlHandlerOptions): HttpHandler {
  return (request, response) => {
    const { pathname, query } = parseUrl(request.url ?? "/");
    if (!isOfControl.test(pathname)) {
      options.rest(request, response);
      return;
    }
    response.on("error", () => undefined); // "close" follows: there is nobody left to be told
    void answer(request, response, pathname, query, options);
  };
}

/** Never throws: whatever goes wrong becomes an answer, or is logged. */
async function answer(
  request: HttpRequest,
  response: HttpResponse,
  pathname: string,
  query: URLSearchParams,
  { control, host, logger }: ControlHandlerOptions,
): Promise<void> {
  try {
    requireFriend(request, host);
    const verb = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
    await send(response, await routed(verb, pathname, query, request, control));
  } catch (thrown) {
    request.resume();
    const error = StatusError.from(thrown, Code.INTERNAL);
    if (!(thrown instanceof StatusError)) {
      logger.log("error", "control failed", { path: pathname, error: String(thrown) });
    }
    try {
      const envelope = envelopeOf(error, statusOf(error));
      // What is half sent ends with the error, which makes the whole of it unreadable as what it was.
      if (response.headersSent) response.end(`\n${JSON.stringify(envelope)}\n`);
      else sendJson(response, statusOf(error), envelope);
    } catch (unsent) {
      logger.log("debug", "error not sent", { path: pathname, error: String(unsent) });
    }
  }
}

function statusOf(error: StatusError): number {
  return error.reason === "VERB_NOT_ALLOWED" ? 405 : httpStatusOf(error);
}

async function routed(
  verb: string,
  pathname: string,
  query: URLSearchParams,
  request: HttpRequest,
  control: ServerControl,
): Promise<RoutedAnswer> {
  const rest = decodePath(pathname.slice(prefix.length));
  if (rest === "" || rest === "/") return { json: { routes: routes.map(listed) } };
  const found = matchers.flatMap(({ route, pattern }) => {
    const match = pattern.exec(rest);
    return match === null ? [] : [{ route, path: { ...match.groups } }];
  });
  if (found.length === 0) throw urlNotFound(pathname);
  const chosen = found.find(({ route }) => route.verb === verb);
  if (chosen === undefined) throw verbNotAllowed(verb, pathname);
  const { route, path } = chosen;
  if (route.takesBytes === true) {
    const bytes = new BodyBytes(request);
    try {
      return await route.answer({ control, path, query, body: new Fields({}), bytes });
    } finally {
      await bytes.discard();
    }
  }
  const body = verb === "POST" ? await readJson(request, bodyBytesMax) : undefined;
  if (verb !== "POST") request.resume();
  return route.answer({ control, path, query, body: new Fields(body ?? {}), bytes: nothing });
}

/**
 * The bytes of a body. Who leaves them early does not cut the connection, as leaving a request does: a
 * client that is still sending would not hear what was wrong.
 */
class BodyBytes implements AsyncIterable<Uint8Array> {
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(request: HttpRequest) {
    this.#pieces = request[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return { next: () => this.#pieces.next() };
  }

  /** Reads what nobody has read, and throws it away. */
  async discard(): Promise<void> {
    while (!(await this.#pieces.next()).done);
  }
}

const nothing: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};

function listed({ verb, path, says }: ControlRoute): object {
  return { verb, path: `${prefix}${path}`, says };
}

const parts: Readonly<Record<string, string>> = {
  database: "projects/[^/:]+(?::[^/:]+)?/instances/[^/:]+/databases/[^/:]+",
  instance: "projects/[^/:]+(?::[^/:]+)?/instances/[^/:]+",
};

const matchers = routes.map((route) => {
  const pattern = route.path.replaceAll(
    /\{(\w+)\}/g,
    (_, name: string) => `(?<${name}>${parts[name] ?? "[^/:]+"})`,
  );
  return { route, pattern: new RegExp(`^${pattern}$`) };
});

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // no route has such a path, and that is what will be said
  }
}

function parseUrl(url: string): { readonly pathname: string; readonly query: URLSearchParams } {
  const question = url.indexOf("?");
  if (question < 0) return { pathname: url, query: new URLSearchParams() };
  return {
    pathname: url.slice(0, question),
    query: new URLSearchParams(url.slice(question + 1)),
  };
}

async function send(response: HttpResponse, answered: RoutedAnswer): Promise<void> {
  if ("json" in answered) {
    sendJson(response, 200, answered.json);
    return;
  }
  let isGone = false;
  response.on("close", () => {
    isGone = true;
  });
  const pieces = answered.pieces[Symbol.asyncIterator]();
  // The first piece is made before anything is sent, so that an error can still be the answer.
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    if (isGone) {
      await pieces.return?.();
      return;
    }
    if (!response.headersSent) response.writeHead(200, { "content-type": answered.type });
    if (!response.write(next.value)) await drained(response);
  }
  if (!response.headersSent) response.writeHead(200, { "content-type": answered.type });
  response.end();
}

function sendJson(response: HttpResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value, (_, each: unknown) =>
    typeof each === "bigint" ? String(each) : each,
  );
  response.writeHead(status, { "content-type": "application/json; charset=UTF-8" });
  response.end(`${text}\n`);
}

/** Waits until the client has read, or has gone. */
function drained(response: HttpResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.removeListener("drain", done);
      response.removeListener("close", done);
      resolve();
    };
    response.on("drain", done);
    response.on("close", done);
  });
}
