// SPDX-License-Identifier: Apache-2.0
// The service google.spanner.admin.instance.v1.InstanceAdmin.
import { timestampToProto } from "@spandrel/model";
import {
  CreateInstanceMetadata,
  type CreateInstanceRequest,
  Instance_State,
  InstanceAdminDefinition,
  Instance as InstanceMessage,
  UpdateInstanceMetadata,
  type UpdateInstanceRequest,
} from "@spandrel/protocol/admin";
import { methodsOf, type Router } from "@spandrel/rpc";
import { notServed } from "../errors/backup.ts";
import type { Instance, InstanceSettings } from "../instance/instance.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import { InstanceConfigs } from "./instance-configs.ts";
import { InstancePartitions } from "./instance-partitions.ts";
import { operationFilter } from "./operation-filter.ts";
import { type MessageOperation, operationToProto, pack } from "./operation-messages.ts";
import { pageOf } from "./paging.ts";
import { Policies } from "./policies.ts";

const packageName = "google.spanner.admin.instance.v1";

/** Serves google.spanner.admin.instance.v1.InstanceAdmin. */
export function serveInstanceAdmin(router: Router, options: AdminServiceOptions): void {
  const configs = new InstanceConfigs(options);
  serveInstances(router, options);
  serveConfigs(router, options, configs);
  servePartitions(router, options, configs);
  servePolicies(router, options);
}

function serveInstances(router: Router, options: AdminServiceOptions): void {
  const methods = methodsOf(InstanceAdminDefinition);
  const { registry } = options;
  router
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

function serveConfigs(
  router: Router,
  { operations }: AdminServiceOptions,
  configs: InstanceConfigs,
): void {
  const methods = methodsOf(InstanceAdminDefinition);
  router
    .unary(methods.listInstanceConfigs, ({ parent = "", pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(configs.list(parent), pageSize, pageToken);
      return { instanceConfigs: [...items], nextPageToken };
    })
    .unary(methods.getInstanceConfig, ({ name = "" }) => configs.get(name))
    .unary(methods.createInstanceConfig, async (request) =>
      operationToProto(await configs.create(request)),
    )
    .unary(methods.updateInstanceConfig, async (request) =>
      operationToProto(await configs.update(request)),
    )
    .unary(methods.deleteInstanceConfig, async (request) => {
      await configs.delete(request);
      return {};
    })
    .unary(methods.listInstanceConfigOperations, (request) => {
      const { parent = "", filter = "", pageSize, pageToken } = request;
      const all = operations.list(`${parent}/instanceConfigs`).filter(operationFilter(filter));
      const { items, nextPageToken } = pageOf(all, pageSize, pageToken);
      return { operations: items.map(operationToProto), nextPageToken };
    });
}

function servePartitions(
  router: Router,
  options: AdminServiceOptions,
  configs: InstanceConfigs,
): void {
  const methods = methodsOf(InstanceAdminDefinition);
  const { registry, operations } = options;
  const partitions = new InstancePartitions(options, configs);
  router
    .unary(methods.listInstancePartitions, ({ parent = "", pageSize, pageToken }) => {
      const { items, nextPageToken } = pageOf(partitions.list(parent), pageSize, pageToken);
      return { instancePartitions: [...items], nextPageToken };
    })
    .unary(methods.getInstancePartition, ({ name = "" }) => partitions.get(name))
    .unary(methods.createInstancePartition, async (request) =>
      operationToProto(await partitions.create(request)),
    )
    .unary(methods.updateInstancePartition, async (request) =>
      operationToProto(await partitions.update(request)),
    )
    .unary(methods.deleteInstancePartition, async (request) => {
      await partitions.delete(request);
      return {};
    })
    .unary(methods.listInstancePartitionOperations, (request) => {
      const { parent = "", filter = "", pageSize, pageToken } = request;
      registry.getInstance(parent);
      const all = operations.list(`${parent}/instancePartitions`).filter(operationFilter(filter));
      const { items, nextPageToken } = pageOf(all, pageSize, pageToken);
      return { operations: items.map(operationToProto), nextPageToken };
    });
}

function servePolicies(router: Router, { registry }: AdminServiceOptions): void {
  const methods = methodsOf(InstanceAdminDefinition);
  const policies = new Policies(registry);
  router
    .unary(methods.getIamPolicy, (request) => policies.get(request))
    .unary(methods.setIamPolicy, (request) => policies.set(request))
    .unary(methods.testIamPermissions, (request) => policies.test(request))
    .unary(methods.moveInstance, ({ name = "" }) => {
      registry.getInstance(name);
      throw notServed("MoveInstance", "one process is one place, there is nowhere to move to");
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
