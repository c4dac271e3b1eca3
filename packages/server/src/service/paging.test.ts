// SPDX-License-Identifier: Apache-2.0
// Lists by pages: whatever their size, and whatever comes and goes between two of them, no item
// that was there all the time is left out, and none comes twice.
import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "@spandrel/base";
import { VirtualClock } from "@spandrel/testkit";
import fc from "fast-check";
import { documentedLimits } from "../limits/limits.ts";
import { pageOf } from "./paging.ts";
import { type Page, Sessions } from "./sessions.ts";

const database = "projects/p/instances/i/databases/d";

/** Between two pages, some items go (by their places) and some come. */
const change = fc.record({
  pageSize: fc.integer({ min: 1, max: 4 }),
  gone: fc.array(fc.nat({ max: 11 }), { maxLength: 3 }),
  come: fc.nat({ max: 2 }),
});
const changes = fc.array(change, { minLength: 1 });

interface Pages {
  page(size: number, token: string): Page<{ readonly name: string }>;
  add(): string;
  remove(name: string): void;
}

function readAll(
  pages: Pages,
  steps: readonly (typeof change extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const stayed = new Set(Array.from({ length: 12 }, () => pages.add()));
  const names = [...stayed];
  const found: string[] = [];
  let token = "";
  for (let count = 0; count === 0 || token !== ""; count++) {
    const { pageSize, gone, come } = steps[count % steps.length] as (typeof steps)[number];
    const { items, nextPageToken } = pages.page(pageSize, token);
    assert.ok(items.length <= pageSize);
    found.push(...items.map(({ name }) => name));
    for (const place of gone) {
      const name = names[place] ?? "";
      if (stayed.delete(name)) pages.remove(name);
    }
    for (let added = 0; added < come && count < 6; added++) pages.add();
    token = nextPageToken;
  }
  assert.equal(new Set(found).size, found.length, "none comes twice");
  for (const name of stayed) assert.ok(found.includes(name), "none is left out");
}

test("sessions are listed whole while others come and go, all in one moment", () => {
  fc.assert(
    fc.property(changes, (steps) => {
      const sessions = new Sessions({
        clock: new VirtualClock(),
        random: seededRandom(1),
        limits: documentedLimits,
      });
      const template = { labels: {}, creatorRole: "", isMultiplexed: false };
      const pages: Pages = {
        page: (size, token) => sessions.list(database, "", size, token),
        add: () => sessions.create(database, template).name,
        remove: (name) => sessions.delete(name),
      };
      readAll(pages, steps);
    }),
  );
});

test("instances and databases are listed whole while others come and go", () => {
  fc.assert(
    fc.property(changes, fc.integer(), (steps, seed) => {
      const random = seededRandom(seed);
      const names = new Set<string>();
      const pages: Pages = {
        page: (size, token) => {
          const items = [...names].toSorted().map((name) => ({ name }));
          return pageOf(items, size, token);
        },
        add: () => {
          const name = `projects/p/instances/i-${random.next()}`;
          names.add(name);
          return name;
        },
        remove: (name) => names.delete(name),
      };
      readAll(pages, steps);
    }),
  );
});
