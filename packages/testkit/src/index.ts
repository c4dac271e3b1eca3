// SPDX-License-Identifier: Apache-2.0
// What tests need: golden scripts, a clock moved by hand, a server that follows a script, a disk that
// forgets.
export { type DiskBehavior, type DiskOperation, FaultyDisk } from "./faulty-disk.ts";
export { type Faults, FaultyTransport, type FaultyTransportOptions } from "./faulty-transport.ts";
export {
  compareGolden,
  type GoldenCommand,
  type GoldenWorld,
  replayGolden,
  testGoldens,
} from "./golden.ts";
export {
  type RecordedRequest,
  ScriptedServer,
  type StreamBreak,
  sessionNotFound,
} from "./scripted-server.ts";
export {
  type Answer,
  messagesOf,
  resumePosition,
  resumeTokenOf,
} from "./scripted-server-answers.ts";
export {
  createTestAuthority,
  type TestAuthority,
  type TestCertificate,
} from "./test-certificate.ts";
export { VirtualClock } from "./virtual-clock.ts";
