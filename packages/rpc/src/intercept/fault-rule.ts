// SPDX-License-Identifier: Apache-2.0
// What a fault is, as a rule: which calls it strikes, and what happens to them.
import { Code, type CodeName, type StatusDetail, StatusError } from "@spandrel/base";
import { readDetail } from "./detail-json.ts";
import { wrongField } from "./errors.ts";
import { Fields } from "./fields.ts";
import { type Occasion, readOccasion } from "./occasion.ts";

/** The status that a call is to end with. */
export interface FaultStatus {
  readonly code: CodeName;
  /** Default: a text that says it was injected. */
  readonly message?: string | undefined;
  /** A stable word for the situation, known to callers in this process only. */
  readonly reason?: string | undefined;
  /** As `StatusDetail`, or as the JSON that Google's endpoints write, with an `@type`. */
  readonly details?: readonly (StatusDetail | { readonly "@type": string })[] | undefined;
}

/**
 * Which calls are struck, and by what. At least one of `delayMillis`, `status`, `cutAfter` and `effect`
 * is needed; those that are given happen in this order: the delay, the effect, the status.
 */
export interface FaultRule extends Occasion {
  /** `Commit`, or `/google.spanner.v1.Spanner/Commit`, or `*` for every method. */
  readonly method: string;
  /** Only calls whose fields have these values; which fields there are is for the service to say. */
  readonly where?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether it happens before the handler does anything (the default), or after it has done all of it
   * and before the caller hears of that: an outcome that is not known.
   */
  readonly when?: "before" | "after" | undefined;
  /** Waits for so long, by the clock that the faults were given. */
  readonly delayMillis?: number | undefined;
  readonly status?: FaultStatus | undefined;
  /** Ends a stream after so many messages: with `status`, or else as a lost connection does. */
  readonly cutAfter?: number | undefined;
  /** The name of something that the service can have happen. */
  readonly effect?: string | undefined;
}

/** A rule as it was understood. */
export interface ReadRule extends FaultRule {
  readonly error: StatusError | undefined;
}

const codeNames = (Object.keys(Code) as CodeName[]).filter((name) => name !== "OK");

/**
 * Reads a rule.
 *
 * @throws {StatusError} INVALID_ARGUMENT with the name of the field that is wrong.
 */
export function readFaultRule(
  value: unknown,
  methods: readonly { readonly name: string; readonly path: string }[],
  effects: readonly string[],
): ReadRule {
  const fields = new Fields(value);
  const method = fields.requiredText("method");
  if (method !== "*" && !methods.some(({ name, path }) => name === method || path === method)) {
    throw wrongField("method", `no method is called "${method}"`);
  }
  const error = readStatus(fields.object("status"));
  const rule: ReadRule = {
    method,
    where: fields.texts("where"),
    ...readOccasion(fields),
    when: fields.oneOf("when", ["before", "after"]),
    delayMillis: fields.number("delayMillis", 0),
    // What is wrong with it would have been found by now.
    status: fields.any("status") as FaultStatus | undefined,
    cutAfter: fields.count("cutAfter", 0),
    effect: fields.oneOf("effect", effects),
    error,
  };
  fields.end();
  const { delayMillis, cutAfter, effect } = rule;
  if (delayMillis === undefined && cutAfter === undefined && effect === undefined && !error) {
    throw wrongField("status", "is required, or one of delayMillis, cutAfter, effect");
  }
  if (cutAfter !== undefined && rule.when === "after") {
    throw wrongField("when", "is of no use with cutAfter");
  }
  return rule;
}

function readStatus(fields: Fields | undefined): StatusError | undefined {
  if (fields === undefined) return undefined;
  const code = fields.oneOf("code", codeNames);
  if (code === undefined) throw wrongField(fields.pathOf("code"), "is required");
  const message = fields.text("message") ?? `A fault was injected: ${code}.`;
  const reason = fields.text("reason") ?? "INJECTED_FAULT";
  const details = (fields.list("details") ?? []).map((detail, index) =>
    readAnyDetail(detail, `${fields.pathOf("details")}[${index}]`),
  );
  fields.end();
  return new StatusError(Code[code], message, { reason, details });
}

const kinds = ["ResourceInfo", "RetryInfo", "ErrorInfo", "BadRequest", "Help", "Any"];

function readAnyDetail(detail: unknown, path: string): StatusDetail {
  const { kind } = (detail ?? {}) as { readonly kind?: unknown };
  if (kind === undefined) return readDetail(detail, path);
  if (!kinds.includes(String(kind))) {
    throw wrongField(`${path}.kind`, `must be one of ${kinds.join(", ")}`);
  }
  // Written in this program, where the compiler has looked at it.
  return detail as StatusDetail;
}
