// SPDX-License-Identifier: Apache-2.0
// What regular and multiplexed sessions are, found out by asking a server: each line of the table is
// what the server answered just now to the same calls on one session of each kind.
import { codeName, StatusError } from "@spandrel/base";
import {
  type CommitRequest,
  type ReadRequest,
  type Session,
  SpannerDefinition,
  type TransactionSelector,
} from "@spandrel/protocol";
import { methodsOf, type Transport } from "@spandrel/rpc";

const spanner = methodsOf(SpannerDefinition);

/** One line of the comparison. */
export interface ComparedLine {
  readonly what: string;
  readonly regular: string;
  readonly multiplexed: string;
}

/** Where to look, and how to let time pass there. */
export interface ComparisonOptions {
  readonly transport: Transport;
  /** A database with a table `Notes (Id INT64 NOT NULL, Text STRING(MAX)) PRIMARY KEY (Id)`. */
  readonly database: string;
  /** Puts the server's clock forward. */
  readonly advance: (millis: number) => void | Promise<void>;
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** Asks every question of both kinds of sessions, and gives a line when both have answered. */
export async function* compareSessions(options: ComparisonOptions): AsyncIterable<ComparedLine> {
  for (const [what, ask] of questions) {
    const regular = await ask(new Asker(options, false));
    const multiplexed = await ask(new Asker(options, true));
    yield { what, regular, multiplexed };
  }
}

type Question = (asker: Asker) => Promise<string>;

const questions: readonly (readonly [string, Question])[] = [
  ["concurrent transactions", (asker) => asker.concurrentTransactions()],
  ["labels", (asker) => asker.labels()],
  ["session id", (asker) => asker.sessionId()],
  ["multiplexed in the answer", (asker) => asker.multiplexedField()],
  ["DeleteSession", (asker) => asker.deletion()],
  ["ListSessions", (asker) => asker.listing()],
  ["BatchCreateSessions", (asker) => asker.batchCreation()],
  ["after 59 minutes without use", (asker) => asker.afterIdle([59 * minute])],
  ["after 61 minutes without use", (asker) => asker.afterIdle([61 * minute])],
  ["used twice an hour for 28 days", (asker) => asker.afterIdle(hourly(28))],
  ["CreateSession answer", (asker) => asker.answerFields()],
  ["pre-commit token", (asker) => asker.precommitToken()],
  ["commit without its token", (asker) => asker.commitWithoutToken()],
  ["previous transaction id", (asker) => asker.previousTransaction()],
  ["creator_role", (asker) => asker.creatorRole()],
];

function hourly(days: number): number[] {
  return Array.from({ length: days * 48 }, () => day / 48);
}

/** Asks one kind of session. */
class Asker {
  readonly #options: ComparisonOptions;
  readonly #isMultiplexed: boolean;

  constructor(options: ComparisonOptions, isMultiplexed: boolean) {
    this.#options = options;
    this.#isMultiplexed = isMultiplexed;
  }

