// SPDX-License-Identifier: Apache-2.0
import type { Metadata } from "@spandrel/rpc";
import { noCredentialsLibrary } from "../errors/admin.ts";

/** Gives the metadata that proves who calls; asked before every call, so it should remember. */
export type Credentials = () => Metadata | Promise<Metadata>;

interface AuthLibrary {
  readonly GoogleAuth: new (options: {
    scopes: string[];
  }) => {
    getAccessToken(): Promise<string | null | undefined>;
  };
}

const SCOPES = [
  "https://www.googleapis.com/auth/spanner.data",
  "https://www.googleapis.com/auth/spanner.admin",
];

/**
 * Google's application default credentials, by google-auth-library, which is loaded when first needed.
 *
 * https://cloud.google.com/docs/authentication/application-default-credentials
 */
export function googleCredentials(): Credentials {
  let auth: Promise<InstanceType<AuthLibrary["GoogleAuth"]>> | undefined;
  return async () => {
    auth ??= load();
    const token = await (await auth).getAccessToken();
    return { authorization: `Bearer ${token ?? ""}` };
  };
}

async function load(): Promise<InstanceType<AuthLibrary["GoogleAuth"]>> {
  try {
    // An optional peer: named by a variable, so that no bundler and no compiler looks for it.
    const name = "google-auth-library";
    const library: AuthLibrary = await import(name);
    return new library.GoogleAuth({ scopes: SCOPES });
  } catch (cause) {
    throw noCredentialsLibrary(cause);
  }
}
