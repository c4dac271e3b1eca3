// SPDX-License-Identifier: Apache-2.0
// Errors as HTTP: the status, and the envelope that all of Google's endpoints share.
// https://cloud.google.com/apis/design/errors#http_mapping
import {
  Code,
  type CodeName,
  NANOS_PER_SECOND,
  type StatusDetail,
  StatusError,
  toBase64,
} from "@spandrel/base";
import { typeUrlOf } from "../grpc/details.ts";

const httpStatusByCode: Readonly<Record<CodeName, number>> = {
  OK: 200,
  CANCELLED: 499,
  UNKNOWN: 500,
  INVALID_ARGUMENT: 400,
  DEADLINE_EXCEEDED: 504,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  PERMISSION_DENIED: 403,
  RESOURCE_EXHAUSTED: 429,
  FAILED_PRECONDITION: 400,
  ABORTED: 409,
  OUT_OF_RANGE: 400,
  UNIMPLEMENTED: 501,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DATA_LOSS: 500,
  UNAUTHENTICATED: 401,
};

/** The HTTP status that stands for an error. */
export function httpStatusOf(error: StatusError): number {
  return httpStatusByCode[error.codeName];
}

/** An error as the body of an answer. */
export function envelopeOf(error: StatusError, httpStatus: number = httpStatusOf(error)): object {
  const details = error.details.map(detailJson);
  return {
    error: {
      code: httpStatus,
      message: error.message,
      status: error.codeName,
      ...(details.length > 0 ? { details } : {}),
    },
  };
}

function detailJson(detail: StatusDetail): object {
  const type = { "@type": typeUrlOf(detail) };
  switch (detail.kind) {
    case "ResourceInfo": {
      const { resourceType, resourceName, owner, description } = detail;
      return { ...type, ...present({ resourceType, resourceName, owner, description }) };
    }
    case "RetryInfo":
      return { ...type, retryDelay: printDuration(detail.delayNanos) };
    case "ErrorInfo": {
      const { reason, domain, metadata } = detail;
      const hasMetadata = Object.keys(metadata).length > 0;
      return { ...type, ...present({ reason, domain }), ...(hasMetadata ? { metadata } : {}) };
    }
    case "BadRequest":
      return { ...type, fieldViolations: detail.violations.map(present) };
    case "Help":
      return { ...type, links: detail.links.map(present) };
    case "Any":
      return { ...type, value: toBase64(detail.value) };
  }
}

/** As proto3 JSON has it, empty texts are left out. */
function present(texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== ""));
}

/** A duration as proto3 JSON has it: `1.250s`, with 0, 3, 6 or 9 digits. */
function printDuration(nanos: bigint): string {
  const sign = nanos < 0n ? "-" : "";
  const size = nanos < 0n ? -nanos : nanos;
  const digits = (size % NANOS_PER_SECOND).toString().padStart(9, "0");
  const fraction = digits.replace(/(?:000){1,3}$/, "");
  return `${sign}${size / NANOS_PER_SECOND}${fraction === "" ? "" : `.${fraction}`}s`;
}

/** No method has this URL. */
export function urlNotFound(path: string): StatusError {
  return new StatusError(
    Code.NOT_FOUND,
    `The requested URL ${path} was not found on this server.`,
    { reason: "URL_NOT_FOUND" },
  );
}

/** The URL exists, but not under this HTTP verb. */
export function verbNotAllowed(verb: string, path: string): StatusError {
  return new StatusError(Code.UNIMPLEMENTED, `${verb} is not allowed for the URL ${path}.`, {
    reason: "VERB_NOT_ALLOWED",
  });
}

/** The body is not the message that the method takes. */
export function malformedPayload(why: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, `Invalid JSON payload received. ${why}`, {
    reason: "MALFORMED_PAYLOAD",
  });
}

/** A query parameter names no field of the request. */
export function unknownParameter(name: string): StatusError {
  return malformedPayload(
    `Unknown name "${name}": Cannot bind query parameter. ` +
      `Field '${name}' could not be found in request message.`,
  );
}

/** The body is longer than the reader accepts. */
export function payloadTooLong(bytesMax: number): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Request payload size exceeds the limit: ${bytesMax} bytes.`,
    { reason: "PAYLOAD_TOO_LONG" },
  );
}

/** The body is encoded in a way that nobody here understands. */
export function unknownContentEncoding(encoding: string): StatusError {
  return new StatusError(
    Code.INVALID_ARGUMENT,
    `Unknown content encoding "${encoding}"; supported are identity and gzip.`,
    { reason: "UNKNOWN_CONTENT_ENCODING" },
  );
}
