// SPDX-License-Identifier: Apache-2.0
// The two engines behind one interface: our server, asked through its own protocol, and another
// engine of GoogleSQL, whose client a folder outside of the repository holds.
import { pathToFileURL } from "node:url";
import { Code, StatusError } from "@spandrel/base";
import { printType, typeFromProto } from "@spandrel/model";
import { TrialServer } from "../conformance/trial-server.ts";
import type { Answer } from "./answer.ts";
import { parseColumnType } from "./column-type.ts";
import { moreFeatures } from "./features.ts";
import type { GivenParameter } from "./literal.ts";
import type { Cell, Table } from "./tables.ts";

/** A statement and its parameters. */
export interface Asked {
  readonly sql: string;
  readonly parameters: ReadonlyMap<string, GivenParameter>;
}

/** Answers statements over the tables that it was given. */
export interface Engine {
  ask(asked: Asked): Promise<Answer>;
  close(): void;
}

/** Our engine. */
export async function startOurs(tables: readonly Table[]): Promise<Engine> {
  const server = await TrialServer.start();
  const database = await server.newDatabase();
  for (const { name, ddl, columns, rows } of tables) {
    await database.change(ddl);
    await database.load(
      name,
      columns.map((column) => column.name),
      rows,
    );
  }
  return {
    close: () => {},
    ask: async ({ sql, parameters }) => {
      const typed = [...parameters].map(
        ([name, { type, value }]) => [name, { type: parseColumnType(type), value }] as const,
      );
      try {
        const { metadata, rows = [] } = await database.query({ sql, parameters: new Map(typed) });
        const fields = metadata?.rowType?.fields ?? [];
        const types = fields.map(({ type }) => {
          const found = typeFromProto(type ?? {});
          return found === undefined ? "unknown" : printType(found);
        });
        // The rows of a ResultSet are values of the wire by the protocol's definition.
        return { kind: "rows", types, rows: rows as readonly (readonly Cell[])[] };
      } catch (thrown) {
        const { code, message } = StatusError.from(thrown);
        const phase =
          code === Code.OUT_OF_RANGE
            ? "evaluation"
            : code === Code.INVALID_ARGUMENT || code === Code.UNIMPLEMENTED
              ? "analysis"
              : "other";
        return { kind: "error", phase, message };
      }
    },
  };
}

/** What the folder's client has, as far as it is used here. */
interface OracleModule {
  readonly Oracle: {
    start(options: { readonly port: number }): Promise<OracleClient>;
  };
}

interface OracleClient {
  /** The features of the language that are on. */
  readonly features: { readonly spanner: string[] };
  query(
    sql: string,
    options: { readonly tables: readonly unknown[]; readonly params: readonly unknown[] },
  ): Promise<{
    readonly columns: readonly { readonly type: string }[];
    readonly rows: readonly (readonly Cell[])[];
  }>;
  /** How it asks; the last argument is the time that an answer may take, in milliseconds. */
  call(method: string, request: unknown, millis?: number): Promise<unknown>;
  stop(): void;
}

/** Some calculations of the other engine take forever. */
const ASK_MILLIS_MAX = 3_000;

/** The engine to compare with. It listens on loopback as long as it is used. */
export async function startOracle(
  folder: string,
  port: number,
  tables: readonly Table[],
): Promise<Engine> {
  const module = (await import(`${pathToFileURL(folder).href}/oracle.mjs`)) as OracleModule;
  const start = async (): Promise<OracleClient> => {
    const started = await module.Oracle.start({ port });
    const call = started.call.bind(started);
    started.call = (method, request) => call(method, request, ASK_MILLIS_MAX);
    started.features.spanner.push(...moreFeatures);
    return started;
  };
  let client = await start();
  const fixtures = tables.map(({ name, columns, rows }) => ({ name, columns, rows }));
  return {
    close: () => client.stop(),
    ask: async ({ sql, parameters }) => {
      const params = [...parameters].map(([name, { type, value }]) => ({ name, type, value }));
      try {
        // Rows that a statement does not read would only travel.
        const read = fixtures.filter(({ name }) => sql.includes(name));
        const { columns, rows } = await client.query(sql, { tables: read, params });
        return { kind: "rows", types: columns.map(({ type }) => type), rows };
      } catch (thrown) {
        const { code, message } = thrown as { readonly code?: number; readonly message: string };
        const phase =
          code === Code.OUT_OF_RANGE
            ? "evaluation"
            : code === Code.INVALID_ARGUMENT || code === Code.UNIMPLEMENTED
              ? "analysis"
              : "other";
        if (code === Code.UNAVAILABLE) client = await start();
        return { kind: "error", phase, message };
      }
    },
  };
}
