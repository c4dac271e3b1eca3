// SPDX-License-Identifier: Apache-2.0
// One run: cases by seed, put to both engines, compared, explained or shrunk.
import { type Answer, compareAnswers, kindOf } from "./answer.ts";
import { notCompared } from "./call.ts";
import { readCatalog, type Signature } from "./catalog.ts";
import { Chance } from "./chance.ts";
import { type Engine, startOracle, startOurs } from "./engine.ts";
import { explain } from "./explained.ts";
import { ExpressionMaker } from "./expression.ts";
import { type Piece, piece, print } from "./node.ts";
import { QueryMaker } from "./query.ts";
import { insideOf, shrink } from "./shrink.ts";
import { makeTables } from "./tables.ts";

/** What a run is asked for. */
export interface RunOptions {
  readonly seed: number;
  readonly count: number;
  /** The folder of the engine to compare with. */
  readonly oracle: string;
  readonly port: number;
}

/** A difference nobody has explained. */
export interface Difference {
  readonly number: number;
  readonly sql: string;
  readonly shrunk: string;
  readonly how: string;
  readonly ours: Answer;
  readonly theirs: Answer;
}

/** What a run found. */
export interface Report {
  readonly seed: number;
  readonly cases: number;
  /** Both gave the same rows. */
  readonly agreed: number;
  /** Both failed in the same phase. */
  readonly failedAlike: number;
  /** What they failed with, by the beginning of our message. */
  readonly failures: ReadonlyMap<string, number>;
  readonly explained: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
  /** Functions that the other engine has, and those that both gave a value of. */
  readonly functions: readonly string[];
  readonly used: ReadonlySet<string>;
  readonly unknown: readonly string[];
}

/** Runs the cases of one seed. */
export async function run(options: RunOptions): Promise<Report> {
  const chance = new Chance(options.seed);
  const tables = makeTables(chance);
  const ours = await startOurs(tables);
  const theirs = await startOracle(options.oracle, options.port, tables);
  try {
    const catalog = readCatalog();
    const unknown = await unknownTo(theirs, catalog);
    const known = catalog.filter(({ name, parameters, result }) => {
      const types = [result, ...parameters.map(({ type }) => type)].join();
      return !unknown.includes(name) && !/FLOAT32|UUID/.test(types);
    });
    return await new Run(options, { ours, theirs, known, unknown }).all(tables);
  } finally {
    theirs.close();
    ours.close();
  }
}

/** Functions that the other engine has never heard of. */
async function unknownTo(
  engine: Engine,
  catalog: readonly Signature[],
): Promise<readonly string[]> {
  const names = [...new Set(catalog.map(({ name }) => name))];
  const unknown: string[] = [];
  for (const name of names) {
    const answer = await engine.ask({ sql: `SELECT ${name}()`, parameters: new Map() });
    if (answer.kind === "error" && /Function not found|Unsupported/.test(answer.message)) {
      unknown.push(name);
    }
  }
  return unknown;
}

interface Sides {
  readonly ours: Engine;
  readonly theirs: Engine;
  readonly known: readonly Signature[];
  readonly unknown: readonly string[];
}

class Run {
  readonly #options: RunOptions;
  readonly #sides: Sides;
  readonly #explained = new Map<string, number>();
  readonly #differences: Difference[] = [];
  readonly #used = new Set<string>();
  readonly #failures = new Map<string, number>();
  #agreed = 0;
  #failedAlike = 0;

  constructor(options: RunOptions, sides: Sides) {
    this.#options = options;
    this.#sides = sides;
  }

