// SPDX-License-Identifier: Apache-2.0

import type { ChangeStreamWatch, CreateFunction, CreateModel, DdlStatement } from "../tree/ddl.ts";
import type { CreatePropertyGraph, GraphElementTable, GraphProperties } from "../tree/ddl-graph.ts";
import type {
  CreateIndex,
  CreateSearchIndex,
  CreateVectorIndex,
  IndexInterleave,
} from "../tree/ddl-index.ts";
import type { Granted } from "../tree/ddl-role.ts";
import type { Identifier, Path } from "../tree/position.ts";
import {
  printAlterTable,
  printColumn,
  printCreateTable,
  printKeyPart,
  printKeyParts,
  printSequenceChange,
  printSequenceParameters,
} from "./ddl-table.ts";
import { printOptions } from "./hint.ts";
import {
  type Printer,
  printAlias,
  printColumns,
  printIdentifier,
  printPath,
  words,
} from "./printer.ts";
import { printType } from "./type.ts";

/** Any schema statement. */
export function printDdlStatement(printer: Printer, statement: DdlStatement): string {
  switch (statement.kind) {
    case "create-table":
      return printCreateTable(printer, statement);
    case "alter-table":
      return printAlterTable(printer, statement);
    case "rename-table": {
      const renames = statement.renames.map(
        ({ from, to }) => `${printPath(from)} TO ${printPath(to)}`,
      );
      return `RENAME TABLE ${renames.join(", ")}`;
    }
    case "create-index":
      return printCreateIndex(printer, statement);
    case "create-search-index":
      return printCreateSearchIndex(printer, statement);
    case "create-vector-index":
      return printCreateVectorIndex(printer, statement);
    case "alter-index": {
      const { action } = statement;
      const name = `ALTER ${statement.type} ${printPath(statement.name)}`;
      if (action.kind === "set-options")
        return `${name} SET ${printOptions(printer, action.options)}`;
      const verb = action.kind === "add-stored-column" ? "ADD" : "DROP";
      return `${name} ${verb} STORED COLUMN ${printIdentifier(action.column)}`;
    }
    case "create-database":
      return `CREATE DATABASE ${printIdentifier(statement.name)}`;
    case "alter-database": {
      const options = printOptions(printer, statement.options);
      return `ALTER DATABASE ${printIdentifier(statement.name)} SET ${options}`;
    }
    case "create-view":
      return words(
        "CREATE",
        statement.orReplace && "OR REPLACE",
        "VIEW",
        statement.ifNotExists && "IF NOT EXISTS",
        printPath(statement.name),
        statement.security && `SQL SECURITY ${statement.security}`,
        `AS ${printer.query(statement.query)}`,
      );
    case "create-sequence":
      return words(
        "CREATE SEQUENCE",
        statement.ifNotExists && "IF NOT EXISTS",
        printPath(statement.name),
        printSequenceParameters(statement.parameters),
        printOptions(printer, statement.options),
      );
    case "alter-sequence":
      return words(
        "ALTER SEQUENCE",
        statement.ifExists && "IF EXISTS",
        printPath(statement.name),
        statement.change.kind === "set-options"
          ? `SET ${printOptions(printer, statement.change.options)}`
          : printSequenceChange(statement.change),
      );
    case "create-schema":
      return words(
        "CREATE SCHEMA",
        statement.ifNotExists && "IF NOT EXISTS",
        printIdentifier(statement.name),
      );
    case "create-change-stream":
      return words(
        "CREATE CHANGE STREAM",
        statement.ifNotExists && "IF NOT EXISTS",
        printPath(statement.name),
        statement.watch && printWatch(statement.watch),
        printOptions(printer, statement.options),
      );
    case "alter-change-stream": {
      const name = `ALTER CHANGE STREAM ${printPath(statement.name)}`;
      const { change } = statement;
      if (change.kind === "drop-watch") return `${name} DROP FOR ALL`;
      if (change.kind === "set-watch") return `${name} SET ${printWatch(change.watch)}`;
      return `${name} SET ${printOptions(printer, change.options)}`;
    }
    case "create-role":
      return `CREATE ROLE ${printIdentifier(statement.name)}`;
    case "grant":
      return `GRANT ${printGranted(statement.granted)} TO ROLE ${printNames(statement.roles)}`;
    case "revoke":
      return `REVOKE ${printGranted(statement.granted)} FROM ROLE ${printNames(statement.roles)}`;
    case "create-function":
      return printCreateFunction(printer, statement);
    case "create-model":
      return printCreateModel(printer, statement);
    case "alter-model":
      return words(
        "ALTER MODEL",
        statement.ifExists && "IF EXISTS",
        printPath(statement.name),
        `SET ${printOptions(printer, statement.options)}`,
      );
    case "create-proto-bundle":
      return `CREATE PROTO BUNDLE (${printPaths(statement.types)})`;
    case "alter-proto-bundle":
      return words(
        "ALTER PROTO BUNDLE",
        statement.insert.length > 0 && `INSERT (${printPaths(statement.insert)})`,
        statement.update.length > 0 && `UPDATE (${printPaths(statement.update)})`,
        statement.delete.length > 0 && `DELETE (${printPaths(statement.delete)})`,
      );
    case "create-locality-group":
    case "create-placement":
      return words(
        statement.kind === "create-placement" ? "CREATE PLACEMENT" : "CREATE LOCALITY GROUP",
        statement.ifNotExists && "IF NOT EXISTS",
        printPath(statement.name),
        printOptions(printer, statement.options),
      );
    case "alter-locality-group":
    case "alter-placement":
    case "alter-statistics": {
      const type = statement.kind.slice("alter-".length).replace("-", " ").toUpperCase();
      const options = printOptions(printer, statement.options);
      return `ALTER ${type} ${printPath(statement.name)} SET ${options}`;
    }
    case "create-property-graph":
      return printCreatePropertyGraph(printer, statement);
    case "drop":
      return words(
        `DROP ${statement.type}`,
        statement.ifExists && "IF EXISTS",
        statement.name && printPath(statement.name),
      );
    case "analyze":
      return "ANALYZE";
  }
}

