// SPDX-License-Identifier: Apache-2.0
// gRPC over HTTP/2 on sockets, both ends, and the listener that shares one port with HTTP/1.1. The room
// promises what `transport.ts` says, real back-pressure in both directions, that no idle connection
// keeps a process alive, and that nothing a peer sends takes the process down. What HTTP/2 itself asks
// for is seen to by the endpoint room; between it and the messages of gRPC there are no streams of
// Node's, because every layer costs as much as the call itself.
//
// This file holds the numbers that both ends keep.

/**
 * Bytes that a peer may send on one stream before somebody reads them.
 *
 * HTTP/2's own default of 64 KiB limits a link with 20 ms of latency to 3 MB/s; this allows 400.
 */
export const WINDOW_BYTES: number = 8 * 1024 * 1024;

/**
 * Calls that one client connection may have in flight at a server.
 *
 * A call that waits for a lock must not keep out the very call that would release the lock.
 */
export const STREAMS_MAX = 16_384;

/** Requests of one connection at work at a server, those included that the client has given up. */
export const REQUESTS_RUNNING_MAX: number = 2 * STREAMS_MAX;

/** Calls that a client makes on a connection before the server has said how many it takes. */
export const STREAMS_MAX_UNTIL_TOLD = 100;

/** Bytes that one read of a client's socket gives at most. */
export const READ_BYTES: number = 64 * 1024;

/** So many calls share a client's connection before it opens another, if it may. */
export const CALLS_SHARING = 16;

/** How often a client looks for connections that had no call since it last looked. */
export const IDLE_LOOK_MILLIS = 60_000;

/** Longest request or answer that is copied into one piece with its five bytes in front. */
export const COPY_BYTES_MAX: number = 32 * 1024;

/** Memory that a client gives a message as soon as its server says that it is so long. */
export const ANSWER_BYTES_FIRST: number = 4 * 1024 * 1024;

/** Received bytes that may wait to be taken before the reader stops reading. */
export const UNREAD_BYTES_MAX: number = 256 * 1024;

/** Bytes, data not counted, that may wait for a client to read before a server stops reading it. */
export const UNSENT_OUTPUT_MAX: number = 256 * 1024;

/** How long a new connection may stay silent before it must have said which protocol it speaks. */
export const SILENCE_MILLIS_MAX = 120_000;
