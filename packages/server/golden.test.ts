// SPDX-License-Identifier: Apache-2.0
// Every script under golden/: what the rooms of the server do, word for word.
// `GOLDEN=write npm test` records; then a person reads the difference.
import { testGoldens } from "@spandrel/testkit";
import { DatabaseWorld } from "./golden/database-world.ts";
import { ErrorWorld } from "./golden/error-world.ts";
import { LockWorld } from "./golden/lock-world.ts";
import { SessionWorld } from "./golden/session-world.ts";
import * as backup from "./src/errors/backup.ts";
import * as changeStream from "./src/errors/change-stream.ts";
import * as columnChange from "./src/errors/column-change.ts";
import * as constraint from "./src/errors/constraint.ts";
import * as definition from "./src/errors/definition.ts";
import * as instance from "./src/errors/instance.ts";
import * as interleave from "./src/errors/interleave.ts";
import * as model from "./src/errors/model.ts";
import * as query from "./src/errors/query.ts";
import * as result from "./src/errors/result.ts";
import * as row from "./src/errors/row.ts";
import * as rowDeletionPolicy from "./src/errors/row-deletion-policy.ts";
import * as schema from "./src/errors/schema.ts";
import * as searchIndex from "./src/errors/search-index.ts";
import * as secondaryIndex from "./src/errors/secondary-index.ts";
import * as session from "./src/errors/session.ts";
import * as transaction from "./src/errors/transaction.ts";
import * as view from "./src/errors/view.ts";

const folder = (name: string): URL => new URL(`golden/${name}/`, import.meta.url);

/** Limits that a script can reach. */
const tight = {
  tablesPerDatabaseMax: 9,
  columnsPerTableMax: 5,
  keyColumnsMax: 3,
  indexesPerTableMax: 2,
  indexesPerDatabaseMax: 3,
  keyBytesMax: 64,
  cellBytesMax: 40,
  mutationsPerCommitMax: 12,
};

const errors: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "backup.golden": backup,
  "change-stream.golden": changeStream,
  "column-change.golden": columnChange,
  "constraint.golden": constraint,
  "definition.golden": definition,
  "instance.golden": instance,
  "interleave.golden": interleave,
  "model.golden": model,
  "query.golden": query,
  "result.golden": result,
  "row-deletion-policy.golden": rowDeletionPolicy,
  "row.golden": row,
  "schema.golden": schema,
  "search-index.golden": searchIndex,
  "secondary-index.golden": secondaryIndex,
  "session.golden": session,
  "transaction.golden": transaction,
  "view.golden": view,
};

testGoldens(folder("locks"), () => new LockWorld());
testGoldens(folder("txn"), () => new DatabaseWorld());
testGoldens(folder("ddl"), (name) => new DatabaseWorld(name === "limits.golden" ? tight : {}));
testGoldens(folder("rows"), (name) => new DatabaseWorld(name === "limits.golden" ? tight : {}));
testGoldens(folder("sessions"), () => new SessionWorld());
testGoldens(folder("errors"), (name) => new ErrorWorld(errors[name] ?? {}));
