// SPDX-License-Identifier: Apache-2.0
// Statements that are tried on a server, to see what it has of what Spanner documents.

const ddl = "https://cloud.google.com/spanner/docs/reference/standard-sql/data-definition-language";
const query = "https://cloud.google.com/spanner/docs/reference/standard-sql";

const table = "CREATE TABLE T (Id INT64 NOT NULL, A STRING(MAX), B INT64) PRIMARY KEY (Id)";
const tokens = `CREATE TABLE Texts (Id INT64 NOT NULL, Body STRING(MAX),
  Words TOKENLIST AS (TOKENIZE_FULLTEXT(Body)) HIDDEN) PRIMARY KEY (Id)`;
const searched = [tokens, "CREATE SEARCH INDEX S ON Texts(Words)"];
const vectors = `CREATE TABLE V (Id INT64 NOT NULL, E ARRAY<FLOAT32>(vector_length=>3))
  PRIMARY KEY (Id)`;
const vectorIndex = `CREATE VECTOR INDEX VI ON V(E) WHERE E IS NOT NULL
  OPTIONS (distance_type = 'COSINE')`;
const model = `CREATE MODEL M INPUT (A STRING(MAX)) OUTPUT (O BOOL) REMOTE
  OPTIONS (endpoint = '//aiplatform.googleapis.com/projects/p/locations/l/endpoints/e')`;
const sequence = "CREATE SEQUENCE Q OPTIONS (sequence_kind = 'bit_reversed_positive')";
const graph = "CREATE PROPERTY GRAPH G NODE TABLES (T)";

const ddlOf = (name, anchor, statement, ...setup) => ({
  name,
  link: `${ddl}#${anchor}`,
  statement,
  setup,
});

