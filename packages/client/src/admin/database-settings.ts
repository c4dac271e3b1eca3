// SPDX-License-Identifier: Apache-2.0
import type { CreateDatabaseRequest, EncryptionConfig } from "@spandrel/protocol/admin";
import type { OperationOptions } from "../call/caller.ts";
import { createDatabaseAmongStatements } from "../errors/admin.ts";
import { adminMethods } from "./admin-methods.ts";

/** What a database may be made with. */
export interface DatabaseSettings {
  /** DDL that is run when the database is created, without CREATE DATABASE. Default none. */
  readonly ddlStatements?: readonly string[] | undefined;
  /** Default GOOGLE_STANDARD_SQL. */
  readonly databaseDialect?: "GOOGLE_STANDARD_SQL" | "POSTGRESQL" | undefined;
  readonly encryptionConfig?: EncryptionConfig | undefined;
  readonly protoDescriptors?: Uint8Array | undefined;
}

/** How a schema is changed. */
export interface UpdateDdlOptions extends OperationOptions {
  /** A name for the operation; with one, the call is safe to repeat. Default: the server's choice. */
  readonly operationId?: string | undefined;
  readonly protoDescriptors?: Uint8Array | undefined;
}

/** How a list is asked for. */
export interface ListOptions extends OperationOptions {
  /** Elements per call. Default: the server's. */
  readonly pageSize?: number | undefined;
  /** A condition in the service's own language. Default: everything. */
  readonly filter?: string | undefined;
}

/** The request that creates a database of an instance. */
export async function createDatabaseRequest(
  parent: string,
  id: string,
  settings: DatabaseSettings,
): Promise<CreateDatabaseRequest> {
  const { ddlStatements = [], databaseDialect, encryptionConfig, protoDescriptors } = settings;
  if (ddlStatements.some((statement) => /create\s+database/i.test(statement)))
    throw createDatabaseAmongStatements();
  const { messages } = await adminMethods();
  return {
    parent,
    createStatement: createStatement(id, databaseDialect),
    extraStatements: [...ddlStatements],
    ...(databaseDialect && { databaseDialect: messages.DatabaseDialect[databaseDialect] }),
    ...(encryptionConfig && { encryptionConfig }),
    ...(protoDescriptors && { protoDescriptors }),
  };
}

/** A database's id may hold a hyphen, so it is quoted, as its dialect quotes. */
function createStatement(database: string, dialect = "GOOGLE_STANDARD_SQL"): string {
  const quote = dialect === "POSTGRESQL" ? '"' : "`";
  return `CREATE DATABASE ${quote}${database}${quote}`;
}
