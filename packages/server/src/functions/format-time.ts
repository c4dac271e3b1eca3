// SPDX-License-Identifier: Apache-2.0
// FORMAT_DATE and FORMAT_TIMESTAMP, PARSE_DATE and PARSE_TIMESTAMP: the elements of C's strftime with
// GoogleSQL's own. https://cloud.google.com/spanner/docs/reference/standard-sql/format-elements
import { civilFromDays, DATE, daysFromCivil, isCivilDay, STRING, TIMESTAMP } from "@spandrel/model";
import { evaluationFailed } from "../errors/query.ts";
import { isoWeekOf, weekOfYear } from "./date.ts";
import { checkTimestamp, firstOfIsoYear, isoYearOf } from "./date-arithmetic.ts";
import {
  date,
  define,
  defineInContext,
  type Overload,
  optional,
  string,
  timestamp,
} from "./signature.ts";
import {
  civilTimeAt,
  dayOfYear,
  momentOf,
  NANOS_PER_SECOND,
  offsetSecondsAt,
  weekdayOf,
} from "./time-zone.ts";
import { twoDigits, wholeMinutes } from "./timestamp-text.ts";

const weekdayNames: readonly string[] = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
];

const monthNames: readonly string[] = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** What is formatted: a civil time with its zone, which a plain date has none of. */
interface Formatted {
  readonly days: number;
  readonly nanos: bigint;
  readonly moment: bigint;
  readonly zone: string | undefined;
  readonly offsetSeconds: number;
}

const elementPattern = /%(E\*S|E(\d)S|E4Y|Ez|O?[A-Za-z%])|%$/g;

function formatTime(format: string, value: Formatted): string {
  return format.replace(elementPattern, (whole: string, element?: string, digits?: string) => {
    if (element === undefined) return whole;
    if (digits !== undefined) return secondsWith(value.nanos, Number(digits));
    return formatElement(element, value) ?? whole;
  });
}

function secondsWith(nanos: bigint, digits: number): string {
  const seconds = twoDigits(secondOf(nanos));
  const fraction = String(nanos % NANOS_PER_SECOND)
    .padStart(9, "0")
    .slice(0, digits);
  return digits === 0 ? seconds : `${seconds}.${fraction}`;
}

function hourOf(nanos: bigint): number {
  return Number(nanos / 3_600_000_000_000n);
}

function minuteOf(nanos: bigint): number {
  return Number((nanos / 60_000_000_000n) % 60n);
}

function secondOf(nanos: bigint): number {
  return Number((nanos / NANOS_PER_SECOND) % 60n);
}

function spaced(value: number): string {
  return String(value).padStart(2, " ");
}

/** The text of one element; undefined when there is no such element. */
function formatElement(element: string, value: Formatted): string | undefined {
  const { days, nanos } = value;
  const { year, month, day } = civilFromDays(days);
  const hour = hourOf(nanos);
  const again = (format: string): string => formatTime(format, value);
  switch (element) {
    case "A":
      return weekdayNames[weekdayOf(days)];
    case "a":
      return weekdayNames[weekdayOf(days)]?.slice(0, 3);
    case "B":
      return monthNames[month - 1];
    case "b":
    case "h":
      return monthNames[month - 1]?.slice(0, 3);
    case "C":
      return String(Math.floor(year / 100));
    case "c":
      return again("%a %b %e %H:%M:%S %Y");
    case "D":
    case "x":
      return again("%m/%d/%y");
    case "d":
      return twoDigits(day);
    case "e":
      return spaced(day);
    case "F":
      return again("%Y-%m-%d");
    case "G":
      return String(isoYearOf(days));
    case "g":
      return twoDigits(isoYearOf(days) % 100);
    case "H":
      return twoDigits(hour);
    case "I":
      return twoDigits(((hour + 11) % 12) + 1);
    case "J":
      return String(days - firstOfIsoYear(isoYearOf(days)) + 1).padStart(3, "0");
    case "j":
      return String(dayOfYear(days)).padStart(3, "0");
    case "k":
      return spaced(hour);
    case "l":
      return spaced(((hour + 11) % 12) + 1);
    case "M":
      return twoDigits(minuteOf(nanos));
    case "m":
      return twoDigits(month);
    case "n":
      return "\n";
    case "P":
      return hour < 12 ? "am" : "pm";
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "Q":
      return String(Math.floor((month - 1) / 3) + 1);
    case "R":
      return again("%H:%M");
    case "r":
      return again("%I:%M:%S %p");
    case "S":
      return twoDigits(secondOf(nanos));
    case "s":
      return String(floorSeconds(value.moment));
    case "T":
    case "X":
      return again("%H:%M:%S");
    case "t":
      return "\t";
    case "U":
      return twoDigits(weekOfYear(days, 0));
    case "u":
      return String(weekdayOf(days) === 0 ? 7 : weekdayOf(days));
    case "V":
      return twoDigits(isoWeekOf(days));
    case "W":
      return twoDigits(weekOfYear(days, 1));
    case "w":
      return String(weekdayOf(days));
    case "Y":
      return String(year);
    case "E4Y":
      return String(year).padStart(4, "0");
    case "y":
      return twoDigits(year % 100);
    case "Z":
      return value.zone === undefined ? "" : zoneText(value);
    case "z":
      return value.zone === undefined ? "" : offsetText(value.offsetSeconds, "");
    case "Ez":
      return value.zone === undefined ? "" : offsetText(value.offsetSeconds, ":");
    case "E*S":
      return secondsTrimmed(nanos);
    case "%":
      return "%";
    default:
      return undefined;
  }
}

