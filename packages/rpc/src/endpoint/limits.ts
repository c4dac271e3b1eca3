// SPDX-License-Identifier: Apache-2.0
// What is allowed to a peer beyond what the windows bound, so that none fills the memory or keeps
// this end busy for nothing.

/** Bytes of one list of headers: names, values and 32 for each. What peers are told. */
export const HEADER_LIST_BYTES_MAX: number = 64 * 1024;

/** Bytes of one header block as it comes, which is never longer than the list that is in it. */
export const HEADER_BLOCK_BYTES_MAX: number = HEADER_LIST_BYTES_MAX;

/** Frames that one header block may be cut into. */
export const CONTINUATIONS_MAX = 16;

/** Frames of data without any that may follow each other. */
export const EMPTY_DATA_MAX = 100;

/** Frames that answer a peer (to a ping, to settings, to a broken stream) and have not left yet. */
export const UNSENT_ANSWERS_MAX = 1_000;

/** Bytes that are made ready to leave in one go, when there is more to send. */
export const OUTPUT_BYTES: number = 128 * 1024;

/** Bytes that may wait in one stream before its sender should stop. */
export const UNSENT_BYTES_MAX: number = 64 * 1024;
