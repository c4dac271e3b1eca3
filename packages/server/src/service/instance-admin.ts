// SPDX-License-Identifier: Apache-2.0
// The service google.spanner.admin.instance.v1.InstanceAdmin.
import type { Clock } from "@spandrel/base";
import { timestampToProto } from "@spandrel/model";
import {
  CreateInstanceMetadata,
  type CreateInstanceRequest,
  Instance_State,
  InstanceAdminDefinition,
  type InstanceConfig,
  InstanceConfig_State,
  InstanceConfig_Type,
  Instance as InstanceMessage,
  ReplicaInfo_ReplicaType,
  UpdateInstanceMetadata,
  type UpdateInstanceRequest,
} from "@spandrel/protocol/admin";
import { methodsOf, type Router } from "@spandrel/rpc";
import { instanceConfigNotFound } from "../errors/instance.ts";
import type { Instance, InstanceSettings } from "../instance/instance.ts";
import type { Operations } from "../instance/operations.ts";
import type { Registry } from "../instance/registry.ts";
import {
  type MessageOperation,
  operationToProto,
  type Packed,
  pack,
} from "./operation-messages.ts";
import { pageOf } from "./paging.ts";

/** What the admin services work with. */
export interface AdminServiceOptions {
  readonly registry: Registry;
  readonly operations: Operations<Packed, Packed>;
  readonly clock: Clock;
}

const packageName = "google.spanner.admin.instance.v1";

/** Configurations that a server offers: an emulator's, and one with the name of a real region. */
const configIds = ["emulator-config", "regional-us-central1"];

/** Serves google.spanner.admin.instance.v1.InstanceAdmin. */
export function serveInstanceAdmin(router: Router, options: AdminServiceOptions): void {
  const methods = methodsOf(InstanceAdminDefinition);
  const { registry } = options;
  router
    .unary(methods.listInstanceConfigs, ({ parent = "", pageSize, pageToken }) => {
      const all = configIds.map((id) => configOf(`${parent}/instanceConfigs/${id}`));
      const { items, nextPageToken } = pageOf(all, pageSize, pageToken);
      return { instanceConfigs: [...items], nextPageToken };
    })
    .unary(methods.getInstanceConfig, ({ name = "" }) => {
      const id = name.slice(name.lastIndexOf("/") + 1);
      if (!configIds.includes(id)) throw instanceConfigNotFound(name);
      return configOf(name);
    })
    .unary(methods.listInstances, ({ parent = "", pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(registry.listInstances(parent), pageSize, pageToken);
      return { instances: items.map(toProto), nextPageToken };
    })
    .unary(methods.getInstance, ({ name = "" }) => toProto(registry.getInstance(name)))
    .unary(methods.createInstance, async (request) =>
      operationToProto(await createInstance(request, options)),
    )
    .unary(methods.updateInstance, async (request) =>
      operationToProto(await updateInstance(request, options)),
    )
    .unary(methods.deleteInstance, async ({ name = "" }) => {
      await registry.deleteInstance(name);
      return {};
    });
}

/** What is wrong with the request is said at once; the instance itself is there when this returns. */
async function createInstance(
  request: CreateInstanceRequest,
  { registry, operations, clock }: AdminServiceOptions,
): Promise<MessageOperation> {
  const { parent = "", instanceId = "", instance = {} } = request;
  const created = await registry.createInstance(parent, instanceId, settingsOf(instance));
  const message = toProto(created);
  const startTime = timestampToProto(created.createdNanos);
  const endTime = timestampToProto(clock.now());
  const metadata = { instance: message, startTime, endTime };
  const operation = operations.start(
    created.name,
    "",
    pack(`${packageName}.CreateInstanceMetadata`, CreateInstanceMetadata, metadata),
    async () => pack(`${packageName}.Instance`, InstanceMessage, message),
  );
  await operation.ended;
  return operation;
}

async function updateInstance(
  { instance = {}, fieldMask = [] }: UpdateInstanceRequest,
  { registry, operations, clock }: AdminServiceOptions,
): Promise<MessageOperation> {
  const startTime = timestampToProto(clock.now());
  const wanted = settingsOf(instance);
  const has = (...names: string[]) =>
    fieldMask.length === 0 || names.some((name) => fieldMask.includes(name));
  const changed = await registry.updateInstance(instance.name ?? "", {
    ...(has("display_name", "displayName") ? { displayName: wanted.displayName } : {}),
    ...(has("labels") ? { labels: wanted.labels } : {}),
    ...(has("node_count", "nodeCount") ? { nodeCount: wanted.nodeCount } : {}),
    ...(has("processing_units", "processingUnits")
      ? { processingUnits: wanted.processingUnits }
      : {}),
  });
  const message = toProto(changed);
  const metadata = { instance: message, startTime, endTime: timestampToProto(clock.now()) };
  const operation = operations.start(
    changed.name,
    "",
    pack(`${packageName}.UpdateInstanceMetadata`, UpdateInstanceMetadata, metadata),
    async () => pack(`${packageName}.Instance`, InstanceMessage, message),
  );
  await operation.ended;
  return operation;
}

function settingsOf(instance: InstanceMessage): InstanceSettings {
  return {
    config: instance.config ?? "",
    displayName: instance.displayName ?? "",
    nodeCount: instance.nodeCount ?? 0,
    processingUnits: instance.processingUnits ?? 0,
    labels: instance.labels ?? {},
  };
}

function toProto(instance: Instance): InstanceMessage {
  return {
    name: instance.name,
    config: instance.config,
    displayName: instance.displayName,
    nodeCount: Math.floor(instance.processingUnits / 1_000),
    processingUnits: instance.processingUnits,
    labels: { ...instance.labels },
    state: Instance_State.READY,
    createTime: timestampToProto(instance.createdNanos),
    updateTime: timestampToProto(instance.updatedNanos),
  };
}

function configOf(name: string): InstanceConfig & { readonly name: string } {
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
