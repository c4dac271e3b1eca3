// SPDX-License-Identifier: Apache-2.0
// A read-only transaction on a database: reads and queries at one moment.

import type { StatusError } from "@spandrel/base";
import { dmlInReadOnly } from "../errors/transaction.ts";
import { Rows } from "../rows/read.ts";
import type { Schema } from "../schema/schema.ts";
import type { Snapshot } from "../txn/snapshot.ts";
import { type QueryContext, type QueryResult, runQuery, type Statement } from "./query.ts";
import { type ReadRequest, resolveRead } from "./resolve.ts";
import { limited, type RowStream } from "./row-stream.ts";

/** What a snapshot works with. */
export interface DatabaseSnapshotOptions extends QueryContext {
  readonly snapshot: Snapshot;
  readonly schema: Schema;
}

/** See the top of this file. */
export class DatabaseSnapshot {
  readonly #options: DatabaseSnapshotOptions;
  readonly #rows: Rows;

  constructor(options: DatabaseSnapshotOptions) {
    this.#options = options;
    this.#rows = new Rows(options.snapshot);
  }

  /** The moment that is read at, in microseconds since the Unix epoch. */
  get atMicros(): number {
    return this.#options.snapshot.atMicros;
  }

  /** @throws {StatusError} as `resolveRead` does. */
  read(request: ReadRequest): RowStream {
    const read = resolveRead(this.#options.schema, request);
    return limited(this.#rows, read, false);
  }

  /** @throws {StatusError} INVALID_ARGUMENT for a statement that is wrong, or that writes. */
  query(
    statement: Statement,
    signal: AbortSignal,
    onDml: () => StatusError = dmlInReadOnly,
  ): QueryResult {
    const running = { schema: this.#options.schema, context: this.#options, signal };
    return runQuery(statement, this.#rows, running, onDml);
  }
}
