// SPDX-License-Identifier: Apache-2.0
import { feature, goldens, partly, stories, tests } from "./feature.mjs";

const run = (...titles) => tests("packages/server/src/executor/query.test.ts", ...titles);
const modes = (...titles) => tests("packages/server/src/database/query-modes.test.ts", ...titles);
const told = (...titles) =>
  tests("packages/server/src/database/information-schema.test.ts", ...titles);
const statements = (...titles) =>
  tests("packages/server/src/database/statements.test.ts", ...titles);
const functions = (...titles) =>
  tests("packages/server/src/functions/functions.test.ts", ...titles);

export const queries = {
  title: "Queries",
  features: [
    feature(
      "NULL, three-valued logic, NOT IN",
      "reference/standard-sql/operators",
      run(
        "NULL makes a condition unknown, and unknown rows are left out on both sides",
        "NOT IN a list with NULL is never true",
      ),
    ),
    feature(
      "joins",
      "reference/standard-sql/query-syntax#join_types",
      run(
        "a left join keeps singers without albums",
        "a full join keeps what has no match on either side",
        "a small side of a join looks the other side up by its key",
      ),
      stories("queries", "joins, groups and orders"),
    ),
    feature(
      "groups and aggregates",
      "reference/standard-sql/query-syntax#group_by_clause",
      run("groups have NULL among them, and HAVING sees the aggregates"),
    ),
    feature(
      "subqueries, correlated ones too",
      "reference/standard-sql/subqueries",
      run("a subquery reads the row around it"),
    ),
    feature(
      "WITH, set operations, ORDER BY, LIMIT",
      "reference/standard-sql/query-syntax",
      run("WITH queries, set operations and LIMIT go together"),
    ),
    feature(
      "pipe syntax",
      "reference/standard-sql/pipe-syntax",
      run("a pipe gives every step the rows of the one before"),
    ),
    feature(
      "parameters with a type, and without one",
      "reference/standard-sql/lexical#query_parameters",
      run("a parameter without a type takes the type of its use, wherever that is found"),
      statements(
        "a parameter without a type, used for nothing in particular, is what it looks like",
      ),
      stories("queries", "a struct can be a parameter"),
    ),
    feature(
      "keys and indexes are sought, orders of keys are used",
      "query-optimizer/overview",
      run(
        "an index finds names, and the rows are looked up behind it",
        "a range of a descending part is read from its large end",
        "the order of a key needs no sort, forward or backward",
      ),
    ),
    feature(
      "statement and table hints",
      "reference/standard-sql/query-syntax#statement_hints",
      stories("queries", "hints and comments change nothing in what is answered"),
    ),
    feature(
      "conditional expressions: what is not chosen is not evaluated",
      "reference/standard-sql/conditional_expressions",
      run("a branch of IF that is not taken does no harm, even when it is a subquery"),
    ),
    feature(
      "errors with their place",
      "reference/standard-sql/lexical",
      tests(
        "packages/sql/src/parser/refusals.test.ts",
        "a refused query shows the place as Spanner does",
        "the messages are Spanner's",
      ),
      goldens("errors/query"),
    ),
    feature(
      "GoogleSQL as others wrote it down",
      "reference/standard-sql/overview",
      tests(
        "tests/conformance/conformance.test.ts",
        "what others wrote down about GoogleSQL holds, but for the failures that are known",
      ),
    ),
  ],
};

export const functionsAndTypes = {
  title: "Functions and types",
  intro: "Function by function: [reference/functions.md](reference/functions.md).",
  features: [
    feature(
      "INT64 and NUMERIC are exact, and never wrap",
      "reference/standard-sql/data-types#numeric_types",
      functions(
        "INT64 never wraps: a sum fits exactly, or is an error with its operands",
        "division rounds halves away from zero, whatever the signs",
      ),
    ),
    feature(
      "texts by code points",
      "reference/standard-sql/string_functions",
      functions("positions and lengths count code points, not UTF-16 units"),
      goldens("expressions/strings"),
    ),
    feature(
      "regular expressions of RE2, in linear time",
      "reference/standard-sql/string_functions#regexp_contains",
      functions("a replacement's backslash names a group of the regular expression"),
    ),
    feature(
      "time zones and calendars",
      "reference/standard-sql/timestamp_functions",
      functions(
        "a time without a zone is in the default zone, summer and winter",
        "every civil time that is a moment's own leads back to a moment with that civil time",
      ),
      goldens("expressions/times"),
    ),
    feature(
      "JSON, normalized",
      "reference/standard-sql/json_functions",
      functions("the normalized text has keys in order, the first of two, and exact numbers"),
      goldens("expressions/json"),
    ),
    feature(
      "casts",
      "reference/standard-sql/conversion_rules",
      functions("a float becomes the nearest INT64, halves away from zero, or an error"),
      goldens("expressions/numbers"),
    ),
    feature(
      "lambdas and arrays",
      "reference/standard-sql/array_functions",
      run("a subquery in a lambda is run for the elements that it is asked about"),
      goldens("expressions/arrays"),
    ),
    feature(
      "values on the wire, in all types",
      "reference/rpc/google.spanner.v1#typecode",
      tests(
        "packages/model/src/wire.test.ts",
        "values go over the wire and come back the same, and so do their types",
      ),
      goldens("rows/types"),
    ),
  ],
};

