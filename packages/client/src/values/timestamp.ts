// SPDX-License-Identifier: Apache-2.0
import {
  nanosFromProto,
  parseTimestamp,
  printTimestamp,
  type SecondsAndNanos,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
  timestampToProto,
} from "@spandrel/model";
import { badValue } from "./bad-value.ts";
import { type AnyInstant, isInstant, type TemporalInstant, temporal } from "./temporal.ts";

// biome-ignore lint/style/noRestrictedGlobals: a way to convert moments; no clock is read
const NativeDate: DateConstructor = Date;

/** A Date of JavaScript: a moment in milliseconds. */
export type NativeDate = InstanceType<typeof NativeDate>;

/** A moment, in any of the forms that the client takes; text is RFC 3339 in UTC. */
export type Moment = Timestamp | NativeDate | AnyInstant | string;

const NANOS_PER_SECOND = 1_000_000_000n;

/**
 * A TIMESTAMP: a moment with all of its nanoseconds, which a Date cannot hold.
 *
 * Immutable. Two of the same moment are deeply equal.
 * https://cloud.google.com/spanner/docs/reference/standard-sql/data-types#timestamp_type
 */
export class Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z; negative before. */
  readonly seconds: number;
  /** Nanoseconds into the second, from 0 to 999,999,999. */
  readonly nanoseconds: number;

  constructor(seconds: number, nanoseconds: number) {
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  /**
   * Makes a timestamp from RFC 3339 text in UTC, a Date, a Temporal.Instant, or nanoseconds since the
   * Unix epoch.
   *
   * @throws {SpannerError} INVALID_ARGUMENT when it is no moment between year 1 and year 9999.
   */
  static from(value: Moment | bigint): Timestamp {
    if (value instanceof Timestamp) return value;
    if (typeof value === "bigint") return Timestamp.fromEpochNanos(value);
    if (typeof value === "string") {
      const nanos = parseTimestamp(value);
      if (nanos === undefined) throw badValue("TIMESTAMP", value);
      return Timestamp.fromEpochNanos(nanos);
    }
    if (isInstant(value)) return Timestamp.fromEpochNanos(value.epochNanoseconds);
    return Timestamp.fromDate(value);
  }

  /** Makes a timestamp from a Date, whose milliseconds it keeps. */
  static fromDate(date: NativeDate): Timestamp {
    const millis = date.getTime();
    if (Number.isNaN(millis)) throw badValue("TIMESTAMP", "an invalid Date");
    const seconds = Math.floor(millis / 1_000);
    return new Timestamp(seconds, (millis - seconds * 1_000) * 1_000_000);
  }

  /** Makes a timestamp from nanoseconds since the Unix epoch. */
  static fromEpochNanos(nanos: bigint): Timestamp {
    if (nanos < TIMESTAMP_MIN || nanos > TIMESTAMP_MAX) throw badValue("TIMESTAMP", `${nanos} ns`);
    const { seconds, nanos: rest } = timestampToProto(nanos);
    return new Timestamp(Number(seconds), rest);
  }

  /** Makes a timestamp from a google.protobuf.Timestamp. */
  static fromProto(message: SecondsAndNanos): Timestamp {
    return Timestamp.fromEpochNanos(nanosFromProto(message));
  }

  /** Nanoseconds since the Unix epoch. */
  get epochNanos(): bigint {
    return BigInt(this.seconds) * NANOS_PER_SECOND + BigInt(this.nanoseconds);
  }

  /** A google.protobuf.Timestamp. */
  toProto(): { seconds: bigint; nanos: number } {
    return { seconds: BigInt(this.seconds), nanos: this.nanoseconds };
  }

  /** The same moment as a Date; what is below a millisecond is cut off. */
  toDate(): NativeDate {
    return new NativeDate(this.seconds * 1_000 + Math.floor(this.nanoseconds / 1_000_000));
  }

  /**
   * The same moment as a Temporal.Instant, with all of its nanoseconds.
   *
   * @throws {StatusError} FAILED_PRECONDITION when there is no `globalThis.Temporal`.
   */
  toInstant(): TemporalInstant {
    return temporal("toDate() or epochNanos").Instant.fromEpochNanoseconds(this.epochNanos);
  }

  /** RFC 3339 in UTC, as many digits as the moment needs: `2026-11-20T10:03:38.000000001Z`. */
  toString(): string {
    return printTimestamp(this.epochNanos);
  }

  toJSON(): string {
    return this.toString();
  }

  /** Whether both are the same moment. */
  equals(other: Timestamp): boolean {
    return this.seconds === other.seconds && this.nanoseconds === other.nanoseconds;
  }

  /** Negative when this moment is before the other, positive when after, zero when the same. */
  compare(other: Timestamp): number {
    return this.seconds - other.seconds || this.nanoseconds - other.nanoseconds;
  }
}
