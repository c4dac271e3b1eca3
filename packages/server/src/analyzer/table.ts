// SPDX-License-Identifier: Apache-2.0
// Tables by their names, and scans of them.
import type { Hint, Path } from "@spandrel/sql";
import { tableNotFound } from "../errors/query.ts";
import { type Column, findIndex, findTable, type Table } from "../schema/schema.ts";
import type { Analysis } from "./analysis.ts";
import { checkHint } from "./hint.ts";
import type { TableScan } from "./resolved.ts";
import type { NamedColumn, Names } from "./scope.ts";
import { suggest } from "./suggest.ts";

/** A path as it is looked up. */
export function nameOf(path: Path): string {
  return path.parts.map((part) => part.name).join(".");
}

/** Finds a table, or says that there is none. */
export function resolveTable(analysis: Analysis, path: Path): Table {
  const name = nameOf(path);
  const table = findTable(analysis.schema, name);
  if (table !== undefined) return table;
  const names = [...analysis.schema.tables.values()].map((each) => each.name);
  throw tableNotFound(name, suggest(name, names), analysis.place(path));
}

/** A scan of a whole table, each column under a number of its own. */
export function scanOf(
  analysis: Analysis,
  table: Table,
  alias: string,
  hint: Hint | undefined,
  isForUpdate = false,
  written?: readonly Column[],
): { readonly relation: TableScan; readonly names: Names } {
  const columns = table.columns.map((source) => ({ column: analysis.newColumn(), source }));
  const named = columns.map(
    ({ column, source }): NamedColumn => ({
      name: source.name,
      expression: { kind: "column", type: source.type, column, name: source.name },
      isHidden: source.isHidden,
    }),
  );
  const relation: TableScan = {
    kind: "scan",
    table,
    columns,
    forcedIndex: forcedIndexOf(analysis, table, hint),
    isForUpdate,
    written,
  };
  return {
    relation,
    names: { columns: named, variables: [{ name: alias, columns: named, value: undefined }] },
  };
}

function forcedIndexOf(
  analysis: Analysis,
  table: Table,
  hint: Hint | undefined,
): string | undefined {
  checkHint(analysis, hint);
  for (const entry of hint?.entries ?? []) {
    if (entry.qualifier !== undefined && entry.qualifier.name.toUpperCase() !== "SPANNER") continue;
    if (entry.name.name.toUpperCase() !== "FORCE_INDEX") continue;
    const name = entry.value.kind === "string" ? entry.value.value : analysis.textOf(entry.value);
    const plain = name.replaceAll("`", "");
    if (plain.toUpperCase() === "_BASE_TABLE") return "_BASE_TABLE";
    if (isSearchIndexOf(analysis, table, plain)) return "_BASE_TABLE";
    const index = findIndex(analysis.schema, plain);
    if (index === undefined || index.table.toLowerCase() !== table.name.toLowerCase()) {
      throw analysis.error(
        entry.value,
        `The table ${table.name} does not have a secondary index called ${plain}`,
      );
    }
    return index.name;
  }
  return undefined;
}

/** A search index has no entries to read: what it would find is found in the table. */
function isSearchIndexOf(analysis: Analysis, table: Table, name: string): boolean {
  const statement = analysis.schema.definitions.get(name.toLowerCase())?.statement;
  if (statement?.kind !== "create-search-index") return false;
  return nameOf(statement.table).toLowerCase() === table.name.toLowerCase();
}
