// SPDX-License-Identifier: Apache-2.0
import { compile } from "../expression/compile.ts";
import type { Operator } from "./execution.ts";
import { layoutOf, type Shape } from "./shape.ts";

/** An operator, and the shape of the rows that it gives. */
export interface Source {
  readonly run: Operator;
  readonly shape: Shape;
}

/** Rows with one value for each of some columns, in their order. */
export function unpacked({ run, shape }: Source, columns: readonly number[]): Operator {
  const isSame =
    shape.cells === columns.length &&
    columns.every((column, position) => shape.places.get(column) === position);
  if (isSame) return run;
  const layout = layoutOf(shape);
  const values = columns.map((column) =>
    compile({ kind: "column", type: { kind: "INT64" }, column, name: "" }, layout),
  );
  return async function* unpack(execution) {
    const { frame } = execution;
    for await (const batch of run(execution)) {
      yield batch.map((row) => values.map((value) => value(row, frame)));
    }
  };
}
