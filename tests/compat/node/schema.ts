// SPDX-License-Identifier: Apache-2.0
// The database of the stories.

/** Tables with a parent and a child, an index, and a column of every type that columns can have. */
export const schema: string[] = [
  `CREATE TABLE Singers (
    SingerId INT64 NOT NULL,
    FirstName STRING(1024),
    LastName STRING(1024) NOT NULL,
    UpdatedAt TIMESTAMP OPTIONS (allow_commit_timestamp = true),
  ) PRIMARY KEY (SingerId)`,
  `CREATE TABLE Albums (
    SingerId INT64 NOT NULL,
    AlbumId INT64 NOT NULL,
    Title STRING(MAX),
  ) PRIMARY KEY (SingerId, AlbumId), INTERLEAVE IN PARENT Singers ON DELETE CASCADE`,
  "CREATE INDEX SingersByLastName ON Singers (LastName) STORING (FirstName)",
  "CREATE TABLE Accounts (Name STRING(64) NOT NULL, Balance INT64 NOT NULL) PRIMARY KEY (Name)",
  "CREATE TABLE Visits (Id INT64 NOT NULL, Place STRING(64)) PRIMARY KEY (Id)",
  `CREATE TABLE Values (
    Id INT64 NOT NULL,
    BoolValue BOOL,
    Int64Value INT64,
    Float64Value FLOAT64,
    Float32Value FLOAT32,
    NumericValue NUMERIC,
    StringValue STRING(MAX),
    BytesValue BYTES(MAX),
    DateValue DATE,
    TimestampValue TIMESTAMP,
    JsonValue JSON,
    BoolArray ARRAY<BOOL>,
    Int64Array ARRAY<INT64>,
    Float64Array ARRAY<FLOAT64>,
    Float32Array ARRAY<FLOAT32>,
    NumericArray ARRAY<NUMERIC>,
    StringArray ARRAY<STRING(MAX)>,
    BytesArray ARRAY<BYTES(MAX)>,
    DateArray ARRAY<DATE>,
    TimestampArray ARRAY<TIMESTAMP>,
    JsonArray ARRAY<JSON>,
  ) PRIMARY KEY (Id)`,
].map((statement) => statement.replaceAll(/\s+/g, " "));