function printNames(names: readonly Identifier[]): string {
  return names.map(printIdentifier).join(", ");
}

function printPaths(paths: readonly Path[]): string {
  return paths.map(printPath).join(", ");
}

function printCreateIndex(printer: Printer, index: CreateIndex): string {
  return words(
    "CREATE",
    index.unique && "UNIQUE",
    index.nullFiltered && "NULL_FILTERED",
    "INDEX",
    index.ifNotExists && "IF NOT EXISTS",
    `${printPath(index.name)} ON ${printPath(index.table)}`,
    printKeyParts(index.keys),
    printIndexEnd(printer, index),
  );
}

function printCreateSearchIndex(printer: Printer, index: CreateSearchIndex): string {
  const { partitionBy, orderBy, storing, ...rest } = index;
  return words(
    "CREATE SEARCH INDEX",
    index.ifNotExists && "IF NOT EXISTS",
    `${printPath(index.name)} ON ${printPath(index.table)}`,
    printColumns(index.columns),
    storing.length > 0 && `STORING ${printColumns(storing)}`,
    partitionBy.length > 0 && `PARTITION BY ${printNames(partitionBy)}`,
    orderBy.length > 0 && `ORDER BY ${orderBy.map(printKeyPart).join(", ")}`,
    printIndexEnd(printer, { ...rest, storing: [] }),
  );
}

function printCreateVectorIndex(printer: Printer, index: CreateVectorIndex): string {
  const { partitionBy, storing, ...rest } = index;
  return words(
    "CREATE VECTOR INDEX",
    index.ifNotExists && "IF NOT EXISTS",
    `${printPath(index.name)} ON ${printPath(index.table)}`,
    printColumns(index.columns),
    storing.length > 0 && `STORING ${printColumns(storing)}`,
    partitionBy.length > 0 && `PARTITION BY ${printNames(partitionBy)}`,
    printIndexEnd(printer, { ...rest, storing: [] }),
  );
}

function printIndexEnd(
  printer: Printer,
  index: Pick<CreateIndex, "storing" | "where" | "interleaveIn" | "options">,
): string {
  const end = words(
    index.storing.length > 0 && `STORING ${printColumns(index.storing)}`,
    index.where && `WHERE ${printer.expression(index.where)}`,
  );
  return words(
    end + (index.interleaveIn === undefined ? "" : printIndexInterleave(index.interleaveIn)),
    printOptions(printer, index.options),
  );
}

function printIndexInterleave(interleave: IndexInterleave): string {
  const table = interleave.table === undefined ? "PARENT" : printPath(interleave.table);
  return `, INTERLEAVE IN ${table}`;
}

function printWatch(watch: ChangeStreamWatch): string {
  if (watch.kind === "all") return "FOR ALL";
  const tables = watch.tables.map(
    ({ table, columns }) => printPath(table) + (columns === undefined ? "" : printColumns(columns)),
  );
  return `FOR ${tables.join(", ")}`;
}

