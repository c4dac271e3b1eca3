// SPDX-License-Identifier: Apache-2.0
// Tables, views and their columns.
import { printType } from "@spandrel/model";
import { columnsIn } from "../expression/walk.ts";
import type { Column, Schema, Table } from "../schema/schema.ts";
import {
  definitionsOf,
  type Fact,
  type ListedTable,
  listTables,
  optionFact,
  spannerType,
  splitName,
  type Teller,
  tableName,
  yesOrNo,
} from "./description.ts";

const tables: Teller = (schema) => [
  ...listTables(schema).map(tableFact),
  ...definitionsOf(schema, "VIEW").map(({ name }) => ({
    ...tableName(name),
    TABLE_TYPE: "VIEW",
    SPANNER_STATE: "COMMITTED",
  })),
  ...synonymsOf(schema).map(({ synonym }) => ({
    ...tableName(synonym),
    TABLE_TYPE: "SYNONYM",
  })),
];

function tableFact({ table, at, isSystem }: ListedTable): Fact {
  const { interleave, rowDeletionPolicy: policy } = table;
  const isChild = interleave?.kind === "IN PARENT";
  return {
    ...at,
    TABLE_TYPE: isSystem ? "VIEW" : "BASE TABLE",
    PARENT_TABLE_NAME: interleave === undefined ? null : splitName(interleave.parent).name,
    ON_DELETE_ACTION: isChild ? interleave.onDelete : null,
    SPANNER_STATE: isSystem ? null : "COMMITTED",
    INTERLEAVE_TYPE: interleave?.kind ?? null,
    ROW_DELETION_POLICY_EXPRESSION:
      policy === undefined ? null : `OLDER_THAN(${policy.column}, INTERVAL ${policy.days} DAY)`,
  };
}

const columns: Teller = (schema) => [
  ...listTables(schema).flatMap(({ table, at, isSystem }) =>
    table.columns.map((column, place) => ({
      ...at,
      ...columnFact(column, isSystem),
      ORDINAL_POSITION: BigInt(place + 1),
    })),
  ),
  ...definitionsOf(schema, "VIEW").flatMap((view) =>
    view.columns.map(({ name, type }, place) => ({
      ...tableName(view.name),
      ...plainColumnFact,
      COLUMN_NAME: name,
      ORDINAL_POSITION: BigInt(place + 1),
      SPANNER_TYPE: printType(type).replace(/\b(?:STRING|BYTES)\b/, "$&(MAX)"),
    })),
  ),
];

/** What a column of a view says of itself. */
const plainColumnFact: Fact = {
  IS_NULLABLE: "YES",
  IS_GENERATED: "NEVER",
  IS_HIDDEN: false,
  IS_IDENTITY: "NO",
};

function columnFact(column: Column, isSystem: boolean): Fact {
  const { generated, identity } = column;
  return {
    COLUMN_NAME: column.name,
    COLUMN_DEFAULT: column.defaultValue?.text ?? null,
    IS_NULLABLE: yesOrNo(!column.isNotNull),
    SPANNER_TYPE: spannerType(column),
    IS_GENERATED: generated === undefined ? "NEVER" : "ALWAYS",
    GENERATION_EXPRESSION: generated?.text ?? null,
    IS_STORED: generated === undefined ? null : yesOrNo(generated.isStored),
    IS_HIDDEN: column.isHidden,
    ON_UPDATE_EXPRESSION: column.onUpdate?.text ?? null,
    SPANNER_STATE: isSystem ? null : "COMMITTED",
    IS_IDENTITY: yesOrNo(identity !== undefined),
    IDENTITY_GENERATION: identity === undefined ? null : "BY DEFAULT",
    IDENTITY_KIND: identity === undefined ? null : "BIT_REVERSED_POSITIVE_SEQUENCE",
    IDENTITY_START_WITH_COUNTER: identity?.startCounterWith?.toString() ?? null,
    IDENTITY_SKIP_RANGE_MIN: identity?.skipRange?.low.toString() ?? null,
    IDENTITY_SKIP_RANGE_MAX: identity?.skipRange?.high.toString() ?? null,
  };
}

/** Which generated columns come from which columns. */
const columnUses: Teller = (schema) =>
  [...schema.tables.values()].flatMap((table) =>
    table.columns.flatMap(({ name, generated }) =>
      generated === undefined
        ? []
        : [...columnsIn(generated.expression)].flatMap((place) => {
            const used = table.columns[place];
            if (used === undefined) return [];
            return { ...tableName(table.name), COLUMN_NAME: used.name, DEPENDENT_COLUMN: name };
          }),
    ),
  );

const columnOptions: Teller = (schema) =>
  [...schema.tables.values()].flatMap((table) =>
    table.columns.flatMap(({ name, allowsCommitTimestamp: allows, localityGroup }) => {
      const facts = [
        ...(allows === undefined ? [] : [optionFact("allow_commit_timestamp", String(allows))]),
        ...(localityGroup === undefined
          ? []
          : [optionFact("locality_group", `'${localityGroup}'`)]),
      ];
      return facts.map((fact) => ({ ...tableName(table.name), COLUMN_NAME: name, ...fact }));
    }),
  );

const views: Teller = (schema) =>
  definitionsOf(schema, "VIEW").map(({ name, text, statement }) => ({
    ...tableName(name),
    VIEW_DEFINITION: text,
    SECURITY_TYPE: (statement.kind === "create-view" && statement.security) || "INVOKER",
  }));

const synonyms: Teller = (schema) =>
  synonymsOf(schema).map(({ table, synonym }) => {
    const { schema, name } = splitName(synonym);
    return {
      ...tableName(table.name),
      SYNONYM_CATALOG: "",
      SYNONYM_SCHEMA: schema,
      SYNONYM_TABLE_NAME: name,
    };
  });

function synonymsOf(
  schema: Schema,
): readonly { readonly table: Table; readonly synonym: string }[] {
  return [...schema.tables.values()].flatMap((table) =>
    table.synonym === undefined ? [] : { table, synonym: table.synonym },
  );
}

/** The tellers of these tables. */
export const tableTellers: Readonly<Record<string, Teller>> = {
  TABLES: tables,
  COLUMNS: columns,
  COLUMN_COLUMN_USAGE: columnUses,
  COLUMN_OPTIONS: columnOptions,
  VIEWS: views,
  TABLE_SYNONYMS: synonyms,
};
