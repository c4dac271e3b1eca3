// SPDX-License-Identifier: Apache-2.0
// All stories, in the order in which they are told.
import type { Story } from "../story.ts";
import { adminStories } from "./admin.ts";
import { errorStories } from "./errors.ts";
import { mutationStories } from "./mutations.ts";
import { partitionStories } from "./partitions.ts";
import { queryStories } from "./queries.ts";
import { sessionStories } from "./sessions.ts";
import { snapshotStories } from "./snapshots.ts";
import { transactionStories } from "./transactions.ts";
import { valueStories } from "./values.ts";

export const stories: readonly Story[] = [
  ...mutationStories,
  ...queryStories,
  ...valueStories,
  ...snapshotStories,
  ...transactionStories,
  ...partitionStories,
  ...errorStories,
  ...sessionStories,
  ...adminStories,
];
