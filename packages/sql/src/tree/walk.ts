// SPDX-License-Identifier: Apache-2.0

import type { TreeNode } from "./position.ts";

/** The nodes directly under a node, in the order of its fields. */
export function childrenOf(node: TreeNode): TreeNode[] {
  return Object.values(node).flatMap(nodesIn);
}

/**
 * Visits a node and everything under it, parents before children.
 *
 * A node whose visit returns `false` keeps its children to itself.
 */
export function walk(node: TreeNode, visit: (node: TreeNode) => boolean | undefined): void {
  const waiting = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (visit(next) === false) continue;
    // One by one: a long list is more than a call may have arguments.
    for (const child of childrenOf(next).reverse()) waiting.push(child);
  }
}

/** The nodes in a field: the field itself, the elements of a list, or those of a plain record. */
function nodesIn(field: unknown): TreeNode[] {
  if (Array.isArray(field)) return field.flatMap(nodesIn);
  if (isNode(field)) return [field];
  if (isRecord(field)) return Object.values(field).flatMap(nodesIn);
  return [];
}

function isNode(value: unknown): value is TreeNode {
  return isRecord(value) && "kind" in value && "position" in value;
}

function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

/**
 * A tree as an indented outline: one line per node, `field: kind` and then its plain values.
 *
 * Positions, absent fields, empty lists, and `false` are left out. For goldens and for people.
 */
export function describeTree(node: TreeNode): string {
  return outline("", node, 0).join("\n");
}

function outline(label: string, value: unknown, depth: number): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((element) => outline(label, element, depth));
  }
  if (!isRecord(value)) return [];
  const entries = Object.entries(value).filter(([key]) => key !== "kind" && key !== "position");
  const plain = entries
    .filter(([, field]) => isPlain(field))
    .map(([key, field]) => `${key}=${plainText(field)}`);
  const kind = "kind" in value ? String(value.kind) : "";
  const head = [label === "" ? "" : `${label}:`, kind, ...plain].filter((part) => part !== "");
  return [
    "  ".repeat(depth) + head.join(" "),
    ...entries.flatMap(([key, field]) => outline(key, field, depth + 1)),
  ];
}

/** Whether a field is shown on its node's own line. */
function isPlain(field: unknown): boolean {
  if (field instanceof Uint8Array) return true;
  return field !== false && field !== undefined && typeof field !== "object";
}

function plainText(field: unknown): string {
  if (field instanceof Uint8Array) return Array.from(field).join(" ");
  return typeof field === "string" ? JSON.stringify(field) : String(field);
}
