// SPDX-License-Identifier: Apache-2.0
// Every span of time that sessions are kept by, in milliseconds.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A regular session idle for longer is looked at before it is handed out; the server drops it at 60. */
export const SESSION_IDLE_MILLIS_MAX: number = 55 * MINUTE;

/** A session that is checked out and was not used for so long was forgotten; the server drops it then. */
export const SESSION_LEAKED_MILLIS: number = 60 * MINUTE;

/** A regular session older than this is replaced; the server drops it at 28 days. */
export const SESSION_AGE_MILLIS_MAX: number = 27 * DAY;

/** How long a pool of limited size lets its callers wait. */
export const POOL_TIMEOUT_MILLIS = 10_000;

/** Sessions in a pool whose maker names no number. */
export const POOL_SESSIONS = 10;

/** A pinging pool touches a session that was idle for so long. */
export const PING_INTERVAL_MILLIS: number = 3_000 * 1_000;

/** A multiplexed session older than this is replaced. */
export const MULTIPLEXED_AGE_MILLIS_MAX: number = 7 * DAY;

/** How often the multiplexed session's age is looked at. */
export const MULTIPLEXED_POLL_MILLIS: number = 10 * MINUTE;

/** How long deleting a session may take when a pool is emptied; the server drops what is left. */
export const DELETE_TIMEOUT_MILLIS = 5_000;
