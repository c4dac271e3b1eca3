// SPDX-License-Identifier: Apache-2.0
// An ordered map whose forks cost nothing. It knows no SQL and no timestamps.
export { type Entry, OrderedTree } from "./ordered-tree.ts";
