// SPDX-License-Identifier: Apache-2.0
// The control over HTTP, as curl and programs in other languages use it, and as a browser must not.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:http2";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Client } from "@spandrel/client";
import { type ListeningServer, startServer } from "@spandrel/server";
import { addSinger, name, namesOf, singers } from "./world.ts";

interface Answer {
  readonly status: number;
  readonly body: never;
}

interface Listening {
  readonly server: ListeningServer;
  readonly client: Client;
  call(verb: string, path: string, body?: object): Promise<Answer>;
}

async function whileListening(story: (world: Listening) => Promise<void>): Promise<void> {
  await using server = await startServer({ port: 0, restPort: 0 });
  await using client = new Client({ project: "test", emulatorHost: server.grpcAddress });
  const call = async (verb: string, path: string, body?: object): Promise<Answer> => {
    const url = `http://${server.restAddress}/spandrel/v1${path}`;
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(url, { method: verb, ...init });
    return { status: response.status, body: (await response.json()) as never };
  };
  const instance = client.instance("main");
  await (await instance.create()).result();
  const database = instance.database("music");
  await (await database.create({ ddlStatements: singers })).result();
  await story({ server, client, call });
}

test("a first page lists what there is", () =>
  whileListening(async ({ call }) => {
    const { status, body } = await call("GET", "");
    assert.equal(status, 200);
    const { routes } = body as { routes: { verb: string; path: string; says: string }[] };
    const listed = routes.map(({ verb, path }) => `${verb} ${path}`);
    for (const route of [
      "POST /spandrel/v1/clock:advance",
      "POST /spandrel/v1/{database}:fork",
      "GET /spandrel/v1/requests",
      "GET /spandrel/v1/faults",
    ]) {
      assert.ok(listed.includes(route), route);
    }
    for (const { says } of routes) assert.match(says, /^[A-Z].*\.$/);
  }));

test("the clock stops, is set, advances and runs on", () =>
  whileListening(async ({ call }) => {
    const set = await call("POST", "/clock:stop");
    assert.equal(set.body["isStopped"], true);
    const { body } = await call("POST", "/clock:set", { time: "2030-01-01T00:00:00Z" });
    assert.equal(body["time"], "2030-01-01T00:00:00Z");
    await call("POST", "/clock:advance", { millis: 3_600_000 });
    assert.equal((await call("GET", "/clock")).body["time"], "2030-01-01T01:00:00Z");
    assert.equal((await call("POST", "/clock:run")).body["isStopped"], false);
    assert.equal((await call("POST", "/clock:reset")).body["aheadNanos"], "0");
  }));

test("a fault is added, strikes, is counted, and is removed", () =>
  whileListening(async ({ call, client }) => {
    const database = client.instance("main").database("music");
    const added = await call("POST", "/faults", {
      method: "ExecuteStreamingSql",
      status: {
        code: "ABORTED",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.5s" }],
      },
    });
    assert.deepEqual([added.status, added.body["id"]], [200, "1"]);
    await assert.rejects(namesOf(database), {
      code: 10,
      details: [{ kind: "RetryInfo", delayNanos: 500_000_000n }],
    });
    const { faults } = (await call("GET", "/faults")).body as { faults: { struck: number }[] };
    assert.deepEqual(
      faults.map(({ struck }) => struck),
      [1],
    );
    assert.equal((await call("GET", "/faults/1")).status, 200);
    assert.equal((await call("DELETE", "/faults/1")).status, 200);
    assert.equal((await call("DELETE", "/faults/1")).status, 404);
    assert.deepEqual(await namesOf(database), []);
  }));

test("requests are logged and narrowed by their fields; live data is listed", () =>
  whileListening(async ({ call, client }) => {
    const database = client.instance("main").database("music");
    await call("POST", "/requests:start");
    await addSinger(database, 1n, "Nina");
    await namesOf(database);
    const { body } = await call("GET", "/requests?method=Commit&status=OK");
    const { requests } = body as { requests: { method: string; startedNanos: string }[] };
    assert.deepEqual(
      requests.map(({ method }) => method),
      ["Commit"],
    );
    assert.match(requests[0]?.startedNanos ?? "", /^\d{19}$/);
    await call("POST", "/requests:clear");
    assert.deepEqual((await call("POST", "/requests:stop")).body["requests"], []);
    const sessions = (await call("GET", `/${name}/sessions`)).body as {
      sessions: { name: string }[];
    };
    const [session] = sessions.sessions;
    assert.ok(session !== undefined);
    assert.ok(session.name.startsWith(`${name}/sessions/`));
    assert.deepEqual((await call("DELETE", `/${session.name}`)).body, { isLost: true });
    assert.deepEqual((await call("DELETE", `/${session.name}`)).body, { isLost: false });
    assert.deepEqual((await call("GET", `/${name}/transactions?over=true`)).status, 200);
    assert.deepEqual((await call("GET", `/${name}/locks`)).body, { locks: [] });
    assert.deepEqual((await call("GET", "/databases")).body, { databases: [name] });
  }));

