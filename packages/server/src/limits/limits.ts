// SPDX-License-Identifier: Apache-2.0
// Every bound that the server keeps, as a named number, with the page that it comes from. A server
// can be made with other numbers, so that a test meets a limit without 80,000 mutations.

/** How large one statement may be: https://cloud.google.com/spanner/quotas#query_limits */
export interface StatementLimits {
  /** Characters, as UTF-16 counts them. */
  readonly statementLengthMax: number;
  readonly parametersPerStatementMax: number;
  readonly joinsPerStatementMax: number;
  readonly unionsPerStatementMax: number;
  readonly functionCallsPerStatementMax: number;
  readonly functionCallDepthMax: number;
  /** Subqueries in expressions, one in the other. */
  readonly subqueryDepthMax: number;
  /** Subqueries after FROM, one in the other. */
  readonly subselectDepthMax: number;
  /** Subqueries in the expressions of one SELECT. */
  readonly subqueryChildrenMax: number;
  readonly groupByColumnsMax: number;
  readonly groupByDepthMax: number;
  /** Values in the list of an IN operator. */
  readonly inValuesMax: number;
  readonly structFieldsMax: number;
}

/** https://cloud.google.com/spanner/quotas */
export interface Limits extends StatementLimits {
  /** Mutations of a commit, counted by columns and index entries. */
  readonly mutationsPerCommitMax: number;
  /** Keys and rows of a commit, index entries included. */
  readonly commitBytesMax: number;
  readonly keyBytesMax: number;
  readonly cellBytesMax: number;
  /** All columns of a row but those of its key. */
  readonly rowBytesMax: number;
  readonly unaryResultBytesMax: number;
  readonly tablesPerDatabaseMax: number;
  readonly columnsPerTableMax: number;
  readonly keyColumnsMax: number;
  readonly indexesPerDatabaseMax: number;
  readonly indexesPerTableMax: number;
  readonly interleaveDepthMax: number;
  readonly changeStreamsPerDatabaseMax: number;
  /** Change streams that watch the same table or column. */
  readonly changeStreamsPerColumnMax: number;
  readonly modelsPerDatabaseMax: number;
  readonly modelBatchSizeMax: number;
  readonly localityGroupsPerDatabaseMax: number;
  readonly placementsPerDatabaseMax: number;
  /** Views and functions together. */
  readonly functionsPerDatabaseMax: number;
  /** Dimensions of a vector that an index can find. */
  readonly vectorLengthMax: number;
  readonly databasesPerInstanceMax: number;
  readonly partitionsPerInstanceMax: number;
  /** Custom configurations of instances in a project. */
  readonly instanceConfigsPerProjectMax: number;
  /** Databases that are being restored into one instance. */
  readonly restoresInProgressMax: number;
  readonly schedulesPerDatabaseMax: number;
  readonly rolesPerDatabaseMax: number;
  /** Views that read views, one the other. */
  readonly viewDepthMax: number;
  /** Characters of the statements of one schema change. */
  readonly schemaChangeLengthMax: number;
  /** Characters of all statements that make a schema. */
  readonly schemaLengthMax: number;
  readonly stringLengthMax: number;
  readonly bytesLengthMax: number;
  readonly identifierLengthMax: number;
  /** https://cloud.google.com/spanner/quotas#limits_for_creating_reading_updating_and_deleting_data */
  readonly readsPerSessionMax: number;
  /** Partitioned DML statements of a database at a time. */
  readonly partitionedDmlMax: number;
  /** Bytes of a request on the wire: https://cloud.google.com/spanner/quotas#request_limits */
  readonly requestBytesMax: number;
  /** Bytes of an administrative request that is no schema change. */
  readonly adminRequestBytesMax: number;
  /** https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#session */
  readonly labelsPerSessionMax: number;
  /** https://cloud.google.com/spanner/docs/sessions#best_practices */
  readonly sessionsPerBatchMax: number;
  readonly sessionIdleMillisMax: number;
  readonly sessionAgeMillisMax: number;
  readonly sessionsPerPageMax: number;
  /** https://cloud.google.com/spanner/docs/pitr */
  readonly versionRetentionMillis: number;
  /** Rows that a policy has doomed are looked for so often: https://cloud.google.com/spanner/docs/ttl */
  readonly rowDeletionIntervalMillis: number;
  /** https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.v1#transactionoptions */
  readonly transactionIdleMillisMax: number;
  /** A message of a stream is closed once it holds so many bytes. */
  readonly chunkBytesMax: number;
}

const day = 86_400_000;

/** What Cloud Spanner documents. */
export const documentedLimits: Limits = {
  statementLengthMax: 1_000_000,
  parametersPerStatementMax: 950,
  joinsPerStatementMax: 20,
  unionsPerStatementMax: 200,
  functionCallsPerStatementMax: 1_000,
  functionCallDepthMax: 75,
  subqueryDepthMax: 25,
  subselectDepthMax: 60,
  subqueryChildrenMax: 50,
  groupByColumnsMax: 1_000,
  groupByDepthMax: 35,
  inValuesMax: 10_000,
  structFieldsMax: 1_000,
  mutationsPerCommitMax: 80_000,
  commitBytesMax: 104_857_600,
  keyBytesMax: 8_192,
  cellBytesMax: 10_485_760,
  rowBytesMax: 1_677_721_600,
  unaryResultBytesMax: 10_485_760,
  tablesPerDatabaseMax: 5_000,
  columnsPerTableMax: 1_024,
  keyColumnsMax: 16,
  indexesPerDatabaseMax: 10_000,
  indexesPerTableMax: 128,
  interleaveDepthMax: 7,
  changeStreamsPerDatabaseMax: 10,
  changeStreamsPerColumnMax: 3,
  modelsPerDatabaseMax: 100,
  modelBatchSizeMax: 10,
  localityGroupsPerDatabaseMax: 16,
  placementsPerDatabaseMax: 50,
  functionsPerDatabaseMax: 5_000,
  vectorLengthMax: 8_000,
  databasesPerInstanceMax: 100,
  partitionsPerInstanceMax: 20,
  instanceConfigsPerProjectMax: 100,
  restoresInProgressMax: 10,
  schedulesPerDatabaseMax: 4,
  rolesPerDatabaseMax: 100,
  viewDepthMax: 10,
  schemaChangeLengthMax: 10_485_760,
  schemaLengthMax: 10_485_760,
  readsPerSessionMax: 100,
  partitionedDmlMax: 20_000,
  requestBytesMax: 10_485_760,
  adminRequestBytesMax: 1_048_576,
  stringLengthMax: 2_621_440,
  bytesLengthMax: 10_485_760,
  identifierLengthMax: 128,
  labelsPerSessionMax: 64,
  sessionsPerBatchMax: 100,
  sessionIdleMillisMax: 60 * 60_000,
  sessionAgeMillisMax: 28 * day,
  sessionsPerPageMax: 1_000,
  versionRetentionMillis: 60 * 60_000,
  rowDeletionIntervalMillis: 60 * 60_000,
  transactionIdleMillisMax: 10_000,
  chunkBytesMax: 1 << 20,
};
