// SPDX-License-Identifier: Apache-2.0
// Answers HTTP requests: finds the method that a URL means, calls its handler, writes JSON.
import {
  type Clock,
  type Logger,
  type Random,
  type StatusError,
  silentLogger,
  systemRandom,
} from "@spandrel/base";
import type { HttpHandler, HttpRequest, HttpResponse } from "../contract/http.ts";
import type { Method } from "../contract/method.ts";
import type { Router } from "../contract/router.ts";
import type { CallOptions, Metadata, Transport } from "../contract/transport.ts";
import { malformedRequest, methodNotFound } from "../grpc/errors.ts";
import { MESSAGE_BYTES_MAX_DEFAULT } from "../grpc/frame.ts";
import { statusOfThrown } from "../grpc/handler-context.ts";
import { metadataOf } from "../grpc/metadata.ts";
import { createLocalTransport } from "../local/transport.ts";
import { BindingTable, type Match } from "./bindings.ts";
import { readJson } from "./body.ts";
import { envelopeOf, httpStatusOf, urlNotFound, verbNotAllowed } from "./errors.ts";
import type { AddedHttpRule } from "./http-rule.ts";
import { decodeResponse, encodeRequest } from "./transcode.ts";

/** What to answer, and by which descriptors. */
export interface RestOptions {
  readonly router: Router;
  /** A google.protobuf.FileDescriptorSet; asked for and read at the first request. */
  readonly descriptorSet: Uint8Array | (() => Uint8Array);
  /**
   * Rules that the descriptors do not give, from a service's configuration.
   *
   * Google keeps the URLs of long-running operations there. Default: none.
   */
  readonly rules?: readonly AddedHttpRule[] | undefined;
  readonly clock?: Clock | undefined;
  /** Learns of handlers that break. Default: silent. */
  readonly logger?: Logger | undefined;
  /** For the names of incidents. Default: the machine's. */
  readonly random?: Random | undefined;
  /** Longest body that is accepted. Default 100 MiB. */
  readonly bodyBytesMax?: number | undefined;
}

/** Makes what answers HTTP requests, of HTTP/1.1 and HTTP/2 alike, by a router's handlers. */
export function createRestHandler(options: RestOptions): HttpHandler {
  const rest = new Rest(options);
  return (request, response) => void rest.answer(request, response);
}

class Rest {
  readonly #options: RestOptions;
  readonly #logger: Logger;
  readonly #random: Random;
  readonly #transport: Transport;
  #table: BindingTable | undefined;

