// SPDX-License-Identifier: Apache-2.0
import type {
  CreateInstanceConfigMetadata,
  CreateInstanceConfigRequest,
  CreateInstanceMetadata,
  CreateInstancePartitionMetadata,
  CreateInstancePartitionRequest,
  CreateInstanceRequest,
  DeleteInstanceConfigRequest,
  DeleteInstancePartitionRequest,
  DeleteInstanceRequest,
  GetIamPolicyRequest,
  GetInstanceConfigRequest,
  GetInstancePartitionRequest,
  GetInstanceRequest,
  Instance,
  InstanceConfig,
  InstancePartition,
  ListInstanceConfigOperationsRequest,
  ListInstanceConfigsRequest,
  ListInstancePartitionOperationsRequest,
  ListInstancePartitionsRequest,
  ListInstancesRequest,
  MoveInstanceMetadata,
  MoveInstanceRequest,
  MoveInstanceResponse,
  Policy,
  SetIamPolicyRequest,
  TestIamPermissionsRequest,
  TestIamPermissionsResponse,
  UpdateInstanceConfigMetadata,
  UpdateInstanceConfigRequest,
  UpdateInstanceMetadata,
  UpdateInstancePartitionMetadata,
  UpdateInstancePartitionRequest,
  UpdateInstanceRequest,
} from "@spandrel/protocol/admin";
import type { Caller, OperationOptions } from "../call/caller.ts";
import { AdminCalls } from "./admin-calls.ts";
import type { Operation } from "./operation.ts";

/**
 * The calls of `google.spanner.admin.instance.v1.InstanceAdmin`.
 *
 * https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.instance.v1
 */
export class InstanceAdmin {
  readonly #calls: AdminCalls;

  constructor(caller: Caller) {
    this.#calls = new AdminCalls(caller);
  }

