// SPDX-License-Identifier: Apache-2.0
// What the documentation of Google's client for Python shows, with this client: `documentation.py` beside
// it is the same program there, and both answer alike.
import {
  BurstyPool,
  type Client,
  FixedSizePool,
  KeyRange,
  KeySet,
  PingingPool,
  sql,
  type Transaction,
  TransactionPingingPool,
} from "@spandrel/client";

/** Hears what comes out of each step. */
export type Tell = (what: string, answer: unknown) => void;

/** Runs the program; every answer is as JSON would have it, INT64 as numbers. */
export async function runDocumentation(client: Client, tell: Tell): Promise<void> {
  const instance = client.instance("documentation");
  await (await instance.create()).result();
  await using database = instance.database("contacts");
  const citizens = `CREATE TABLE citizens (
    email STRING(1024) NOT NULL, first_name STRING(1024), last_name STRING(1024), age INT64,
  ) PRIMARY KEY (email)`;
  await (await database.create({ ddlStatements: [citizens] })).result();

  // Batches: mutations that are committed together.
  const columns = ["email", "first_name", "last_name", "age"];
  await database
    .batch()
    .insert("citizens", columns, [
      ["phred@exammple.com", "Phred", "Phlyntstone", 32n],
      ["bharney@example.com", "Bharney", "Rhubble", 31n],
      ["whilma@example.com", "Whilma", "Phlyntstone", 30n],
    ])
    .commit();
  await database
    .batch()
    .update("citizens", ["email", "age"], [["phred@exammple.com", 33n]])
    .insertOrUpdate("citizens", columns, [["dhino@example.com", "Dhino", null, 4n]])
    .delete("citizens", new KeySet({ keys: [["bharney@example.com"]] }))
    .commit();

  // Snapshots: reads and queries of one moment.
  const everything = KeySet.all();
  tell("read", plain(await database.read("citizens", columns, everything).rows()));
  const one = new KeySet({ keys: [["whilma@example.com"]] });
  tell("one", plainRow(await database.read("citizens", ["age"], one).one()));
  const nobody = new KeySet({ keys: [["nobody@example.com"]] });
  tell("one or none", (await database.read("citizens", ["age"], nobody).oneOrNone()) ?? null);
  const between = new KeySet({ ranges: [new KeyRange({ startClosed: ["d"], endOpen: ["p"] })] });
  tell("range", plain(await database.read("citizens", ["email"], between).rows()));
  {
    await using snapshot = database.snapshot({ multiUse: true });
    const older = sql`SELECT email, age FROM citizens WHERE age > ${29n} ORDER BY age`;
    tell("query", plain(await snapshot.query(older).rows()));
    const late = ["late@example.com", "Late", null, 99n];
    await database.batch().insert("citizens", columns, [late]).commit();
    tell("same moment", plain(await snapshot.query("SELECT COUNT(*) FROM citizens").rows()));
  }
  tell("next moment", plain(await database.query("SELECT COUNT(*) FROM citizens").rows()));

  // Transactions: run again until they are committed.
  const birthday = async (transaction: Transaction): Promise<number> => {
    const { age } = await transaction.read<{ age: bigint }>("citizens", ["age"], one).one();
    transaction.update("citizens", ["email", "age"], [["whilma@example.com", age + 1n]]);
    return Number(age);
  };
  tell("run in transaction", await database.runInTransaction(birthday));
  const statements = async (transaction: Transaction): Promise<unknown> => {
    const updated = await transaction.executeUpdate(
      sql`UPDATE citizens SET age = age + 1 WHERE last_name = ${"Phlyntstone"}`,
    );
    const counts = await transaction.batchUpdate([
      "INSERT INTO citizens (email, age) VALUES ('new@example.com', 1)",
      "DELETE FROM citizens WHERE age = 99",
    ]);
    const returned = await transaction
      .query("UPDATE citizens SET age = 2 WHERE email = 'new@example.com' THEN RETURN email, age")
      .rows();
    return [Number(updated), counts.map(Number), plain(returned)];
  };
  tell("statements", await database.runInTransaction(statements));
  const regret = new Error("regret");
  const never = new KeySet({ keys: [["never@example.com"]] });
  const regretted = database.runInTransaction((transaction) => {
    transaction.insert("citizens", ["email"], [["never@example.com"]]);
    throw regret;
  });
  await regretted.catch((thrown: unknown) => {
    if (thrown !== regret) throw thrown;
  });
  tell("rolled back", plain(await database.read("citizens", ["email"], never).rows()));
  const partitioned = "UPDATE citizens SET age = 5 WHERE age < 5";
  tell("partitioned", Number(await database.executePartitionedDml(partitioned)));

  // Pools: the same work in sessions of each kind.
  const pools = [
    new FixedSizePool({ size: 2 }),
    new BurstyPool({ targetSize: 2 }),
    new PingingPool({ size: 2 }),
    new TransactionPingingPool({ size: 2 }),
  ];
  for (const pool of pools) {
    await using pooled = instance.database("contacts", { pool });
    const counted = plain(await pooled.query("SELECT COUNT(*) FROM citizens").rows());
    tell(pool.constructor.name, counted);
  }

  // Partitions: one read and one query, in parts that may be read by others.
  await using batches = await database.batchSnapshot();
  const emails: unknown[] = [];
  for (const partition of await batches.partitionRead("citizens", ["email"], everything)) {
    for await (const row of batches.process(partition)) emails.push(...plainRow(row));
  }
  tell("read in partitions", emails.sort());
  const ages: unknown[] = [];
  for (const partition of await batches.partitionQuery("SELECT age FROM citizens")) {
    for await (const row of batches.process(partition)) ages.push(...plainRow(row));
  }
  tell(
    "query in partitions",
    ages.sort((left, right) => Number(left) - Number(right)),
  );
  await batches.close();
  await database.drop();
  await instance.delete();
}

function plain(rows: readonly object[]): unknown[] {
  return rows.map(plainRow);
}

/** The values of a row, as JSON has them. */
function plainRow(row: object): unknown[] {
  return Object.values(row).map((value: unknown) =>
    typeof value === "bigint" ? Number(value) : value,
  );
}
