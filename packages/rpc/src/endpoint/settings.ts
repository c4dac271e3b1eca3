// SPDX-License-Identifier: Apache-2.0
// What the ends of a connection tell each other about themselves.
// https://www.rfc-editor.org/rfc/rfc9113#section-6.5
import { flowControlError, protocolError } from "./errors.ts";
import {
  FRAME_BYTES_DEFAULT,
  FRAME_BYTES_MAX,
  readUint32,
  Setting,
  WINDOW_BYTES_DEFAULT,
  WINDOW_BYTES_MAX,
} from "./frame.ts";

/** Bytes of one setting. */
const ENTRY_BYTES = 6;

/** What the peer has said; at first, what holds until it says anything. */
export interface PeerSettings {
  headerTableBytes: number;
  /** Undefined: as many streams as one likes. */
  streamsMax: number | undefined;
  windowBytes: number;
}

/** What holds before the peer has said anything. */
export function defaultSettings(): PeerSettings {
  return {
    headerTableBytes: 4_096,
    streamsMax: undefined,
    windowBytes: WINDOW_BYTES_DEFAULT,
  };
}

/**
 * Reads a settings frame into what was known; settings that nobody knows are passed over.
 *
 * @throws {ConnectionError} for a value that is not allowed.
 */
export function readSettings(payload: Uint8Array, settings: PeerSettings, isClient: boolean): void {
  for (let at = 0; at + ENTRY_BYTES <= payload.length; at += ENTRY_BYTES) {
    const id = (payload[at] ?? 0) * 256 + (payload[at + 1] ?? 0);
    const value = readUint32(payload, at + 2);
    switch (id) {
      case Setting.HEADER_TABLE_SIZE:
        settings.headerTableBytes = value;
        break;
      case Setting.ENABLE_PUSH:
        if (value > 1) throw protocolError(`ENABLE_PUSH cannot be ${value}`);
        if (isClient && value === 1) throw protocolError("a server cannot be pushed to");
        break;
      case Setting.MAX_CONCURRENT_STREAMS:
        settings.streamsMax = value;
        break;
      case Setting.INITIAL_WINDOW_SIZE:
        if (value > WINDOW_BYTES_MAX) throw flowControlError(`a window of ${value} bytes`);
        settings.windowBytes = value;
        break;
      case Setting.MAX_FRAME_SIZE:
        if (value < FRAME_BYTES_DEFAULT || value > FRAME_BYTES_MAX) {
          throw protocolError(`frames of ${value} bytes`);
        }
        // Frames of the length that everybody takes are long enough.
        break;
    }
  }
}

/** Whether the payload of a settings frame has a length that it can have. */
export function isSettingsLength(length: number): boolean {
  return length % ENTRY_BYTES === 0;
}

/** The payload of a settings frame. */
export function printSettings(
  settings: readonly (readonly [id: number, value: number])[],
): Uint8Array {
  const payload = new Uint8Array(settings.length * ENTRY_BYTES);
  const view = new DataView(payload.buffer);
  settings.forEach(([id, value], index) => {
    view.setUint16(index * ENTRY_BYTES, id);
    view.setUint32(index * ENTRY_BYTES + 2, value);
  });
  return payload;
}
