// SPDX-License-Identifier: Apache-2.0
// Faults by rule, in front of the handlers of a router. All rules that strike a call happen to it, in
// the order in which they were added, up to the first that ends it.
import type { Clock, StatusError } from "@spandrel/base";
import type { InterceptedCall, Interceptor } from "../contract/router.ts";
import { streamCut } from "./errors.ts";
import { type FaultRule, type ReadRule, readFaultRule } from "./fault-rule.ts";
import { OccasionCounter } from "./occasion.ts";

/**
 * Something that a service can have happen to a call. `answer` is what the handler answered, the first
 * message of a stream; undefined before it has. What it throws ends the call.
 */
export type FaultEffect = (call: InterceptedCall, answer: unknown) => Promise<void> | void;

/** The fields of a request that rules ask for and logs show, by name. */
export type DescribeCall = (call: InterceptedCall) => Readonly<Record<string, string>>;

/** What faults work with. */
export interface FaultsOptions {
  /** For delays. */
  readonly clock: Clock;
  readonly methods: readonly { readonly name: string; readonly path: string }[];
  /** What a rule can have happen by its `effect`. */
  readonly effects?: Readonly<Record<string, FaultEffect>> | undefined;
  /** The fields that a rule can ask for by its `where`. */
  readonly describe?: DescribeCall | undefined;
}

/** A rule, and what became of it. */
export interface Fault {
  readonly id: string;
  readonly rule: FaultRule;
  /** How many calls it was about. */
  readonly matched: number;
  /** How many of them it has struck. */
  readonly struck: number;
}

interface Entry {
  readonly id: string;
  readonly rule: FaultRule;
  readonly read: ReadRule;
  readonly counter: OccasionCounter;
}

/** See the top of this file. */
export class Faults implements Interceptor {
  readonly #options: FaultsOptions;
  readonly #entries = new Map<string, Entry>();
  #added = 0;

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#entries.size === 0;
  }

  /**
   * From now on the rule holds; gives what to remove it by.
   *
   * @throws {StatusError} INVALID_ARGUMENT with the name of the field that is wrong.
   */
  add(rule: FaultRule): Fault {
    const { methods, effects = {} } = this.#options;
    const read = readFaultRule(rule, methods, Object.keys(effects));
    this.#added++;
    const entry = { id: String(this.#added), rule, read, counter: new OccasionCounter(read) };
    this.#entries.set(entry.id, entry);
    return faultOf(entry);
  }

  /** A rule by its id; undefined when there is none. */
  get(id: string): Fault | undefined {
    const entry = this.#entries.get(id);
    return entry === undefined ? undefined : faultOf(entry);
  }

  /** Every rule, in the order in which they were added. */
  list(): readonly Fault[] {
    return [...this.#entries.values()].map(faultOf);
  }

  /** Whether there was such a rule; calls that it has struck already take their course. */
  remove(id: string): boolean {
    return this.#entries.delete(id);
  }

  /** Removes every rule. */
  clear(): void {
    this.#entries.clear();
  }

  async unary(call: InterceptedCall, next: () => Promise<unknown> | unknown): Promise<unknown> {
    const { before, after } = this.#striking(call);
    for (const rule of before) await this.#strike(rule, call, undefined);
    const answer = await next();
    for (const rule of after) await this.#strike(rule, call, answer);
    return answer;
  }

  async *stream(call: InterceptedCall, next: () => AsyncIterable<unknown>): AsyncIterable<unknown> {
    const { before, after, cut } = this.#striking(call);
    for (const rule of before) await this.#strike(rule, call, undefined);
    if (cut?.cutAfter === 0) throw errorOfCut(cut);
    let count = 0;
    let first: unknown;
    for await (const message of next()) {
      if (count === 0) first = message;
      count++;
      yield message;
      if (count === cut?.cutAfter) throw errorOfCut(cut);
    }
    for (const rule of after) await this.#strike(rule, call, first);
  }

  #striking(call: InterceptedCall): {
    readonly before: readonly ReadRule[];
    readonly after: readonly ReadRule[];
    readonly cut: ReadRule | undefined;
  } {
    let fields: Readonly<Record<string, string>> | undefined;
    const has = (wanted: Readonly<Record<string, string>> | undefined): boolean => {
      if (wanted === undefined) return true;
      fields ??= this.#options.describe?.(call) ?? {};
      const held = fields;
      return Object.entries(wanted).every(([name, value]) => held[name] === value);
    };
    const striking: ReadRule[] = [];
    for (const { read, counter } of this.#entries.values()) {
      const { method, where, cutAfter } = read;
      const { name, path, isStream } = call.method;
      if (method !== "*" && method !== name && method !== path) continue;
      if (cutAfter !== undefined && !isStream) continue;
      if (has(where) && counter.strikes()) striking.push(read);
    }
    return {
      before: striking.filter(({ when }) => when !== "after"),
      after: striking.filter(({ when }) => when === "after"),
      cut: striking.find(({ cutAfter }) => cutAfter !== undefined),
    };
  }

  async #strike(rule: ReadRule, call: InterceptedCall, answer: unknown): Promise<void> {
    const { delayMillis, effect, error, cutAfter } = rule;
    const { clock, effects = {} } = this.#options;
    if (delayMillis !== undefined) await clock.sleep(delayMillis, { signal: call.context.signal });
    if (effect !== undefined) await effects[effect]?.(call, answer);
    if (error !== undefined && cutAfter === undefined) throw error;
  }
}

function errorOfCut({ error }: ReadRule): StatusError {
  return error ?? streamCut();
}

function faultOf({ id, rule, counter: { matched, struck } }: Entry): Fault {
  return { id, rule, matched, struck };
}
