// SPDX-License-Identifier: Apache-2.0
// Instances: what is known of them, and what makes and changes that.
import { instanceName, isInstanceId } from "@spandrel/model";
import {
  invalidInstanceId,
  invalidNodeCount,
  invalidProcessingUnits,
  malformedName,
  nodesAndProcessingUnits,
} from "../errors/instance.ts";

/** An instance. */
export interface Instance {
  /** `projects/p/instances/i`. */
  readonly name: string;
  readonly config: string;
  readonly displayName: string;
  readonly processingUnits: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdNanos: bigint;
  readonly updatedNanos: bigint;
}

/** What an instance is created from, or changed to. */
export interface InstanceSettings {
  readonly config: string;
  readonly displayName: string;
  readonly nodeCount: number;
  readonly processingUnits: number;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * A new instance of a project.
 *
 * @throws {StatusError} INVALID_ARGUMENT for a bad id or size.
 */
export function newInstance(
  parent: string,
  id: string,
  settings: InstanceSettings,
  nowNanos: bigint,
): Instance {
  const project = parent.replace(/^projects\//, "");
  if (!/^projects\/[^/]+$/.test(parent)) {
    throw malformedName("project", parent, "projects/<project>");
  }
  if (!isInstanceId(id)) throw invalidInstanceId(id);
  return {
    name: instanceName({ project, instance: id }),
    config: settings.config === "" ? `${parent}/instanceConfigs/emulator-config` : settings.config,
    displayName: settings.displayName === "" ? id : settings.displayName,
    processingUnits: sizeOf(settings),
    labels: { ...settings.labels },
    createdNanos: nowNanos,
    updatedNanos: nowNanos,
  };
}

/** An instance with changes; what is undefined stays. @throws {StatusError} for a bad size. */
export function changedInstance(
  before: Instance,
  changes: Partial<InstanceSettings>,
  nowNanos: bigint,
): Instance {
  const { nodeCount = 0, processingUnits = 0 } = changes;
  const isResized = nodeCount !== 0 || processingUnits !== 0;
  return {
    ...before,
    displayName: changes.displayName ?? before.displayName,
    labels: changes.labels ?? before.labels,
    processingUnits: isResized ? sizeOf({ nodeCount, processingUnits }) : before.processingUnits,
    updatedNanos: nowNanos,
  };
}

/** The size in processing units: 1,000 a node; one node when nothing is said. */
function sizeOf({
  nodeCount,
  processingUnits,
}: Pick<InstanceSettings, "nodeCount" | "processingUnits">): number {
  if (nodeCount !== 0 && processingUnits !== 0 && nodeCount * 1_000 !== processingUnits) {
    throw nodesAndProcessingUnits();
  }
  if (nodeCount < 0) throw invalidNodeCount(nodeCount);
  if (processingUnits === 0) return nodeCount === 0 ? 1_000 : nodeCount * 1_000;
  const step = processingUnits < 1_000 ? 100 : 1_000;
  if (processingUnits < 0 || processingUnits % step !== 0) {
    throw invalidProcessingUnits(processingUnits);
  }
  return processingUnits;
}