  /** The configurations that instances of a project may have. */
  listInstanceConfigs(
    request: ListInstanceConfigsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<InstanceConfig, void, undefined> {
    return this.#calls.list(
      ({ instances }) => instances.listInstanceConfigs,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.instanceConfigs, nextPageToken: page.nextPageToken }),
    );
  }

  /** What a configuration is. */
  getInstanceConfig(
    request: GetInstanceConfigRequest,
    options: OperationOptions = {},
  ): Promise<InstanceConfig> {
    return this.#calls.unary(
      ({ instances }) => instances.getInstanceConfig,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Creates a configuration of the project's own. */
  createInstanceConfig(
    request: CreateInstanceConfigRequest,
    options: OperationOptions = {},
  ): Promise<Operation<InstanceConfig, CreateInstanceConfigMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.createInstanceConfig,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({
        result: messages.InstanceConfig,
        metadata: messages.CreateInstanceConfigMetadata,
      }),
    );
  }

  /** Changes a configuration of the project's own. */
  updateInstanceConfig(
    request: UpdateInstanceConfigRequest,
    options: OperationOptions = {},
  ): Promise<Operation<InstanceConfig, UpdateInstanceConfigMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.updateInstanceConfig,
      request,
      ["instance_config.name", request.instanceConfig?.name],
      options,
      (messages) => ({
        result: messages.InstanceConfig,
        metadata: messages.UpdateInstanceConfigMetadata,
      }),
    );
  }

  /** Deletes a configuration of the project's own. */
  async deleteInstanceConfig(
    request: DeleteInstanceConfigRequest,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#calls.unary(
      ({ instances }) => instances.deleteInstanceConfig,
      request,
      ["name", request.name],
      options,
    );
  }

  /** The operations on configurations. */
  listInstanceConfigOperations(
    request: ListInstanceConfigOperationsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    return this.#calls.operations(
      ({ instances }) => instances.listInstanceConfigOperations,
      request,
      ["parent", request.parent],
      options,
    );
  }

  /** The instances of a project. */
  listInstances(
    request: ListInstancesRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Instance, void, undefined> {
    return this.#calls.list(
      ({ instances }) => instances.listInstances,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.instances, nextPageToken: page.nextPageToken }),
    );
  }

  /** The partitions of an instance. */
  listInstancePartitions(
    request: ListInstancePartitionsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<InstancePartition, void, undefined> {
    return this.#calls.list(
      ({ instances }) => instances.listInstancePartitions,
      request,
      ["parent", request.parent],
      options,
      (page) => ({ items: page.instancePartitions, nextPageToken: page.nextPageToken }),
    );
  }

  /** What an instance is. */
  getInstance(request: GetInstanceRequest, options: OperationOptions = {}): Promise<Instance> {
    return this.#calls.unary(
      ({ instances }) => instances.getInstance,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Creates an instance. */
  createInstance(
    request: CreateInstanceRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Instance, CreateInstanceMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.createInstance,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({ result: messages.Instance, metadata: messages.CreateInstanceMetadata }),
    );
  }

  /** Changes an instance. */
  updateInstance(
    request: UpdateInstanceRequest,
    options: OperationOptions = {},
  ): Promise<Operation<Instance, UpdateInstanceMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.updateInstance,
      request,
      ["instance.name", request.instance?.name],
      options,
      (messages) => ({ result: messages.Instance, metadata: messages.UpdateInstanceMetadata }),
    );
  }

  /** Deletes an instance with all of its databases. */
  async deleteInstance(
    request: DeleteInstanceRequest,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#calls.unary(
      ({ instances }) => instances.deleteInstance,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Says who may do what with an instance. */
  setIamPolicy(request: SetIamPolicyRequest, options: OperationOptions = {}): Promise<Policy> {
    return this.#calls.once(
      ({ instances }) => instances.setIamPolicy,
      request,
      ["resource", request.resource],
      options,
    );
  }

  /** Who may do what with an instance. */
  getIamPolicy(request: GetIamPolicyRequest, options: OperationOptions = {}): Promise<Policy> {
    return this.#calls.unary(
      ({ instances }) => instances.getIamPolicy,
      request,
      ["resource", request.resource],
      options,
    );
  }

  /** Which of some permissions the caller has on an instance. */
  testIamPermissions(
    request: TestIamPermissionsRequest,
    options: OperationOptions = {},
  ): Promise<TestIamPermissionsResponse> {
    return this.#calls.unary(
      ({ instances }) => instances.testIamPermissions,
      request,
      ["resource", request.resource],
      options,
    );
  }

  /** What a partition of an instance is. */
  getInstancePartition(
    request: GetInstancePartitionRequest,
    options: OperationOptions = {},
  ): Promise<InstancePartition> {
    return this.#calls.unary(
      ({ instances }) => instances.getInstancePartition,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Creates a partition of an instance. */
  createInstancePartition(
    request: CreateInstancePartitionRequest,
    options: OperationOptions = {},
  ): Promise<Operation<InstancePartition, CreateInstancePartitionMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.createInstancePartition,
      request,
      ["parent", request.parent],
      options,
      (messages) => ({
        result: messages.InstancePartition,
        metadata: messages.CreateInstancePartitionMetadata,
      }),
    );
  }

  /** Deletes a partition of an instance. */
  async deleteInstancePartition(
    request: DeleteInstancePartitionRequest,
    options: OperationOptions = {},
  ): Promise<void> {
    await this.#calls.unary(
      ({ instances }) => instances.deleteInstancePartition,
      request,
      ["name", request.name],
      options,
    );
  }

  /** Changes a partition of an instance. */
  updateInstancePartition(
    request: UpdateInstancePartitionRequest,
    options: OperationOptions = {},
  ): Promise<Operation<InstancePartition, UpdateInstancePartitionMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.updateInstancePartition,
      request,
      ["instance_partition.name", request.instancePartition?.name],
      options,
      (messages) => ({
        result: messages.InstancePartition,
        metadata: messages.UpdateInstancePartitionMetadata,
      }),
    );
  }

  /** The operations on partitions of an instance. */
  listInstancePartitionOperations(
    request: ListInstancePartitionOperationsRequest,
    options: OperationOptions = {},
  ): AsyncGenerator<Operation<unknown, unknown>, void, undefined> {
    return this.#calls.operations(
      ({ instances }) => instances.listInstancePartitionOperations,
      request,
      ["parent", request.parent],
      options,
    );
  }

  /** Moves an instance to another configuration. */
  moveInstance(
    request: MoveInstanceRequest,
    options: OperationOptions = {},
  ): Promise<Operation<MoveInstanceResponse, MoveInstanceMetadata>> {
    return this.#calls.operation(
      ({ instances }) => instances.moveInstance,
      request,
      ["name", request.name],
      options,
      (messages) => ({
        result: messages.MoveInstanceResponse,
        metadata: messages.MoveInstanceMetadata,
      }),
    );
  }

  /** An operation that was begun before, here or elsewhere, by its full name. */
  operation(name: string, options: OperationOptions = {}): Promise<Operation<unknown, unknown>> {
    return this.#calls.operationNamed(name, options);
  }
}
