// SPDX-License-Identifier: Apache-2.0
// The second door, `@spandrel/client/admin`: the messages and enums of the administration services, for
// those who call `client.databaseAdmin` and `client.instanceAdmin`. They are apart since they are large,
// and most programs never need them.
export * from "@spandrel/protocol/admin";
