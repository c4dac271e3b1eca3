// SPDX-License-Identifier: Apache-2.0
// The inner life of a read-only transaction: how it begins, which moment it shows, what becomes of it
// when its session is lost. Snapshot and BatchSnapshot are made of this.
import type {
  Transaction as ProtoTransaction,
  TransactionOptions,
  TransactionSelector,
} from "@spandrel/protocol";
import type { OperationOptions } from "../call/caller.ts";
import { limitsFromNow } from "../call/limits-until.ts";
import { spannerMethods } from "../call/methods.ts";
import { SessionNotFoundError, SpannerError } from "../errors/spanner-error.ts";
import { alreadyBegun, noTransactionId, snapshotIsSingleUse } from "../errors/transaction.ts";
import type { Session } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import { Timestamp } from "../values/timestamp.ts";
import { BeginGate, type BeginTicket, type Entry } from "./begin-gate.ts";
import type { DataContext } from "./context.ts";
import { SessionLease } from "./session-lease.ts";
import type { StatementHost } from "./statements.ts";
import { readOnlyOptions, type TimestampBound } from "./timestamp-bound.ts";

/** How a read-only transaction is made. */
export interface ReadOnlyHostOptions extends TimestampBound {
  readonly multiUse?: boolean | undefined;
  readonly session?: Session | undefined;
  /** The kind of work, by which a session is asked for. Default READ_ONLY. */
  readonly type?: TransactionType | undefined;
  /** The id of a transaction that was begun before. */
  readonly transactionId?: Uint8Array | undefined;
}

/** One read-only transaction. */
export class ReadOnlyHost implements StatementHost {
  readonly context: DataContext;
  readonly lease: SessionLease;
  readonly isReadWrite = false;
  readonly transactionTag = "";
  readonly gate: BeginGate = new BeginGate();
  readonly #options: TransactionOptions;
  readonly #isMultiUse: boolean;
  #readTimestamp: ProtoTransaction["readTimestamp"];
  #isUsed = false;
  #isRepaired = false;

  constructor(context: DataContext, options: ReadOnlyHostOptions) {
    this.context = context;
    this.#isMultiUse = options.multiUse ?? false;
    this.#options = readOnlyOptions(options, this.#isMultiUse);
    const { type = TransactionType.READ_ONLY, session, transactionId } = options;
    this.lease = new SessionLease(context, type, session);
    if (transactionId !== undefined) this.gate.adopt(transactionId);
  }

  get affinity(): object | undefined {
    return this.#isMultiUse ? this : undefined;
  }

  get readTimestamp(): Timestamp | undefined {
    return this.#readTimestamp === undefined ? undefined : Timestamp.fromProto(this.#readTimestamp);
  }

  use(): void {
    if (this.#isUsed && !this.#isMultiUse) throw snapshotIsSingleUse();
    this.#isUsed = true;
  }

  async begin(options: OperationOptions): Promise<void> {
    if (!this.#isMultiUse) throw snapshotIsSingleUse();
    if (!this.gate.isUntouched) throw alreadyBegun();
    const entry = await this.gate.enter();
    if (entry.kind === "use") throw alreadyBegun();
    const limits = limitsFromNow(this.context.caller.clock, options);
    try {
      await this.#begin(entry.ticket, limits);
    } catch (error) {
      if (!(error instanceof SpannerError) || !(await this.mend(error, undefined))) throw error;
      await this.#begin(entry.ticket, limits);
    } finally {
      entry.ticket.leave();
    }
  }

  async #begin(ticket: BeginTicket, options: OperationOptions): Promise<void> {
    const session = await this.lease.get(options);
    const begun = await this.context.caller.unary(
      spannerMethods.beginTransaction,
      { session: session.name, options: this.#options },
      {
        ...options,
        headers: session.headers(false),
        isMultiplexed: session.isMultiplexed,
        affinity: this.affinity,
        span: "Snapshot.begin",
      },
    );
    if (begun.id === undefined || begun.id.length === 0) throw noTransactionId();
    this.noteAnswer(begun);
    ticket.begun(begun.id);
  }

  limits({ timeoutMillis, signal }: OperationOptions): OperationOptions {
    return { timeoutMillis, signal };
  }

  enter(_: Session, limits: OperationOptions): Entry | Promise<Entry> {
    if (!this.#isMultiUse) return { kind: "begin", ticket: singleUseTicket };
    return this.gate.enter((decided) => this.context.caller.waitFor(decided, limits));
  }

  beginSelector(): TransactionSelector {
    return this.#isMultiUse
      ? { selector: { $case: "begin", begin: this.#options } }
      : { selector: { $case: "singleUse", singleUse: this.#options } };
  }

  noteAnswer(transaction: ProtoTransaction | undefined): void {
    this.#readTimestamp ??= transaction?.readTimestamp;
  }

  /** A read that delivered nothing may move to another session, once. */
  async mend(error: SpannerError, ticket: BeginTicket | undefined): Promise<boolean> {
    if (!(error instanceof SessionNotFoundError) || this.gate.id !== undefined) return false;
    if (this.#isRepaired || !this.lease.isReplaceable) return false;
    this.#isRepaired = true;
    ticket?.leave();
    await this.lease.lost();
    return true;
  }

  noteEnd(error: SpannerError | undefined): Promise<void> | undefined {
    if (error instanceof SessionNotFoundError) return this.lease.lost();
    return this.#isMultiUse ? undefined : this.lease.release();
  }

  nextSequenceNumber(): bigint {
    return 0n;
  }
}

/** A single-use read begins a transaction that nobody else will name. */
const singleUseTicket: BeginTicket = { begun: () => undefined, leave: () => undefined };