function floorSeconds(moment: bigint): bigint {
  const seconds = moment / NANOS_PER_SECOND;
  return seconds * NANOS_PER_SECOND > moment ? seconds - 1n : seconds;
}

function secondsTrimmed(nanos: bigint): string {
  const rest = nanos % NANOS_PER_SECOND;
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/, "")}`;
  return `${twoDigits(secondOf(nanos))}${fraction}`;
}

function zoneText({ zone, offsetSeconds }: Formatted): string {
  if (offsetSeconds === 0 || zone === undefined) return "UTC";
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60) % 60;
  const tail = minutes === 0 ? "" : twoDigits(minutes);
  const hours = Math.floor(Math.abs(offsetSeconds) / 3_600);
  return `UTC${offsetSeconds < 0 ? "-" : "+"}${tail === "" ? hours : twoDigits(hours) + tail}`;
}

function offsetText(seconds: number, separator: string): string {
  const magnitude = Math.abs(seconds);
  const hours = twoDigits(Math.floor(magnitude / 3_600));
  return `${seconds < 0 ? "-" : "+"}${hours}${separator}${twoDigits(Math.floor(magnitude / 60) % 60)}`;
}

/** What has been read so far. */
interface Read {
  year: number;
  month: number;
  day: number;
  hour: number;
  hour12: number | undefined;
  isAfternoon: boolean;
  minute: number;
  second: number;
  nanos: bigint;
  century: number | undefined;
  yearOfCentury: number | undefined;
  dayOfYear: number | undefined;
  week: { readonly number: number; readonly firstDay: number } | undefined;
  weekday: number | undefined;
  isoYear: number | undefined;
  isoWeek: number | undefined;
  epochSeconds: bigint | undefined;
  offsetSeconds: number | undefined;
  zone: string | undefined;
}

class TimeParser {
  readonly #text: string;
  readonly #read: Read = {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    hour12: undefined,
    isAfternoon: false,
    minute: 0,
    second: 0,
    nanos: 0n,
    century: undefined,
    yearOfCentury: undefined,
    dayOfYear: undefined,
    week: undefined,
    weekday: undefined,
    isoYear: undefined,
    isoWeek: undefined,
    epochSeconds: undefined,
    offsetSeconds: undefined,
    zone: undefined,
  };
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(format: string): Read {
    this.#skipSpace();
    this.#follow(format);
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#mismatch("Illegal non-space trailing data");
    return this.#read;
  }

  #follow(format: string): void {
    for (let index = 0; index < format.length; index++) {
      const character = format.charAt(index);
      if (/\s/.test(character)) this.#skipSpace();
      else if (character !== "%") this.#literal(character);
      else {
        const match = /^%(E\*S|E\dS|E4Y|Ez|E[cCxXyY]|O?[A-Za-z%])/.exec(format.slice(index));
        if (match === null) throw this.#mismatch("Invalid format element");
        this.#element((match[1] ?? "").replace(/^O/, ""));
        index += match[0].length - 1;
      }
    }
  }

  #element(element: string): void {
    const read = this.#read;
    switch (element) {
      case "Y":
        read.year = this.#number(4);
        return;
      case "E4Y":
        read.year = this.#number(4);
        return;
      case "C":
        read.century = this.#number(2);
        return;
      case "y":
        read.yearOfCentury = this.#number(2);
        return;
      case "m":
        read.month = this.#number(2, 1, 12);
        return;
      case "d":
      case "e":
        read.day = this.#number(2, 1, 31);
        return;
      case "j":
        read.dayOfYear = this.#number(3, 1, 366);
        return;
      case "U":
        read.week = { number: this.#number(2, 0, 53), firstDay: 0 };
        return;
      case "W":
        read.week = { number: this.#number(2, 0, 53), firstDay: 1 };
        return;
      case "u":
        read.weekday = this.#number(1, 1, 7) % 7;
        return;
      case "w":
        read.weekday = this.#number(1, 0, 6);
        return;
      case "G":
        read.isoYear = this.#number(4);
        return;
      case "V":
        read.isoWeek = this.#number(2, 1, 53);
        return;
      case "H":
      case "k":
        read.hour = this.#number(2, 0, 23);
        return;
      case "I":
      case "l":
        read.hour12 = this.#number(2, 1, 12);
        return;
      case "M":
        read.minute = this.#number(2, 0, 59);
        return;
      case "S":
        read.second = this.#number(2, 0, 60);
        return;
      case "s":
        read.epochSeconds = BigInt(this.#number(12));
        return;
      case "Q":
        read.month = this.#number(1, 1, 4) * 3 - 2;
        return;
      default:
        this.#wordElement(element);
    }
  }

  #wordElement(element: string): void {
    const read = this.#read;
    switch (element) {
      case "A":
      case "a":
        read.weekday = this.#name(weekdayNames);
        return;
      case "B":
      case "b":
      case "h":
        read.month = this.#name(monthNames) + 1;
        return;
      case "p":
      case "P":
        read.isAfternoon = this.#name(["AM", "PM"]) === 1;
        return;
      case "Z":
        read.zone = this.#match(/[A-Za-z][A-Za-z0-9_/+-]*/y);
        return;
      case "z":
      case "Ez":
        this.#offset();
        return;
      case "F":
        this.#follow("%Y-%m-%d");
        return;
      case "D":
      case "x":
        this.#follow("%m/%d/%y");
        return;
      case "R":
        this.#follow("%H:%M");
        return;
      case "T":
      case "X":
        this.#follow("%H:%M:%S");
        return;
      case "c":
        this.#follow("%a %b %e %H:%M:%S %Y");
        return;
      case "n":
      case "t":
        this.#skipSpace();
        return;
      case "%":
        this.#literal("%");
        return;
      default:
        this.#seconds(element);
    }
  }

  #seconds(element: string): void {
    if (!/^E[\d*]S$/.test(element)) throw this.#mismatch(`Unsupported format element %${element}`);
    this.#read.second = this.#number(2, 0, 60);
    const digits = this.#optional(/\.(\d+)/y)?.slice(1) ?? "";
    this.#read.nanos = BigInt(digits.slice(0, 9).padEnd(9, "0"));
  }

  #offset(): void {
    const text = this.#match(/[+-]\d{1,2}:?\d{0,2}|[Zz]/y);
    if (/^z$/i.test(text)) {
      this.#read.offsetSeconds = 0;
      return;
    }
    const digits = text.slice(1).replace(":", "");
    const hours = Number(digits.slice(0, 2));
    const minutes = Number(digits.slice(2) || 0);
    this.#read.offsetSeconds = (text.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60;
  }

  #number(width: number, least = 0, most = Number.POSITIVE_INFINITY): number {
    this.#skipSpace();
    const pattern = new RegExp(`[+-]?\\d{1,${width}}`, "y");
    const value = Number(this.#match(pattern));
    if (value < least || value > most) throw this.#mismatch("Value out of range");
    return value;
  }

  /** A name in any case, whole or by its first three letters. */
  #name(names: readonly string[]): number {
    const rest = this.#text.slice(this.#at).toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name.toLowerCase().slice(0, 3)));
    const name = names[index]?.toLowerCase();
    if (name === undefined) throw this.#mismatch("Mismatch between format and input");
    this.#at += rest.startsWith(name) ? name.length : Math.min(3, name.length);
    return index;
  }

  #literal(character: string): void {
    if (this.#text.charAt(this.#at) !== character) {
      throw this.#mismatch(
        `Mismatch between format character '${character}' and string character '${this.#text.charAt(this.#at)}'`,
      );
    }
    this.#at++;
  }

  #skipSpace(): void {
    this.#optional(/\s+/y);
  }

  #match(pattern: RegExp): string {
    const found = this.#optional(pattern);
    if (found === undefined) throw this.#mismatch("Mismatch between format and input");
    return found;
  }

  #optional(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #mismatch(reason: string): Error {
    return evaluationFailed(
      `Failed to parse input string ${JSON.stringify(this.#text)}: ${reason}`,
    );
  }
}

