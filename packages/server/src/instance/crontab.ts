// SPDX-License-Identifier: Apache-2.0
// When a crontab says that something is due: minute, hour, day of the month, month, day of the week, all
// in UTC. Each field is `*`, a number, a range `2-6` or a list of these; `*/4` and `2-20/4` take every
// fourth one, and `2/12` every twelfth from 2 on. When both kinds of days are given, either will do.
// https://cloud.google.com/spanner/docs/reference/rpc/google.spanner.admin.database.v1#crontabspec
import { civilFromDays } from "@spandrel/model";

/** Which minutes, hours and days are meant; each list in order. */
export interface Crontab {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly daysOfMonth: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  /** 0 is Sunday. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Whether a day has to be named by both of its fields, as it has when one of them is `*`. */
  readonly needsBoth: boolean;
}

/** The moments of a crontab are looked for over so many days: eight years may pass without February 29. */
const daysAhead = 366 * 8 + 2;
const dayMillis = 86_400_000;

/** A crontab; undefined when the text is none. */
export function parseCrontab(text: string): Crontab | undefined {
  const fields = text.trim().split(/\s+/);
  const [minutes, hours, daysOfMonth, months, daysOfWeek] = [
    numbersOf(fields[0], 0, 59),
    numbersOf(fields[1], 0, 23),
    numbersOf(fields[2], 1, 31),
    numbersOf(fields[3], 1, 12),
    numbersOf(fields[4], 0, 7),
  ];
  const isWhole = minutes && hours && daysOfMonth && months && daysOfWeek;
  if (!isWhole || fields.length !== 5) return undefined;
  return {
    minutes,
    hours,
    daysOfMonth: new Set(daysOfMonth),
    months: new Set(months),
    daysOfWeek: new Set(daysOfWeek.map((each) => each % 7)),
    needsBoth: fields[2]?.startsWith("*") === true || fields[4]?.startsWith("*") === true,
  };
}

function numbersOf(field = "", least: number, most: number): readonly number[] | undefined {
  const numbers = new Set<number>();
  for (const part of field.split(",")) {
    const found = /^(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(part);
    if (found === null) return undefined;
    const [, first, last, step] = found;
    const from = Number(first ?? least);
    const isOne = first !== undefined && last === undefined && step === undefined;
    const to = isOne ? from : Number(last ?? most);
    const by = Number(step ?? 1);
    if (from < least || to > most || from > to || by < 1) return undefined;
    for (let number = from; number <= to; number += by) numbers.add(number);
  }
  return [...numbers].sort((left, right) => left - right);
}

/** The moments of a crontab after a moment, in milliseconds since the Unix epoch. */
export function* momentsAfter(crontab: Crontab, afterMillis: number): Generator<number> {
  const firstDay = Math.floor(afterMillis / dayMillis);
  for (let day = firstDay; day < firstDay + daysAhead; day++) {
    if (!isMeant(crontab, day)) continue;
    for (const hour of crontab.hours) {
      for (const minute of crontab.minutes) {
        const moment = day * dayMillis + (hour * 60 + minute) * 60_000;
        if (moment > afterMillis) yield moment;
      }
    }
  }
}

function isMeant(crontab: Crontab, day: number): boolean {
  const { daysOfMonth, months, daysOfWeek, needsBoth } = crontab;
  const { month, day: dayOfMonth } = civilFromDays(day);
  if (!months.has(month)) return false;
  const byMonth = daysOfMonth.has(dayOfMonth);
  // The first day of the epoch was a Thursday.
  const byWeek = daysOfWeek.has((((day + 4) % 7) + 7) % 7);
  return needsBoth ? byMonth && byWeek : byMonth || byWeek;
}

/** The least time between two moments of a crontab; undefined when it has no two. */
export function leastMillisBetween(crontab: Crontab): number | undefined {
  let least: number | undefined;
  let before: number | undefined;
  // Two years have every distance there is, but for a crontab that names February 29 alone.
  for (const moment of momentsAfter(crontab, 0)) {
    if (before !== undefined) least = Math.min(least ?? moment - before, moment - before);
    before = moment;
    if (moment > 2 * 366 * dayMillis && least !== undefined) break;
  }
  return least;
}
