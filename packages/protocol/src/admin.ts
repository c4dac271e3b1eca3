// SPDX-License-Identifier: Apache-2.0
// The administration door: instances, databases, backups, long-running operations and policies.
export * from "./gen/admin.ts";
