// SPDX-License-Identifier: Apache-2.0
// An HTTP request and its answer, as far as anybody here looks at them. Node's classes for HTTP/1.1
// and for HTTP/2 both are such, although their own types do not agree.

/** A request; iterating it gives its body. */
export interface HttpRequest extends AsyncIterable<Uint8Array> {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Throws the body away. */
  resume(): unknown;
}

/** An answer that is being written. */
export interface HttpResponse {
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  writeHead(status: number, headers: Record<string, string>): unknown;
  /** False when the client should read before more is written: `drain` follows when it has. */
  write(text: string | Uint8Array): boolean;
  end(text?: string | Uint8Array): unknown;
  on(event: "close" | "drain" | "error", listener: () => void): unknown;
  removeListener(event: "close" | "drain" | "error", listener: () => void): unknown;
}

/** Answers requests that are not gRPC, over HTTP/1.1 and HTTP/2 alike. */
export type HttpHandler = (request: HttpRequest, response: HttpResponse) => void;