  constructor(options: RestOptions) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#random = options.random ?? systemRandom;
    this.#transport = createLocalTransport(options.router, options);
  }

  /** Never throws: whatever goes wrong becomes an answer, and what cannot is logged. */
  async answer(request: HttpRequest, response: HttpResponse): Promise<void> {
    const { pathname, searchParams } = parseUrl(request.url ?? "/");
    response.on("error", () => undefined); // "close" follows, and ends the call
    try {
      if (request.method === "OPTIONS") this.#answerOptions(pathname, response);
      else await this.#call(request, pathname, searchParams, response);
    } catch (thrown) {
      this.#answerError(thrown, pathname, response);
      request.resume();
    }
  }

  #answerError(thrown: unknown, path: string, response: HttpResponse): void {
    const error = statusOfThrown(thrown, path, this.#logger, this.#random);
    try {
      sendError(response, error);
    } catch (unsent) {
      // The client is gone, or the answer was half written: there is nobody left to tell.
      this.#logger.log("debug", "error not sent", { path, error: String(unsent) });
    }
  }

  #answerOptions(path: string, response: HttpResponse): void {
    const verbs = this.#bindings().verbsOf(path);
    response.writeHead(204, { allow: [...verbs, "OPTIONS"].join(", ") });
    response.end();
  }

  async #call(
    request: HttpRequest,
    path: string,
    query: URLSearchParams,
    response: HttpResponse,
  ): Promise<void> {
    const table = this.#bindings();
    const match = this.#find(table, request, path);
    const { method: described } = match.binding;
    const rpcPath = `/${described.parent.typeName}/${described.name}`;
    const route = this.#options.router.find(rpcPath);
    if (route === undefined) throw methodNotFound(rpcPath);
    const hasBody = (match.binding.rule.body ?? "") !== "";
    const bytesMax = this.#options.bodyBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT;
    const body = hasBody ? await readJson(request, bytesMax) : undefined;
    if (!hasBody) request.resume();
    const bytes = encodeRequest(match, query, body, table.registry);
    const message = decodeMessage(route.method, bytes);
    const options = callOptions(request, response);
    const toJson = (answer: unknown): string =>
      JSON.stringify(
        decodeResponse(match.binding, route.method.response.encode(answer), table.registry),
      );
    if (route.kind === "unary") {
      sendJson(response, 200, toJson(await this.#transport.unary(route.method, message, options)));
    } else {
      await this.#stream(
        path,
        this.#transport.serverStream(route.method, message, options),
        response,
        toJson,
      );
    }
  }

  #find(table: BindingTable, request: HttpRequest, path: string): Match {
    const verb = request.method === "HEAD" ? "GET" : (request.method ?? "GET");
    const match = table.find(verb, path);
    if (match !== undefined) return match;
    if (table.verbsOf(path).length > 0) throw verbNotAllowed(verb, path);
    throw urlNotFound(path);
  }

  /** Writes a stream as an array, message by message, no faster than the client reads. */
  async #stream(
    path: string,
    answers: AsyncIterable<unknown>,
    response: HttpResponse,
    toJson: (answer: unknown) => string,
  ): Promise<void> {
    let isFirst = true;
    try {
      for await (const answer of answers) {
        const text = toJson(answer);
        if (isFirst) response.writeHead(200, jsonHeaders);
        const hasRoom = response.write(`${isFirst ? "[" : ",\n"}${text}`);
        isFirst = false;
        if (!hasRoom) await drained(response);
      }
    } catch (thrown) {
      // Before the first message the answer can still be an error as a whole.
      if (isFirst) throw thrown;
      const error = statusOfThrown(thrown, path, this.#logger, this.#random);
      response.end(`,\n${JSON.stringify(envelopeOf(error))}]`);
      return;
    }
    if (isFirst) sendJson(response, 200, "[]");
    else response.end("]");
  }

  #bindings(): BindingTable {
    if (this.#table === undefined) {
      const { descriptorSet, rules = [] } = this.#options;
      const bytes = typeof descriptorSet === "function" ? descriptorSet() : descriptorSet;
      this.#table = new BindingTable(bytes, rules);
    }
    return this.#table;
  }
}

const jsonHeaders = { "content-type": "application/json; charset=UTF-8" };

/** Only path and query of a URL count; a text that is no URL is a path that nobody has. */
function parseUrl(url: string): {
  readonly pathname: string;
  readonly searchParams: URLSearchParams;
} {
  const question = url.indexOf("?");
  if (question < 0) return { pathname: url, searchParams: new URLSearchParams() };
  return {
    pathname: url.slice(0, question),
    searchParams: new URLSearchParams(url.slice(question + 1)),
  };
}

function decodeMessage(method: Method<unknown, unknown>, bytes: Uint8Array): unknown {
  try {
    return method.request.decode(bytes);
  } catch (error) {
    throw malformedRequest(error);
  }
}

/** The caller's metadata and deadline, and a signal for the client that goes away. */
function callOptions(request: HttpRequest, response: HttpResponse): CallOptions {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const seconds = Number(request.headers["x-server-timeout"] ?? Number.NaN);
  return {
    metadata: metadataOf(request.headers),
    signal: gone.signal,
    timeoutMillis: seconds > 0 ? seconds * 1_000 : undefined,
    onHeaders: (headers) => setHeaders(response, headers),
  };
}

function setHeaders(response: HttpResponse, headers: Metadata): void {
  if (response.headersSent) return;
  for (const [key, value] of Object.entries(headers)) response.setHeader(key, value);
}

function sendError(response: HttpResponse, error: StatusError): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const httpStatus = error.reason === "VERB_NOT_ALLOWED" ? 405 : httpStatusOf(error);
  sendJson(response, httpStatus, JSON.stringify(envelopeOf(error, httpStatus)));
}

function sendJson(response: HttpResponse, httpStatus: number, text: string): void {
  response.writeHead(httpStatus, jsonHeaders);
  response.end(text);
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
