# SPDX-License-Identifier: Apache-2.0
"""Google's client for Python, unchanged, against the server that SPANNER_EMULATOR_HOST names.

Needs `pip install google-cloud-spanner`. Ends with 0 when everything is as on Cloud Spanner.
"""
import datetime
import decimal

from google.api_core import exceptions
from google.cloud import spanner
from google.cloud.spanner_v1 import KeyRange, KeySet, param_types

client = spanner.Client(project="compat")
config = client.project_name + "/instanceConfigs/emulator-config"
instance = client.instance("python", config, display_name="python", node_count=1)
instance.create().result(30)
database = instance.database(
    "types",
    ddl_statements=[
        """CREATE TABLE T (
             Id INT64 NOT NULL, Name STRING(MAX), Ratio FLOAT64, Flag BOOL, Moment TIMESTAMP,
             Day DATE, Price NUMERIC, Numbers ARRAY<INT64>, Doc JSON,
           ) PRIMARY KEY (Id)"""
    ],
)
database.create().result(30)
assert database.exists()
database.reload()
assert len(database.ddl_statements) == 1

moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 6, tzinfo=datetime.timezone.utc)
columns = ["Id", "Name", "Ratio", "Flag", "Moment", "Day", "Price", "Numbers", "Doc"]
row = [1, "x", 1.5, True, moment, datetime.date(2020, 1, 2), decimal.Decimal("1.25"), [1, None, 3]]
with database.batch() as batch:
    batch.insert("T", columns, [row + ['{"a": 1}']])
with database.snapshot() as snapshot:
    (read,) = snapshot.execute_sql("SELECT * FROM T")
assert read == row + [{"a": 1}], read

with database.snapshot(multi_use=True) as snapshot:
    everything = KeySet(all_=True)
    assert list(snapshot.read("T", ["Id"], everything)) == [[1]]
    counted = snapshot.execute_sql(
        "SELECT COUNT(*) FROM T WHERE Name = @name",
        params={"name": "x"},
        param_types={"name": param_types.STRING},
    )
    assert list(counted) == [[1]]


def write(transaction):
    assert transaction.execute_update("UPDATE T SET Name = 'y' WHERE Id = 1") == 1
    transaction.insert("T", ["Id"], [(2,)])
    assert list(transaction.execute_sql("SELECT Id, Name FROM T")) == [[1, "y"]]
    status, counts = transaction.batch_update(
        ["INSERT INTO T (Id) VALUES (3)", "UPDATE T SET Name = 'z' WHERE Id = 3"]
    )
    assert (status.code, counts) == (0, [1, 1])


database.run_in_transaction(write)
database.run_in_transaction(lambda transaction: transaction.insert("T", ["Id"], [(9,)]))
with database.snapshot() as snapshot:
    keys = KeySet(ranges=[KeyRange(start_closed=[2], end_open=[9])])
    assert list(snapshot.read("T", ["Id", "Name"], keys)) == [[2, None], [3, "z"]]


def refused(error, work):
    try:
        work()
    except error:
        return
    raise AssertionError(f"{error.__name__} was expected")


def insert_again(transaction):
    transaction.insert("T", ["Id"], [(1,)])


def query_wrongly():
    with database.snapshot() as wrong:
        list(wrong.execute_sql("SELECT Nope FROM T"))


refused(exceptions.AlreadyExists, lambda: database.run_in_transaction(insert_again))
refused(exceptions.InvalidArgument, query_wrongly)

assert database.execute_partitioned_dml("DELETE FROM T WHERE Id > 2") == 2
database.update_ddl(["CREATE INDEX ByName ON T (Name)"]).result(30)
with database.snapshot() as snapshot:
    assert list(snapshot.read("T", ["Name", "Id"], everything, index="ByName")) == [[None, 2], ["y", 1]]
database.drop()
assert not database.exists()
instance.delete()
print("Google's client for Python: all is as on Cloud Spanner")
