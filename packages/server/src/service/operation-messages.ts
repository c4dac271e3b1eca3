// SPDX-License-Identifier: Apache-2.0
// Long-running operations as google.longrunning has them: metadata and results travel as Any.
import type { Any, Operation as ProtoOperation } from "@spandrel/protocol/admin";
import type { Operation } from "../instance/operations.ts";

/** Something that travels as Any: the full name of its message, and its bytes. */
export interface Packed {
  readonly message: string;
  readonly bytes: Uint8Array;
}

/** An operation whose metadata and result are messages. */
export type MessageOperation = Operation<Packed, Packed>;

/** Packs a message under its full name. */
export function pack<Message>(
  name: string,
  codec: { encode(message: Message): { finish(): Uint8Array } },
  message: Message,
): Packed {
  return { message: name, bytes: codec.encode(message).finish() };
}

function toAny({ message, bytes }: Packed): Any {
  return { typeUrl: `type.googleapis.com/${message}`, value: bytes };
}

/** An operation as a message. */
export function operationToProto({ name, state }: MessageOperation): ProtoOperation {
  const metadata = toAny(state.metadata);
  switch (state.kind) {
    case "running":
      return { name, metadata, done: false };
    case "done":
      return {
        name,
        metadata,
        done: true,
        result: { $case: "response", response: toAny(state.result) },
      };
    case "failed": {
      const { code, message } = state.error;
      return { name, metadata, done: true, result: { $case: "error", error: { code, message } } };
    }
  }
}