/** Every statement of Spanner's page of the data definition language; the setup is made before. */
export const schemaStatements = [
  ddlOf("CREATE SCHEMA", "create_schema", "CREATE SCHEMA N"),
  ddlOf("DROP SCHEMA", "drop_schema", "DROP SCHEMA N", "CREATE SCHEMA N"),
  ddlOf(
    "ALTER DATABASE",
    "alter-database",
    "ALTER DATABASE examples SET OPTIONS (version_retention_period = '2h')",
  ),
  ddlOf(
    "CREATE PLACEMENT",
    "create-placement",
    "CREATE PLACEMENT P OPTIONS (instance_partition = 'europe')",
  ),
  ddlOf(
    "DROP PLACEMENT",
    "drop-placement",
    "DROP PLACEMENT P",
    "CREATE PLACEMENT P OPTIONS (instance_partition = 'europe')",
  ),
  ddlOf(
    "CREATE LOCALITY GROUP",
    "create-locality-group",
    "CREATE LOCALITY GROUP L OPTIONS (storage = 'hdd')",
  ),
  ddlOf(
    "ALTER LOCALITY GROUP",
    "alter-locality-group",
    "ALTER LOCALITY GROUP L SET OPTIONS (storage = 'ssd')",
    "CREATE LOCALITY GROUP L OPTIONS (storage = 'hdd')",
  ),
  ddlOf(
    "DROP LOCALITY GROUP",
    "drop-locality-group",
    "DROP LOCALITY GROUP L",
    "CREATE LOCALITY GROUP L OPTIONS (storage = 'hdd')",
  ),
  ddlOf("CREATE PROTO BUNDLE", "create_proto_bundle", "CREATE PROTO BUNDLE (a.b.C)"),
  ddlOf("ALTER PROTO BUNDLE", "alter_proto_bundle", "ALTER PROTO BUNDLE INSERT (a.b.C)"),
  ddlOf("DROP PROTO BUNDLE", "drop_proto_bundle", "DROP PROTO BUNDLE"),
  ddlOf("CREATE TABLE", "create_table", table),
  ddlOf("ALTER TABLE", "alter_table", "ALTER TABLE T ADD COLUMN C DATE", table),
  ddlOf("DROP TABLE", "drop_table", "DROP TABLE T", table),
  ddlOf("RENAME TABLE", "rename_table", "RENAME TABLE T TO U", table),
  ddlOf("CREATE INDEX", "create_index", "CREATE INDEX I ON T(A)", table),
  ddlOf(
    "ALTER INDEX",
    "alter-index",
    "ALTER INDEX I ADD STORED COLUMN B",
    table,
    "CREATE INDEX I ON T(A)",
  ),
  ddlOf("DROP INDEX", "drop_index", "DROP INDEX I", table, "CREATE INDEX I ON T(A)"),
  ddlOf("CREATE SEARCH INDEX", "create-search-index", searched[1], searched[0]),
  ddlOf(
    "ALTER SEARCH INDEX",
    "alter-search-index",
    "ALTER SEARCH INDEX S ADD STORED COLUMN Body",
    ...searched,
  ),
  ddlOf("DROP SEARCH INDEX", "drop-search-index", "DROP SEARCH INDEX S", ...searched),
  ddlOf("CREATE VECTOR INDEX", "create-vector-index", vectorIndex, vectors),
  ddlOf("DROP VECTOR INDEX", "drop-vector-index", "DROP VECTOR INDEX VI", vectors, vectorIndex),
  ddlOf(
    "CREATE VIEW",
    "create-view",
    "CREATE VIEW W SQL SECURITY INVOKER AS SELECT T.Id FROM T",
    table,
  ),
  ddlOf(
    "CREATE OR REPLACE VIEW",
    "create-view",
    "CREATE OR REPLACE VIEW W SQL SECURITY INVOKER AS SELECT T.A FROM T",
    table,
  ),
  ddlOf(
    "DROP VIEW",
    "drop-view",
    "DROP VIEW W",
    table,
    "CREATE VIEW W SQL SECURITY INVOKER AS SELECT T.Id FROM T",
  ),
  ddlOf("CREATE CHANGE STREAM", "create-change-stream", "CREATE CHANGE STREAM C FOR ALL"),
  ddlOf(
    "ALTER CHANGE STREAM",
    "alter-change-stream",
    "ALTER CHANGE STREAM C SET OPTIONS (retention_period = '36h')",
    "CREATE CHANGE STREAM C FOR ALL",
  ),
  ddlOf(
    "DROP CHANGE STREAM",
    "drop-change-stream",
    "DROP CHANGE STREAM C",
    "CREATE CHANGE STREAM C FOR ALL",
  ),
  ddlOf("CREATE ROLE", "create_role", "CREATE ROLE R"),
  ddlOf("DROP ROLE", "drop_role", "DROP ROLE R", "CREATE ROLE R"),
  ddlOf("GRANT", "grant_statement", "GRANT SELECT ON TABLE T TO ROLE R", table, "CREATE ROLE R"),
  ddlOf(
    "REVOKE",
    "revoke_statement",
    "REVOKE SELECT ON TABLE T FROM ROLE R",
    table,
    "CREATE ROLE R",
    "GRANT SELECT ON TABLE T TO ROLE R",
  ),
  ddlOf("CREATE SEQUENCE", "create-sequence", sequence),
  ddlOf(
    "ALTER SEQUENCE",
    "alter-sequence",
    "ALTER SEQUENCE Q SET OPTIONS (start_with_counter = 7)",
    sequence,
  ),
  ddlOf("DROP SEQUENCE", "drop-sequence", "DROP SEQUENCE Q", sequence),
  ddlOf(
    "ALTER STATISTICS",
    "alter-statistics",
    "ALTER STATISTICS auto_20260101_00_00_00UTC SET OPTIONS (allow_gc = false)",
  ),
  ddlOf("ANALYZE", "analyze", "ANALYZE"),
  ddlOf("CREATE MODEL", "create-model", model),
  ddlOf("ALTER MODEL", "alter-model", "ALTER MODEL M SET OPTIONS (default_batch_size = 2)", model),
  ddlOf("DROP MODEL", "drop-model", "DROP MODEL M", model),
  ddlOf("CREATE PROPERTY GRAPH", "create-property-graph", graph, table),
  ddlOf("DROP PROPERTY GRAPH", "drop-property-graph", "DROP PROPERTY GRAPH G", table, graph),
  ddlOf(
    "CREATE FUNCTION",
    "create-function",
    "CREATE FUNCTION F(x INT64) RETURNS INT64 AS (x + 1)",
  ),
  ddlOf(
    "DROP FUNCTION",
    "drop-function",
    "DROP FUNCTION F",
    "CREATE FUNCTION F(x INT64) RETURNS INT64 AS (x + 1)",
  ),
];

const type = (name, statement, ...setup) => ({
  name,
  link: `${query}/data-types`,
  statement,
  setup,
});
const column = (name) => type(name, `CREATE TABLE C (Id INT64, V ${name}) PRIMARY KEY (Id)`);

