// SPDX-License-Identifier: Apache-2.0
// The limits that Spanner documents, with the number of ours that keeps each. What has no number of
// ours says why: there is nothing here that it could bound.
// https://cloud.google.com/spanner/quotas

const page = "https://cloud.google.com/spanner/quotas";

const limit = (what, figure, ours, note = "") => ({ what, figure, ours, note });
/** A limit of something that is not here. */
const absent = (what, figure, note) => ({
  ...limit(what, figure, undefined, note),
  isAbsent: true,
});

/** The sections of the page. A figure is a number where ours can be compared with it. */
export const documentedSections = [
  {
    title: "Instances",
    link: `${page}#instance_limits`,
    limits: [
      limit("Instance ID length", "2 to 64 characters", "elsewhere", "`@spandrel/model` names.ts"),
      absent("Nodes per instance configuration", "by project", "nodes are only a number here"),
      limit("Partitions per instance", 20, "partitionsPerInstanceMax"),
      limit("Placements per database", 50, "placementsPerDatabaseMax"),
      limit("Custom instance configurations", 100, "instanceConfigsPerProjectMax"),
    ],
  },
  {
    title: "Databases",
    link: `${page}#database_limits`,
    limits: [
      limit("Databases per instance", 100, "databasesPerInstanceMax"),
      limit("Database ID length", "2 to 30 characters", "elsewhere", "`@spandrel/model` names.ts"),
      limit("Roles per database", 100, "rolesPerDatabaseMax"),
      absent("Storage size", "10 TiB per node", "data fits in memory"),
      limit("Ongoing backups per database", 1, "elsewhere", "`instance/backups.ts`"),
      limit("Ongoing restores per instance", 10, "restoresInProgressMax"),
      limit("Backup schedules per database", 4, "schedulesPerDatabaseMax"),
    ],
  },
  {
    title: "Schema",
    link: `${page}#schema_limits`,
    limits: [
      limit("DDL statement size of one schema change", 10_485_760, "schemaChangeLengthMax"),
      limit("DDL statement size of a database's whole schema", 10_485_760, "schemaLengthMax"),
      absent("Schema objects of an instance", "1,000,000 per node", "no node has a size here"),
      absent("Property graphs per database", 16, "property graphs are not served"),
      limit("Tables per database", 5_000, "tablesPerDatabaseMax"),
      limit("Name length of tables, columns, indexes, views", 128, "identifierLengthMax"),
      limit("Columns per table", 1_024, "columnsPerTableMax"),
      limit("Size of data per cell, in bytes", 10_485_760, "cellBytesMax"),
      limit("STRING cell, in characters", 2_621_440, "stringLengthMax"),
      limit("Columns in a table key, the parent's included", 16, "keyColumnsMax"),
      limit("Table interleaving depth", 7, "interleaveDepthMax"),
      limit("Size of a primary or index key per row, in bytes", 8_192, "keyBytesMax"),
      limit("Size of non-key columns per row, in bytes", 1_677_721_600, "rowBytesMax"),
      limit("Indexes per database", 10_000, "indexesPerDatabaseMax"),
      limit("Indexes per table", 128, "indexesPerTableMax"),
      limit("Columns in an index key, the table's included", 16, "keyColumnsMax"),
      limit("Views per database", 5_000, "functionsPerDatabaseMax"),
      limit("Nesting depth of views", 10, "viewDepthMax"),
      limit("Locality groups per database", 16, "localityGroupsPerDatabaseMax"),
      limit(
        "ssd_to_hdd_spill_timespan",
        "1 hour to 365 days",
        "elsewhere",
        "`ddl/`, where options are read",
      ),
    ],
  },
  {
    title: "Queries",
    link: `${page}#query_limits`,
    limits: [
      limit("Columns in a GROUP BY clause", 1_000, "groupByColumnsMax"),
      limit("Values in an IN operator", 10_000, "inValuesMax"),
      limit("Function calls", 1_000, "functionCallsPerStatementMax"),
      limit("Joins", 20, "joinsPerStatementMax"),
      limit("Nested function calls", 75, "functionCallDepthMax"),
      limit("Nested GROUP BY clauses", 35, "groupByDepthMax"),
      limit("Nested subquery expressions", 25, "subqueryDepthMax"),
      limit("Nested subselect statements", 60, "subselectDepthMax"),
      absent("Joins produced by a graph query", 100, "graph queries are not served"),
      limit("Parameters", 950, "parametersPerStatementMax"),
      limit("Query statement length, in characters", 1_000_000, "statementLengthMax"),
      limit("STRUCT fields", 1_000, "structFieldsMax"),
      limit("Subquery expression children", 50, "subqueryChildrenMax"),
      limit("Unions in a query", 200, "unionsPerStatementMax"),
      absent("Depth of quantified path traversal", 100, "graph queries are not served"),
    ],
  },
  {
    title: "Reading and writing",
    link: `${page}#limits_for_creating_reading_updating_and_deleting_data`,
    limits: [
      limit("Commit size, indexes included, in bytes", 104_857_600, "commitBytesMax"),
      limit("Mutations per commit, indexes included", 80_000, "mutationsPerCommitMax"),
      limit("Mutations per mutation group of a batch write", 80_000, "mutationsPerCommitMax"),
      limit("Concurrent reads per session", 100, "readsPerSessionMax"),
      limit("Concurrent partitioned DML statements per database", 20_000, "partitionedDmlMax"),
    ],
  },
  {
    title: "Requests and administration",
    link: `${page}#request_limits`,
    limits: [
      limit("Request size other than for commits, in bytes", 10_485_760, "requestBytesMax"),
      limit("Administrative request size, in bytes", 1_048_576, "adminRequestBytesMax"),
      absent("Rate of administrative actions", "5 per second", "no quota of a project here"),
      absent("Data Boost requests", "by region", "there is nothing to boost"),
      absent("Split points", "50 per node", "split points are checked, and split nothing"),
    ],
  },
  {
    title: "Change streams",
    link: `${page}#change_stream_limits`,
    limits: [
      limit("Change streams per database", 10, "changeStreamsPerDatabaseMax"),
      limit("Change streams watching a non-key column", 3, "changeStreamsPerColumnMax"),
      absent("Concurrent readers of a data partition", 20, "change streams cannot be read"),
    ],
  },
];