test("all that was asked for is taken back at once", () =>
  whileListening(async ({ server, call }) => {
    await call("POST", "/faults", { method: "*", delayMillis: 1 });
    await call("POST", "/requests:start");
    await call("POST", "/clock:stop");
    await call("POST", "/clock:advance", { millis: 1_000 });
    assert.deepEqual(await call("POST", ":clear"), { status: 200, body: {} });
    const { clock, faults, requests } = server.control;
    assert.deepEqual([clock.isStopped, clock.aheadNanos], [false, 0n]);
    assert.deepEqual([faults.list(), requests.isRecording], [[], false]);
  }));

test("a database is forked, dumped, loaded, taken as a snapshot and restored", () =>
  whileListening(async ({ server, call, client }) => {
    const instance = client.instance("main");
    const base = `http://${server.restAddress}/spandrel/v1`;
    await addSinger(instance.database("music"), 1n, "Nina;\nSimone");
    const forked = await call("POST", `/${name}:fork`, { databaseId: "copy" });
    assert.equal(forked.body["name"], name.replace("music", "copy"));
    await addSinger(instance.database("copy"), 2n, "Ella");
    await call("POST", `/${name.replace("music", "copy")}:reset`);
    assert.deepEqual(await namesOf(instance.database("copy")), ["Nina;\nSimone"]);
    for (const format of ["sql", "json"]) {
      const dump = await (await fetch(`${base}/${name}:dump?format=${format}`)).text();
      const id = `from-${format}`;
      await (await instance.database(id).create()).result();
      const loaded = await fetch(`${base}/${name.replace("music", id)}:load?format=${format}`, {
        method: "POST",
        body: dump,
      });
      assert.deepEqual(await loaded.json(), { schemaChanges: 1, rows: 1 });
      assert.deepEqual(await namesOf(instance.database(id)), ["Nina;\nSimone"]);
    }
    const bytes = await (await fetch(`${base}/${name}:snapshot`)).arrayBuffer();
    const restore = (body: ArrayBuffer, id: string) =>
      fetch(`${base}/projects/test/instances/main/databases:restore?databaseId=${id}`, {
        method: "POST",
        body,
      });
    assert.equal((await restore(bytes, "restored")).status, 200);
    assert.deepEqual(await namesOf(instance.database("restored")), ["Nina;\nSimone"]);
    const broken = await restore(bytes.slice(0, 100), "broken");
    assert.equal(broken.status, 500);
    assert.equal(((await broken.json()) as never)["error"]["status"], "DATA_LOSS");
  }));

test("a client that is still sending a long dump hears what is wrong with its beginning", () =>
  whileListening(async ({ server }) => {
    const lines = ['{"table":"Nobody","row":{"Id":"1"}}'];
    while (lines.length < 100_000) lines.push('{"table":"Singers","row":{"Id":"1","Name":"Nina"}}');
    const url = `http://${server.restAddress}/spandrel/v1/${name}:load?format=json`;
    const response = await fetch(url, { method: "POST", body: lines.join("\n") });
    assert.equal(response.status, 404);
    assert.match(await response.text(), /Table not found: Nobody/);
  }));

