// SPDX-License-Identifier: Apache-2.0
// Reading a whole table, or the result of a large query, by many machines at once: the server cuts the
// work into partitions that all show the same moment, and each can be read anywhere.
// https://cloud.google.com/spanner/docs/reads#read_data_in_parallel
//
// A snapshot and its partitions are handed to other processes as plain JSON, never as code.
import { fromBase64, toBase64 } from "@spandrel/base";
import { parseSessionName } from "@spandrel/model";
import type {
  PartitionResponse,
  KeySet as ProtoKeySet,
  TransactionSelector,
} from "@spandrel/protocol";
import type { OperationOptions } from "../call/caller.ts";
import { spannerMethods } from "../call/methods.ts";
import { keepInThread } from "../call/own-thread.ts";
import { SessionNotFoundError } from "../errors/spanner-error.ts";
import { malformedHandOff } from "../errors/transaction.ts";
import { Session, type SessionHome } from "../session/session.ts";
import { TransactionType } from "../session/sessions-manager.ts";
import type { ResultOptions, Row, StreamedResultSet } from "../stream/streamed-result-set.ts";
import type { DecodeOptions } from "../values/decode.ts";
import { KeySet, type KeySetInput } from "../values/key-set.ts";
import {
  type EncodedStatement,
  encodeStatement,
  type StatementInput,
} from "../values/statement.ts";
import type { Moment, Timestamp } from "../values/timestamp.ts";
import type { DataContext } from "./context.ts";
import { mergeBatches } from "./merge-batches.ts";
import { ReadOnlyHost } from "./read-only-host.ts";
import { usingId } from "./read-write-host.ts";
import { executeEncoded, readEncoded } from "./statements.ts";

/** Which moment a batch snapshot shows: one of these at most; without any, the present. */
export interface BatchSnapshotOptions {
  readonly readTimestamp?: Moment | undefined;
  readonly exactStalenessMillis?: number | undefined;
}

/** How work is cut. Both are hints that the server may ignore. */
export interface PartitionOptions extends OperationOptions {
  readonly partitionSizeBytes?: bigint | undefined;
  readonly maxPartitions?: bigint | undefined;
  /** Whether the partitions run on machines of their own. Default false. */
  readonly dataBoostEnabled?: boolean | undefined;
  /** The index that a read uses. */
  readonly index?: string | undefined;
}

/** How a query is cut and its partitions are read. */
export interface RunPartitionedOptions extends PartitionOptions, DecodeOptions {
  /** How many partitions are read at once. Default 16. */
  readonly parallelism?: number | undefined;
}

const PARTITIONS_AT_ONCE = 16;

/** A part of a query or a read. Plain JSON: it can be sent to another process. */
export interface Partition {
  readonly partitionToken: string;
  readonly dataBoostEnabled: boolean;
  readonly query?: EncodedStatement;
  readonly read?: {
    readonly table: string;
    readonly columns: readonly string[];
    readonly keySet: ProtoKeySet;
    readonly index: string;
  };
}

/** A batch snapshot for another process. Plain JSON. */
export interface BatchSnapshotHandOff {
  readonly session: string;
  readonly isMultiplexed: boolean;
  readonly transactionId: string;
}

/** A read-only view of one moment whose reads are cut into partitions. */
export class BatchSnapshot implements AsyncDisposable {
  readonly #context: DataContext;
  readonly #host: ReadOnlyHost;
  readonly #session: Session;
  readonly #ownsSession: boolean;

  private constructor(
    context: DataContext,
    host: ReadOnlyHost,
    session: Session,
    ownsSession: boolean,
  ) {
    this.#context = context;
    this.#host = host;
    this.#session = session;
    this.#ownsSession = ownsSession;
    keepInThread(this, "BatchSnapshot");
  }

  /** Begins a batch snapshot. */
  static async begin(
    context: DataContext,
    options: BatchSnapshotOptions & OperationOptions,
  ): Promise<BatchSnapshot> {
    const { readTimestamp, exactStalenessMillis } = options;
    const type = TransactionType.PARTITIONED;
    const bound = { readTimestamp, exactStalenessMillis };
    const host = new ReadOnlyHost(context, { ...bound, multiUse: true, type });
    try {
      await host.begin(options);
      return new BatchSnapshot(context, host, await host.lease.get(options), true);
    } catch (error) {
      // Nobody else could give the session back.
      if (error instanceof SessionNotFoundError) await host.lease.lost();
      else await host.lease.release();
      throw error;
    }
  }

  /**
   * Takes up a batch snapshot that another process began, from what its `handOff()` gave.
   *
   * @throws {SpannerError} INVALID_ARGUMENT when it is not one of this database.
   */
  static resume(
    context: DataContext,
    home: SessionHome,
    handOff: BatchSnapshotHandOff,
  ): BatchSnapshot {
    const transactionId = fromBase64(handOff.transactionId);
    const isOurs = handOff.session.startsWith(`${home.name}/sessions/`);
    if (transactionId === undefined || !isOurs || !parseSessionName(handOff.session))
      throw malformedHandOff();
    const { session: name, isMultiplexed: multiplexed } = handOff;
    const session = Session.fromProto(home, { name, multiplexed });
    const host = new ReadOnlyHost(context, { multiUse: true, session, transactionId });
    return new BatchSnapshot(context, host, session, false);
  }

