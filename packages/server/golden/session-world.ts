// SPDX-License-Identifier: Apache-2.0
// The world of the scripts about sessions: the sessions of a server under a clock moved by hand.
//
//   create ann [kind=multiplexed] [role=r] [labels={"env":"dev"}]     use ann     delete ann
//   list [size=2] [token=next] labels.env:dev                         forget      advance 60m
//
// `token=next` is the token that the list before gave. Words stand for the names of sessions; one
// that was never created is taken as a name. Everything is in database `d`, or in the one that
// `database=` names.
import { seededRandom } from "@spandrel/base";
import { type GoldenCommand, type GoldenWorld, VirtualClock } from "@spandrel/testkit";
import { documentedLimits } from "../src/limits/limits.ts";
import { type Session, Sessions } from "../src/service/sessions.ts";
import { nanosOf, optionsOf } from "./command.ts";

/** See the top of this file. */
export class SessionWorld implements GoldenWorld {
  readonly #clock = new VirtualClock();
  readonly #sessions = new Sessions({
    clock: this.#clock,
    random: seededRandom(1),
    limits: documentedLimits,
  });
  readonly #byWord = new Map<string, Session>();
  #nextPageToken = "";

  settle(): Promise<void> {
    return this.#clock.settle();
  }

  mustEnd({ text }: GoldenCommand): boolean {
    return text.startsWith("advance ");
  }

  async run({ text }: GoldenCommand): Promise<string> {
    const { words, options } = optionsOf(text);
    const [verb, word = "", ...rest] = words.split(" ");
    const database = `projects/p/instances/i/databases/${options["database"] ?? "d"}`;
    switch (verb) {
      case "create": {
        const isMultiplexed = options["kind"] === "multiplexed";
        const labels: Record<string, string> = JSON.parse(options["labels"] ?? "{}");
        const creatorRole = options["role"] ?? "";
        const session = this.#sessions.create(database, { labels, creatorRole, isMultiplexed });
        this.#byWord.set(word, session);
        return describe(session);
      }
      case "use": {
        const session = this.#sessions.use(this.#nameOf(word));
        return `last used ${(session.lastUsedNanos - session.createdNanos) / 60_000_000_000n}m in`;
      }
      case "delete":
        this.#sessions.delete(this.#nameOf(word));
        return "deleted";
      case "forget":
        this.#sessions.forget(database);
        return "";
      case "advance":
        await this.#clock.advance(Number(nanosOf(word) / 1_000_000n));
        return "";
      case "list": {
        const { token = "", size = "0" } = options;
        const pageToken = token === "next" ? this.#nextPageToken : token;
        const filter = [word, ...rest].join(" ");
        const page = this.#sessions.list(database, filter, Number(size), pageToken);
        this.#nextPageToken = page.nextPageToken;
        const listed = page.items.map((session) => this.#wordOf(session)).join(", ");
        return `${listed || "none"}${page.nextPageToken === "" ? "" : ", and more"}`;
      }
      default:
        throw new Error(`unknown command: ${text}`);
    }
  }

  #nameOf(word: string): string {
    return this.#byWord.get(word)?.name ?? word;
  }

  #wordOf(session: Session): string {
    for (const [word, { name }] of this.#byWord) if (name === session.name) return word;
    return session.name;
  }
}

function describe({ name, labels, creatorRole, isMultiplexed }: Session): string {
  const kind = isMultiplexed ? "multiplexed" : "regular";
  const id = name.slice(name.lastIndexOf("/") + 1);
  const role = creatorRole === "" ? "" : `, role ${creatorRole}`;
  return `${kind}, ${id.length} characters, labels ${JSON.stringify(labels)}${role}`;
}
