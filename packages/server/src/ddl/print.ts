// SPDX-License-Identifier: Apache-2.0
// A schema as the statements that would make it, in the form of GetDatabaseDdl: the database's options
// first, then where data lies, then everything in the order of its creation, then change streams, then
// the views, then what roles may do.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1#getdatabaseddlresponse
import { type CreateModel, printDdl, printType, quoteIdentifier } from "@spandrel/sql";
import type { CheckConstraint, ForeignKey } from "../schema/constraint.ts";
import type {
  Column,
  DatabaseOptions,
  Definition,
  Identity,
  Index,
  KeyPart,
  Privilege,
  RoleMembership,
  Schema,
  Table,
} from "../schema/schema.ts";
import { printColumnType } from "./column-type.ts";
import { printOptions } from "./print-options.ts";
import { inReadingOrder } from "./view.ts";

/** Every statement, without a final semicolon. */
export function printSchema(schema: Schema): readonly string[] {
  const things: { readonly id: number; readonly text: string; readonly rank?: number }[] = [];
  for (const table of schema.tables.values())
    things.push({ id: table.id, text: printTable(table) });
  for (const index of schema.indexes.values())
    if (!index.isManaged) things.push({ id: index.id, text: printIndex(index) });
  const definitions = [...schema.definitions.values()];
  for (const definition of definitions.filter(({ kind }) => kind !== "VIEW"))
    things.push({
      id: definition.id,
      text: printDefinition(definition),
      rank: rankOf(definition),
    });
  const views = inReadingOrder(definitions.filter(({ kind }) => kind === "VIEW"));
  const statements = things
    .sort((left, right) => (left.rank ?? 0) - (right.rank ?? 0) || left.id - right.id)
    .map(({ text }) => text);
  statements.push(...views.map(printDefinition));
  statements.push(...schema.privileges.map(printPrivilege));
  statements.push(...schema.memberships.map(printMembership));
  const { options } = schema;
  return options === undefined ? statements : [printDatabaseOptions(options), ...statements];
}

/** What tables may come to name goes before them, what may come to watch them behind. */
function rankOf({ kind }: Definition): number {
  if (kind === "LOCALITY GROUP" || kind === "PLACEMENT") return -1;
  return kind === "CHANGE STREAM" ? 1 : 0;
}

function printDatabaseOptions({ database, values }: DatabaseOptions): string {
  const entries = [...values].map(([name, value]) => `  ${name} = ${value}`);
  return `ALTER DATABASE ${quoteIdentifier(database)} SET OPTIONS (\n${entries.join(",\n")}\n)`;
}

function printTable(table: Table): string {
  const elements = [
    ...table.columns.map(printColumn),
    ...table.foreignKeys.map(printForeignKey),
    ...table.checks.map(printCheck),
    ...(table.synonym === undefined ? [] : [`SYNONYM(${quoteIdentifier(table.synonym)})`]),
  ];
  const lines = elements.map((element) => `  ${element},\n`).join("");
  const key = `PRIMARY KEY(${printKeyParts(table.primaryKey)})`;
  const clauses = [
    printInterleave(table),
    printPolicy(table),
    printLocality(table.localityGroup),
  ].filter((clause) => clause !== "");
  const tail = clauses.map((clause) => `,\n  ${clause}`).join("");
  return `CREATE TABLE ${printName(table.name)} (\n${lines}) ${key}${tail}`;
}

function printInterleave({ interleave }: Table): string {
  if (interleave === undefined) return "";
  const parent = printName(interleave.parent);
  if (interleave.kind === "IN") return `INTERLEAVE IN ${parent}`;
  const onDelete = interleave.onDelete === "CASCADE" ? " ON DELETE CASCADE" : "";
  return `INTERLEAVE IN PARENT ${parent}${onDelete}`;
}

function printPolicy({ rowDeletionPolicy: policy }: Table): string {
  if (policy === undefined) return "";
  const column = quoteIdentifier(policy.column);
  return `ROW DELETION POLICY (OLDER_THAN(${column}, INTERVAL ${policy.days} DAY))`;
}

function printColumn(column: Column): string {
  const { defaultValue, generated, identity, onUpdate } = column;
  const clauses = [
    quoteIdentifier(column.name),
    printColumnType(column),
    column.isNotNull ? "NOT NULL" : "",
    defaultValue === undefined ? "" : `DEFAULT (${defaultValue.text})`,
    generated === undefined ? "" : `AS (${generated.text})${generated.isStored ? " STORED" : ""}`,
    identity === undefined ? "" : printIdentity(identity),
    onUpdate === undefined ? "" : `ON UPDATE (${onUpdate.text})`,
    column.isPlacementKey === true ? "PLACEMENT KEY" : "",
    column.isHidden ? "HIDDEN" : "",
    printColumnOptions(column),
  ];
  return clauses.filter((clause) => clause !== "").join(" ");
}

function printColumnOptions({ allowsCommitTimestamp, localityGroup }: Column): string {
  const entries = [
    allowsCommitTimestamp === undefined ? "" : `allow_commit_timestamp = ${allowsCommitTimestamp}`,
    localityGroup === undefined ? "" : `locality_group = '${localityGroup}'`,
  ].filter((entry) => entry !== "");
  const lines = entries.map((entry) => `    ${entry}`).join(",\n");
  return lines === "" ? "" : `OPTIONS (\n${lines}\n  )`;
}

