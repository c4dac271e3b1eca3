// SPDX-License-Identifier: Apache-2.0
// Instance configurations: those that the server offers, and those that a user has made of them. They
// say where data would be; here everything is in one process.
// https://cloud.google.com/spanner/docs/instance-configurations
import { timestampToProto } from "@spandrel/model";
import {
  CreateInstanceConfigMetadata,
  type CreateInstanceConfigRequest,
  type DeleteInstanceConfigRequest,
  InstanceConfig,
  InstanceConfig_State,
  InstanceConfig_Type,
  ReplicaInfo_ReplicaType,
  UpdateInstanceConfigMetadata,
  type UpdateInstanceConfigRequest,
} from "@spandrel/protocol/admin";
import {
  configInUse,
  configNotCustom,
  etagMismatch,
  fieldNotUpdatable,
  invalidResourceId,
  missingField,
  resourceAlreadyExists,
  tooManyResources,
} from "../errors/backup.ts";
import { instanceConfigNotFound } from "../errors/instance.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import { KeptMessages } from "./kept-messages.ts";
import { type MessageOperation, pack } from "./operation-messages.ts";

const packageName = "google.spanner.admin.instance.v1";

/** Configurations that a server offers: an emulator's, and one with the name of a real region. */
const offeredIds = ["emulator-config", "regional-us-central1"];

type NamedConfig = InstanceConfig & { readonly name: string };

/** Answers the calls about instance configurations. */
export class InstanceConfigs {
  readonly #options: AdminServiceOptions;
  readonly #kept: KeptMessages<InstanceConfig>;

  constructor(options: AdminServiceOptions) {
    this.#options = options;
    this.#kept = new KeptMessages(options.registry.messages.instanceConfigs, InstanceConfig);
  }

  /** Those of a project by name. */
  list(parent: string): readonly NamedConfig[] {
    const offered = offeredIds.map((id) => offeredConfig(`${parent}/instanceConfigs/${id}`));
    const own = this.#kept.under(`${parent}/instanceConfigs`);
    return [...offered, ...own].sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** @throws {StatusError} NOT_FOUND when there is no such configuration. */
  get(name: string): InstanceConfig {
    if (offeredIds.includes(idOf(name))) return offeredConfig(name);
    const config = this.#kept.get(name);
    if (config === undefined) throw instanceConfigNotFound(name);
    return config;
  }

  /** @throws {StatusError} INVALID_ARGUMENT, NOT_FOUND for the base, ALREADY_EXISTS. */
  async create(request: CreateInstanceConfigRequest): Promise<MessageOperation> {
    const { parent = "", instanceConfigId: id = "", instanceConfig = {} } = request;
    if (!/^custom-[a-z0-9-]{0,56}[a-z0-9]$/.test(id)) {
      const rule = "8 to 64 characters and match custom-[-a-z0-9]*[a-z0-9]";
      throw invalidResourceId("Instance config", id, rule);
    }
    const {
      baseConfig = "",
      displayName = "",
      replicas = [],
      optionalReplicas = [],
    } = instanceConfig;
    if (baseConfig === "") throw missingField("instance_config.base_config");
    const base = this.get(baseConfig);
    const name = `${parent}/instanceConfigs/${id}`;
    const requireFree = (): void => {
      if (this.#kept.get(name) !== undefined) throw resourceAlreadyExists("Instance config", name);
      const { instanceConfigsPerProjectMax } = this.#options.limits;
      if (this.#kept.under(`${parent}/instanceConfigs`).length >= instanceConfigsPerProjectMax) {
        throw tooManyResources("The project", "instance configs", instanceConfigsPerProjectMax);
      }
    };
    requireFree();
    const config: InstanceConfig = {
      name,
      displayName: displayName === "" ? id : displayName,
      configType: InstanceConfig_Type.USER_MANAGED,
      replicas: replicas.length === 0 ? (base.replicas ?? []) : replicas,
      optionalReplicas,
      baseConfig,
      labels: instanceConfig.labels ?? {},
      etag: "1",
      leaderOptions: base.leaderOptions ?? [],
      state: InstanceConfig_State.READY,
    };
    if (request.validateOnly !== true) await this.#kept.put(name, config, requireFree);
    return this.#done(name, config, "Create");
  }

  /** Changes what the mask names. @throws {StatusError} NOT_FOUND, ABORTED for an old etag. */
  async update(request: UpdateInstanceConfigRequest): Promise<MessageOperation> {
    const { instanceConfig: wanted = {}, updateMask = [] } = request;
    const before = this.#own(wanted.name ?? "", wanted.etag);
    let changed: InstanceConfig = { ...before, etag: String(Number(before.etag) + 1) };
    for (const field of updateMask) {
      if (field === "display_name" || field === "displayName") {
        changed = { ...changed, displayName: wanted.displayName };
      } else if (field === "labels") changed = { ...changed, labels: wanted.labels ?? {} };
      else if (field !== "etag") {
        throw fieldNotUpdatable("an instance config", field, ["display_name", "labels"]);
      }
    }
    const name = before.name ?? "";
    if (request.validateOnly !== true) {
      await this.#kept.put(name, changed, () => void this.#own(name, before.etag));
    }
    return this.#done(name, changed, "Update");
  }

  /** @throws {StatusError} NOT_FOUND, ABORTED for an old etag, FAILED_PRECONDITION while it is used. */
  async delete({ name = "", etag, validateOnly }: DeleteInstanceConfigRequest): Promise<void> {
    this.#own(name, etag);
    const project = name.slice(0, name.indexOf("/instanceConfigs/"));
    for (const instance of this.#options.registry.listInstances(project)) {
      if (instance.config === name) throw configInUse(name, instance.name);
    }
    if (validateOnly !== true) await this.#kept.remove(name);
  }

  #own(name: string, etag = ""): InstanceConfig {
    const config = this.get(name);
    if (config.configType !== InstanceConfig_Type.USER_MANAGED) throw configNotCustom(name);
    if (etag !== "" && etag !== config.etag) throw etagMismatch("instance config", name);
    return config;
  }

  async #done(
    name: string,
    instanceConfig: InstanceConfig,
    verb: "Create" | "Update",
  ): Promise<MessageOperation> {
    const { operations, clock } = this.#options;
    const time = timestampToProto(clock.now());
    const progress = { progressPercent: 100, startTime: time, endTime: time };
    const codec = verb === "Create" ? CreateInstanceConfigMetadata : UpdateInstanceConfigMetadata;
    const metadata = { instanceConfig, progress };
    const operation = operations.start(
      name,
      "",
      pack(`${packageName}.${verb}InstanceConfigMetadata`, codec, metadata),
      async () => pack(`${packageName}.InstanceConfig`, InstanceConfig, instanceConfig),
    );
    await operation.ended;
    return operation;
  }
}

function idOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

function offeredConfig(name: string): NamedConfig {
  return {
    name,
    displayName: name.endsWith("/emulator-config") ? "Emulator Instance Config" : "us-central1",
    configType: InstanceConfig_Type.GOOGLE_MANAGED,
    state: InstanceConfig_State.READY,
    replicas: [
      {
        location: "us-central1",
        type: ReplicaInfo_ReplicaType.READ_WRITE,
        defaultLeaderLocation: true,
      },
    ],
    leaderOptions: ["us-central1"],
  };
}
