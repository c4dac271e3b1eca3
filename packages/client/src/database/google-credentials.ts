// SPDX-License-Identifier: Apache-2.0
import type { Metadata } from "@spandrel/rpc";
import { noCredentialsLibrary } from "../errors/admin.ts";

/** Gives the metadata that proves who calls; asked before every call, so it should remember. */
export type Credentials = () => Metadata | Promise<Metadata>;

interface AuthLibrary {
  readonly GoogleAuth: new (
    options: GoogleCredentialsOptions & { scopes: string[] },
  ) => {
    getAccessToken(): Promise<string | null | undefined>;
  };
}

/** Whose credentials. Default: Google's application default credentials. */
export interface GoogleCredentialsOptions {
  /** The file of a service account's key. */
  readonly keyFilename?: string;
  /** What stands in such a file. */
  readonly credentials?: { readonly client_email: string; readonly private_key: string };
}

const SCOPES = [
  "https://www.googleapis.com/auth/spanner.data",
  "https://www.googleapis.com/auth/spanner.admin",
];

/**
 * Google's credentials: those of a service account's key, or else the application default ones. They
 * come from google-auth-library, which is loaded when first needed.
 *
 *     new Client({ credentials: googleCredentials({ keyFilename: "key.json" }) })
 *
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
export function googleCredentials(options: GoogleCredentialsOptions = {}): Credentials {
  let auth: Promise<InstanceType<AuthLibrary["GoogleAuth"]>> | undefined;
  return async () => {
    auth ??= load(options);
    const token = await (await auth).getAccessToken();
    return { authorization: `Bearer ${token ?? ""}` };
  };
}

async function load(
  options: GoogleCredentialsOptions,
): Promise<InstanceType<AuthLibrary["GoogleAuth"]>> {
  try {
    // An optional peer: named by a variable, so that no bundler and no compiler looks for it.
    const name = "google-auth-library";
    const library: AuthLibrary = await import(name);
    return new library.GoogleAuth({ ...options, scopes: SCOPES });
  } catch (cause) {
    throw noCredentialsLibrary(cause);
  }
}
