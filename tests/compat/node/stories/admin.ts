// SPDX-License-Identifier: Apache-2.0
// Instances, databases, schemas, and the operations that change them.
import { failureOf, type Story } from "../story.ts";

export const adminStories: readonly Story[] = [
  {
    name: "the instance is listed and described",
    async tell({ spanner, instance }) {
      const [instances] = await spanner.getInstances();
      const [metadata] = await instance.getMetadata();
      const { displayName, nodeCount, processingUnits, state } = metadata;
      const isListed = instances.some(({ id }) => id === instance.id);
      return {
        isListed,
        displayName: displayName ?? null,
        nodeCount: nodeCount ?? null,
        processingUnits: processingUnits ?? null,
        state: String(state),
      };
    },
    expected: {
      isListed: true,
      displayName: "Compatibility",
      nodeCount: 1,
      processingUnits: 1000,
      state: "READY",
    },
  },
  {
    name: "the configurations of instances are listed",
    async tell({ spanner }) {
      const [configs] = await spanner.getInstanceConfigs();
      return configs.length > 0;
    },
    expected: true,
  },
  {
    name: "the database is listed and described",
    async tell({ instance, database }) {
      const [databases] = await instance.getDatabases();
      const [metadata] = await database.getMetadata();
      const dialect = await database.getDatabaseDialect();
      return {
        isListed: databases.some(({ formattedName_: name }) => name === database.formattedName_),
        state: String(metadata.state),
        dialect: String(dialect),
        exists: (await database.exists())[0],
      };
    },
    expected: {
      isListed: true,
      state: "READY",
      dialect: "GOOGLE_STANDARD_SQL",
      exists: true,
    },
  },
  {
    name: "a change of the schema is an operation that can be waited for, and shows in the schema",
    async tell({ database }) {
      const [operation] = await database.updateSchema([
        "CREATE TABLE Notes (Id INT64 NOT NULL, Text STRING(MAX)) PRIMARY KEY (Id)",
        "ALTER TABLE Notes ADD COLUMN Stars INT64",
      ]);
      await operation.promise();
      const { statements } = operation.metadata as unknown as { statements: string[] };
      await database.table("Notes").insert({ Id: 1, Text: "Hello", Stars: 5 });
      const [schema] = await database.getSchema();
      const table = schema.find((statement) => statement.startsWith("CREATE TABLE Notes"));
      return { statements: statements.length, table: table?.replaceAll(/\s+/g, " ") ?? null };
    },
    expected: {
      statements: 2,
      table:
        "CREATE TABLE Notes ( Id INT64 NOT NULL, Text STRING(MAX), Stars INT64, ) PRIMARY KEY(Id)",
    },
  },
  {
    name: "the operations of a database are listed",
    async tell({ database }) {
      const [operations] = await database.getOperations();
      return operations.length >= 2 && operations.every(({ done }) => done);
    },
    expected: true,
  },
  {
    name: "a change of the schema that makes no sense is refused",
    tell: ({ database }) =>
      failureOf(async () => {
        const [operation] = await database.updateSchema("DROP TABLE Nowhere");
        await operation.promise();
      }),
    expected: { code: "NOT_FOUND", text: "Table not found: Nowhere", isPrompt: true },
  },
  {
    name: "statements before one that is refused stay in the schema",
    async tell({ database }) {
      const [operation] = await database.updateSchema([
        "CREATE TABLE Drafts (Id INT64 NOT NULL) PRIMARY KEY (Id)",
        "CREATE TABLE Singers (Id INT64 NOT NULL) PRIMARY KEY (Id)",
      ]);
      const refusal = (await failureOf(() => operation.promise())) as { code: string };
      const [schema] = await database.getSchema();
      const tables = schema.filter((statement) => statement.startsWith("CREATE TABLE Drafts"));
      return { refusal: refusal.code, tables: tables.length };
    },
    expected: { refusal: "FAILED_PRECONDITION", tables: 1 },
  },
  {
    name: "an instance takes a new display name and labels",
    async tell({ instance }) {
      const [operation] = await instance.setMetadata({
        displayName: "Renamed",
        labels: { env: "compat" },
      });
      await operation.promise();
      const [{ displayName, labels }] = await instance.getMetadata();
      return { displayName: displayName ?? null, labels: labels ?? null };
    },
    expected: { displayName: "Renamed", labels: { env: "compat" } },
  },
  {
    name: "a database that is protected cannot be dropped until it no longer is",
    async tell({ instance }) {
      const [database, creation] = await instance.createDatabase("protected");
      await creation.promise();
      const protect = async (enableDropProtection: boolean): Promise<void> => {
        const [operation] = await database.setMetadata({ enableDropProtection });
        await operation.promise();
      };
      await protect(true);
      const refusal = (await failureOf(() => database.delete())) as { code: string };
      await protect(false);
      await database.delete();
      return refusal.code;
    },
    expected: "FAILED_PRECONDITION",
  },
  {
    name: "a second database of the same name is refused",
    async tell({ instance, database }) {
      const id = database.id ?? "";
      const failure = await failureOf(() => instance.createDatabase(id));
      return (failure as { code: string }).code;
    },
    expected: "ALREADY_EXISTS",
  },
  {
    name: "a database that was dropped is gone",
    async tell({ instance }) {
      const [database, operation] = await instance.createDatabase("short-lived");
      await operation.promise();
      const before = await database.exists();
      await database.delete();
      const after = await instance.database("short-lived").exists();
      return [...before, ...after];
    },
    expected: [true, false],
  },
  {
    name: "an instance that was deleted is gone",
    async tell({ spanner }) {
      const [instance, operation] = await spanner.createInstance("short-lived", {
        config: "emulator-config",
        nodes: 1,
        displayName: "Short lived",
      });
      await operation.promise();
      await instance.delete();
      const [exists] = await spanner.instance("short-lived").exists();
      return exists;
    },
    expected: false,
  },
];
