// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type TargetOptions, targetOf } from "./target.ts";

const credentials = () => ({ authorization: "Bearer mine" });

function addressOf(options: TargetOptions, environment: Record<string, string> = {}): string {
  const { address, tls, credentials: who } = targetOf(options, environment);
  const words = [address, tls === undefined ? "in clear text" : "over TLS"];
  return [...words, who === undefined ? "as nobody" : "with credentials"].join(" ");
}

describe("a client", () => {
  test("calls Google over TLS with credentials, unless it is told otherwise", () => {
    assert.equal(addressOf({}), "spanner.googleapis.com:443 over TLS with credentials");
    const endpoint = "spanner.us-east1.rep.googleapis.com:443";
    assert.equal(addressOf({ endpoint }), `${endpoint} over TLS with credentials`);
  });

  test("calls an emulator in clear text as nobody, and says so itself or by the environment", () => {
    const local = "localhost:9010 in clear text as nobody";
    const environment = { SPANNER_EMULATOR_HOST: "localhost:9010" };
    assert.equal(addressOf({ emulatorHost: "http://localhost:9010/" }), local);
    assert.equal(addressOf({}, environment), local);
    assert.equal(addressOf({ emulatorHost: "localhost:9010", endpoint: "elsewhere:1" }), local);
    const endpoint = "elsewhere:1";
    assert.equal(addressOf({ endpoint }, environment), "elsewhere:1 over TLS with credentials");
  });

  test("calls Spanner Omni as the deployment wants it", () => {
    const omniHost = "omni:15000";
    assert.equal(addressOf({ omniHost }), "omni:15000 in clear text as nobody");
    const tls = { ca: "an authority" };
    assert.equal(addressOf({ omniHost, tls }), "omni:15000 over TLS as nobody");
    assert.equal(addressOf({ omniHost, tls, credentials }), "omni:15000 over TLS with credentials");
    const environment = { SPANNER_EMULATOR_HOST: "localhost:9010" };
    assert.equal(addressOf({ omniHost }, environment), "omni:15000 in clear text as nobody");
    for (const other of [{ emulatorHost: "a:1" }, { endpoint: "a:1" }]) {
      assert.throws(() => targetOf({ omniHost, ...other }, {}), { reason: "CONFLICTING_HOSTS" });
    }
  });

  test("finds the endpoint of its universe", () => {
    const there = "spanner.example.net:443 over TLS with credentials";
    assert.equal(addressOf({ universeDomain: "example.net" }), there);
    assert.equal(addressOf({}, { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.net" }), there);
    const both = { GOOGLE_CLOUD_UNIVERSE_DOMAIN: "example.org" };
    assert.equal(addressOf({ universeDomain: "example.net" }, both), there);
  });

  test("with a certificate of its own calls the endpoint that asks for one", () => {
    const tls = { cert: "mine", key: "secret" };
    const address = (word?: string, options: TargetOptions = { tls }) =>
      targetOf(options, word === undefined ? {} : { GOOGLE_API_USE_MTLS_ENDPOINT: word }).address;
    assert.equal(address(), "spanner.mtls.googleapis.com:443");
    assert.equal(address("auto"), "spanner.mtls.googleapis.com:443");
    assert.equal(address("never"), "spanner.googleapis.com:443");
    assert.equal(address("always", {}), "spanner.mtls.googleapis.com:443");
    assert.equal(address("auto", {}), "spanner.googleapis.com:443");
    assert.equal(address("always", { endpoint: "own:1" }), "own:1");
    assert.throws(() => address("sometimes"), { reason: "MTLS_WORD_UNKNOWN" });
    const elsewhere = { tls, universeDomain: "example.net" };
    assert.throws(() => address("auto", elsewhere), { reason: "MTLS_OUTSIDE_GOOGLE" });
    assert.equal(address("never", elsewhere), "spanner.example.net:443");
  });

  test("is told when its certificate has no key, or its key no certificate", () => {
    for (const tls of [{ cert: "mine" }, { key: "secret" }]) {
      assert.throws(() => targetOf({ tls }, {}), { reason: "HALF_CLIENT_CERTIFICATE" });
    }
  });

  test("has its calls billed to the project that it names", async () => {
    const billed = async (options: TargetOptions, environment = {}) =>
      targetOf({ credentials, ...options }, environment).credentials?.();
    assert.deepEqual(await billed({}), { authorization: "Bearer mine" });
    const metadata = { authorization: "Bearer mine", "x-goog-user-project": "payer" };
    assert.deepEqual(await billed({ quotaProject: "payer" }), metadata);
    assert.deepEqual(await billed({}, { GOOGLE_CLOUD_QUOTA_PROJECT: "payer" }), metadata);
  });
});