  async all(tables: ReturnType<typeof makeTables>): Promise<Report> {
    const { seed, count } = this.#options;
    const calls = new Map<Signature, number>();
    for (let number = 0; number < count; number++) {
      const own = new Chance(seed * 1_000_003 + number);
      const maker = new ExpressionMaker(own, this.#sides.known, calls, own.happens(0.05));
      const queries = new QueryMaker(maker, tables, this.#sides.known);
      const { text, isOrdered } = own.happens(0.5) ? queries.expression() : queries.query();
      await this.#judge(number, text, isOrdered, maker);
    }
    const names = this.#sides.known
      .map(({ name }) => name)
      .filter((name) => !notCompared.has(name));
    return {
      seed,
      cases: count,
      agreed: this.#agreed,
      failedAlike: this.#failedAlike,
      failures: this.#failures,
      explained: this.#explained,
      differences: this.#differences,
      functions: [...new Set(names)],
      used: this.#used,
      unknown: this.#sides.unknown,
    };
  }

  async #judge(
    number: number,
    text: Piece,
    isOrdered: boolean,
    { parameters, used }: ExpressionMaker,
  ): Promise<void> {
    const ask = async (asked: Piece): Promise<readonly [Answer, Answer]> => {
      const sql = print(asked);
      const given = new Map([...parameters].filter(([name]) => sql.includes(`@${name}`)));
      const statement = { sql, parameters: given };
      return Promise.all([this.#sides.ours.ask(statement), this.#sides.theirs.ask(statement)]);
    };
    const [ours, theirs] = await ask(text);
    const how = compareAnswers(ours, theirs, isOrdered);
    if (how === undefined) {
      if (ours.kind === "error") {
        this.#failedAlike++;
        const stem = ours.message.replace(/[:'"([].*/s, "").slice(0, 50);
        this.#failures.set(stem, (this.#failures.get(stem) ?? 0) + 1);
      } else {
        this.#agreed++;
        for (const each of used) this.#used.add(each);
      }
      return;
    }
    const reason = explain(print(text), ours, theirs);
    if (reason !== undefined) {
      this.#explained.set(reason, (this.#explained.get(reason) ?? 0) + 1);
      return;
    }
    const kinds = `${kindOf(ours)}/${kindOf(theirs)}`;
    const shrunk = await shrink(text, async (candidate) => {
      const [left, right] = await ask(candidate);
      return (
        `${kindOf(left)}/${kindOf(right)}` === kinds &&
        compareAnswers(left, right, isOrdered) !== undefined &&
        explain(print(candidate), left, right) === undefined
      );
    });
    const [left, right] = await ask(shrunk);
    if (await this.#isOfNoRow(shrunk, ask, left, right)) {
      const unevaluated = "what fails is evaluated for rows that the other side drops first";
      this.#explained.set(unevaluated, (this.#explained.get(unevaluated) ?? 0) + 1);
      return;
    }
    this.#differences.push({
      number,
      sql: print(text),
      shrunk: print(shrunk),
      how: compareAnswers(left, right, isOrdered) ?? how,
      ours: left,
      theirs: right,
    });
  }

  /**
   * Whether only one side evaluated what fails: then a piece of the statement fails on both sides
   * when it is asked for alone. The order of filters, joins and lists is open in SQL.
   */
  async #isOfNoRow(
    text: Piece,
    ask: (asked: Piece) => Promise<readonly [Answer, Answer]>,
    ours: Answer,
    theirs: Answer,
  ): Promise<boolean> {
    const failed = [ours, theirs].filter(({ kind }) => kind === "error");
    const hasRows = /\b(?:FROM|WHERE|HAVING|AND|OR|IN)\b/.test(print(text));
    if (!hasRows || failed.length !== 1 || !failed.every(isEvaluation)) return false;
    for (const inside of insideOf(text)) {
      const isAsked = /^[A-Z]/.test(inside.type)
        ? /[([]/.test(print(inside))
        : inside.type === "query";
      if (!isAsked) continue;
      const [left, right] = await ask(alone(inside, text));
      if (isEvaluation(left) && isEvaluation(right)) return true;
    }
    return false;
  }
}

/** An expression, or a query, over whole tables: without the filters and joins around it. */
function alone(inside: Piece, whole: Piece): Piece {
  if (inside.type === "query") return inside;
  const names = new Set(print(inside).match(/\bo?t\d+\b/g) ?? []);
  const items = [...insideOf(whole)].flatMap((each) => {
    const text = print(each);
    const name = /^(?:\w+|UNNEST\(.*\)|\(.*\)) AS (t\d+)(?: WITH OFFSET AS ot\d+)?$/.exec(
      text,
    )?.[1];
    const isOne = each.type === "item" && name !== undefined && !/ JOIN | , /.test(text);
    return isOne && (names.has(name) || names.has(`o${name}`)) ? [text] : [];
  });
  const isAggregate = /^(?:SUM|AVG|MIN|MAX|ANY_VALUE|ARRAY_AGG|STRING_AGG)\(/.test(print(inside));
  const first = isAggregate ? (/\b(?:Wide|Pairs) AS t\d+/.exec(print(whole)) ?? []) : [];
  const read = items.length === 0 ? first : new Set(items);
  const from = [...read].join(", ");
  return piece("query", "SELECT ", inside, from === "" ? "" : ` FROM ${from}`);
}

function isEvaluation(answer: Answer): boolean {
  return answer.kind === "error" && answer.phase === "evaluation";
}
