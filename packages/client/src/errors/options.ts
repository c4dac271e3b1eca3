// SPDX-License-Identifier: Apache-2.0
// Options of a client that cannot be, or do not go together.
import { Code } from "@spandrel/base";
import { SpannerError } from "./spanner-error.ts";

/** Two hosts were named. */
export function conflictingHosts(): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "Pass one of omniHost, emulatorHost and endpoint: a client calls one place.",
    { reason: "CONFLICTING_HOSTS" },
  );
}

/** A certificate came without its key, or a key without its certificate. */
export function halfClientCertificate(): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "A client's certificate needs both tls.cert and tls.key.",
    { reason: "HALF_CLIENT_CERTIFICATE" },
  );
}

/** The variable has a word that means nothing. */
export function mtlsWordUnknown(word: string): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    "Environment variable `GOOGLE_API_USE_MTLS_ENDPOINT` must be `never`, `auto` or `always`, " +
      `not \`${word}\`.`,
    { reason: "MTLS_WORD_UNKNOWN" },
  );
}

/** A client's certificate is asked for in a universe that has no endpoint for it. */
export function mtlsOutsideGoogle(universe: string): SpannerError {
  return new SpannerError(
    Code.INVALID_ARGUMENT,
    `mTLS is not supported in any universe other than googleapis.com, and this one is ${universe}. ` +
      "Pass { endpoint }, or set GOOGLE_API_USE_MTLS_ENDPOINT=never.",
    { reason: "MTLS_OUTSIDE_GOOGLE" },
  );
}

/** The credentials are of another universe than the calls. */
export function universesDiffer(wanted: string, found: string): SpannerError {
  return new SpannerError(
    Code.UNAUTHENTICATED,
    `The configured universe domain (${wanted}) does not match the universe domain found in the ` +
      `credentials (${found}). If you haven't configured the universe domain explicitly, ` +
      "`googleapis.com` is the default.",
    { reason: "UNIVERSES_DIFFER" },
  );
}

/** The file of a key is not there, or is no JSON. */
export function keyFileUnreadable(file: string, cause: unknown): SpannerError {
  return new SpannerError(
    Code.UNAUTHENTICATED,
    `The key of a service account cannot be read from ${file}. Is it the JSON file that Google gave?`,
    { reason: "KEY_FILE_UNREADABLE", cause },
  );
}

/** What should be a service account's key is something else. */
export function notServiceAccount(cause: unknown): SpannerError {
  return new SpannerError(
    Code.UNAUTHENTICATED,
    "The key is not that of a service account: it needs client_email and private_key. For other " +
      "credentials set GOOGLE_APPLICATION_CREDENTIALS and pass none.",
    { reason: "NOT_SERVICE_ACCOUNT", cause },
  );
}
