// SPDX-License-Identifier: Apache-2.0

/**
 * What PENDING_COMMIT_TIMESTAMP() gives: a TIMESTAMP out of every range, which stands for the moment
 * of the commit until that is known. It is written, never computed with.
 *
 * https://cloud.google.com/spanner/docs/commit-timestamp
 */
export const PENDING_COMMIT_TIMESTAMP: bigint = -1n << 100n;
