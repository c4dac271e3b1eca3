// SPDX-License-Identifier: Apache-2.0
import type { Random } from "@spandrel/base";
import type { Mutation } from "@spandrel/protocol";

/**
 * Chooses the mutation that tells the server where a transaction without statements belongs.
 *
 * One drawn among those that are not plain inserts; or else the insert with the most rows.
 * https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#begintransactionrequest
 */
export function chooseMutationKey(
  mutations: readonly Mutation[],
  random: Random,
): Mutation | undefined {
  const others = mutations.filter(({ operation }) => operation?.$case !== "insert");
  if (others.length > 0) return others[Math.floor(random.next() * others.length)];
  let largest: Mutation | undefined;
  for (const mutation of mutations) {
    if (largest === undefined || rowsOf(mutation) > rowsOf(largest)) largest = mutation;
  }
  return largest;
}

function rowsOf({ operation }: Mutation): number {
  return operation?.$case === "insert" ? (operation.insert.values?.length ?? 0) : 0;
}
