// SPDX-License-Identifier: Apache-2.0
// Connections over TLS, with and without a certificate of the client's own, and what credentials send
// along: the real library of Google's, and a server that knows whom to trust.
import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createServer, type Server, type TlsOptions } from "node:tls";
import { Code, StatusError } from "@spandrel/base";
import { Client, type ClientOptions, googleCredentials } from "@spandrel/client";
import { type Listener, listen } from "@spandrel/rpc/serve";
import { createTestAuthority, ScriptedServer } from "@spandrel/testkit";

const SELECT = "SELECT 1 AS one";
const authority = createTestAuthority("an authority");
const stranger = createTestAuthority("a stranger");
const ofServer = authority.issue("server");
const ofClient = authority.issue("client");

const spanner = new ScriptedServer();
let listener: Listener;
let plain: string;
/** Takes any client; takes only those that the authority knows. */
let open: Server;
let closed: Server;

/** Ends the encryption in front of a server that speaks in clear text. */
async function encrypted(options: TlsOptions): Promise<Server> {
  const { certificate: cert, key } = ofServer;
  const server = createServer({ cert, key, ALPNProtocols: ["h2"], ...options }, (socket) => {
    const behind = connect(listener.port, "127.0.0.1");
    socket.pipe(behind).pipe(socket);
    socket.on("error", () => behind.destroy());
    behind.on("error", () => socket.destroy());
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

const endpointOf = (server: Server): string =>
  `127.0.0.1:${(server.address() as AddressInfo).port}`;

before(async () => {
  spanner.answer(SELECT, { columns: { one: "INT64" }, rows: [["1"]] });
  listener = await listen({ host: "127.0.0.1", port: 0, router: spanner.router });
  plain = `127.0.0.1:${listener.port}`;
  open = await encrypted({});
  closed = await encrypted({ ca: authority.certificate, requestCert: true });
});

after(async () => {
  open.close();
  closed.close();
  await listener.close();
});

/** Asks one question; what the server was told of who asks. */
async function ask(
  options: ClientOptions,
  timeoutMillis = 10_000,
): Promise<Readonly<Record<string, string>>> {
  const client = new Client({ project: "p", environment: {}, ...options });
  try {
    const database = client.instance("i").database("d");
    assert.deepEqual(await database.query(SELECT, { timeoutMillis }).one(), { one: 1n });
    return spanner.requests.at(-1)?.metadata ?? {};
  } finally {
    await client.close();
  }
}

async function failure(options: ClientOptions, timeoutMillis?: number): Promise<StatusError> {
  try {
    await ask(options, timeoutMillis);
  } catch (thrown) {
    return StatusError.from(thrown);
  }
  throw new Error("the call went well");
}

const credentials = () => ({ authorization: "Bearer mine" });

test("a client trusts whom it is told to trust, and sends its credentials there", async () => {
  const tls = { ca: authority.certificate };
  const metadata = await ask({
    endpoint: endpointOf(open),
    tls,
    credentials,
    quotaProject: "payer",
  });
  assert.equal(metadata["authorization"], "Bearer mine");
  assert.equal(metadata["x-goog-user-project"], "payer");
});

test("a server that nobody vouches for is not talked to, and the error says why", async () => {
  for (const tls of [{}, { ca: stranger.certificate }]) {
    const error = await failure({ endpoint: endpointOf(open), tls, credentials });
    assert.equal(error.code, Code.UNAVAILABLE);
    assert.match(error.message, /certificate/);
  }
});

test("a server that asks for a certificate gets the client's, and refuses who has none", async () => {
  const { certificate: cert, key } = ofClient;
  const ca = authority.certificate;
  await ask({ omniHost: endpointOf(closed), tls: { ca, cert, key } });
  const error = await failure({ omniHost: endpointOf(closed), tls: { ca } });
  assert.equal(error.code, Code.UNAVAILABLE);
});

test("Spanner Omni has one project, and multiplexed sessions whatever the environment says", async () => {
  const off = "false";
  const environment = {
    GOOGLE_CLOUD_PROJECT: "elsewhere",
    GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS: off,
    GOOGLE_CLOUD_SPANNER_MULTIPLEXED_SESSIONS_PARTITIONED_OPS: off,
  };
  await using client = new Client({ omniHost: plain, environment });
  assert.equal(client.project, "default");
  spanner.clearRequests();
  const database = client.instance("default").database("d");
  assert.deepEqual(await database.query(SELECT).one(), { one: 1n });
  spanner.answer("DELETE FROM T WHERE TRUE", { rowCountLowerBound: 2n });
  assert.equal(await database.executePartitionedDml("DELETE FROM T WHERE TRUE"), 2n);
  assert.deepEqual(
    spanner.methods.filter((method) => method.includes("Session")),
    ["CreateSession"],
  );
});

test("a service account signs its own tokens, for Spanner's scopes, from a file or by value", async () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const account = {
    type: "service_account",
    project_id: "p",
    client_email: "someone@p.example.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    quota_project_id: "payer",
  };
  const directory = await mkdtemp(join(tmpdir(), "spandrel-account-"));
  const keyFilename = join(directory, "account.json");
  await writeFile(keyFilename, JSON.stringify(account));
  try {
    for (const from of [{ keyFilename }, { credentials: account }]) {
      const metadata = await ask({
        endpoint: endpointOf(open),
        tls: { ca: authority.certificate },
        credentials: googleCredentials(from),
      });
      const [scheme, token = ""] = (metadata["authorization"] ?? "").split(" ");
      assert.equal(scheme, "Bearer");
      const [head = "", body = "", signature = ""] = token.split(".");
      const claims: Record<string, unknown> = JSON.parse(atob(body));
      assert.equal(claims["iss"], account.client_email);
      assert.match(String(claims["scope"]), /auth\/spanner\.data.*auth\/spanner\.admin/);
      const signed = new TextEncoder().encode(`${head}.${body}`);
      assert.ok(verify("sha256", signed, publicKey, Buffer.from(signature, "base64url")));
      assert.equal(metadata["x-goog-user-project"], "payer");
    }
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("credentials of another universe are not sent", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const account = {
    type: "service_account",
    client_email: "someone@p.example.com",
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    universe_domain: "example.net",
  };
  const error = await failure({
    endpoint: endpointOf(open),
    tls: { ca: authority.certificate },
    credentials: googleCredentials({ credentials: account }),
  });
  assert.equal(error.code, Code.UNAUTHENTICATED);
  assert.match(error.message, /\(googleapis\.com\) does not match .* \(example\.net\)/);
});

test("a key that is none is told, by its file or by what it lacks", async () => {
  const on = { endpoint: endpointOf(open), tls: { ca: authority.certificate } };
  const missing = googleCredentials({ keyFilename: "/there/is/none.json" });
  assert.match((await failure({ ...on, credentials: missing })).message, /none\.json/);
  const empty = googleCredentials({ credentials: { client_email: "a", private_key: "" } });
  assert.match((await failure({ ...on, credentials: empty })).message, /needs client_email and/);
});

test("a server that is away until the time is over is named in the error", async () => {
  const nobody = await listen({ host: "127.0.0.1", port: 0, router: spanner.router });
  await nobody.close();
  const error = await failure({ emulatorHost: `127.0.0.1:${nobody.port}` }, 300);
  assert.match(error.message, /ECONNREFUSED/);
});
