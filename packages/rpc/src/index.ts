// SPDX-License-Identifier: Apache-2.0
// Calling, for any service, and what both ends say about it. Serving on a port has a door of its own,
// `@spandrel/rpc/serve`, so that a program that only calls loads no server.

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
  type InterceptedCall,
  type Interceptor,
  type Route,
  Router,
  type StreamHandler,
  type UnaryHandler,
} from "./contract/router.ts";
export type { CallOptions, Metadata, Transport } from "./contract/transport.ts";
export { deadlineExceeded } from "./grpc/errors.ts";
export { MESSAGE_BYTES_MAX_DEFAULT } from "./grpc/frame.ts";
export type { TlsOptions } from "./http2/connection.ts";
export type { ChannelRange } from "./http2/connection-pool.ts";
export { createGrpcTransport, type GrpcTransportOptions } from "./http2/transport.ts";
export { wrongField } from "./intercept/errors.ts";
export type { FaultRule, FaultStatus } from "./intercept/fault-rule.ts";
export {
  type DescribeCall,
  type Fault,
  type FaultEffect,
  Faults,
  type FaultsOptions,
} from "./intercept/faults.ts";
export { Fields } from "./intercept/fields.ts";
export { interceptBoth } from "./intercept/interceptors.ts";
export { type Occasion, OccasionCounter, readOccasion } from "./intercept/occasion.ts";
export {
  type LoggedRequest,
  RequestLog,
  type RequestLogOptions,
} from "./intercept/request-log.ts";
export { createLocalTransport, type LocalTransportOptions } from "./local/transport.ts";