test("errors are worded as the REST edge words them, with the field that is wrong", () =>
  whileListening(async ({ call }) => {
    const errorOf = async (verb: string, path: string, body?: object) => {
      const answer = await call(verb, path, body);
      const { code, status, message } = answer.body["error"] as {
        code: number;
        status: string;
        message: string;
      };
      assert.equal(code, answer.status);
      return `${code} ${status} ${message}`;
    };
    assert.equal(
      await errorOf("POST", "/faults", { method: "Comit", effect: "lose-session" }),
      '400 INVALID_ARGUMENT method: no method is called "Comit"',
    );
    assert.equal(
      await errorOf("POST", "/clock:advance", { millis: -1 }),
      "400 INVALID_ARGUMENT millis: must be a number, 0 or more",
    );
    assert.equal(
      await errorOf("POST", "/clock:stop", { now: true }),
      "400 INVALID_ARGUMENT now: is not known here",
    );
    assert.match(await errorOf("POST", "/clock:set", { time: "noon" }), /^400 .* time: must be/);
    assert.match(await errorOf("GET", "/nowhere"), /^404 NOT_FOUND/);
    assert.match(await errorOf("DELETE", "/clock"), /^405 UNIMPLEMENTED/);
    assert.match(await errorOf("GET", `/${name}x/locks`), /^404 NOT_FOUND Database not found/);
    assert.match(await errorOf("GET", `/${name}x:dump`), /^404 NOT_FOUND Database not found/);
    assert.match(await errorOf("GET", `/${name}:dump?format=xml`), /^400 .* format: /);
    assert.match(
      await errorOf("POST", "/diskFaults", { operation: "write", errorCode: "EIO" }),
      /^400 FAILED_PRECONDITION/,
    );
  }));

/** A request with headers that fetch would not let through. */
function raw(address: string, verb: string, headers: Record<string, string>): Promise<number> {
  const [host = "", port = ""] = address.split(":");
  return new Promise((resolve, reject) => {
    const path = "/spandrel/v1/clock:stop";
    const sent = request({ host, port, path, method: verb, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("pages of other sites are refused, whether they say so or have their name point here", () =>
  whileListening(async ({ server }) => {
    const { restAddress: address, control } = server;
    const post = (headers: Record<string, string>) => raw(address, "POST", headers);
    assert.equal(await post({ origin: "https://evil.example" }), 403);
    assert.equal(await post({ origin: "null" }), 403);
    assert.equal(await post({ origin: "http://127.0.0.1:1" }), 403, "another port, another site");
    assert.equal(await post({ "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await post({ "sec-fetch-site": "same-site" }), 403);
    assert.equal(await post({ host: "evil.example" }), 403);
    assert.equal(
      await post({ host: "evil.example:9020", origin: "http://evil.example:9020" }),
      403,
    );
    assert.equal(await post({ host: "127.0.0.1.evil.example" }), 403);
    assert.equal(control.clock.isStopped, false);
    assert.equal(await post({ origin: `http://${address}` }), 200);
    assert.equal(await post({ "sec-fetch-site": "same-origin" }), 200);
    const port = address.split(":")[1];
    for (const host of ["localhost", `localhost:${port}`, "[::1]:9", "127.0.0.1"]) {
      assert.equal(await post({ host }), 200, host);
    }
  }));

test("HTTP/2 is answered and judged alike", () =>
  whileListening(async ({ server }) => {
    const ask = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const session = connect(`http://${server.grpcAddress}`);
        session.on("error", reject);
        const stream = session.request({ ":path": "/spandrel/v1/clock", ...headers });
        stream.on("response", (answer) => {
          resolve(Number(answer[":status"]));
          stream.resume();
          session.close();
        });
        stream.end();
      });
    assert.equal(await ask({}), 200);
    assert.equal(await ask({ ":authority": "evil.example" }), 403);
    assert.equal(await ask({ origin: "https://evil.example" }), 403);
  }));

test("it is off where others can reach it unless it is asked for, and can be turned off anywhere", async () => {
  const statusOf = async (options: object) => {
    await using server = await startServer({ port: 0, restPort: 0, ...options });
    const port = server.restAddress.split(":").at(-1);
    return (await fetch(`http://127.0.0.1:${port}/spandrel/v1`)).status;
  };
  assert.equal(await statusOf({}), 200);
  assert.equal(await statusOf({ control: false }), 404);
  assert.equal(await statusOf({ host: "0.0.0.0" }), 404);
  assert.equal(await statusOf({ host: "0.0.0.0", control: true }), 200);
});

test("the command has a switch for it", async () => {
  const command = fileURLToPath(new URL("../../packages/cli/bin/spandrel.mjs", import.meta.url));
  for (const [word, expected] of [
    ["--control", 200],
    ["--no-control", 404],
  ] as const) {
    const words = [command, "start", "--port", "0", "--rest-port", "0", word];
    const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
    const closed = new Promise((resolve) => child.once("close", resolve));
    try {
      let out = "";
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk) => {
          out += chunk;
          if (out.split("\n").length > 2) resolve();
        });
      });
      const rest = /rest=(\S+)/.exec(out)?.[1];
      assert.equal((await fetch(`http://${rest}/spandrel/v1`)).status, expected, word);
    } finally {
      child.kill();
      await closed;
    }
  }
});