function dayOf(read: Read, text: string): number {
  const year = yearOf(read);
  if (read.isoYear !== undefined || read.isoWeek !== undefined) {
    const first = firstOfIsoYear(read.isoYear ?? year);
    return first + ((read.isoWeek ?? 1) - 1) * 7 + (((read.weekday ?? 1) + 6) % 7);
  }
  if (read.dayOfYear !== undefined) return daysFromCivil(year, 1, 1) + read.dayOfYear - 1;
  if (read.week !== undefined) {
    const { number, firstDay } = read.week;
    const newYear = daysFromCivil(year, 1, 1);
    const start = newYear - ((weekdayOf(newYear) - firstDay + 7) % 7);
    const isFirst = weekdayOf(newYear) === firstDay;
    const weekday = ((read.weekday ?? firstDay) - firstDay + 7) % 7;
    return start + (isFirst ? number - 1 : number) * 7 + weekday;
  }
  if (!isCivilDay(year, read.month, read.day)) {
    throw evaluationFailed(`Invalid result from parsing function: ${text}`);
  }
  return daysFromCivil(year, read.month, read.day);
}

function yearOf({ year, century, yearOfCentury }: Read): number {
  if (yearOfCentury !== undefined) {
    if (century !== undefined) return century * 100 + yearOfCentury;
    return yearOfCentury < 69 ? 2000 + yearOfCentury : 1900 + yearOfCentury;
  }
  return century === undefined ? year : century * 100 + (year % 100);
}

