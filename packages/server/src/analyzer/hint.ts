// SPDX-License-Identifier: Apache-2.0
import type { Hint } from "@spandrel/sql";
import type { Analysis } from "./analysis.ts";

/** Hints that Spanner knows. Most only move work around; what they promise holds without them. */
const known: ReadonlySet<string> = new Set([
  "ALLOW_DISTRIBUTED_MERGE",
  "ALLOW_SEARCH_INDEXES_IN_TRANSACTION",
  "ALLOW_TIMESTAMP_PREDICATE_PUSHDOWN",
  "BATCH_MODE",
  "DISABLE_INLINE",
  "ENHANCE_QUERY",
  "ENHANCE_QUERY_TIMEOUT_MS",
  "EXECUTION_METHOD",
  "FORCE_INDEX",
  "FORCE_JOIN_ORDER",
  "GROUPBY_SCAN_OPTIMIZATION",
  "GROUP_METHOD",
  "GROUP_TYPE",
  "HASH_JOIN_BUILD_SIDE",
  "HASH_JOIN_EXECUTION",
  "INDEX_STRATEGY",
  "JOIN_METHOD",
  "JOIN_TYPE",
  "LOCK_SCANNED_RANGES",
  "NO_INDEX",
  "OPTIMIZER_STATISTICS_PACKAGE",
  "OPTIMIZER_VERSION",
  "PDML_MAX_PARALLELISM",
  "REQUIRE_ENHANCE_QUERY",
  "SCAN_METHOD",
  "SEEKABLE_KEY_SIZE",
  "STATEMENT_TAG",
  "USE_ADDITIONAL_PARALLELISM",
  "USE_UNENFORCED_FOREIGN_KEY",
]);

/**
 * Refuses hints that do not exist. Those of other engines are passed over.
 *
 * @throws {StatusError} INVALID_ARGUMENT for an unknown hint of Spanner's.
 */
export function checkHint(analysis: Analysis, hint: Hint | undefined): void {
  for (const { qualifier, name } of hint?.entries ?? []) {
    if (qualifier !== undefined && qualifier.name.toUpperCase() !== "SPANNER") continue;
    if (!known.has(name.name.toUpperCase())) {
      throw analysis.error(name, `Unsupported hint: ${name.name}`);
    }
  }
}
