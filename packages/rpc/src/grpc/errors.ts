// SPDX-License-Identifier: Apache-2.0
// gRPC, as far as it is bytes and text: frames, statuses and their details, deadlines, metadata,
// compression. The room promises that what one function prints its sister reads back, that reading
// accepts whatever the gRPC specification allows, and that hostile input is a StatusError and never
// a crash. It holds no connection and knows no service: http2/ and rest/ move the bytes.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
//
// This file names every error that this package makes of itself, rather than passing on.
import { Code, StatusError } from "@spandrel/base";

/** A deadline passed; the same text on every transport and on both ends. */
export function deadlineExceeded(): StatusError {
  return new StatusError(
    Code.DEADLINE_EXCEEDED,
    "Deadline expired before operation could complete.",
    { reason: "DEADLINE_EXCEEDED" },
  );
}

/** The caller gave the call up; `cause` is what its signal said. */
export function callCancelled(cause?: unknown): StatusError {
  return new StatusError(Code.CANCELLED, "The call was cancelled.", {
    reason: "CALL_CANCELLED",
    cause,
  });
}

/** The transport was closed under a call in flight. */
export function transportClosedUnderCall(): StatusError {
  return new StatusError(Code.CANCELLED, "The transport was closed during the call.", {
    reason: "TRANSPORT_CLOSED",
  });
}

/** The transport was closed before the call. */
export function transportClosed(): StatusError {
  return new StatusError(Code.UNAVAILABLE, "The transport is closed.", {
    reason: "TRANSPORT_CLOSED",
  });
}

/** Nobody serves this path. */
export function methodNotFound(path: string): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `Method not found: ${path}`, {
    reason: "METHOD_NOT_FOUND",
  });
}

/** The method answers in the other way: with a stream, or with one message. */
export function wrongKind(path: string, isStream: boolean): StatusError {
  const kind = isStream ? "a stream" : "one message";
  return new StatusError(Code.UNIMPLEMENTED, `The server answers ${path} with ${kind}.`, {
    reason: "METHOD_OF_OTHER_KIND",
  });
}

/** A message is longer than the reader accepts. */
export function messageTooLong(bytes: number, bytesMax: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `A message of ${bytes} bytes exceeds the limit of ${bytesMax} bytes.`,
    { reason: "MESSAGE_TOO_LONG" },
  );
}

/** A compressed message is longer than the reader accepts once it is decompressed. */
export function decompressedTooLong(bytesMax: number): StatusError {
  return new StatusError(
    Code.RESOURCE_EXHAUSTED,
    `A compressed message exceeds the limit of ${bytesMax} bytes once decompressed.`,
    { reason: "MESSAGE_TOO_LONG" },
  );
}

/** Bytes that claim to be compressed are not. */
export function brokenCompression(cause: unknown): StatusError {
  return new StatusError(Code.INTERNAL, "A compressed message cannot be decompressed.", {
    reason: "BROKEN_COMPRESSION",
    cause,
  });
}

/** The peer compresses in a way that nobody here understands. */
export function unknownEncoding(encoding: string, supported: string): StatusError {
  return new StatusError(
    Code.UNIMPLEMENTED,
    `Unknown message encoding "${encoding}"; supported are ${supported}.`,
    { reason: "UNKNOWN_ENCODING" },
  );
}

/** A frame says it is compressed, but nobody said how. */
export function encodingMissing(): StatusError {
  return new StatusError(
    Code.INTERNAL,
    "A message is marked as compressed, but no grpc-encoding was given.",
    { reason: "BROKEN_FRAME" },
  );
}

/** The first byte of a frame is neither 0 nor 1. */
export function brokenFrame(flag: number): StatusError {
  return new StatusError(Code.INTERNAL, `A message starts with the unknown flag ${flag}.`, {
    reason: "BROKEN_FRAME",
  });
}

/** The stream of bytes ended within a frame. */
export function truncatedFrame(): StatusError {
  return new StatusError(Code.INTERNAL, "The call ended in the middle of a message.", {
    reason: "TRUNCATED_FRAME",
  });
}

/** A method that takes one message was sent none, or several. */
export function wrongRequestCount(count: number): StatusError {
  const found = count === 0 ? "none" : "more";
  return new StatusError(
    Code.UNIMPLEMENTED,
    `The method takes exactly one request message, but the call carries ${found}.`,
    { reason: "WRONG_REQUEST_COUNT" },
  );
}

/** The bytes of the request are not the message that the method takes. */
export function malformedRequest(cause: unknown): StatusError {
  if (cause instanceof StatusError) return cause;
  return new StatusError(Code.INTERNAL, "The request message cannot be decoded.", {
    reason: "MALFORMED_REQUEST",
    cause,
  });
}

