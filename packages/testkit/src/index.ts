// SPDX-License-Identifier: Apache-2.0
// What tests need: a clock moved by hand, a server that follows a script.
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
export { VirtualClock } from "./virtual-clock.ts";
