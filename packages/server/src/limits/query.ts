// SPDX-License-Identifier: Apache-2.0
// The bounds of a query. Spanner's own where it documents one; else room for every sane statement.
// https://cloud.google.com/spanner/quotas#query-limits

/** Levels of nesting of expressions and queries, which bounds our own recursion. */
export const QUERY_DEPTH_MAX = 400;

/** Bytes (estimated) that sorts, hash tables and materialized results of one query may hold. */
export const QUERY_MEMORY_BYTES_MAX: number = 1_024 * 1_024 * 1_024;

/** Rows in one batch between operators. */
export const BATCH_ROWS_MAX = 256;

/** Bytes of one STRING or BYTES value that a function may build, as of a stored value. */
export const VALUE_BYTES_MAX: number = 10 * 1_024 * 1_024;

/** Elements that GENERATE_ARRAY and its kin may build. */
export const GENERATED_ELEMENTS_MAX = 1_048_576;

/** Compiled regular expressions, time zones and the like that are kept for reuse. */
export const PATTERN_CACHE_MAX = 256;

/** Bytes of one stored row, which is less than Spanner allows: a row is kept in one piece. */
export const STORED_ROW_BYTES_MAX: number = 400 * 1_024 * 1_024;
