// SPDX-License-Identifier: Apache-2.0
import { instanceName, projectName } from "@spandrel/model";
import type {
  InstanceConfig as InstanceConfigMessage,
  Instance as InstanceMessage,
} from "@spandrel/protocol/admin";
import type { Call, Caller, OperationOptions } from "../call/caller.ts";
import { headersOf } from "../call/headers.ts";
import { nodesAndUnitsDiffer } from "../errors/admin.ts";
import { adminMethods } from "./admin-methods.ts";
import { Operation } from "./operation.ts";
import { everyItem } from "./pages.ts";

/** What an instance may be made with. */
export interface InstanceSettings {
  /** Id or full name of the configuration, which says where the instance lives. */
  readonly config?: string | undefined;
  /** Default: the id. */
  readonly displayName?: string | undefined;
  /** Default 1, unless processing units are given. One node is 1000 processing units. */
  readonly nodeCount?: number | undefined;
  readonly processingUnits?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** How a list is asked for. */
export interface ListOptions extends OperationOptions {
  /** Elements per call. Default: the server's. */
  readonly pageSize?: number | undefined;
  /** A condition in the service's own language. Default: everything. */
  readonly filter?: string | undefined;
}

/** Calls on the instances of one project. */
export class InstanceAdmin {
  readonly #caller: Caller;
  readonly #project: string;

  constructor(caller: Caller, project: string) {
    this.#caller = caller;
    this.#project = project;
  }

  async create(
    instance: string,
    settings: InstanceSettings,
    options: OperationOptions,
  ): Promise<Operation<InstanceMessage>> {
    const { instances, messages } = await adminMethods();
    const parent = projectName(this.#project);
    const request = { parent, instanceId: instance, instance: this.#message(instance, settings) };
    const call = { ...this.#call("parent", parent, options), isIdempotent: false };
    const operation = await this.#caller.unary(instances.createInstance, request, call);
    const decode = (bytes: Uint8Array): InstanceMessage => messages.Instance.decode(bytes);
    return new Operation(this.#caller, this.#name(instance), operation, decode);
  }

  async get(instance: string, options: OperationOptions): Promise<InstanceMessage> {
    const { instances } = await adminMethods();
    const name = this.#name(instance);
    return this.#caller.unary(instances.getInstance, { name }, this.#call("name", name, options));
  }

  async update(
    instance: string,
    settings: InstanceSettings,
    options: OperationOptions,
  ): Promise<Operation<InstanceMessage>> {
    const { instances, messages } = await adminMethods();
    const name = this.#name(instance);
    const fieldMask = [
      ...(settings.config !== undefined ? ["config"] : []),
      ...(settings.displayName !== undefined ? ["display_name"] : []),
      ...(settings.nodeCount !== undefined || settings.processingUnits !== undefined
        ? ["processing_units"]
        : []),
      ...(settings.labels !== undefined ? ["labels"] : []),
    ];
    const request = { instance: this.#message(instance, settings), fieldMask };
    const call = { ...this.#call("instance.name", name, options), isIdempotent: false };
    const operation = await this.#caller.unary(instances.updateInstance, request, call);
    const decode = (bytes: Uint8Array): InstanceMessage => messages.Instance.decode(bytes);
    return new Operation(this.#caller, name, operation, decode);
  }

  async delete(instance: string, options: OperationOptions): Promise<void> {
    const { instances } = await adminMethods();
    const name = this.#name(instance);
    await this.#caller.unary(instances.deleteInstance, { name }, this.#call("name", name, options));
  }

  list(options: ListOptions): AsyncGenerator<InstanceMessage, void, undefined> {
    const parent = projectName(this.#project);
    const { pageSize, filter } = options;
    return everyItem(async (pageToken) => {
      const { instances } = await adminMethods();
      const request = { parent, pageToken, pageSize, filter };
      const call = this.#call("parent", parent, options);
      const page = await this.#caller.unary(instances.listInstances, request, call);
      return { items: page.instances, nextPageToken: page.nextPageToken };
    });
  }

  listConfigs(options: ListOptions): AsyncGenerator<InstanceConfigMessage, void, undefined> {
    const parent = projectName(this.#project);
    return everyItem(async (pageToken) => {
      const { instances } = await adminMethods();
      const request = { parent, pageToken, pageSize: options.pageSize };
      const call = this.#call("parent", parent, options);
      const page = await this.#caller.unary(instances.listInstanceConfigs, request, call);
      return { items: page.instanceConfigs, nextPageToken: page.nextPageToken };
    });
  }

  #message(instance: string, settings: InstanceSettings): InstanceMessage {
    const { config, displayName, labels } = settings;
    return {
      name: this.#name(instance),
      ...(config !== undefined && { config: this.#configName(config) }),
      displayName: displayName ?? instance,
      processingUnits: processingUnitsOf(settings),
      ...(labels !== undefined && { labels: { ...labels } }),
    };
  }

  #configName(config: string): string {
    if (config.includes("/")) return config;
    return `${projectName(this.#project)}/instanceConfigs/${config}`;
  }

  #name(instance: string): string {
    return instanceName({ project: this.#project, instance });
  }

  #call(field: string, value: string, options: OperationOptions): Call {
    const { timeoutMillis, signal } = options;
    const headers = headersOf({ resource: value, routing: [field, value] });
    return { timeoutMillis, signal, headers };
  }
}

/** One node is a thousand processing units; without either, one node. */
function processingUnitsOf({ nodeCount, processingUnits }: InstanceSettings): number {
  if (nodeCount !== undefined && processingUnits !== undefined) {
    if (nodeCount * 1_000 !== processingUnits)
      throw nodesAndUnitsDiffer(nodeCount, processingUnits);
  }
  return processingUnits ?? (nodeCount ?? 1) * 1_000;
}
