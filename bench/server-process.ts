// SPDX-License-Identifier: Apache-2.0
// The server that both clients call, in a process of its own; it tells how much processor time it used.
import { startServer } from "@spandrel/server";

const server = await startServer({ port: 0, restPort: 0 });
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system });
});
process.on("disconnect", () => void server.close());
process.send?.({ address: server.grpcAddress });
