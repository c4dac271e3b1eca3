// SPDX-License-Identifier: Apache-2.0
import { feature, goldens, partly, stories, tests } from "./feature.mjs";

const ddl = "reference/standard-sql/data-definition-language";
const statements = (...titles) =>
  tests("packages/server/src/database/statements.test.ts", ...titles);

export const schema = {
  title: "Schema",
  features: [
    feature(
      "tables: keys, columns, options, one printed form",
      `${ddl}#create_table`,
      goldens("ddl/create-table", "ddl/create-table-refused"),
    ),
    feature(
      "interleaving, with and without a parent that has to be there",
      "schema-and-data-model#create-interleaved-tables",
      goldens(
        "rows/interleave-cascade",
        "rows/interleave-no-action",
        "rows/interleave-in",
        "ddl/interleave-refused",
        "ddl/interleave-migration",
      ),
    ),
    feature(
      "altered tables and columns, validated against the rows",
      "schema-updates",
      goldens("ddl/alter-table", "rows/altered-columns", "rows/changed-columns"),
    ),
    feature(
      "secondary indexes: unique, null-filtered, storing, backfilled",
      "secondary-indexes",
      goldens("ddl/index", "rows/unique-index", "rows/null-filtered-index"),
      tests(
        "packages/server/src/database/written-rows.test.ts",
        "indexes, generated columns, checks and foreign keys hold after any commits",
      ),
    ),
    feature("defaults", "primary-key-default-value", goldens("rows/defaults")),
    feature(
      "generated columns",
      "generated-column/how-to",
      goldens("rows/generated-columns"),
      statements("DEFAULT leaves a column that makes its own value to itself"),
    ),
    feature("check constraints", "check-constraint/how-to", goldens("rows/checks")),
    feature("foreign keys, enforced", "foreign-keys/overview", goldens("rows/foreign-keys")),
    feature("views", "views", goldens("ddl/views")),
    feature(
      "sequences and identity columns, bit-reversed",
      "sequence-tasks",
      goldens("ddl/definitions"),
      statements("a default may take the next number of a sequence"),
      tests(
        "packages/server/src/database/information-schema.test.ts",
        "a sequence gives numbers out where rows may be written, and nowhere else",
      ),
      tests(
        "packages/server/src/database/counters.test.ts",
        "no number is seen twice, whatever is rolled back, refused by the disk or lost in a crash",
      ),
    ),
    feature("named schemas", "named-schemas", goldens("ddl/definitions")),
    feature("what is needed is not dropped", "schema-updates", goldens("ddl/dependents")),
    partly(
      "database options",
      "default time zone, sequence kind and version retention take effect; others are kept and told",
      `${ddl}#alter-database`,
      goldens("ddl/database-options"),
    ),
    feature(
      "hidden columns",
      `${ddl}#create_table`,
      statements("a hidden column is read by its name, and no star shows it"),
    ),
    partly(
      "roles and privileges",
      "kept and told; nobody is refused by them",
      "fgac-about",
      goldens("ddl/definitions"),
    ),
    partly(
      "change streams",
      "definitions alone: they cannot be read",
      "change-streams",
      goldens("ddl/change-streams"),
    ),
    partly(
      "full-text search",
      "rows are read and scored here: search indexes are definitions, numbers of SCORE are not Spanner's",
      "full-text-search",
      goldens("ddl/search-index", "expressions/search", "rows/search"),
    ),
    partly(
      "vector indexes",
      "definitions alone: nothing searches them",
      "find-approximate-nearest-neighbors",
      goldens("ddl/search-index"),
    ),
    partly("models", "definitions alone: there is nobody to ask", "ml", goldens("ddl/models")),
    partly(
      "locality groups and placements",
      "definitions alone: all is in one place",
      "geo-partitioning",
      goldens("ddl/definitions"),
    ),
    feature(
      "statements of a batch before the one that is refused stay",
      "schema-updates#order_of_execution_of_statements_in_batches",
      stories("admin", "statements before one that is refused stay in the schema"),
    ),
  ],
};
