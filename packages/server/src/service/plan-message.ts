// SPDX-License-Identifier: Apache-2.0
// A query plan as the protocol carries it.
import { type PlanNode, PlanNode_Kind, type QueryPlan } from "@spandrel/protocol";
import type { ExplainedNode } from "../planner/explain.ts";

/** https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#queryplan */
export function planToProto(nodes: readonly ExplainedNode[]): QueryPlan {
  return { planNodes: nodes.map(nodeToProto) };
}

function nodeToProto(node: ExplainedNode, index: number): PlanNode {
  const { kind, name, description, metadata, links } = node;
  const message: PlanNode = {
    index,
    kind: kind === "scalar" ? PlanNode_Kind.SCALAR : PlanNode_Kind.RELATIONAL,
    displayName: name,
    childLinks: links.map(({ child, type }) =>
      type === "" ? { childIndex: child } : { childIndex: child, type },
    ),
  };
  if (description !== undefined) message.shortRepresentation = { description };
  if (Object.keys(metadata).length > 0) message.metadata = { ...metadata };
  return message;
}
