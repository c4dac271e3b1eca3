// SPDX-License-Identifier: Apache-2.0
// Serving on a port: gRPC over HTTP/2, REST over either HTTP, and the listener that holds both.
export type { HttpHandler, HttpRequest, HttpResponse } from "./contract/http.ts";
export {
  type CloseOptions,
  type Listener,
  type ListenOptions,
  listen,
} from "./http2/listener.ts";
export type { ServeOptions } from "./http2/server.ts";
export { readJson } from "./rest/body.ts";
export { envelopeOf, httpStatusOf, urlNotFound, verbNotAllowed } from "./rest/errors.ts";
export { createRestHandler, type RestOptions } from "./rest/handler.ts";
export type { AddedHttpRule, HttpRule } from "./rest/http-rule.ts";
