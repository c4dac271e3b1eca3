// SPDX-License-Identifier: Apache-2.0
// Reading a table by values that come from the row around. The first time, rows are compared as they
// come: whoever asks may stop early, and may never ask again. From the second time on they are hashed.
import type { ProbeNode } from "../planner/plan.ts";
import type { Row } from "../rows/contract.ts";
import { batched } from "./batches.ts";
import { checkAlive, collect, type Execution } from "./execution.ts";
import { prepareEqualKey } from "./hash.ts";
import { hashTable, rowsOfKey } from "./hash-table.ts";
import { layoutOf } from "./shape.ts";
import type { Source } from "./source.ts";

const noRow: Row = [];

/** Makes the operator of a probe. */
export function prepareProbe(node: ProbeNode, input: Source): Source {
  const sought = prepareEqualKey(
    node.keys.map(({ left }) => left),
    () => undefined,
  );
  const held = prepareEqualKey(
    node.keys.map(({ right }) => right),
    layoutOf(input.shape),
  );
  async function* probe(execution: Execution): AsyncGenerator<readonly Row[]> {
    const { frame, probes } = execution;
    const key = sought(noRow, frame);
    if (key === undefined) return;
    if (!probes.has(node)) {
      probes.set(node, undefined);
      for await (const batch of input.run(execution)) {
        checkAlive(execution);
        const kept = batch.filter((row) => held(row, frame) === key);
        if (kept.length > 0) yield kept;
      }
      return;
    }
    let table = probes.get(node);
    if (table === undefined) {
      table = hashTable(await collect(input, execution, "a hash join"), held, frame);
      probes.set(node, table);
    }
    yield* batched(rowsOfKey(table, key), execution);
  }
  return { run: probe, shape: input.shape };
}