  async concurrentTransactions(): Promise<string> {
    const { name = "" } = await this.#create();
    const first = await this.#begin(name);
    const second = await this.#begin(name);
    const answers = [await this.#readIn(name, first), await this.#readIn(name, second)];
    return answers.every((answer) => answer === "OK")
      ? "both of two go on"
      : `the first of two: ${answers[0]}`;
  }

  async labels(): Promise<string> {
    return this.#attempt(async () => {
      const { name, labels } = await this.#create({ labels: { env: "demo", team: "maps" } });
      const { sessions } = await this.#unary(spanner.listSessions, {
        database: this.#options.database,
        filter: "labels.env:demo",
      });
      const isFound = sessions?.some((session) => session.name === name);
      return `stored ${JSON.stringify(labels)}, ${isFound ? "found by filter" : "not found by filter"}`;
    });
  }

  async sessionId(): Promise<string> {
    const { name = "" } = await this.#create();
    const id = name.slice(name.lastIndexOf("/") + 1);
    return `${id.length} characters, ${/^[\w-]+$/.test(id) ? "URL-safe" : "not URL-safe"}`;
  }

  async multiplexedField(): Promise<string> {
    const { multiplexed } = await this.#create();
    return multiplexed === true ? "true" : "absent";
  }

  async deletion(): Promise<string> {
    const { name = "" } = await this.#create();
    const deleted = await this.#attempt(async () => {
      await this.#unary(spanner.deleteSession, { name });
      return "OK";
    });
    return `${deleted}; then ${await this.#isThere(name)}`;
  }

  async listing(): Promise<string> {
    const { name } = await this.#create();
    const { database } = this.#options;
    let pages = 0;
    let isListed = false;
    for (let pageToken = ""; pages === 0 || pageToken !== ""; pages++) {
      const page = await this.#unary(spanner.listSessions, { database, pageSize: 2, pageToken });
      isListed ||= (page.sessions ?? []).some((session) => session.name === name);
      pageToken = page.nextPageToken ?? "";
    }
    return isListed ? "listed, page by page" : "not listed";
  }

  async batchCreation(): Promise<string> {
    return this.#attempt(async () => {
      const { session } = await this.#unary(spanner.batchCreateSessions, {
        database: this.#options.database,
        sessionCount: 1_000,
        sessionTemplate: { multiplexed: this.#isMultiplexed },
      });
      return `${session?.length} a call`;
    });
  }

  async afterIdle(waits: readonly number[]): Promise<string> {
    const { name = "" } = await this.#create();
    for (const [index, millis] of waits.entries()) {
      await this.#options.advance(millis);
      const isThere = await this.#isThere(name);
      if (isThere !== "still there")
        return index === waits.length - 1 ? isThere : `${isThere} before`;
    }
    return "still there";
  }

  async answerFields(): Promise<string> {
    const session = await this.#create({}, this.#isMultiplexed ? {} : { env: "demo" });
    const isGiven = ([, value]: [string, unknown]) =>
      value !== undefined &&
      value !== "" &&
      value !== false &&
      Object.keys(Object(value)).length !== 0;
    const scalar = ([, value]: [string, unknown]) => value === true;
    return Object.entries(session)
      .filter((entry) => isGiven(entry) || scalar(entry))
      .map(([field]) => field)
      .join(", ");
  }

  async precommitToken(): Promise<string> {
    const { name: session = "" } = await this.#create();
    const request = this.#readRequest(session, begin);
    const seqNums: (number | undefined)[] = [];
    const first = await this.#unary(spanner.read, request);
    seqNums.push(first.precommitToken?.seqNum);
    const id = first.metadata?.transaction?.id ?? new Uint8Array();
    const again = await this.#unary(spanner.read, this.#readRequest(session, selectorOf(id)));
    seqNums.push(again.precommitToken?.seqNum);
    const token = again.precommitToken;
    const commit = await this.#attempt(async () => {
      await this.#unary(spanner.commit, {
        session,
        transaction: { $case: "transactionId", transactionId: id },
        ...(token === undefined ? {} : { precommitToken: token }),
      });
      return "commit OK";
    });
    const seen = seqNums.every((seqNum) => seqNum === undefined)
      ? "none"
      : `seq_num ${seqNums.join(", ")}`;
    return `${seen}; ${commit}`;
  }

  async commitWithoutToken(): Promise<string> {
    const { name: session = "" } = await this.#create();
    const first = await this.#unary(spanner.read, this.#readRequest(session, begin));
    const transactionId = first.metadata?.transaction?.id ?? new Uint8Array();
    return this.#attempt(async () => {
      const request: CommitRequest = {
        session,
        transaction: { $case: "transactionId", transactionId },
      };
      await this.#unary(spanner.commit, request);
      return "OK";
    });
  }

  async previousTransaction(): Promise<string> {
    const { name: session = "" } = await this.#create();
    const previous = await this.#begin(session);
    return this.#attempt(async () => {
      const readWrite = { multiplexedSessionPreviousTransactionId: previous };
      await this.#unary(spanner.beginTransaction, {
        session,
        options: { mode: { $case: "readWrite", readWrite } },
      });
      return "accepted";
    });
  }

  async creatorRole(): Promise<string> {
    const { name = "" } = await this.#create({ creatorRole: "reader" });
    const session = await this.#unary(spanner.getSession, { name });
    return session.creatorRole === "reader" ? "kept" : "not kept";
  }

  #unary: Transport["unary"] = (method, request, options) =>
    this.#options.transport.unary(method, request, options);

  #create(template: Session = {}, labels?: Record<string, string>): Promise<Session> {
    const session: Session = { ...template, ...(labels === undefined ? {} : { labels }) };
    if (this.#isMultiplexed) session.multiplexed = true;
    return this.#unary(spanner.createSession, { database: this.#options.database, session });
  }

  async #begin(session: string): Promise<Uint8Array> {
    const { id } = await this.#unary(spanner.beginTransaction, {
      session,
      options: { mode: { $case: "readWrite", readWrite: {} } },
    });
    return id ?? new Uint8Array();
  }

  #readRequest(session: string, transaction: TransactionSelector): ReadRequest {
    return { session, transaction, table: "Notes", columns: ["Id"], keySet: { keys: [["1"]] } };
  }

  #readIn(session: string, id: Uint8Array): Promise<string> {
    return this.#attempt(async () => {
      await this.#unary(spanner.read, this.#readRequest(session, selectorOf(id)));
      return "OK";
    });
  }

  async #isThere(name: string): Promise<string> {
    const answer = await this.#attempt(async () => {
      await this.#unary(spanner.getSession, { name });
      return "still there";
    });
    return answer.startsWith("NOT_FOUND") ? "gone" : answer;
  }

  async #attempt(work: () => Promise<string>): Promise<string> {
    try {
      return await work();
    } catch (thrown) {
      const error = StatusError.from(thrown);
      return `${codeName(error.code)} ${error.message}`;
    }
  }
}

const begin: TransactionSelector = {
  selector: { $case: "begin", begin: { mode: { $case: "readWrite", readWrite: {} } } },
};

function selectorOf(id: Uint8Array): TransactionSelector {
  return { selector: { $case: "id", id } };
}