function printLocality(localityGroup: string | undefined): string {
  return localityGroup === undefined ? "" : `OPTIONS (\n  locality_group = '${localityGroup}'\n)`;
}

function printIdentity({ isKindWritten, startCounterWith, skipRange }: Identity): string {
  const parameters = [
    isKindWritten ? "BIT_REVERSED_POSITIVE" : "",
    skipRange === undefined ? "" : `SKIP RANGE ${skipRange.low}, ${skipRange.high}`,
    startCounterWith === undefined ? "" : `START COUNTER WITH ${startCounterWith}`,
  ].filter((parameter) => parameter !== "");
  const list = parameters.length === 0 ? "" : ` (${parameters.join(" ")})`;
  return `GENERATED BY DEFAULT AS IDENTITY${list}`;
}

function printForeignKey(key: ForeignKey): string {
  const onDelete = key.onDelete === undefined ? "" : ` ON DELETE ${key.onDelete}`;
  const enforced = key.isEnforced ? "" : " NOT ENFORCED";
  const referenced = `${printName(key.referencedTable)}(${printNames(key.referencedColumns)})`;
  return (
    `${printConstraintName(key)}FOREIGN KEY(${printNames(key.columns)})` +
    ` REFERENCES ${referenced}${onDelete}${enforced}`
  );
}

function printCheck(check: CheckConstraint): string {
  return `${printConstraintName(check)}CHECK(${check.text})`;
}

function printConstraintName({ name, isNameGiven }: ForeignKey | CheckConstraint): string {
  const bare = name.slice(name.lastIndexOf(".") + 1);
  return isNameGiven ? `CONSTRAINT ${quoteIdentifier(bare)} ` : "";
}

function printIndex(index: Index): string {
  const unique = index.isUnique ? "UNIQUE " : "";
  const nullFiltered = index.isNullFiltered ? "NULL_FILTERED " : "";
  const stored = printNames(index.storing.map(({ name }) => name));
  const storing = stored === "" ? "" : ` STORING (${stored})`;
  const filter = index.notNullColumns
    .map(({ name }) => `${quoteIdentifier(name)} IS NOT NULL`)
    .join(" AND ");
  const where = filter === "" ? "" : ` WHERE ${filter}`;
  const parent =
    index.interleavedIn === undefined ? "" : `, INTERLEAVE IN ${printName(index.interleavedIn)}`;
  const on = `${printName(index.table)}(${printKeyParts(index.key)})`;
  const head = `CREATE ${unique}${nullFiltered}INDEX ${printName(index.name)} ON ${on}`;
  const locality = printLocality(index.localityGroup);
  return `${head}${storing}${where}${parent}${locality === "" ? "" : ` ${locality}`}`;
}

function printDefinition({ name, statement, text }: Definition): string {
  switch (statement.kind) {
    case "create-view":
      return `CREATE VIEW ${printName(name)} SQL SECURITY ${statement.security ?? "INVOKER"} AS ${text}`;
    case "create-model":
      return printModel(name, statement);
    case "create-sequence":
    case "create-change-stream":
    case "create-locality-group":
    case "create-placement": {
      const { options, ...rest } = statement;
      return `${printDdl({ ...rest, ifNotExists: false })}${printOptions(options)}`;
    }
    case "create-search-index":
    case "create-vector-index": {
      const { options, ...rest } = statement;
      return `${printDdl(rest).replace(/ \(/, "(")}${printOptions(options)}`;
    }
    case "alter-locality-group":
      return `ALTER LOCALITY GROUP ${printName(name)} SET${printOptions(statement.options)}`;
    default:
      return printDdl(statement);
  }
}

function printModel(name: string, { input, output, options }: CreateModel): string {
  const printColumns = (columns: CreateModel["input"] = []): string =>
    columns
      .map(
        (column) =>
          `  ${quoteIdentifier(column.name.name)} ${printType(column.type)}${printOptions(column.options, "  ")},\n`,
      )
      .join("");
  const head = `CREATE MODEL ${printName(name)}`;
  const columns = `INPUT(\n${printColumns(input)})\nOUTPUT(\n${printColumns(output)})`;
  return `${head}\n${columns}\nREMOTE${printOptions(options)}`;
}

function printPrivilege({ privilege, columns, objectKind, object, role }: Privilege): string {
  const on = columns.length === 0 ? "" : `(${printNames(columns)})`;
  const target = `${objectKind} ${printName(object)}`;
  return `GRANT ${privilege}${on} ON ${target} TO ROLE ${quoteIdentifier(role)}`;
}

function printMembership({ role, member }: RoleMembership): string {
  return `GRANT ROLE ${quoteIdentifier(role)} TO ROLE ${quoteIdentifier(member)}`;
}

function printKeyParts(parts: readonly KeyPart[]): string {
  return parts
    .map(
      ({ column, isDescending }) => `${quoteIdentifier(column.name)}${isDescending ? " DESC" : ""}`,
    )
    .join(", ");
}

function printNames(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(", ");
}

/** A name, with its named schema when it has one. */
function printName(name: string): string {
  return name.split(".").map(quoteIdentifier).join(".");
}
