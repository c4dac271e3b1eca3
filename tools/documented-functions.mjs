// SPDX-License-Identifier: Apache-2.0
// The functions and operators that Spanner documents, page by page, as its list of all functions and
// the pages of the categories name them. A name leads to its own anchor: its letters in lower case,
// unless the anchor follows behind `#`.
// https://cloud.google.com/spanner/docs/reference/standard-sql/functions-all

/** Where the pages are. */
export const reference = "https://cloud.google.com/spanner/docs/reference/standard-sql";

const page = (title, path, kind, names) => ({
  title,
  path,
  entries: names
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => {
      const [name, anchor = name.toLowerCase().replaceAll(".", "")] = word.split("#");
      return { name, kind, link: `${reference}/${path}#${anchor}` };
    }),
});

/** The pages of functions, in the order of Spanner's documentation. */
export const functionPages = [
  page(
    "Aggregate functions",
    "aggregate_functions",
    "aggregate",
    `ANY_VALUE ARRAY_AGG ARRAY_CONCAT_AGG AVG BIT_AND BIT_OR BIT_XOR COUNT COUNTIF LOGICAL_AND
     LOGICAL_OR MAX MIN STRING_AGG SUM`,
  ),
  page(
    "Statistical aggregate functions",
    "statistical_aggregate_functions",
    "aggregate",
    "STDDEV STDDEV_SAMP VAR_SAMP VARIANCE",
  ),
  page(
    "Array functions",
    "array_functions",
    "scalar",
    `ARRAY ARRAY_CONCAT ARRAY_FILTER ARRAY_FIRST ARRAY_INCLUDES ARRAY_INCLUDES_ALL
     ARRAY_INCLUDES_ANY ARRAY_IS_DISTINCT ARRAY_LAST ARRAY_LENGTH ARRAY_MAX ARRAY_MIN ARRAY_REVERSE
     ARRAY_SLICE ARRAY_TO_STRING ARRAY_TRANSFORM GENERATE_ARRAY GENERATE_DATE_ARRAY`,
  ),
  page("Bit functions", "bit_functions", "scalar", "BIT_COUNT BIT_REVERSE"),
  page(
    "Compression functions",
    "compression-functions",
    "scalar",
    "ZSTD_COMPRESS ZSTD_DECOMPRESS_TO_BYTES ZSTD_DECOMPRESS_TO_STRING",
  ),
  page(
    "Conditional expressions",
    "conditional_expressions",
    "scalar",
    "CASE COALESCE IF IFNULL NULLIF",
  ),
  page("Conversion functions", "conversion_functions", "scalar", "CAST SAFE_CAST#safe_casting"),
  page(
    "Date functions",
    "date_functions",
    "scalar",
    `ADDDATE CURRENT_DATE DATE DATE_ADD DATE_DIFF DATE_FROM_UNIX_DATE DATE_SUB DATE_TRUNC EXTRACT
     FORMAT_DATE PARSE_DATE SUBDATE UNIX_DATE`,
  ),
  page("Debugging functions", "debugging_functions", "scalar", "ERROR"),
  page(
    "Graph functions",
    "graph-sql-functions",
    "scalar",
    `DESTINATION_NODE_ID EDGES ELEMENT_DEFINITION_NAME ELEMENT_ID IS_ACYCLIC IS_FIRST IS_SIMPLE
     IS_TRAIL LABELS NODES PATH PATH_FIRST PATH_LAST PATH_LENGTH PROPERTY_NAMES SOURCE_NODE_ID`,
  ),
  page("Hash functions", "hash_functions", "scalar", "FARM_FINGERPRINT SHA1 SHA256 SHA512"),
  page(
    "Interval functions",
    "interval_functions",
    "scalar",
    "EXTRACT JUSTIFY_DAYS JUSTIFY_HOURS JUSTIFY_INTERVAL MAKE_INTERVAL",
  ),
  page(
    "JSON functions",
    "json_functions",
    "scalar",
    `BOOL#bool_for_json BOOL_ARRAY#bool_array_for_json FLOAT32#float_for_json
     FLOAT32_ARRAY#float_array_for_json FLOAT64#double_for_json FLOAT64_ARRAY#double_array_for_json
     INT64#int64_for_json INT64_ARRAY#int64_array_for_json JSON_ARRAY JSON_ARRAY_APPEND
     JSON_ARRAY_INSERT JSON_CONTAINS JSON_KEYS JSON_OBJECT JSON_QUERY JSON_QUERY_ARRAY JSON_REMOVE
     JSON_SET JSON_STRIP_NULLS JSON_TYPE JSON_VALUE JSON_VALUE_ARRAY LAX_BOOL LAX_FLOAT64#lax_double
     LAX_INT64 LAX_STRING PARSE_JSON SAFE_TO_JSON STRING#string_for_json
     STRING_ARRAY#string_array_for_json TO_JSON TO_JSON_STRING`,
  ),
  page("Machine learning functions", "ml-functions", "scalar", "AI.CLASSIFY AI.IF AI.SCORE"),
  page("Machine learning functions", "ml-functions", "table", "ML.PREDICT"),
  page(
    "Mathematical functions",
    "mathematical_functions",
    "scalar",
    `ABS ACOS ACOSH APPROX_COSINE_DISTANCE APPROX_DOT_PRODUCT APPROX_EUCLIDEAN_DISTANCE ASIN ASINH
     ATAN ATAN2 ATANH CEIL CEILING COS COSH COSINE_DISTANCE DIV DOT_PRODUCT EUCLIDEAN_DISTANCE EXP
     FLOOR GREATEST IEEE_DIVIDE IS_INF IS_NAN LEAST LN LOG LOG10 MOD POW POWER ROUND SAFE_ADD
     SAFE_DIVIDE SAFE_MULTIPLY SAFE_NEGATE SAFE_SUBTRACT SIGN SIN SINH SQRT TAN TANH TRUNC`,
  ),
  page(
    "Net functions",
    "net_functions",
    "scalar",
    `NET.HOST NET.IP_FROM_STRING NET.IP_NET_MASK NET.IP_TO_STRING NET.IP_TRUNC NET.IPV4_FROM_INT64
     NET.IPV4_TO_INT64 NET.PUBLIC_SUFFIX NET.REG_DOMAIN NET.SAFE_IP_FROM_STRING`,
  ),
  page("Protocol buffer functions", "protocol_buffer_functions", "scalar", "REPLACE_FIELDS"),
  page(
    "Search functions",
    "search_functions",
    "scalar",
    `DEBUG_TOKENLIST SCORE SCORE_NGRAMS SEARCH#search_fulltext SEARCH_NGRAMS SEARCH_SUBSTRING SNIPPET
     TOKEN TOKENIZE_BOOL TOKENIZE_FULLTEXT TOKENIZE_JSON TOKENIZE_NGRAMS TOKENIZE_NUMBER
     TOKENIZE_SUBSTRING TOKENLIST_CONCAT`,
  ),
  page(
    "Sequence functions",
    "sequence_functions",
    "scalar",
    "GET_INTERNAL_SEQUENCE_STATE GET_NEXT_SEQUENCE_VALUE",
  ),
  page(
    "String functions",
    "string_functions",
    "scalar",
    `BYTE_LENGTH CHAR_LENGTH CHARACTER_LENGTH CODE_POINTS_TO_BYTES CODE_POINTS_TO_STRING CONCAT
     ENDS_WITH FORMAT#format_string FROM_BASE32 FROM_BASE64 FROM_HEX LCASE LENGTH LOWER LPAD LTRIM
     NORMALIZE NORMALIZE_AND_CASEFOLD OCTET_LENGTH REGEXP_CONTAINS REGEXP_EXTRACT REGEXP_EXTRACT_ALL
     REGEXP_REPLACE REPEAT REPLACE REVERSE RPAD RTRIM SAFE_CONVERT_BYTES_TO_STRING SOUNDEX SPLIT
     SPLIT_SUBSTR STARTS_WITH STRPOS SUBSTR SUBSTRING TO_BASE32 TO_BASE64 TO_CODE_POINTS TO_HEX TRIM
     UCASE UPPER`,
  ),
  page(
    "Timestamp functions",
    "timestamp_functions",
    "scalar",
    `CURRENT_TIMESTAMP EXTRACT FORMAT_TIMESTAMP PARSE_TIMESTAMP PENDING_COMMIT_TIMESTAMP STRING
     TIMESTAMP TIMESTAMP_ADD TIMESTAMP_DIFF TIMESTAMP_MICROS TIMESTAMP_MILLIS TIMESTAMP_SECONDS
     TIMESTAMP_SUB TIMESTAMP_TRUNC UNIX_MICROS UNIX_MILLIS UNIX_SECONDS`,
  ),
  page("Utility functions", "utility-functions", "scalar", "GENERATE_UUID NEW_UUID"),
];