  /** The moment that the snapshot shows; undefined where another process began it. */
  get readTimestamp(): Timestamp | undefined {
    return this.#host.readTimestamp;
  }

  /** Cuts a query into partitions. Not every query can be cut; the server says so. */
  async partitionQuery(
    statement: StatementInput,
    options: PartitionOptions = {},
  ): Promise<Partition[]> {
    const query = encodeStatement(statement);
    const answer = await this.#call(options, (session, transaction, call) =>
      this.#context.caller.unary(
        spannerMethods.partitionQuery,
        { session, transaction, ...query, partitionOptions: hintsOf(options) },
        call,
      ),
    );
    return partitionsOf(answer, { query, dataBoostEnabled: options.dataBoostEnabled ?? false });
  }

  /** Cuts a read of rows by key into partitions. */
  async partitionRead(
    table: string,
    columns: readonly string[],
    keys: KeySetInput,
    options: PartitionOptions = {},
  ): Promise<Partition[]> {
    const { index = "", dataBoostEnabled = false } = options;
    const read = { table, columns: [...columns], keySet: KeySet.from(keys).toProto(), index };
    const answer = await this.#call(options, (session, transaction, call) =>
      this.#context.caller.unary(
        spannerMethods.partitionRead,
        { session, transaction, ...read, partitionOptions: hintsOf(options) },
        call,
      ),
    );
    return partitionsOf(answer, { read, dataBoostEnabled });
  }

  /**
   * Reads the rows of one partition, which may come from another process.
   *
   * @throws {SpannerError} INVALID_ARGUMENT when it is no partition.
   */
  process<T = Row>(partition: Partition, options: ResultOptions = {}): StreamedResultSet<T> {
    const partitionToken = fromBase64(partition.partitionToken);
    if (partitionToken === undefined) throw malformedHandOff();
    const { dataBoostEnabled, query, read } = partition;
    const how = { ...options, partitionToken, dataBoostEnabled };
    if (query !== undefined) return executeEncoded<T>(this.#host, query, how);
    if (read === undefined) throw malformedHandOff();
    const { table, columns, keySet, index } = read;
    const what = { table, columns: [...columns], keySet };
    return readEncoded<T>(this.#host, what, { ...how, index });
  }

  /**
   * Cuts a query into partitions and reads several of them at once, here.
   *
   * Rows come in batches, in no fixed order. The first failure ends all.
   */
  async *runPartitionedQuery<T = Row>(
    statement: StatementInput,
    options: RunPartitionedOptions = {},
  ): AsyncGenerator<readonly T[], void, undefined> {
    const partitions = await this.partitionQuery(statement, options);
    const { parallelism = PARTITIONS_AT_ONCE, signal, int64, protos } = options;
    const sources = partitions.map((partition) => (ending: AbortSignal) => {
      const both = signal === undefined ? ending : AbortSignal.any([signal, ending]);
      return this.process<T>(partition, { signal: both, int64, protos }).batches();
    });
    yield* mergeBatches(sources, parallelism);
  }

  /** What another process needs to take the snapshot up; `JSON.stringify` asks for it by itself. */
  toJSON(): BatchSnapshotHandOff {
    return {
      session: this.#session.name,
      isMultiplexed: this.#session.isMultiplexed,
      transactionId: toBase64(this.#host.gate.id ?? new Uint8Array()),
    };
  }

  /** As `toJSON()`. */
  async handOff(): Promise<BatchSnapshotHandOff> {
    return this.toJSON();
  }

  /** Gives the session back; the partitions cannot be read after it. Harmless where it was handed on. */
  async close(): Promise<void> {
    if (this.#ownsSession) await this.#host.lease.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(
    options: OperationOptions,
    use: (
      session: string,
      transaction: TransactionSelector,
      call: OperationOptions & {
        readonly headers: ReturnType<Session["headers"]>;
        readonly isMultiplexed: boolean;
        readonly affinity: object | undefined;
      },
    ) => Promise<PartitionResponse>,
  ): Promise<PartitionResponse> {
    const { timeoutMillis, signal } = options;
    const session = await this.#host.lease.get(options);
    const transaction = usingId(this.#host.gate.id ?? new Uint8Array());
    return use(session.name, transaction, {
      timeoutMillis,
      signal,
      headers: session.headers(true),
      isMultiplexed: session.isMultiplexed,
      affinity: this.#host.affinity,
    });
  }
}

function hintsOf({ partitionSizeBytes, maxPartitions }: PartitionOptions): {
  partitionSizeBytes?: bigint;
  maxPartitions?: bigint;
} {
  return {
    ...(partitionSizeBytes !== undefined && { partitionSizeBytes }),
    ...(maxPartitions !== undefined && { maxPartitions }),
  };
}

function partitionsOf(
  { partitions = [] }: PartitionResponse,
  common: Omit<Partition, "partitionToken">,
): Partition[] {
  return partitions.map(({ partitionToken = new Uint8Array() }) => ({
    ...common,
    partitionToken: toBase64(partitionToken),
  }));
}