export const dml = {
  title: "Mutations and DML",
  features: [
    feature(
      "insert, update, insert or update, replace, delete",
      "modify-mutation-api",
      goldens("rows/insert", "rows/update", "rows/upsert-and-replace", "rows/delete"),
      stories(
        "mutations",
        "update, upsert, replace and delete change what they say and nothing else",
      ),
    ),
    feature(
      "mutations in their order, all or none",
      "dml-versus-mutations",
      goldens("rows/order-of-mutations"),
    ),
    feature(
      "INSERT, UPDATE, DELETE, each judged when it is complete",
      "reference/standard-sql/dml-syntax",
      goldens("rows/constraints-in-dml"),
      run("UPDATE sees every row as it was before the statement"),
    ),
    feature(
      "INSERT OR UPDATE, OR IGNORE, ON CONFLICT",
      "reference/standard-sql/dml-syntax#insert-statement",
      run(
        "ON CONFLICT DO UPDATE sees both rows, and ACTION says which was done",
        "of two rows with one key an upsert leaves the last",
      ),
    ),
    feature(
      "THEN RETURN",
      "reference/standard-sql/dml-syntax#insert-and-then-return",
      run(
        "INSERT gives back what THEN RETURN asks for",
        "DELETE gives back the rows that are gone",
      ),
    ),
    feature(
      "ASSERT_ROWS_MODIFIED",
      "reference/standard-sql/dml-syntax",
      run("ASSERT_ROWS_MODIFIED refuses another number of rows"),
    ),
    feature(
      "batch DML stops at the first failure and says how far it came",
      "dml-tasks#use-batch",
      tests(
        "packages/client/src/database/transactions.test.ts",
        "a failing batch says how far it came and rolls back, also as first statement",
      ),
    ),
  ],
};

export const planning = {
  title: "Plans and profiles",
  features: [
    feature(
      "PLAN: operators, scans and sought keys",
      "query-execution-plans",
      modes(
        "a plan names the operators, what is scanned, and the sought key",
        "an index that is read whole is told as a full scan",
      ),
    ),
    feature(
      "PLAN of DML writes nothing",
      "query-execution-plans",
      modes("DML that is only planned tells its plan and writes nothing"),
    ),
    partly(
      "PROFILE and WITH_STATS: rows returned and scanned, times",
      "figures of the whole statement, none of single operators",
      "query-execution-plans#stats",
      modes("statistics count what was read and what was given back"),
      stories("queries", "a query in profile mode tells how many rows it returned"),
    ),
    partly(
      "optimizer versions and statistics packages",
      "taken and not used: there is one optimizer",
      "query-optimizer/versions",
      stories(
        "queries",
        "a query with tags, a priority and an optimizer version is answered as without",
      ),
    ),
  ],
};

export const information = {
  title: "INFORMATION_SCHEMA",
  features: [
    feature(
      "tables, columns and their types",
      "information-schema",
      told(
        "tables tell their parents, and the schema's own tables are views of it",
        "columns come with the types of the DDL, under names in any case",
        "every column of the description describes itself",
      ),
    ),
    feature(
      "indexes and keys",
      "information-schema#indexes",
      told("indexes are listed with the primary keys, stored columns without a place"),
    ),
    feature(
      "constraints",
      "information-schema#table_constraints",
      told(
        "primary keys and NOT NULL are constraints",
        "foreign keys tell what they rely on, and checks their conditions",
      ),
    ),
    feature(
      "views, sequences, models, search indexes",
      "information-schema",
      told(
        "views tell their query, and the columns that it gives",
        "a model tells what goes in and what comes out",
        "indexes for searching are listed with all others",
      ),
    ),
    feature(
      "locality groups, placements, readers of change streams",
      "information-schema",
      told("locality groups, placements and readers of change streams are told"),
    ),
    partly(
      "only where nothing is written",
      "rows are not filtered by roles",
      "information-schema#usage",
      told("a read-write transaction cannot ask, and nobody can write"),
    ),
  ],
};