function parseDay(format: string, text: string): number {
  return dayOf(new TimeParser(text).parse(format), text);
}

function parseMoment(format: string, text: string, zone: string): bigint {
  const read = new TimeParser(text).parse(format);
  if (read.epochSeconds !== undefined) {
    return checkTimestamp(read.epochSeconds * NANOS_PER_SECOND + read.nanos);
  }
  const hour =
    read.hour12 === undefined ? read.hour : (read.hour12 % 12) + (read.isAfternoon ? 12 : 0);
  const seconds = BigInt((hour * 60 + read.minute) * 60 + read.second);
  const civil = { days: dayOf(read, text), nanos: seconds * NANOS_PER_SECOND + read.nanos };
  const { offsetSeconds } = read;
  const moment =
    offsetSeconds === undefined
      ? momentOf(civil, read.zone ?? zone)
      : momentOf(civil, "UTC") - BigInt(offsetSeconds) * NANOS_PER_SECOND;
  return checkTimestamp(moment);
}

export const timeFormatFunctions: readonly Overload[] = [
  define("FORMAT_DATE", [string, date], STRING, (format, days) =>
    formatTime(format, {
      days,
      nanos: 0n,
      moment: momentOf({ days, nanos: 0n }, "UTC"),
      zone: undefined,
      offsetSeconds: 0,
    }),
  ),
  defineInContext(
    "FORMAT_TIMESTAMP",
    [string, timestamp, optional(string)],
    STRING,
    (context, format, moment, zone = context.timeZone) =>
      formatTime(format, {
        ...civilTimeAt(moment, wholeMinutes(offsetSecondsAt(moment, zone))),
        moment,
        zone,
        offsetSeconds: wholeMinutes(offsetSecondsAt(moment, zone)),
      }),
  ),
  define("PARSE_DATE", [string, string], DATE, parseDay),
  defineInContext(
    "PARSE_TIMESTAMP",
    [string, string, optional(string)],
    TIMESTAMP,
    (context, format, text, zone) => parseMoment(format, text, zone ?? context.timeZone),
  ),
];
