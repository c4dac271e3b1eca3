// SPDX-License-Identifier: Apache-2.0
import { feature, missing, partly, stories, tests } from "./feature.mjs";

const rest = (...titles) => tests("packages/rpc/src/rest/rest.test.ts", ...titles);
const bad = (...titles) => tests("tests/bad-input/bad-input.test.ts", ...titles);
const interop = (...titles) => tests("packages/rpc/src/http2/interop.test.ts", ...titles);
const backups = (...titles) => tests("tests/admin/backups.test.ts", ...titles);
const administration = (...titles) => tests("tests/admin/administration.test.ts", ...titles);

export const admin = {
  title: "Administration",
  features: [
    feature(
      "instances: created, listed, changed, deleted",
      "create-manage-instances",
      tests(
        "packages/client/src/database/administration.test.ts",
        "an instance is created, found, changed, listed and deleted",
      ),
      stories("admin", "an instance takes a new display name and labels"),
    ),
    feature(
      "databases: created with their schema, described, dropped, protected",
      "create-manage-databases",
      tests(
        "packages/client/src/database/administration.test.ts",
        "a database is created with its statements, and its schema changed",
      ),
      stories(
        "admin",
        "the database is listed and described",
        "a database that is protected cannot be dropped until it no longer is",
      ),
    ),
    feature(
      "long-running operations: waited for, listed, cancelled",
      "manage-long-running-operations",
      stories(
        "admin",
        "a change of the schema is an operation that can be waited for, and shows in the schema",
        "the operations of a database are listed",
      ),
    ),
    feature(
      "bad names and sizes are refused",
      "create-manage-databases",
      bad("instances and databases with bad names or sizes are refused"),
    ),
    feature(
      "backups and restores: of the present or an earlier moment, copied, listed, expired",
      "backup",
      backups(
        "a backup holds what was there when it was made, whatever happens to the database",
        "a backup of an earlier moment holds the rows and the schema of that moment",
        "a copy lives by itself, in any instance",
        "backups are listed by name, filtered, page by page",
        "a backup that has expired is gone",
        "with a folder, backups outlive a restart, and so does what a database was restored from",
      ),
    ),
    partly(
      "backup schedules",
      "carried out by the server's clock; an incremental one makes full backups",
      "backup/create-manage-backup-schedules",
      administration("backup schedules are created, read, listed, changed and deleted"),
      tests(
        "tests/admin/schedules.test.ts",
        "a schedule makes a backup of its moment, which expires after its retention",
        "schedules of one moment share a backup, which is kept for the longest of them",
        "an incremental schedule makes backups that can be restored alone",
        "with a folder, schedules go on after a restart, and a server that is closed makes nothing",
      ),
      tests(
        "packages/server/src/instance/backup-scheduler.test.ts",
        "what cannot be made is tried again, until the window is over",
      ),
    ),
    partly(
      "IAM policies",
      "kept, but everything is permitted",
      "iam",
      administration("policies are kept, and an etag keeps two writers apart"),
    ),
    partly(
      "instance partitions",
      "kept, but everything is in one place",
      "create-manage-partitions",
      administration("instance partitions are created, changed, listed and deleted"),
    ),
    partly(
      "custom instance configurations",
      "kept, but everything is in one place",
      "create-manage-configurations",
      administration(
        "instance configurations of one's own are created, changed and deleted, those of Google are not",
      ),
    ),
    partly(
      "split points",
      "judged, but nothing is split",
      "create-manage-split-points",
      administration("split points are judged, and nothing has to be split"),
    ),
    missing("Moving instances", "move-instance", {
      but: "MoveInstance says that there is nowhere to move to",
    }),
    missing("The PostgreSQL dialect", "postgresql-interface", {
      but: "CreateDatabase refuses it",
    }),
    missing("Databases larger than memory, and more than one machine", "overview"),
  ],
};

export const protocol = {
  title: "gRPC and REST",
  features: [
    feature(
      "gRPC, both ways against another implementation",
      "reference/rpc",
      interop(
        "an answer comes with its headers and trailers",
        "a deadline ends the handler's work too",
        "a cancel in mid-stream ends the handler's generator",
      ),
    ),
    feature(
      "REST with Google's transcoding, streams and errors",
      "reference/rest",
      rest(
        "a GET names its message by the path, and the answer is proto3 JSON",
        "a stream is an array, and an error after its first message is its last element",
        "errors have Google's envelope",
      ),
      bad("REST says what is wrong with a body, a URL or a method in Google's envelope"),
    ),
    feature(
      "one port for all",
      "reference/rpc",
      tests(
        "packages/rpc/src/http2/listener.test.ts",
        "one port answers gRPC, HTTP/1.1, and HTTP/2 that is not gRPC",
      ),
    ),
    feature(
      "what is not served says so by name",
      "reference/rpc",
      bad("methods that are not served are UNIMPLEMENTED, with their names"),
    ),
    feature(
      "the command: ports, signals, exit codes",
      "emulator",
      tests(
        "tests/cli/start.test.ts",
        "start prints its real ports, answers on both, and ends with 0 when told to",
      ),
    ),
    feature(
      "Google's client for Node works unchanged",
      "reference/libraries",
      tests(
        "tests/compat/node/official-client.test.ts",
        "Google's client for Node works unchanged with …",
      ),
    ),
    partly(
      "Google's client for Python",
      "a check of its own, `npm run compat:python`",
      "reference/libraries",
      [{ file: "tests/compat/python/exercise.py" }],
    ),
  ],
};
