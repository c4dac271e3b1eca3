// SPDX-License-Identifier: Apache-2.0
// Instance partitions: administered and kept. What is placed in one is where everything is.
// https://cloud.google.com/spanner/docs/geo-partitioning
import { timestampToProto } from "@spandrel/model";
import {
  CreateInstancePartitionMetadata,
  type CreateInstancePartitionRequest,
  type DeleteInstancePartitionRequest,
  InstancePartition,
  InstancePartition_State,
  UpdateInstancePartitionMetadata,
  type UpdateInstancePartitionRequest,
} from "@spandrel/protocol/admin";
import {
  etagMismatch,
  fieldNotUpdatable,
  invalidResourceId,
  missingField,
  resourceAlreadyExists,
  resourceNotFound,
  tooManyResources,
} from "../errors/backup.ts";
import { invalidNodeCount, invalidProcessingUnits } from "../errors/instance.ts";
import type { AdminServiceOptions } from "./admin-options.ts";
import type { InstanceConfigs } from "./instance-configs.ts";
import { KeptMessages } from "./kept-messages.ts";
import { type MessageOperation, pack } from "./operation-messages.ts";

const packageName = "google.spanner.admin.instance.v1";
const kind = "Instance partition";

/** Answers the calls about instance partitions. */
export class InstancePartitions {
  readonly #options: AdminServiceOptions;
  readonly #configs: InstanceConfigs;
  readonly #kept: KeptMessages<InstancePartition>;

  constructor(options: AdminServiceOptions, configs: InstanceConfigs) {
    this.#options = options;
    this.#configs = configs;
    this.#kept = new KeptMessages(options.registry.messages.instancePartitions, InstancePartition);
  }

  /** Those of an instance by name. @throws {StatusError} NOT_FOUND for the instance. */
  list(parent: string): readonly (InstancePartition & { readonly name: string })[] {
    this.#options.registry.getInstance(parent);
    return this.#kept.under(`${parent}/instancePartitions`);
  }

  /** @throws {StatusError} NOT_FOUND when there is no such partition. */
  get(name: string): InstancePartition {
    const partition = this.#kept.get(name);
    if (partition === undefined) throw resourceNotFound(kind, name);
    return partition;
  }

  /** @throws {StatusError} INVALID_ARGUMENT, NOT_FOUND for instance or config, ALREADY_EXISTS. */
  async create(request: CreateInstancePartitionRequest): Promise<MessageOperation> {
    const { parent = "", instancePartitionId: id = "", instancePartition: wanted = {} } = request;
    this.#options.registry.getInstance(parent);
    if (!/^[a-z][-a-z0-9]{0,62}[a-z0-9]$/.test(id)) {
      throw invalidResourceId(kind, id, "2 to 64 characters and match [a-z][-a-z0-9]*[a-z0-9]");
    }
    if ((wanted.config ?? "") === "") throw missingField("instance_partition.config");
    this.#configs.get(wanted.config ?? "");
    checkCapacity(wanted.computeCapacity);
    const name = `${parent}/instancePartitions/${id}`;
    const now = timestampToProto(this.#options.clock.now());
    const partition: InstancePartition = {
      ...wanted,
      name,
      displayName: wanted.displayName ?? id,
      state: InstancePartition_State.READY,
      createTime: now,
      updateTime: now,
      etag: "1",
    };
    await this.#kept.put(name, partition, () => {
      if (this.#kept.get(name) !== undefined) throw resourceAlreadyExists(kind, name);
      const { partitionsPerInstanceMax } = this.#options.limits;
      if (this.list(parent).length >= partitionsPerInstanceMax) {
        throw tooManyResources("The instance", "instance partitions", partitionsPerInstanceMax);
      }
    });
    return this.#done(name, partition, "Create");
  }

  /** Changes what the mask names. @throws {StatusError} NOT_FOUND, ABORTED for an old etag. */
  async update(request: UpdateInstancePartitionRequest): Promise<MessageOperation> {
    const { instancePartition: wanted = {}, fieldMask = [] } = request;
    const name = wanted.name ?? "";
    const before = this.#current(name, wanted.etag);
    let changed: InstancePartition = {
      ...before,
      updateTime: timestampToProto(this.#options.clock.now()),
      etag: String(Number(before.etag) + 1),
    };
    for (const field of fieldMask) {
      if (field === "display_name" || field === "displayName") {
        changed = { ...changed, displayName: wanted.displayName };
      } else if (/^(node_count|nodeCount|processing_units|processingUnits)$/.test(field)) {
        checkCapacity(wanted.computeCapacity);
        changed = { ...changed, computeCapacity: wanted.computeCapacity };
      } else {
        const updatable = ["display_name", "node_count", "processing_units"];
        throw fieldNotUpdatable("an instance partition", field, updatable);
      }
    }
    await this.#kept.put(name, changed, () => void this.#current(name, before.etag));
    return this.#done(name, changed, "Update");
  }

  /** @throws {StatusError} NOT_FOUND, ABORTED for an old etag. */
  async delete({ name = "", etag }: DeleteInstancePartitionRequest): Promise<void> {
    this.#current(name, etag);
    await this.#kept.remove(name);
  }

  #current(name: string, etag = ""): InstancePartition {
    const partition = this.get(name);
    if (etag !== "" && etag !== partition.etag) throw etagMismatch("instance partition", name);
    return partition;
  }

  async #done(
    name: string,
    instancePartition: InstancePartition,
    verb: "Create" | "Update",
  ): Promise<MessageOperation> {
    const { operations, clock } = this.#options;
    const time = timestampToProto(clock.now());
    const codec =
      verb === "Create" ? CreateInstancePartitionMetadata : UpdateInstancePartitionMetadata;
    const metadata = { instancePartition, startTime: time, endTime: time };
    const operation = operations.start(
      name,
      "",
      pack(`${packageName}.${verb}InstancePartitionMetadata`, codec, metadata),
      async () => pack(`${packageName}.InstancePartition`, InstancePartition, instancePartition),
    );
    await operation.ended;
    return operation;
  }
}

function checkCapacity(capacity: InstancePartition["computeCapacity"]): void {
  if (capacity?.$case === "nodeCount" && capacity.nodeCount < 1) {
    throw invalidNodeCount(capacity.nodeCount);
  }
  if (capacity?.$case !== "processingUnits") return;
  const { processingUnits } = capacity;
  const step = processingUnits < 1_000 ? 100 : 1_000;
  if (processingUnits < 100 || processingUnits % step !== 0) {
    throw invalidProcessingUnits(processingUnits);
  }
}
