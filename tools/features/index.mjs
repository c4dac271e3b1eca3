// SPDX-License-Identifier: Apache-2.0
// All areas, in the order in which docs/compat.md tells them.
import { client } from "./client.mjs";
import { durability, limits, partitions, streams } from "./reading.mjs";
import { schema } from "./schema.mjs";
import { admin, protocol } from "./service.mjs";
import { sessions } from "./sessions.mjs";
import { dml, functionsAndTypes, information, planning, queries } from "./sql.mjs";
import { locks, time, transactions } from "./transactions.mjs";

export const areas = [
  sessions,
  transactions,
  locks,
  time,
  streams,
  partitions,
  limits,
  durability,
  queries,
  functionsAndTypes,
  dml,
  schema,
  information,
  planning,
  admin,
  protocol,
  client,
];