/** The types: stored in a column, or, where none can be, as a value of a query. */
export const types = [
  column("BOOL"),
  column("INT64"),
  column("FLOAT32"),
  column("FLOAT64"),
  column("NUMERIC"),
  column("STRING(MAX)"),
  column("BYTES(MAX)"),
  column("DATE"),
  column("TIMESTAMP"),
  column("JSON"),
  column("UUID"),
  column("ARRAY<INT64>"),
  type("STRUCT", "SELECT [STRUCT(1 AS a)]"),
  type("INTERVAL", "SELECT INTERVAL 1 DAY"),
  type("TOKENLIST", tokens),
  type(
    "PROTO",
    "CREATE TABLE C (Id INT64, V a.b.C) PRIMARY KEY (Id)",
    "CREATE PROTO BUNDLE (a.b.C)",
  ),
  type(
    "ENUM",
    "CREATE TABLE C (Id INT64, V a.b.E) PRIMARY KEY (Id)",
    "CREATE PROTO BUNDLE (a.b.E)",
  ),
  type("GRAPH_ELEMENT", "GRAPH G MATCH (n) RETURN TO_JSON(n) AS n", table, graph),
];

const clause = (name, link, statement) => ({
  name,
  link: `${query}/${link}`,
  statement,
  setup: [table],
});

/** What the pages of query syntax, pipe syntax and DML have. */
export const clauses = [
  clause("SELECT DISTINCT", "query-syntax#select_distinct", "SELECT DISTINCT A FROM T"),
  clause("SELECT * EXCEPT", "query-syntax#select_except", "SELECT * EXCEPT (A) FROM T"),
  clause("SELECT * REPLACE", "query-syntax#select_replace", "SELECT * REPLACE (1 AS A) FROM T"),
  clause("SELECT AS STRUCT", "query-syntax#select_as_struct", "SELECT ARRAY(SELECT AS STRUCT 1)"),
  clause("SELECT AS VALUE", "query-syntax#select_as_value", "SELECT AS VALUE 1"),
  clause(
    "UNNEST WITH OFFSET",
    "query-syntax#unnest_operator",
    "SELECT o FROM UNNEST([1]) WITH OFFSET o",
  ),
  clause(
    "TABLESAMPLE",
    "query-syntax#tablesample_operator",
    "SELECT * FROM T TABLESAMPLE RESERVOIR (1 ROWS)",
  ),
  clause("INNER JOIN", "query-syntax#inner_join", "SELECT 1 FROM T JOIN T AS U ON T.Id = U.Id"),
  clause("CROSS JOIN", "query-syntax#cross_join", "SELECT 1 FROM T CROSS JOIN T AS U"),
  clause("FULL JOIN", "query-syntax#full_join", "SELECT 1 FROM T FULL JOIN T AS U USING (Id)"),
  clause("LEFT JOIN", "query-syntax#left_join", "SELECT 1 FROM T LEFT JOIN T AS U USING (Id)"),
  clause("RIGHT JOIN", "query-syntax#right_join", "SELECT 1 FROM T RIGHT JOIN T AS U USING (Id)"),
  clause("correlated join", "query-syntax#correlated_join", "SELECT 1 FROM T, UNNEST([T.Id])"),
  clause("lateral join", "query-syntax#lateral_join", "SELECT 1 FROM T, LATERAL (SELECT T.Id)"),
  clause("GROUP BY", "query-syntax#group_by_clause", "SELECT A, COUNT(*) FROM T GROUP BY A"),
  clause("GROUP BY ALL", "query-syntax#group_by_all", "SELECT A, COUNT(*) FROM T GROUP BY ALL"),
  clause("HAVING", "query-syntax#having_clause", "SELECT A FROM T GROUP BY A HAVING COUNT(*) > 1"),
  clause("HAVING MAX", "aggregate-function-calls", "SELECT ANY_VALUE(A HAVING MAX B) FROM T"),
  clause(
    "ORDER BY … COLLATE",
    "query-syntax#order_by_clause",
    "SELECT A FROM T ORDER BY A COLLATE 'und:ci'",
  ),
  clause(
    "LIMIT … OFFSET",
    "query-syntax#limit_and_offset_clause",
    "SELECT A FROM T LIMIT 1 OFFSET 1",
  ),
  clause("UNION", "query-syntax#union", "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3"),
  clause("INTERSECT", "query-syntax#intersect", "SELECT 1 INTERSECT DISTINCT SELECT 1"),
  clause("EXCEPT", "query-syntax#except", "SELECT 1 EXCEPT DISTINCT SELECT 1"),
  clause("WITH", "query-syntax#with_clause", "WITH W AS (SELECT 1 AS a) SELECT a FROM W"),
  clause("FOR UPDATE", "query-syntax#for_update_clause", "SELECT A FROM T FOR UPDATE"),
  clause(
    "statement hints",
    "query-syntax#statement_hints",
    "@{JOIN_METHOD=HASH_JOIN} SELECT 1 FROM T",
  ),
  clause("table hints", "query-syntax#table_hints", "SELECT 1 FROM T@{FORCE_INDEX=_BASE_TABLE}"),
  clause(
    "pipe syntax",
    "pipe-syntax",
    "FROM T |> WHERE Id > 1 |> AGGREGATE COUNT(*) AS n GROUP BY A",
  ),
  clause("GRAPH_TABLE", "graph-sql-queries", "SELECT 1 FROM GRAPH_TABLE(G MATCH (n) RETURN n.Id)"),
  clause("GQL", "graph-query-statements", "GRAPH G MATCH (n) RETURN n.Id"),
  clause("INSERT", "dml-syntax#insert-statement", "INSERT INTO T (Id) VALUES (1)"),
  clause(
    "INSERT OR UPDATE",
    "dml-syntax#insert-or-update",
    "INSERT OR UPDATE INTO T (Id) VALUES (1)",
  ),
  clause(
    "INSERT OR IGNORE",
    "dml-syntax#insert-or-ignore",
    "INSERT OR IGNORE INTO T (Id) VALUES (1)",
  ),
  clause(
    "INSERT … ON CONFLICT",
    "dml-syntax#insert-statement",
    "INSERT INTO T (Id) VALUES (1) ON CONFLICT (Id) DO NOTHING",
  ),
  clause("UPDATE", "dml-syntax#update-statement", "UPDATE T SET A = 'a' WHERE TRUE"),
  clause("DELETE", "dml-syntax#delete-statement", "DELETE FROM T WHERE TRUE"),
];