/** Functions that other pages tell of than those of the functions. */
export const functionsElsewhere = [
  {
    name: "GET_TABLE_COLUMN_IDENTITY_STATE",
    kind: "scalar",
    link: "https://cloud.google.com/spanner/docs/primary-key-default-value#identity-columns",
  },
  {
    name: "READ_change_stream",
    kind: "table",
    link: "https://cloud.google.com/spanner/docs/change-streams/details#change_stream_query_syntax",
  },
  {
    name: "SPANNER_SYS.DISTRIBUTION_PERCENTILE",
    kind: "scalar",
    link: "https://cloud.google.com/spanner/docs/introspection/query-statistics",
  },
];

const operator = (title, anchor, symbols, example) => ({
  title,
  link: `${reference}/operators#${anchor}`,
  symbols,
  example,
});

/**
 * Spanner's list of operators. The symbols are those that the catalog of functions describes, under
 * the names there; the example shows whether the operator is there at all.
 */
export const operators = [
  operator("Field access", "field_access_operator", {}, "SELECT STRUCT(1 AS a).a"),
  operator("Array subscript", "array_subscript_operator", {}, "SELECT [1, 2][OFFSET(0)]"),
  operator("JSON subscript", "json_subscript_operator", {}, `SELECT JSON '{"a": 1}'["a"]`),
  operator(
    "Arithmetic operators",
    "arithmetic_operators",
    {
      "+X": "$plus",
      "-X": "$negate",
      "X + Y": "$add",
      "X - Y": "$subtract",
      "X * Y": "$multiply",
      "X / Y": "$divide",
    },
    "SELECT 1 + 1",
  ),
  operator(
    "Datetime subtraction",
    "datetime_subtraction",
    {},
    "SELECT DATE '2026-01-02' - DATE '2026-01-01'",
  ),
  operator(
    "Interval arithmetic",
    "interval_arithmetic_operators",
    {},
    "SELECT DATE '2026-01-02' + INTERVAL 1 DAY",
  ),
  operator(
    "Bitwise operators",
    "bitwise_operators",
    {
      "~X": "$bitwise_not",
      "X | Y": "$bitwise_or",
      "X ^ Y": "$bitwise_xor",
      "X & Y": "$bitwise_and",
      "X << Y": "$shift_left",
      "X >> Y": "$shift_right",
    },
    "SELECT 1 << 1",
  ),
  operator("Logical operators", "logical_operators", { "NOT X": "$not" }, "SELECT TRUE AND FALSE"),
  operator(
    "Graph concatenation",
    "graph_concatenation_operator",
    {},
    "GRAPH Friends MATCH p = (a)-[e]->(b), q = (b)-[f]->(c) RETURN PATH_LENGTH(p || q) AS n",
  ),
  operator(
    "Graph logical operators",
    "graph_logical_operators",
    {},
    "GRAPH Friends MATCH (a:Person|!Knows) RETURN a.Id",
  ),
  operator(
    "ALL_DIFFERENT",
    "all_different_predicate",
    {},
    "GRAPH Friends MATCH (a)-[e]->(b) WHERE ALL_DIFFERENT(a, b) RETURN a.Id",
  ),
  operator(
    "IS DESTINATION",
    "is_destination_predicate",
    {},
    "GRAPH Friends MATCH (a)-[e]->(b) WHERE b IS DESTINATION OF e RETURN a.Id",
  ),
  operator(
    "IS LABELED",
    "is_labeled_predicate",
    {},
    "GRAPH Friends MATCH (a) WHERE a IS LABELED Person RETURN a.Id",
  ),
  operator(
    "IS SOURCE",
    "is_source_predicate",
    {},
    "GRAPH Friends MATCH (a)-[e]->(b) WHERE a IS SOURCE OF e RETURN a.Id",
  ),
  operator(
    "PROPERTY_EXISTS",
    "property_exists_predicate",
    {},
    "GRAPH Friends MATCH (a) WHERE PROPERTY_EXISTS(a, Name) RETURN a.Id",
  ),
  operator(
    "SAME",
    "same_predicate",
    {},
    "GRAPH Friends MATCH (a)-[e]->(b) WHERE SAME(a, b) RETURN a.Id",
  ),
  operator(
    "Comparison operators",
    "comparison_operators",
    {
      "X = Y": "$equal",
      "X != Y": "$not_equal",
      "X < Y": "$less",
      "X <= Y": "$less_or_equal",
      "X > Y": "$greater",
      "X >= Y": "$greater_or_equal",
      "X BETWEEN Y AND Z": "$between",
    },
    "SELECT 1 < 2",
  ),
  operator("EXISTS", "exists_operator", {}, "SELECT EXISTS(SELECT 1)"),
  operator("IN", "in_operators", {}, "SELECT 1 IN UNNEST([1, 2])"),
  operator(
    "IS",
    "is_operators",
    { "X IS NULL": "$is_null", "X IS TRUE": "$is_true", "X IS FALSE": "$is_false" },
    "SELECT NULL IS NOT TRUE",
  ),
  operator("LIKE", "like_operator", { "X LIKE Y": "$like" }, "SELECT 'a' LIKE '%'"),
  operator("NEW", "new_operator", {}, "SELECT NEW Item {Name: 'a'}"),
  operator("Concatenation", "concatenation_operator", {}, "SELECT 'a' || 'b'"),
  operator("WITH", "with_expression", {}, "SELECT WITH(a AS 1, a + 1)"),
];
