// SPDX-License-Identifier: Apache-2.0
import type { Metadata } from "@spandrel/rpc";
import { noCredentialsLibrary } from "../errors/admin.ts";
import { keyFileUnreadable, notServiceAccount, universesDiffer } from "../errors/options.ts";

/** Gives the metadata that proves who calls; asked before every call, so it should remember. */
export type Credentials = () => Metadata | Promise<Metadata>;

/** What is used of google-auth-library, since its version 9. */
interface AuthLibrary {
  /** Application default credentials. */
  readonly GoogleAuth: new (options: {
    readonly scopes: readonly string[];
  }) => GoogleAuth;
  /** Those of a service account, which signs its own tokens. */
  readonly JWT: new (options: {
    readonly scopes: readonly string[];
  }) => ServiceAccount;
}

interface GoogleAuth {
  getClient(): Promise<AuthClient>;
}

interface AuthClient {
  readonly universeDomain?: string;
  /** Whether tokens are signed here, with no call to get one. */
  useJWTAccessWithScope?: boolean;
  /** A `Headers` since version 10, a plain object before. */
  getRequestHeaders(): Promise<Headers | Readonly<Record<string, string>>>;
}

interface ServiceAccount extends AuthClient {
  fromJSON(key: unknown): void;
}

/** Whose credentials. Default: Google's application default credentials. */
export interface GoogleCredentialsOptions {
  /** The file of a service account's key. */
  readonly keyFilename?: string;
  /** What stands in such a file. */
  readonly credentials?: { readonly client_email: string; readonly private_key: string };
  /** The universe that the credentials must be of. Default `googleapis.com`. */
  readonly universeDomain?: string;
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
 * Calls are billed to the quota project of the credentials, when they have one.
 * https://cloud.google.com/docs/authentication/application-default-credentials
 *
 * @throws {SpannerError} from the calls that need them: UNAUTHENTICATED when the library is not
 * installed, the key is none, or the credentials are of another universe.
 */
export function googleCredentials(options: GoogleCredentialsOptions = {}): Credentials {
  let client: Promise<AuthClient> | undefined;
  return async () => {
    client ??= load(options);
    const headers = await (await client).getRequestHeaders();
    return headers instanceof Headers ? Object.fromEntries(headers) : lowerCased(headers);
  };
}

async function load(options: GoogleCredentialsOptions): Promise<AuthClient> {
  const library = await importLibrary();
  const { keyFilename, universeDomain: wanted = "googleapis.com" } = options;
  const key = keyFilename === undefined ? options.credentials : await readKey(keyFilename);
  const client = await clientOf(library, key);
  const { universeDomain: found = wanted } = client;
  if (found !== wanted) throw universesDiffer(wanted, found);
  client.useJWTAccessWithScope = true;
  return client;
}

async function clientOf(library: AuthLibrary, key: unknown): Promise<AuthClient> {
  if (key === undefined) return new library.GoogleAuth({ scopes: SCOPES }).getClient();
  const account = new library.JWT({ scopes: SCOPES });
  try {
    account.fromJSON(key);
  } catch (cause) {
    throw notServiceAccount(cause);
  }
  return account;
}

async function readKey(file: string): Promise<unknown> {
  const { readFile } = await import("node:fs/promises");
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw keyFileUnreadable(file, cause);
  }
}

async function importLibrary(): Promise<AuthLibrary> {
  try {
    // An optional peer: named by a variable, so that no bundler and no compiler looks for it.
    const name = "google-auth-library";
    return await import(name);
  } catch (cause) {
    throw noCredentialsLibrary(cause);
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Metadata {
  return Object.fromEntries(
    Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]),
  );
}