/** Tables of the page about the information schema. */
export const informationTables = `
  SCHEMATA DATABASE_OPTIONS PLACEMENTS PLACEMENT_OPTIONS LOCALITY_GROUP_OPTIONS TABLES COLUMNS
  COLUMN_PRIVILEGES TABLE_PRIVILEGES TABLE_CONSTRAINTS TABLE_SYNONYMS CONSTRAINT_TABLE_USAGE
  REFERENTIAL_CONSTRAINTS CHECK_CONSTRAINTS KEY_COLUMN_USAGE CONSTRAINT_COLUMN_USAGE
  COLUMN_COLUMN_USAGE COLUMN_OPTIONS INDEXES INDEX_COLUMNS INDEX_OPTIONS SPANNER_STATISTICS VIEWS
  ROLES ROLE_GRANTEES ROLE_TABLE_GRANTS ROLE_COLUMN_GRANTS ROLE_CHANGE_STREAM_GRANTS
  ROLE_MODEL_GRANTS ROLE_ROUTINE_GRANTS CHANGE_STREAMS CHANGE_STREAM_TABLES CHANGE_STREAM_COLUMNS
  CHANGE_STREAM_OPTIONS CHANGE_STREAM_PRIVILEGES SEQUENCES SEQUENCE_OPTIONS ROUTINES ROUTINE_OPTIONS
  ROUTINE_PRIVILEGES PARAMETERS MODELS MODEL_OPTIONS MODEL_COLUMNS MODEL_COLUMN_OPTIONS
  MODEL_PRIVILEGES PROPERTY_GRAPHS`
  .split(/\s+/)
  .filter(Boolean)
  .map((name) => ({
    name,
    link: `https://cloud.google.com/spanner/docs/information-schema#${name.toLowerCase()}`,
    statement: `SELECT COUNT(*) FROM INFORMATION_SCHEMA.${name}`,
    setup: [],
  }));

/** Tables of statistics. */
export const statisticsTables = `
  QUERY_STATS_TOP_MINUTE QUERY_STATS_TOTAL_MINUTE OLDEST_ACTIVE_QUERIES ACTIVE_QUERIES_SUMMARY
  ACTIVE_PARTITIONED_DMLS READ_STATS_TOP_MINUTE READ_STATS_TOTAL_MINUTE TXN_STATS_TOP_MINUTE
  TXN_STATS_TOTAL_MINUTE LOCK_STATS_TOP_MINUTE LOCK_STATS_TOTAL_MINUTE TABLE_SIZES_STATS_1HOUR
  TABLE_OPERATIONS_STATS_MINUTE COLUMN_OPERATIONS_STATS_MINUTE SPLIT_STATS_TOP_MINUTE
  ROW_DELETION_POLICIES SUPPORTED_OPTIMIZER_VERSIONS`
  .split(/\s+/)
  .filter(Boolean)
  .map((name) => ({
    name,
    link: "https://cloud.google.com/spanner/docs/introspection",
    statement: `SELECT COUNT(*) FROM SPANNER_SYS.${name}`,
    setup: [],
  }));
