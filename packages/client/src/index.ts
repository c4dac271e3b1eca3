// SPDX-License-Identifier: Apache-2.0
// The client's only door: what a program may name.
export { Code, type Logger, StatusError } from "@spandrel/base";
export {
  arrayOf,
  BOOL,
  BYTES,
  DATE,
  FLOAT32,
  FLOAT64,
  INT64,
  INTERVAL,
  JSON_TYPE,
  NUMERIC,
  printType,
  STRING,
  type StructField,
  structOf,
  TIMESTAMP,
  type Type,
  UUID,
} from "@spandrel/model";
export { DatabaseAdmin } from "./admin/database-admin.ts";
export type { DatabaseSettings, ListOptions, UpdateDdlOptions } from "./admin/database-settings.ts";
export { InstanceAdmin } from "./admin/instance-admin.ts";
export type { InstanceSettings } from "./admin/instance-settings.ts";
export { Operation } from "./admin/operation.ts";
export type { OperationOptions } from "./call/caller.ts";
export type { SessionCounts } from "./call/instruments.ts";
export { CALL_CHANNEL, type CallMessage, type ObservabilityOptions } from "./call/observer.ts";
export type { MeterProvider, TracerProvider } from "./call/open-telemetry.ts";
export {
  Backup,
  type CopyBackupOptions,
  type CreateBackupOptions,
} from "./database/backup.ts";
export { BackupSchedule, type BackupScheduleSettings } from "./database/backup-schedule.ts";
export { Client, type ClientOptions } from "./database/client.ts";
export {
  Database,
  type DatabaseOptions,
  type SingleQueryOptions,
  type SingleReadOptions,
} from "./database/database.ts";
export {
  type Credentials,
  type GoogleCredentialsOptions,
  googleCredentials,
} from "./database/google-credentials.ts";
export { Instance } from "./database/instance.ts";
export { type Dialect, Table } from "./database/table.ts";
export {
  AbortedError,
  BatchUpdateError,
  OutcomeUnknownError,
  type PoolCounts,
  SessionNotFoundError,
  SessionPoolExhaustedError,
  SessionPoolFullError,
  SpannerError,
} from "./errors/spanner-error.ts";
export { BurstyPool, type BurstyPoolOptions, type BurstyPoolStats } from "./session/bursty-pool.ts";
export { FixedSizePool, type FixedSizePoolOptions } from "./session/fixed-size-pool.ts";
export { LimitedSizePool, type LimitedSizePoolOptions } from "./session/limited-size-pool.ts";
export { PingingPool, type PingingPoolOptions } from "./session/pinging-pool.ts";
export { Session, type SessionHome, type SessionOptions } from "./session/session.ts";
export {
  AbstractSessionPool,
  type GetSessionOptions,
  SessionCheckout,
  type SessionPoolOptions,
} from "./session/session-pool.ts";
export {
  DatabaseSessionsManager,
  type Environment,
  type SessionsManagerStats,
  TransactionType,
} from "./session/sessions-manager.ts";
export { TransactionPingingPool } from "./session/transaction-pinging-pool.ts";
export type { ColumnBatch } from "./stream/row-sink.ts";
export {
  type Field,
  type ResultOptions,
  type Row,
  StreamedResultSet,
} from "./stream/streamed-result-set.ts";
export { Batch, type BatchOptions } from "./transaction/batch.ts";
export {
  BatchSnapshot,
  type BatchSnapshotHandOff,
  type BatchSnapshotOptions,
  type Partition,
  type PartitionOptions,
  type RunPartitionedOptions,
} from "./transaction/batch-snapshot.ts";
export type { CommitOptions, CommitResult } from "./transaction/commit.ts";
export type { DefaultTransactionOptions } from "./transaction/context.ts";
export type { RowsInput, ValuesInput } from "./transaction/mutation-buffer.ts";
export { MutationGroup } from "./transaction/mutation-group.ts";
export { type BatchWriteOptions, MutationGroups } from "./transaction/mutation-groups.ts";
export type { PartitionedDmlOptions } from "./transaction/partitioned-dml.ts";
export type { TransactionOptions } from "./transaction/read-write-host.ts";
export type {
  ClientContextValues,
  IsolationLevel,
  Priority,
  QueryRequestOptions,
  ReadLockMode,
  ReadRequestOptions,
  TaggedOptions,
} from "./transaction/request-options.ts";
export type { RunOptions, TransactionBody } from "./transaction/run-in-transaction.ts";
export { Snapshot, type SnapshotOptions } from "./transaction/snapshot.ts";
export type { TimestampBound } from "./transaction/timestamp-bound.ts";
export { type BatchUpdateOptions, Transaction } from "./transaction/transaction.ts";
export { CalendarDate } from "./values/calendar-date.ts";
export type { Column, ColumnValues } from "./values/column.ts";
export type { DecodeOptions, MessageReader, MessageReaders } from "./values/decode.ts";
export { struct } from "./values/encode.ts";
export { Interval } from "./values/interval.ts";
export type { JsonValue } from "./values/json-text.ts";
export {
  type Key,
  KeyRange,
  type KeyRangeBounds,
  KeySet,
  type KeySetInput,
} from "./values/key-set.ts";
export type { RowInput } from "./values/mutation.ts";
export { Numeric } from "./values/numeric.ts";
export {
  PG_JSONB,
  PG_NUMERIC,
  PG_OID,
  type PostgresType,
  pgJsonb,
  pgNumeric,
  pgOid,
} from "./values/postgres.ts";
export {
  identifier,
  pgIdentifier,
  pgSql,
  Sql,
  type Statement,
  type StatementInput,
  sql,
} from "./values/statement.ts";
export type {
  AnyDuration,
  AnyInstant,
  AnyPlainDate,
  DurationParts,
  TemporalDuration,
  TemporalInstant,
  TemporalPlainDate,
} from "./values/temporal.ts";
export { type Moment, Timestamp } from "./values/timestamp.ts";
export {
  array,
  bool,
  bytes,
  COMMIT_TIMESTAMP,
  commitTimestamp,
  date,
  float32,
  float64,
  type InputValue,
  int64,
  interval,
  json,
  nullOf,
  numeric,
  proto,
  protoEnum,
  string,
  structAs,
  TypedValue,
  timestamp,
  uuid,
} from "./values/typed-value.ts";
