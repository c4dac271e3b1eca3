// SPDX-License-Identifier: Apache-2.0
import { projectName } from "@spandrel/model";
import type { Instance as InstanceMessage } from "@spandrel/protocol/admin";
import { nodesAndUnitsDiffer } from "../errors/admin.ts";

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

/** An instance with all of its settings, as it is created. */
export function instanceMessage(
  project: string,
  id: string,
  settings: InstanceSettings,
): InstanceMessage {
  const { config, displayName, labels } = settings;
  return {
    name: `${projectName(project)}/instances/${id}`,
    ...(config !== undefined && { config: configName(project, config) }),
    displayName: displayName ?? id,
    processingUnits: processingUnitsOf(settings),
    ...(labels !== undefined && { labels: { ...labels } }),
  };
}

/** The fields of an instance that some settings change. */
export function changedFields(settings: InstanceSettings): string[] {
  const { config, displayName, nodeCount, processingUnits, labels } = settings;
  return [
    ...(config !== undefined ? ["config"] : []),
    ...(displayName !== undefined ? ["display_name"] : []),
    ...(nodeCount !== undefined || processingUnits !== undefined ? ["processing_units"] : []),
    ...(labels !== undefined ? ["labels"] : []),
  ];
}

function configName(project: string, config: string): string {
  return config.includes("/") ? config : `${projectName(project)}/instanceConfigs/${config}`;
}

/** One node is a thousand processing units; without either, one node. */
function processingUnitsOf({ nodeCount, processingUnits }: InstanceSettings): number {
  if (nodeCount !== undefined && processingUnits !== undefined) {
    if (nodeCount * 1_000 !== processingUnits)
      throw nodesAndUnitsDiffer(nodeCount, processingUnits);
  }
  return processingUnits ?? (nodeCount ?? 1) * 1_000;
}
