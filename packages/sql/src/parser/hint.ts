// SPDX-License-Identifier: Apache-2.0

import type { Hint, HintEntry, OptionEntry, Options } from "../tree/hint.ts";
import { type Cursor, present } from "./cursor.ts";

/** `@{name = value, …}` or `@shards`, if one stands here. */
export function parseHint(cursor: Cursor): Hint | undefined {
  if (!isHint(cursor)) return undefined;
  const start = cursor.start();
  cursor.expectSymbol("@");
  const token = cursor.peek();
  const shards = token.kind === "integer" ? BigInt(token.text) : undefined;
  if (shards !== undefined) cursor.take();
  const entries = shards === undefined || continuesHint(cursor) ? parseHintEntries(cursor) : [];
  return { kind: "hint", entries, ...present({ shards }), position: cursor.since(start) };
}

/** Whether a hint stands here, rather than a parameter. */
function isHint(cursor: Cursor): boolean {
  if (!cursor.isSymbol("@")) return false;
  return cursor.isSymbol("{", 1) || cursor.peek(1).kind === "integer";
}

function continuesHint(cursor: Cursor): boolean {
  return cursor.isSymbol("@") && cursor.isSymbol("{", 1) && cursor.takeSymbol("@");
}

function parseHintEntries(cursor: Cursor): HintEntry[] {
  cursor.expectSymbol("{");
  const entries = cursor.list(() => parseHintEntry(cursor));
  if (!cursor.takeSymbol("}")) throw cursor.expected('"," or "}"');
  return entries;
}

function parseHintEntry(cursor: Cursor): HintEntry {
  const start = cursor.start();
  const first = cursor.anyWord();
  const second = cursor.takeSymbol(".") ? cursor.anyWord() : undefined;
  cursor.expectSymbol("=");
  const value = cursor.expression();
  const name = second ?? first;
  const qualifier = second === undefined ? undefined : first;
  return {
    kind: "hint-entry",
    ...present({ qualifier }),
    name,
    value,
    position: cursor.since(start),
  };
}

/** `OPTIONS (name = value, …)`, if it stands here. */
export function parseOptions(cursor: Cursor): Options | undefined {
  if (!(cursor.isWord("OPTIONS") && cursor.isSymbol("(", 1))) return undefined;
  return expectOptions(cursor);
}

/** `OPTIONS (name = value, …)`. */
export function expectOptions(cursor: Cursor): Options {
  const start = cursor.start();
  cursor.expectWord("OPTIONS");
  cursor.expectSymbol("(");
  const entries: OptionEntry[] = [];
  while (!cursor.isSymbol(")")) {
    entries.push(parseOptionEntry(cursor));
    if (!cursor.takeSymbol(",")) break;
  }
  cursor.expectListEnd();
  return { kind: "options", entries, position: cursor.since(start) };
}

function parseOptionEntry(cursor: Cursor): OptionEntry {
  const start = cursor.start();
  const name = cursor.identifier();
  cursor.expectSymbol("=");
  const value = cursor.expression();
  return { kind: "option-entry", name, value, position: cursor.since(start) };
}