function printGranted(granted: Granted): string {
  if (granted.kind === "roles") return `ROLE ${printNames(granted.roles)}`;
  const privileges = granted.privileges.map(
    ({ name, columns }) => name + (columns.length === 0 ? "" : printColumns(columns)),
  );
  const { target } = granted;
  const objects =
    target.kind === "objects"
      ? `${target.type} ${printSchemaNames(target.names)}`
      : `ALL ${target.type}S IN SCHEMA ${printSchemaNames(target.schemas)}`;
  return `${privileges.join(", ")} ON ${objects}`;
}

/** The unnamed schema is called DEFAULT, without quotes. */
function printSchemaNames(names: readonly Path[]): string {
  const printed = names.map((name) => {
    const text = printPath(name);
    return text.toUpperCase() === "`DEFAULT`" ? "DEFAULT" : text;
  });
  return printed.join(", ");
}

function printCreateFunction(printer: Printer, statement: CreateFunction): string {
  const parameters = statement.parameters.map(({ name, type, defaultValue }) =>
    words(
      printIdentifier(name),
      printType(type),
      defaultValue && `DEFAULT ${printer.expression(defaultValue)}`,
    ),
  );
  const { deterministic } = statement;
  return words(
    "CREATE",
    statement.orReplace && "OR REPLACE",
    "FUNCTION",
    statement.ifNotExists && "IF NOT EXISTS",
    `${printPath(statement.name)}(${parameters.join(", ")})`,
    statement.result && `RETURNS ${printType(statement.result)}`,
    deterministic !== undefined && (deterministic ? "DETERMINISTIC" : "NOT DETERMINISTIC"),
    statement.language && `LANGUAGE ${printIdentifier(statement.language)}`,
    statement.security && `SQL SECURITY ${statement.security}`,
    statement.remote && "REMOTE",
    statement.body && `AS (${printer.expression(statement.body)})`,
    printOptions(printer, statement.options),
  );
}

function printCreateModel(printer: Printer, model: CreateModel): string {
  const columns = (list: CreateModel["input"]): string | undefined =>
    list && `(${list.map((column) => printColumn(printer, column)).join(", ")})`;
  return words(
    "CREATE",
    model.orReplace && "OR REPLACE",
    "MODEL",
    model.ifNotExists && "IF NOT EXISTS",
    printPath(model.name),
    model.input && `INPUT ${columns(model.input)}`,
    model.output && `OUTPUT ${columns(model.output)}`,
    model.remote && "REMOTE",
    printOptions(printer, model.options),
  );
}

function printCreatePropertyGraph(printer: Printer, graph: CreatePropertyGraph): string {
  const tables = (list: readonly GraphElementTable[]): string =>
    `(${list.map((table) => printElementTable(printer, table)).join(", ")})`;
  return words(
    "CREATE",
    graph.orReplace && "OR REPLACE",
    "PROPERTY GRAPH",
    graph.ifNotExists && "IF NOT EXISTS",
    printPath(graph.name),
    printOptions(printer, graph.options),
    `NODE TABLES ${tables(graph.nodeTables)}`,
    graph.edgeTables.length > 0 && `EDGE TABLES ${tables(graph.edgeTables)}`,
  );
}

function printElementTable(printer: Printer, table: GraphElementTable): string {
  const endpoints = [
    ["SOURCE", table.source],
    ["DESTINATION", table.destination],
  ] as const;
  return words(
    printPath(table.table) + printAlias(table.alias),
    table.key && `KEY ${printColumns(table.key)}`,
    ...endpoints.map(
      ([word, endpoint]) =>
        endpoint &&
        words(
          `${word} KEY ${printColumns(endpoint.columns)}`,
          `REFERENCES ${printIdentifier(endpoint.node)}`,
          endpoint.nodeColumns && printColumns(endpoint.nodeColumns),
        ),
    ),
    ...table.labels.map(({ name, properties }) =>
      words(
        name === undefined ? "DEFAULT LABEL" : `LABEL ${printIdentifier(name)}`,
        properties && printProperties(printer, properties),
      ),
    ),
    table.dynamicLabel && `DYNAMIC LABEL (${printIdentifier(table.dynamicLabel)})`,
    table.dynamicProperties && `DYNAMIC PROPERTIES (${printIdentifier(table.dynamicProperties)})`,
  );
}

function printProperties(printer: Printer, properties: GraphProperties): string {
  switch (properties.kind) {
    case "none":
      return "NO PROPERTIES";
    case "all":
      return words(
        "PROPERTIES ARE ALL COLUMNS",
        properties.except.length > 0 && `EXCEPT ${printColumns(properties.except)}`,
      );
    case "list": {
      const list = properties.properties.map(
        ({ value, alias }) => printer.expression(value) + printAlias(alias),
      );
      return `PROPERTIES (${list.join(", ")})`;
    }
  }
}
