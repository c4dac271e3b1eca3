// SPDX-License-Identifier: Apache-2.0
// A request that came over HTTP/2 and is not gRPC, and its answer, in the shape that they have over
// HTTP/1.1 in Node, so that whoever answers them need not know.
import { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import type { HttpHandler, HttpRequest, HttpResponse } from "../contract/http.ts";
import type { StreamHandler } from "../endpoint/stream.ts";
import { checkHeaders, type Headers } from "../hpack/header-list.ts";
import type { RequestStream } from "./server-connection.ts";

/** Has a request answered, and gives who takes its body. */
export function exchange(to: RequestStream, headers: Headers, answer: HttpHandler): StreamHandler {
  const request = new ExchangeRequest(to, headers);
  const response = new ExchangeResponse(to, headers[":method"] === "HEAD");
  answer(request, response);
  return {
    headersReceived: () => undefined, // those of a request come with it
    dataReceived: (bytes, start, end) => request.received(bytes.slice(start, end)),
    trailersReceived: () => undefined, // nobody asks for them
    endReceived: () => request.ended(),
    streamReset: () => {
      request.destroy(new Error("the client has given the request up"));
      response.closed();
    },
    drained: () => void response.emit("drain"),
  };
}

/** A request; no more of its body is held than the window of the stream. */
class ExchangeRequest extends Readable implements HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly #to: RequestStream;
  /** Bytes that came and were not read: the client gets no room for more instead of them. */
  #unreadBytes = 0;

  constructor(to: RequestStream, headers: Headers) {
    super();
    this.#to = to;
    this.headers = headers;
    this.method = String(headers[":method"]);
    this.url = String(headers[":path"]);
    this.on("error", () => undefined); // whoever reads learns of it
  }

  received(bytes: Uint8Array): void {
    this.#unreadBytes += bytes.length;
    if (this.destroyed || this.push(bytes)) this._read();
  }

  ended(): void {
    this.push(null);
  }

  override _read(): void {
    const bytes = this.#unreadBytes;
    this.#unreadBytes = 0;
    this.#to.endpoint.consumed(this.#to.stream, bytes);
  }
}

/** An answer. */
class ExchangeResponse extends EventEmitter implements HttpResponse {
  headersSent = false;
  readonly #to: RequestStream;
  readonly #isBodyless: boolean;
  readonly #headers: Record<string, string> = {};
  #isDone = false;

  constructor(to: RequestStream, isBodyless: boolean) {
    super();
    this.#to = to;
    this.#isBodyless = isBodyless;
  }

  /** @throws {HeaderNotAllowedError} for a header that HTTP/2 cannot carry; then it is not set. */
  setHeader(name: string, value: string): void {
    const header = { [name.toLowerCase()]: value };
    checkHeaders(header);
    Object.assign(this.#headers, header);
  }

  /** @throws {HeaderNotAllowedError} as `setHeader`; then nothing is sent. */
  writeHead(status: number, headers: Record<string, string>): void {
    for (const name in headers) this.setHeader(name, headers[name] ?? "");
    const { endpoint, stream } = this.#to;
    endpoint.sendHeaders(stream, { ":status": String(status), ...this.#headers });
    this.headersSent = true;
  }

  write(text: string | Uint8Array): boolean {
    if (!this.headersSent) this.writeHead(200, {});
    if (this.#isBodyless) return true;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    return this.#to.endpoint.sendData(this.#to.stream, bytes);
  }

  end(text?: string | Uint8Array): void {
    if (this.#isDone) return;
    this.write(text ?? "");
    this.#to.endpoint.end(this.#to.stream);
    this.#done();
  }

  /** The client is gone. */
  closed(): void {
    this.#done();
    this.emit("close");
  }

  #done(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#to.done();
  }
}
