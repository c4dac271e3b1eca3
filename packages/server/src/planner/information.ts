// SPDX-License-Identifier: Apache-2.0
import { isInformationTable } from "../information/tables.ts";
import { inputsOf } from "./describe.ts";
import type { Plan, PlanNode } from "./plan.ts";

/** Whether any part of a plan reads the information schema. */
export function readsInformation({ query, subqueries, definitions }: Plan): boolean {
  const queries = [query, ...subqueries, ...definitions];
  return queries.some((each) => each !== undefined && reads(each.root));
}

function reads(node: PlanNode): boolean {
  if (node.kind === "scan") return isInformationTable(node.table);
  return inputsOf(node).some(reads);
}
