// SPDX-License-Identifier: Apache-2.0
// A remote procedure as data: its path and how its messages become bytes. This package knows no
// service; whoever has one hands its methods in.

/** How a message becomes bytes and back. */
export interface Codec<Message> {
  encode(message: Message): Uint8Array;
  /** @throws {Error} when the bytes are not such a message. */
  decode(bytes: Uint8Array): Message;
}

/** One remote procedure. */
export interface Method<Request, Response> {
  /** Full name of the service: `google.spanner.v1.Spanner`. */
  readonly service: string;
  /** Name of the procedure: `ExecuteSql`. */
  readonly name: string;
  /** The HTTP/2 path: `/google.spanner.v1.Spanner/ExecuteSql`. */
  readonly path: string;
  /** Whether one message answers, or a stream of them. */
  readonly isStream: boolean;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

/** The shape of a generated message: `encode` gives a writer that is finished by the caller. */
export interface GeneratedMessage<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** The shape of a generated service: a name and its procedures. */
export interface GeneratedService {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, GeneratedMethod>>;
}

/** The shape of a generated procedure. */
export interface GeneratedMethod {
  readonly name: string;
  readonly requestType: unknown;
  readonly requestStream: boolean;
  readonly responseType: unknown;
  readonly responseStream: boolean;
}

/** Every procedure of a generated service as a `Method`, typed by the generated messages. */
export type MethodsOf<Service extends GeneratedService> = {
  readonly [Name in keyof Service["methods"]]: Service["methods"][Name] extends {
    readonly requestType: GeneratedMessage<infer Request>;
    readonly responseType: GeneratedMessage<infer Response>;
  }
    ? Method<Request, Response>
    : never;
};

/** A codec from a generated message. */
export function codecOf<Message>(message: GeneratedMessage<Message>): Codec<Message> {
  return {
    encode: (value) => message.encode(value).finish(),
    decode: (bytes) => message.decode(bytes),
  };
}

/** Every procedure of a generated service, ready to call or to serve. */
export function methodsOf<Service extends GeneratedService>(service: Service): MethodsOf<Service> {
  const entries = Object.entries(service.methods).map(([key, method]) => [
    key,
    {
      service: service.fullName,
      name: method.name,
      path: `/${service.fullName}/${method.name}`,
      isStream: method.responseStream,
      request: codecOf(method.requestType as GeneratedMessage<unknown>),
      response: codecOf(method.responseType as GeneratedMessage<unknown>),
    },
  ]);
  // The generated types say what each entry is; building them from data loses that knowledge.
  return Object.fromEntries(entries) as MethodsOf<Service>;
}
