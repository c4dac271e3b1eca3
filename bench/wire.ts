// SPDX-License-Identifier: Apache-2.0
// What a call costs each end of the wire, each in a process of its own, with nothing but bytes in the
// messages: `node --conditions=source bench/wire.ts`. Processor time is what counts, as in the others.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createGrpcTransport, type Method, Router, type Transport } from "@spandrel/rpc";
import { listen } from "@spandrel/rpc/serve";
import { median } from "./report.ts";
import { writeSection } from "./results-page.ts";

const rounds = 7;
const windowMillis = 500;
const messageBytes = 1_000_000;
const streamMessages = 400;
const payload = new Uint8Array(100);

const codec = { encode: (bytes: Uint8Array) => bytes, decode: (bytes: Uint8Array) => bytes };
const method = (name: string, isStream: boolean): Method<Uint8Array, Uint8Array> => ({
  service: "bench.Wire",
  name,
  path: `/bench.Wire/${name}`,
  isStream,
  request: codec,
  response: codec,
});
const call = method("Call", false);
const stream = method("Stream", true);

/** What one end did in one window. */
interface Sample {
  readonly count: number;
  readonly micros: number;
  readonly seconds: number;
  readonly serverMicros: number;
}

if (process.send === undefined) await measure();
else await serve();

/** The server's process: tells its address, and its processor time whenever it is asked. */
async function serve(): Promise<void> {
  const piece = new Uint8Array(messageBytes).fill(7);
  const router = new Router()
    .unary(call, (request) => request)
    .stream(stream, async function* () {
      for (let index = 0; index < streamMessages; index++) yield piece;
    });
  const listener = await listen({ router });
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ micros: user + system });
  });
  process.send?.({ address: listener.address });
}

async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: process.execArgv });
  const [{ address }] = (await once(child, "message")) as [{ address: string }];
  const transport = createGrpcTransport({ address });
  const lines = ["| | client | server | per second of the clock |", "|---|---:|---:|---:|"];
  for (const inFlight of [1, 16, 100]) {
    const samples = await sampled(child, () => callFor(transport, inFlight));
    const [client, server] = perCall(samples);
    const rate = median(samples.map(({ count, seconds }) => count / seconds));
    const what = `a call, ${inFlight} in flight`;
    lines.push(`| ${what} | ${client} µs | ${server} µs | ${Math.round(rate)} |`);
  }
  const samples = await sampled(child, () => readAll(transport));
  const [client, server] = perCall(samples);
  const rate = median(samples.map(({ count, seconds }) => count / seconds));
  lines.push(`| a megabyte of a stream | ${client} µs | ${server} µs | ${Math.round(rate)} |`);
  await transport.close();
  child.kill();
  const page = `Nothing but bytes in the messages. Processor time per call, or per megabyte:\n\n${lines.join("\n")}`;
  await writeSection("wire", page);
  console.log(page);
}

function perCall(samples: readonly Sample[]): readonly string[] {
  const client = median(samples.map(({ micros, count }) => micros / count));
  const server = median(samples.map(({ serverMicros, count }) => serverMicros / count));
  return [client.toFixed(1), server.toFixed(1)];
}

async function sampled(child: ChildProcess, work: () => Promise<number>): Promise<Sample[]> {
  await work();
  const samples: Sample[] = [];
  for (let round = 0; round < rounds; round++) {
    const serverBefore = await microsOf(child);
    const before = process.cpuUsage();
    const start = performance.now();
    const count = await work();
    const seconds = (performance.now() - start) / 1_000;
    const { user, system } = process.cpuUsage(before);
    const serverMicros = (await microsOf(child)) - serverBefore;
    samples.push({ count, micros: user + system, seconds, serverMicros });
  }
  return samples;
}

async function microsOf(child: ChildProcess): Promise<number> {
  const answer = once(child, "message");
  child.send({});
  const [{ micros }] = (await answer) as [{ micros: number }];
  return micros;
}

async function callFor(transport: Transport, inFlight: number): Promise<number> {
  const end = performance.now() + windowMillis;
  let count = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      await transport.unary(call, payload, { timeoutMillis: 10_000 });
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return count;
}

async function readAll(transport: Transport): Promise<number> {
  let count = 0;
  for await (const _ of transport.serverStream(stream, payload)) count += 1;
  return count;
}
