// SPDX-License-Identifier: Apache-2.0
// Calling and serving, for any service.

export type { HttpHandler, HttpRequest, HttpResponse } from "./contract/http.ts";
export {
  type Codec,
  codecOf,
  type GeneratedMessage,
  type GeneratedMethod,
  type GeneratedService,
  type Method,
  type MethodsOf,
  methodsOf,
} from "./contract/method.ts";
export {
  type CallContext,
  type Route,
  Router,
  type StreamHandler,
  type UnaryHandler,
} from "./contract/router.ts";
export type { CallOptions, Metadata, Transport } from "./contract/transport.ts";
export { deadlineExceeded } from "./grpc/errors.ts";
export { MESSAGE_BYTES_MAX_DEFAULT } from "./grpc/frame.ts";
export type { TlsOptions } from "./http2/connection.ts";
export {
  type CloseOptions,
  type Listener,
  type ListenOptions,
  listen,
} from "./http2/listener.ts";
export {
  createHttp2Server,
  type Http2Handler,
  type ServeOptions,
  serveGrpc,
} from "./http2/server.ts";
export { createGrpcTransport, type GrpcTransportOptions } from "./http2/transport.ts";
export { createLocalTransport, type LocalTransportOptions } from "./local/transport.ts";
export type { AddedHttpRule, HttpRule } from "./rest/bindings.ts";
export { createRestHandler, type RestOptions } from "./rest/handler.ts";
