# SPDX-License-Identifier: Apache-2.0
"""What the documentation of Google's client for Python shows, one answer a line.

`documentation.ts` beside it is the same program with Spandrel's client; both answer alike. Needs
`pip install google-cloud-spanner`, and a server that SPANNER_EMULATOR_HOST names.
"""
import json

from google.cloud import spanner
from google.cloud.spanner_v1 import (
    BurstyPool,
    FixedSizePool,
    KeyRange,
    KeySet,
    PingingPool,
    TransactionPingingPool,
    param_types,
)


def tell(what, answer):
    print(json.dumps([what, answer], separators=(",", ":")))


client = spanner.Client(project="compat")
config = client.project_name + "/instanceConfigs/emulator-config"
instance = client.instance("documentation", config, display_name="d", node_count=1)
instance.create().result(30)
database = instance.database(
    "contacts",
    ddl_statements=[
        """CREATE TABLE citizens (
             email STRING(1024) NOT NULL, first_name STRING(1024), last_name STRING(1024), age INT64,
           ) PRIMARY KEY (email)"""
    ],
)
database.create().result(30)

# Batches: mutations that are committed together.
columns = ["email", "first_name", "last_name", "age"]
with database.batch() as batch:
    batch.insert(
        "citizens",
        columns,
        [
            ["phred@exammple.com", "Phred", "Phlyntstone", 32],
            ["bharney@example.com", "Bharney", "Rhubble", 31],
            ["whilma@example.com", "Whilma", "Phlyntstone", 30],
        ],
    )
with database.batch() as batch:
    batch.update("citizens", ["email", "age"], [["phred@exammple.com", 33]])
    batch.insert_or_update("citizens", columns, [["dhino@example.com", "Dhino", None, 4]])
    batch.delete("citizens", KeySet(keys=[["bharney@example.com"]]))

# Snapshots: reads and queries of one moment.
everything = KeySet(all_=True)
with database.snapshot() as snapshot:
    tell("read", list(snapshot.read("citizens", columns, everything)))
with database.snapshot() as snapshot:
    tell("one", snapshot.read("citizens", ["age"], KeySet(keys=[["whilma@example.com"]])).one())
with database.snapshot() as snapshot:
    missing = snapshot.read("citizens", ["age"], KeySet(keys=[["nobody@example.com"]]))
    tell("one or none", missing.one_or_none())
with database.snapshot() as snapshot:
    between = KeySet(ranges=[KeyRange(start_closed=["d"], end_open=["p"])])
    tell("range", list(snapshot.read("citizens", ["email"], between)))
with database.snapshot(multi_use=True) as snapshot:
    older = snapshot.execute_sql(
        "SELECT email, age FROM citizens WHERE age > @age ORDER BY age",
        params={"age": 29},
        param_types={"age": param_types.INT64},
    )
    tell("query", list(older))
    with database.batch() as batch:
        batch.insert("citizens", columns, [["late@example.com", "Late", None, 99]])
    tell("same moment", list(snapshot.execute_sql("SELECT COUNT(*) FROM citizens")))
with database.snapshot() as snapshot:
    tell("next moment", list(snapshot.execute_sql("SELECT COUNT(*) FROM citizens")))


# Transactions: run again until they are committed.
def birthday(transaction):
    (row,) = transaction.read("citizens", ["age"], KeySet(keys=[["whilma@example.com"]]))
    transaction.update("citizens", ["email", "age"], [["whilma@example.com", row[0] + 1]])
    return row[0]


tell("run in transaction", database.run_in_transaction(birthday))


def statements(transaction):
    updated = transaction.execute_update(
        "UPDATE citizens SET age = age + 1 WHERE last_name = @name",
        params={"name": "Phlyntstone"},
        param_types={"name": param_types.STRING},
    )
    status, counts = transaction.batch_update(
        [
            "INSERT INTO citizens (email, age) VALUES ('new@example.com', 1)",
            "DELETE FROM citizens WHERE age = 99",
        ]
    )
    returned = transaction.execute_sql(
        "UPDATE citizens SET age = 2 WHERE email = 'new@example.com' THEN RETURN email, age"
    )
    assert status.code == 0
    return [updated, list(counts), list(returned)]


tell("statements", database.run_in_transaction(statements))


class Regret(Exception):
    pass


def regretted(transaction):
    transaction.insert("citizens", ["email"], [["never@example.com"]])
    raise Regret


try:
    database.run_in_transaction(regretted)
except Regret:
    with database.snapshot() as snapshot:
        never = snapshot.read("citizens", ["email"], KeySet(keys=[["never@example.com"]]))
        tell("rolled back", list(never))
tell("partitioned", database.execute_partitioned_dml("UPDATE citizens SET age = 5 WHERE age < 5"))

# Pools: the same work in sessions of each kind.
for name, pool in [
    ("FixedSizePool", FixedSizePool(size=2)),
    ("BurstyPool", BurstyPool(target_size=2)),
    ("PingingPool", PingingPool(size=2)),
    ("TransactionPingingPool", TransactionPingingPool(size=2)),
]:
    pooled = instance.database("contacts", pool=pool)
    with pooled.snapshot() as snapshot:
        counted = list(snapshot.execute_sql("SELECT COUNT(*) FROM citizens"))
    tell(name, counted)
    pool.clear()

# Partitions: one read and one query, in parts that may be read by others.
batches = database.batch_snapshot()
emails = []
for partition in batches.generate_read_batches("citizens", ["email"], everything):
    emails.extend(row[0] for row in batches.process_read_batch(partition))
tell("read in partitions", sorted(emails))
ages = []
for partition in batches.generate_query_batches("SELECT age FROM citizens"):
    ages.extend(row[0] for row in batches.process_query_batch(partition))
tell("query in partitions", sorted(ages))
batches.close()

database.drop()
instance.delete()
