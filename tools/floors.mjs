// SPDX-License-Identifier: Apache-2.0
// Who may import whom. This file is the truth: the checker reads it, and so do the documents.
// A package may import the packages named here; a room may import rooms on lines above its own.

export const packages = {
  base: [],
  protocol: ["base"],
  store: ["base"],
  sql: ["base"],
  model: ["base", "protocol"],
  rpc: ["base"],
  client: ["base", "protocol", "model", "rpc"],
  server: ["base", "protocol", "store", "sql", "model", "rpc"],
  cli: ["base", "protocol", "model", "sql", "rpc", "client", "server"],
  testkit: ["base", "protocol", "store", "sql", "model", "rpc"],
};

/** Rooms inside a package, lowest line first. Rooms on one line never see each other. */
export const rooms = {
  server: [
    ["errors", "limits"],
    ["keys", "locks", "functions"],
    ["mvcc", "expression"],
    ["txn", "schema"],
    ["rows"],
    ["information"],
    ["analyzer"],
    ["planner"],
    ["executor", "ddl"],
    ["database"],
    ["instance"],
    ["service"],
    ["control"],
    ["front"],
  ],
  client: [
    ["errors", "values", "retry"],
    ["call"],
    ["session", "stream", "admin"],
    ["transaction"],
    ["database"],
  ],
  sql: [["text"], ["lexer", "tree"], ["print", "parser"]],
  rpc: [["contract", "hpack"], ["grpc", "endpoint"], ["local"], ["http2", "rest", "intercept"]],
};

/** Packages that run anywhere: no Node modules in them. */
export const runsAnywhere = ["base", "protocol", "sql", "model"];
