// SPDX-License-Identifier: Apache-2.0
// The data door: the messages and the service that a program needs to read and write rows.
// Administration stands behind `@spandrel/protocol/admin`, which data-only programs never load, and
// the descriptor set behind `@spandrel/protocol/descriptors`. All is generated from Google's .proto
// files by `npm run generate`; nothing under gen/ is edited by hand.
export * from "./gen/data.ts";
