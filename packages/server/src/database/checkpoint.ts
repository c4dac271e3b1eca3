// SPDX-License-Identifier: Apache-2.0
// A database's state as blocks of bytes and back. The first blocks say what the schema was made by and
// where everything stands; the others hold rows and index entries with all their versions.
//
// Blocks are made one at a time, from a fork, so that the database goes on meanwhile.
import type { Clock } from "@spandrel/base";
import type { Limits } from "../limits/limits.ts";
import { type CounterList, PackedReader, PackedWriter } from "../mvcc/packed-bytes.ts";
import { type Moment, Versions } from "../mvcc/versions.ts";
import { Counters } from "../rows/counters.ts";
import { Spaces } from "../txn/spaces.ts";
import { Timestamps } from "../txn/timestamps.ts";
import { repeatSchemaChange, SchemaHistory } from "./schema-history.ts";
import type { DatabaseState } from "./state.ts";

/** A block is closed when it has reached this size. */
const blockBytes = 1 << 18;

const standing = 1;
const statements = 2;
const rows = 3;

/** What of a state is written. */
export interface EncodingOptions {
  /** What came after this moment is left out; by default nothing is. */
  readonly untilMicros?: number | undefined;
  /** Where the counters go on; by default behind the last number that was given out. */
  readonly counters?: CounterList;
}

/** The blocks of a state that nobody changes any more. */
export function* encodeState(
  state: DatabaseState,
  { untilMicros = Number.POSITIVE_INFINITY, counters = [...state.counters.all] }: EncodingOptions,
): Generator<Uint8Array> {
  yield encodeStanding(state, untilMicros, counters);
  yield* encodeStatements(state.schemas, untilMicros);
  for (const [space, versions] of state.spaces.all) {
    yield* encodeSpace(space, versions, untilMicros);
  }
}

function encodeStanding(
  { timestamps, spaces }: DatabaseState,
  untilMicros: number,
  counters: CounterList,
): Uint8Array {
  const forgotten = [...spaces.forgotten].filter(([, sinceMicros]) => sinceMicros <= untilMicros);
  const writer = new PackedWriter();
  writer.byte(standing);
  writer.moment(timestamps.lastMicros);
  writer.moment(spaces.horizonMicros);
  writer.count(forgotten.length);
  for (const [space, sinceMicros] of forgotten) {
    writer.count(space);
    writer.moment(sinceMicros);
  }
  writer.counters(counters);
  return writer.finish();
}

function* encodeStatements(schemas: SchemaHistory, untilMicros: number): Generator<Uint8Array> {
  let writer = beginBlock(statements);
  for (const { atMicros, statement } of schemas.statements) {
    if (atMicros > untilMicros) break;
    writer.moment(atMicros);
    writer.text(statement);
    if (writer.length < blockBytes) continue;
    yield writer.finish();
    writer = beginBlock(statements);
  }
  yield writer.finish();
}

function* encodeSpace(
  space: number,
  versions: Versions,
  untilMicros: number,
): Generator<Uint8Array> {
  const begin = (): PackedWriter => {
    const writer = beginBlock(rows);
    writer.count(space);
    return writer;
  };
  let writer = begin();
  for (const [key, all] of versions.histories()) {
    const newestFirst = all.filter(({ atMicros }) => atMicros <= untilMicros);
    if (newestFirst.length === 0) continue;
    writer.key(key);
    writer.count(newestFirst.length);
    for (const { atMicros, row } of newestFirst) {
      writer.moment(atMicros);
      writer.row(row);
    }
    if (writer.length < blockBytes) continue;
    yield writer.finish();
    writer = begin();
  }
  yield writer.finish();
}

function beginBlock(kind: number): PackedWriter {
  const writer = new PackedWriter(blockBytes + 1_024);
  writer.byte(kind);
  return writer;
}

/** What it takes to read a state. */
export interface DecodingContext {
  readonly clock: Clock;
  readonly limits: Limits;
}

/** The state that was written as these blocks. */
export async function decodeState(
  blocks: AsyncIterable<Uint8Array>,
  { clock, limits }: DecodingContext,
): Promise<DatabaseState> {
  const schemas = new SchemaHistory();
  const spaces = new Map<number, Versions>();
  let stands: Standing = { lastMicros: 0, horizonMicros: 0, forgotten: [], counters: [] };
  for await (const block of blocks) {
    const reader = new PackedReader(block);
    const kind = reader.byte();
    if (kind === standing) stands = decodeStanding(reader);
    else if (kind === statements) decodeStatements(reader, schemas, limits, stands.horizonMicros);
    else decodeRows(reader, spaces, stands.horizonMicros);
  }
  return {
    spaces: new Spaces(spaces, stands.forgotten, stands.horizonMicros),
    schemas,
    counters: new Counters(stands.counters),
    timestamps: new Timestamps(clock, stands.lastMicros),
  };
}

interface Standing {
  readonly lastMicros: number;
  readonly horizonMicros: number;
  readonly forgotten: readonly (readonly [space: number, sinceMicros: number])[];
  readonly counters: CounterList;
}

function decodeStanding(reader: PackedReader): Standing {
  const lastMicros = reader.moment();
  const horizonMicros = reader.moment();
  const forgotten = new Map<number, number>();
  for (let left = reader.count(); left > 0; left--) forgotten.set(reader.count(), reader.moment());
  return { lastMicros, horizonMicros, forgotten: [...forgotten], counters: reader.counters() };
}

function decodeStatements(
  reader: PackedReader,
  schemas: SchemaHistory,
  limits: Limits,
  horizonMicros: number,
): void {
  while (!reader.isAtEnd) {
    const atMicros = reader.moment();
    const statement = reader.text();
    const { schema } = repeatSchemaChange(schemas.current, statement, limits);
    schemas.add(schema, { atMicros, statement }, horizonMicros);
  }
}

function decodeRows(
  reader: PackedReader,
  spaces: Map<number, Versions>,
  horizonMicros: number,
): void {
  const space = reader.count();
  const versions = spaces.get(space) ?? new Versions(undefined, horizonMicros);
  spaces.set(space, versions);
  while (!reader.isAtEnd) {
    const key = reader.key();
    const newestFirst: Moment[] = [];
    for (let left = reader.count(); left > 0; left--) {
      const atMicros = reader.moment();
      newestFirst.push({ atMicros, row: reader.row() });
    }
    for (const version of newestFirst.reverse()) versions.restore(key, version);
  }
}
