// SPDX-License-Identifier: Apache-2.0
// Statuses: how an operation says that it cannot be done, in the sixteen codes of gRPC. A
// StatusError made on the server crosses the wire and comes back as the same class, with code, text
// and details. Decisions are made on `code`, `reason` and `details`; nobody reads `message`.

/** The codes of gRPC by name: https://grpc.io/docs/guides/status-codes/ */
export const Code = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** The name of a code. */
export type CodeName = keyof typeof Code;

/** A code as a number from 0 to 16. */
export type Code = (typeof Code)[CodeName];

const namesByCode = new Map<number, CodeName>(
  Object.entries(Code).map(([name, code]) => [code, name as CodeName]),
);

/** The name of a code; a number that is no code is UNKNOWN, as gRPC asks. */
export function codeName(code: number): CodeName {
  return namesByCode.get(code) ?? "UNKNOWN";
}

/** A number as a code; a number that is no code is UNKNOWN, as gRPC asks. */
export function codeOf(number: number): Code {
  return Code[codeName(number)];
}

/**
 * What an error says beyond its code and text: the messages of google.rpc that Spanner sends.
 *
 * `Any` carries a detail of a type that is not in this list, undecoded.
 * https://cloud.google.com/apis/design/errors#error_details
 */
export type StatusDetail =
  | {
      readonly kind: "ResourceInfo";
      readonly resourceType: string;
      readonly resourceName: string;
      readonly owner: string;
      readonly description: string;
    }
  | { readonly kind: "RetryInfo"; readonly delayNanos: bigint }
  | {
      readonly kind: "ErrorInfo";
      readonly reason: string;
      readonly domain: string;
      readonly metadata: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "BadRequest";
      readonly violations: readonly { readonly field: string; readonly description: string }[];
    }
  | {
      readonly kind: "Help";
      readonly links: readonly { readonly description: string; readonly url: string }[];
    }
  | { readonly kind: "Any"; readonly typeUrl: string; readonly value: Uint8Array };

/** What can be said about a status beyond its code and message. */
export interface StatusOptions {
  /** A stable word for the situation, for programs: `SESSION_NOT_FOUND`. Empty when unknown. */
  readonly reason?: string;
  readonly details?: readonly StatusDetail[];
  readonly cause?: unknown;
}

const brand = Symbol.for("spandrel.StatusError");

/** An operation could not be done: the code says what the caller may do about it. */
export class StatusError extends Error {
  override readonly name: string = "StatusError";
  readonly code: Code;
  /** A stable word for the situation; empty when the other side gave none. */
  readonly reason: string;
  readonly details: readonly StatusDetail[];

  constructor(code: Code, message: string, options: StatusOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.reason = options.reason ?? "";
    this.details = options.details ?? [];
    Object.defineProperty(this, brand, { value: true });
  }

  /** The code by name, for people and logs. */
  get codeName(): CodeName {
    return codeName(this.code);
  }

  /** Finds the first detail of a kind. */
  findDetail<K extends StatusDetail["kind"]>(
    kind: K,
  ): Extract<StatusDetail, { kind: K }> | undefined {
    return this.details.find(
      (detail): detail is Extract<StatusDetail, { kind: K }> => detail.kind === kind,
    );
  }

  /**
   * Makes anything that was thrown a StatusError, for the edges of the process only.
   *
   * What is one already is given back as it is. An abort becomes CANCELLED, a timeout
   * DEADLINE_EXCEEDED, all else `fallback`, with the thrown thing as its cause.
   */
  static from(thrown: unknown, fallback: Code = Code.UNKNOWN): StatusError {
    if (thrown instanceof StatusError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const name = thrown instanceof Error ? thrown.name : "";
    const code =
      name === "AbortError"
        ? Code.CANCELLED
        : name === "TimeoutError"
          ? Code.DEADLINE_EXCEEDED
          : fallback;
    return new StatusError(code, message, { cause: thrown });
  }

  /** Two copies of this package in one program still recognize each other's errors. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== StatusError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && brand in value;
  }
}
