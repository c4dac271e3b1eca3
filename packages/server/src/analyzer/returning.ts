// SPDX-License-Identifier: Apache-2.0
// THEN RETURN, over the row as it is after the change, before it for DELETE.
import { STRING } from "@spandrel/model";
import type { Returning } from "@spandrel/sql";
import type { Table } from "../schema/schema.ts";
import type { Analysis } from "./analysis.ts";
import type { ReturningClause } from "./resolved.ts";
import { type NamedColumn, type Names, scopeOf } from "./scope.ts";
import { selectedValues } from "./select-list.ts";

/** The names of a table's row, each column under its number. */
export function rowNames(table: Table, numbers: readonly number[], alias: string): Names {
  const columns = table.columns.map(
    (source, index): NamedColumn => ({
      name: source.name,
      expression: {
        kind: "column",
        type: source.type,
        column: numbers[index] ?? 0,
        name: source.name,
      },
      isHidden: source.isHidden,
    }),
  );
  return { columns, variables: [{ name: alias, columns, value: undefined }] };
}

/** Analyzes the clause. */
export function returningOf(
  analysis: Analysis,
  tree: Returning | undefined,
  table: Table,
  rowColumns: readonly number[],
  alias: string,
): ReturningClause | undefined {
  if (tree === undefined) return undefined;
  const names = rowNames(table, rowColumns, alias);
  const context = {
    scope: scopeOf([names], undefined),
    clause: "THEN RETURN clause",
    aggregates: undefined,
    definitions: new Map<string, number>(),
  };
  const items = tree.items.flatMap((item) => selectedValues(analysis, item, names, context));
  if (tree.action === undefined) {
    return { rowColumns, items, hasAction: false };
  }
  const action = {
    name: tree.action.alias?.name ?? "ACTION",
    // The executor knows what was done; this only says the type.
    expression: { kind: "constant", type: STRING, value: null, isUntyped: false } as const,
  };
  return { rowColumns, items: [...items, action], hasAction: true };
}
