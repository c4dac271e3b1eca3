// SPDX-License-Identifier: Apache-2.0
// Where a client calls, over what, and how it says who calls: a plain function of the options and the
// environment, so that a wrong one is told before anything is sent.
//
//   omniHost                      clear text or TLS, without credentials unless some are given
//   emulatorHost, or
//   SPANNER_EMULATOR_HOST         clear text, without credentials
//   anything else                 Google over TLS, with credentials
import type { Metadata, TlsOptions } from "@spandrel/rpc";
import {
  conflictingHosts,
  halfClientCertificate,
  mtlsOutsideGoogle,
  mtlsWordUnknown,
} from "../errors/options.ts";
import type { Environment } from "../session/sessions-manager.ts";
import { type Credentials, googleCredentials } from "./google-credentials.ts";

/** How a client finds Spanner. */
export interface TargetOptions {
  /** Where Spanner is, `host:port`. Default: `spanner.googleapis.com:443`, by the universe domain. */
  readonly endpoint?: string | undefined;
  /**
   * Where an emulator or a Spandrel server is, `host:port`; called in clear text, without
   * credentials. Default: SPANNER_EMULATOR_HOST of the environment. Goes before `endpoint`.
   */
  readonly emulatorHost?: string | undefined;
  /**
   * Where a Spanner Omni deployment is, `host:port`: clear text unless `tls` is given, no credentials
   * unless some are given, the project `default`, and multiplexed sessions for everything.
   */
  readonly omniHost?: string | undefined;
  /**
   * Certificates beyond those that Node trusts, and the client's own (`cert` and `key`) where the
   * server asks for one.
   */
  readonly tls?: TlsOptions | undefined;
  /** Who calls. Default: Google's application default credentials. */
  readonly credentials?: Credentials | undefined;
  /**
   * The universe that Google's credentials and endpoint are of. Default: GOOGLE_CLOUD_UNIVERSE_DOMAIN
   * of the environment, or `googleapis.com`.
   */
  readonly universeDomain?: string | undefined;
  /**
   * The project that calls are billed to. Default: GOOGLE_CLOUD_QUOTA_PROJECT of the environment, or
   * what the credentials say.
   */
  readonly quotaProject?: string | undefined;
}

/** What connections are made of. */
export interface Target {
  readonly address: string;
  /** Undefined for clear text. */
  readonly tls: TlsOptions | undefined;
  /** Undefined when nobody asks who calls. */
  readonly credentials: Credentials | undefined;
}

const GOOGLE = "googleapis.com";

/** @throws {SpannerError} INVALID_ARGUMENT for options that do not go together, by their names. */
export function targetOf(options: TargetOptions, environment: Environment): Target {
  const { tls, omniHost, emulatorHost } = options;
  if (tls !== undefined && (tls.cert === undefined) !== (tls.key === undefined)) {
    throw halfClientCertificate();
  }
  if (omniHost !== undefined) {
    if (emulatorHost !== undefined || options.endpoint !== undefined) throw conflictingHosts();
    return { address: hostOf(omniHost), tls, credentials: options.credentials };
  }
  const emulator =
    emulatorHost ??
    (options.endpoint === undefined ? environment["SPANNER_EMULATOR_HOST"] : undefined);
  if (emulator) return { address: hostOf(emulator), tls: undefined, credentials: undefined };
  return googleTarget(options, environment);
}

function googleTarget(options: TargetOptions, environment: Environment): Target {
  const { tls = {} } = options;
  const universe = options.universeDomain || environment["GOOGLE_CLOUD_UNIVERSE_DOMAIN"] || GOOGLE;
  const quotaProject = options.quotaProject ?? environment["GOOGLE_CLOUD_QUOTA_PROJECT"];
  const credentials = options.credentials ?? googleCredentials({ universeDomain: universe });
  return {
    address: options.endpoint ?? googleEndpoint(universe, tls.cert !== undefined, environment),
    tls,
    credentials: quotaProject ? billedTo(quotaProject, credentials) : credentials,
  };
}

/** Google has an endpoint of its own for clients with certificates: https://google.aip.dev/auth/4114 */
function googleEndpoint(
  universe: string,
  hasCertificate: boolean,
  environment: Environment,
): string {
  const word = environment["GOOGLE_API_USE_MTLS_ENDPOINT"] ?? "auto";
  if (word !== "auto" && word !== "always" && word !== "never") throw mtlsWordUnknown(word);
  const isMutual = word === "always" || (word === "auto" && hasCertificate);
  if (!isMutual) return `spanner.${universe}:443`;
  if (universe !== GOOGLE) throw mtlsOutsideGoogle(universe);
  return `spanner.mtls.${GOOGLE}:443`;
}

function billedTo(project: string, credentials: Credentials): Credentials {
  return async (): Promise<Metadata> => ({
    ...(await credentials()),
    "x-goog-user-project": project,
  });
}

function hostOf(text: string): string {
  return text.replace(/^https?:\/\//, "").replace(/\/$/, "");
}
