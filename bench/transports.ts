// SPDX-License-Identifier: Apache-2.0
// Calls within a process against calls over a loopback socket, both ends in this process: a call that
// does nothing, which shows the transport alone, and a `SELECT 1` by the client, which shows it all.
import { Client } from "@spandrel/client";
import { createGrpcTransport, createLocalTransport, type Method, Router } from "@spandrel/rpc";
import { listen } from "@spandrel/rpc/serve";
import { createServer, startServer } from "@spandrel/server";
import { median } from "./report.ts";
import { databaseId, instanceId, projectId, selectOne } from "./workload.ts";

const rounds = 5;
const windowMillis = 500;
const concurrencies = [1, 16, 100];

const codec = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes };
const nothing: Method<Uint8Array, Uint8Array> = {
  service: "bench.Nothing",
  name: "Call",
  path: "/bench.Nothing/Call",
  isStream: false,
  request: codec,
  response: codec,
};

/** A way to make a call. */
interface Way {
  readonly call: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Measures both and gives a table in Markdown. */
export async function measureTransports(): Promise<string> {
  const lines: string[] = [];
  for (const [what, ways] of [
    ["a call that does nothing", [bareInProcess, bareOverSocket]],
    ["`SELECT 1`", [queryInProcess, queryOverSocket]],
  ] as const) {
    for (const inFlight of concurrencies) {
      const rates: number[] = [];
      for (const open of ways) rates.push(await rate(await open(), inFlight));
      const [local = Number.NaN, socket = Number.NaN] = rates;
      const cells = [local, socket].map((value) => Math.round(value).toLocaleString("en-US"));
      const ratio = `**${(local / socket).toFixed(1)}×**`;
      lines.push(`| ${what}, ${inFlight} in flight | ${cells.join(" | ")} | ${ratio} |`);
    }
  }
  return `Client and server in one process, calls per second of the processor time of both:

| | in-process transport | loopback socket | ratio |
|---|---:|---:|---:|
${lines.join("\n")}`;
}

async function rate({ call, close }: Way, inFlight: number): Promise<number> {
  const run = async (): Promise<number> => {
    const { user, system } = process.cpuUsage();
    const end = performance.now() + windowMillis;
    let count = 0;
    const caller = async (): Promise<void> => {
      while (performance.now() < end) {
        await call();
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, caller));
    const after = process.cpuUsage();
    return (count * 1e6) / (after.user + after.system - user - system);
  };
  await run();
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) rates.push(await run());
  await close();
  return median(rates);
}

const payload = new Uint8Array(100);

async function bareInProcess(): Promise<Way> {
  const transport = createLocalTransport(new Router().unary(nothing, (request) => request));
  return {
    call: () => transport.unary(nothing, payload, { timeoutMillis: 10_000 }),
    close: () => transport.close(),
  };
}

async function bareOverSocket(): Promise<Way> {
  const router = new Router().unary(nothing, (request) => request);
  const listener = await listen({ router, host: "127.0.0.1", port: 0 });
  const transport = createGrpcTransport({ address: listener.address });
  return {
    call: () => transport.unary(nothing, payload, { timeoutMillis: 10_000 }),
    close: async () => {
      await transport.close();
      await listener.close();
    },
  };
}

function queryInProcess(): Promise<Way> {
  const server = createServer();
  const client = new Client({ project: projectId, transport: server.transport });
  return queryBy(client, () => client.close());
}

async function queryOverSocket(): Promise<Way> {
  const server = await startServer({ port: 0, restPort: 0 });
  const client = new Client({ project: projectId, emulatorHost: server.grpcAddress });
  return await queryBy(client, async () => {
    await client.close();
    await server.close();
  });
}

async function queryBy(client: Client, close: () => Promise<void>): Promise<Way> {
  const instance = client.instance(instanceId);
  await (await instance.create()).result();
  const database = instance.database(databaseId);
  await (await database.create()).result();
  return { call: () => database.query(selectOne).rows(), close };
}