/** The bytes of an answer are not the message that the method gives. */
export function malformedResponse(cause: unknown): StatusError {
  return new StatusError(Code.INTERNAL, "The response message cannot be decoded.", {
    reason: "MALFORMED_RESPONSE",
    cause,
  });
}

/** The server said OK but sent no message, or several, where one answers. */
export function wrongResponseCount(count: number): StatusError {
  const found = count === 0 ? "no message" : "more than one message";
  return new StatusError(Code.INTERNAL, `The server answered with ${found}.`, {
    reason: "WRONG_RESPONSE_COUNT",
  });
}

/** The text of `grpc-timeout` is not a deadline. */
export function malformedTimeout(text: string): StatusError {
  return new StatusError(Code.INTERNAL, `Malformed grpc-timeout: ${JSON.stringify(text)}`, {
    reason: "MALFORMED_TIMEOUT",
  });
}

/** Something in the handler broke that is no answer; the log has the rest under the incident. */
export function internalIncident(incident: string, cause: unknown): StatusError {
  return new StatusError(
    Code.INTERNAL,
    `An internal error occurred; the server's log tells more under incident ${incident}.`,
    { reason: "INTERNAL_INCIDENT", cause },
  );
}

/** No connection to the peer could be made. */
export function connectFailed(address: string, why: string, cause?: unknown): StatusError {
  return new StatusError(Code.UNAVAILABLE, `Cannot connect to ${address}: ${why}`, {
    reason: isAboutTrust(cause) ? "NOT_TRUSTED" : "CONNECT_FAILED",
    cause,
  });
}

/** What Node calls certificates that one end of a connection does not accept from the other. */
const trustCodes =
  /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|HOSTNAME_MISMATCH|ERR_SSL_.*ALERT_(BAD|UNKNOWN_CA|NO_)/;

/** Whether another attempt to connect would fail in the same way. */
function isAboutTrust(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    "code" in cause &&
    typeof cause.code === "string" &&
    trustCodes.test(cause.code)
  );
}

/** The connection ended under a call; whether the server did the work is not known. */
export function connectionLost(address: string, why: string, cause?: unknown): StatusError {
  return new StatusError(Code.UNAVAILABLE, `The connection to ${address} was lost: ${why}`, {
    reason: isAboutTrust(cause) ? "NOT_TRUSTED" : "CONNECTION_LOST",
    cause,
  });
}

/** The server refused the stream before it looked at it; the call can safely be made again. */
export function streamRefused(address: string): StatusError {
  return new StatusError(Code.UNAVAILABLE, `${address} refused the call; it did not start.`, {
    reason: "STREAM_REFUSED",
  });
}

/** The stream was reset, or ended, and no status came with it. */
export function statusMissing(code: Code, why: string): StatusError {
  return new StatusError(code, `The call ended without a status: ${why}`, {
    reason: "STATUS_MISSING",
  });
}

/** What answered is not a gRPC server. */
export function notGrpc(code: Code, httpStatus: number, contentType: string): StatusError {
  const type = contentType === "" ? "no content type" : `content type ${contentType}`;
  return new StatusError(
    code,
    `The peer does not answer in gRPC: HTTP status ${httpStatus}, ${type}.`,
    { reason: "NOT_GRPC" },
  );
}

/** The caller's credentials could not be had. */
export function credentialsFailed(cause: unknown): StatusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StatusError(Code.UNAUTHENTICATED, `No credentials for the call: ${why}`, {
    reason: "CREDENTIALS_FAILED",
    cause,
  });
}

/** A header that the caller gave cannot travel over HTTP/2. */
export function malformedMetadata(cause: unknown): StatusError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StatusError(Code.INTERNAL, `The call's metadata cannot be sent: ${why}`, {
    reason: "MALFORMED_METADATA",
    cause,
  });
}

/** The text is no `host:port`. */
export function malformedAddress(address: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Malformed address ${JSON.stringify(address)}; give host:port.`,
    { reason: "MALFORMED_ADDRESS" },
  );
}

/** Listening failed: the port is taken, or the host is not ours. */
export function listenFailed(host: string, port: number, cause: Error): StatusError {
  const code = "code" in cause ? cause.code : undefined;
  const why = code === "EADDRINUSE" ? "the port is in use" : cause.message;
  return new StatusError(Code.UNAVAILABLE, `Cannot listen on ${host}:${port}: ${why}`, {
    reason: code === "EADDRINUSE" ? "PORT_IN_USE" : "LISTEN_FAILED",
    cause,
  });
}
