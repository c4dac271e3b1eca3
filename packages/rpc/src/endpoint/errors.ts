// SPDX-License-Identifier: Apache-2.0
// Why streams and connections end before their time, by the numbers on the wire.

/** https://www.rfc-editor.org/rfc/rfc9113#section-7 */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

const nameByCode = new Map<number, string>(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** The name of a code, or its number when it has none. */
export function nameOfCode(code: number): string {
  return nameByCode.get(code) ?? `error code ${code}`;
}

/** The peer broke a rule of the connection, which ends: it cannot be told what else it means. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The peer did what the protocol does not allow. */
export function protocolError(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.PROTOCOL_ERROR, what);
}

/** The peer sent more than a window allows, or made a window too large. */
export function flowControlError(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, what);
}

/** A frame is longer than this end takes, or not as long as its kind has to be. */
export function frameSizeError(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, what);
}

/** A header block is none. */
export function compressionError(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.COMPRESSION_ERROR, what);
}

/** The peer makes work without an end. */
export function tooMuch(what: string): ConnectionError {
  return new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, `too many ${what}`);
}
