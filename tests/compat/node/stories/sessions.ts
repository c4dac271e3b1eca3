// SPDX-License-Identifier: Apache-2.0
// Which sessions the stories so far needed, and what a program can do with sessions itself.
import { failureOf, type Story } from "../story.ts";

export const sessionStories: readonly Story[] = [
  {
    name: "the pool's sessions are listed, the multiplexed one is not",
    async tell({ database }) {
      const [sessions] = await database.getSessions();
      return sessions.length > 0;
    },
    expected: ({ isMultiplexed }) => !isMultiplexed,
  },
  {
    name: "a session with labels is created, found by them, kept alive and deleted",
    async tell({ database }) {
      const [session] = await database.createSession({ labels: { env: "compat" } });
      await session.keepAlive();
      const [found] = await database.getSessions({ filter: "labels.env:compat" });
      const { labels } = session.metadata as { labels: Record<string, string> };
      await session.delete();
      const gone = (await failureOf(() => session.keepAlive())) as { code: string };
      return { found: found.length, labels, gone: gone.code };
    },
    expected: { found: 1, labels: { env: "compat" }, gone: "NOT_FOUND" },
  },
  {
    name: "sessions are created a hundred at a time",
    async tell({ database }) {
      const [sessions] = await database.batchCreateSessions({
        count: 100,
        labels: { env: "many" },
      });
      const [listed] = await database.getSessions({ filter: "labels.env:many" });
      await Promise.all(sessions.map((session) => session.delete()));
      return { created: sessions.length, listed: listed.length };
    },
    expected: { created: 100, listed: 100 },
  },
];
