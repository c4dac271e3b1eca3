// SPDX-License-Identifier: Apache-2.0
import type { GeneratedMessage, Method } from "@spandrel/rpc";
import type { Caller, OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { type AdminMethods, adminMethods } from "./admin-methods.ts";
import { Operation } from "./operation.ts";
import { everyItem, type Page } from "./pages.ts";

/** The field of a request that says where it belongs, with its value. */
export type Route = readonly [field: string, name: string | undefined];

/** Picks a procedure out of those of the services. */
export type PickMethod<Request, Response> = (methods: AdminMethods) => Method<Request, Response>;

type OperationMethod<Request> = ReturnType<PickMethod<Request, Operation["message"]>>;

/** What an operation gives in the end, and what it says of itself meanwhile. */
export interface OperationMessages<T, M> {
  readonly result: GeneratedMessage<T> | undefined;
  readonly metadata: GeneratedMessage<M>;
}

/** A request for a part of a list. */
interface PageRequest {
  readonly pageToken?: string | undefined;
}

/** What the calls of both administration services have in common. */
export class AdminCalls {
  readonly #caller: Caller;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** A call that is made again after a passing failure. */
  async unary<Request, Response>(
    pick: PickMethod<Request, Response>,
    request: Request,
    route: Route,
    options: OperationOptions,
  ): Promise<Response> {
    const method = pick(await adminMethods());
    return this.#caller.unary(method, request, { ...limitsOf(options), headers: headers(route) });
  }

  /** A call that is made once, since nobody knows what a lost answer said. */
  async once<Request, Response>(
    pick: PickMethod<Request, Response>,
    request: Request,
    route: Route,
    options: OperationOptions,
  ): Promise<Response> {
    const method = pick(await adminMethods());
    const call = { ...limitsOf(options), headers: headers(route), isIdempotent: false };
    return this.#caller.unary(method, request, call);
  }

  /** A call that begins an operation; made once, unless it `isIdempotent`. */
  async operation<Request, T, M>(
    pick: (methods: AdminMethods) => OperationMethod<Request>,
    request: Request,
    route: Route,
    options: OperationOptions,
    messagesOf: (messages: AdminMethods["messages"]) => OperationMessages<T, M>,
    isIdempotent = false,
  ): Promise<Operation<T, M>> {
    const methods = await adminMethods();
    const call = { ...limitsOf(options), headers: headers(route), isIdempotent };
    const message = await this.#caller.unary(pick(methods), request, call);
    const { result, metadata } = messagesOf(methods.messages);
    return new Operation(this.#caller, message, {
      // Operations without a message as their result are operations of nothing.
      result: (any) => result?.decode(any.value ?? new Uint8Array()) as T,
      metadata: (any) => metadata.decode(any.value ?? new Uint8Array()),
    });
  }

  /** Every element of a list, fetched page by page. */
  list<Request extends PageRequest, Response, Item>(
    pick: PickMethod<Request, Response>,
    request: Request,
    route: Route,
    options: OperationOptions,
    pageOf: (response: Response) => Page<Item>,
  ): AsyncGenerator<Item, void, undefined> {
    return everyItem(async (pageToken) => {
      const next = pageToken === "" ? request : { ...request, pageToken };
      return pageOf(await this.unary(pick, next, route, options));
    });
  }

  /** Every operation of a list. What each is about is read by the type that it names. */
  operations<Request extends PageRequest>(
    pick: PickMethod<
      Request,
      {
        readonly operations?: readonly Operation["message"][] | undefined;
        readonly nextPageToken?: string | undefined;
      }
    >,
    request: Request,
    route: Route,
    options: OperationOptions,
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    const messages = this.list(pick, request, route, options, (page) => ({
      items: page.operations,
      nextPageToken: page.nextPageToken,
    }));
    return this.#known(messages);
  }

  /** An operation that was begun before, by its full name. */
  async operationNamed(
    name: string,
    options: OperationOptions,
  ): Promise<Operation<unknown, unknown>> {
    const message = await this.unary(
      ({ operations }) => operations.getOperation,
      { name },
      ["name", name],
      options,
    );
    const { messages } = await adminMethods();
    return Operation.ofNamedTypes(this.#caller, message, messages);
  }

  async *#known(
    listed: AsyncGenerator<Operation["message"], void, undefined>,
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    const { messages } = await adminMethods();
    for await (const message of listed)
      yield Operation.ofNamedTypes(this.#caller, message, messages);
  }
}

function headers([field, name = ""]: Route): ReturnType<typeof headersOf> {
  return headersOf({ resource: name, routing: [field, name] });
}

function limitsOf({ timeoutMillis, signal }: OperationOptions): OperationOptions {
  return { timeoutMillis, signal };
}
