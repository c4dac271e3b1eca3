// SPDX-License-Identifier: Apache-2.0
// A server in this process on which statements are tried. Needs `--conditions=source`.
import { Client } from "@spandrel/client";
import { createServer } from "@spandrel/server";

const isSchemaStatement = (text) => /^(CREATE|ALTER|DROP|RENAME|GRANT|REVOKE|ANALYZE)\b/.test(text);
const isDml = (text) => /^(INSERT|UPDATE|DELETE)\b/.test(text);

/** See the top of this file. */
export class Trial {
  #client;
  #instance;
  #count = 0;

  static async begin() {
    const trial = new Trial();
    trial.#client = new Client({ project: "reference", transport: createServer().transport });
    trial.#instance = trial.#client.instance("main");
    await (await trial.#instance.create()).result();
    return trial;
  }

  /** Tries a statement in a new database; undefined when it is answered, else why it is not. */
  async complaint(statement, setup = []) {
    const database = await this.database(setup);
    return await complaintOf(() => execute(database, statement));
  }

  /** A new database. What is refused of its schema is left out. */
  async database(schema) {
    const database = this.#instance.database("examples");
    if (this.#count++ > 0) await database.drop();
    await (await database.create()).result();
    for (const statement of schema) await complaintOf(() => execute(database, statement));
    return database;
  }

  [Symbol.asyncDispose]() {
    return this.#client[Symbol.asyncDispose]();
  }
}

/** Executes a statement of any kind. */
export async function execute(database, statement) {
  if (isSchemaStatement(statement)) {
    await (await database.updateDdl([statement])).result();
  } else if (isDml(statement)) {
    await database.runInTransaction(async (transaction) => {
      await transaction.executeUpdate(statement);
    });
  } else {
    for await (const _ of database.query(statement)) break;
  }
}

/** What was wrong, in one line; undefined when nothing was. */
export async function complaintOf(act) {
  try {
    await act();
    return undefined;
  } catch (error) {
    return error.message.split("\n")[0];
  }
}
