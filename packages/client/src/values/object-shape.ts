// SPDX-License-Identifier: Apache-2.0
// Objects of named values, many of one shape. Where it is allowed, a shape is a function made for its
// names, which ends in one object literal: twice as fast as setting members by name. Where a page or
// a process forbids to make code from text, members are set one by one.
import type { WireValue } from "@spandrel/model";
import type { ValueReader } from "./value-reader.ts";

/** Turns a value on the wire into a value of the program. */
export type Decoder = (wire: WireValue) => unknown;

/** Reads the value that starts where the reader is and ends at an offset. */
export type ColumnReader = (reader: ValueReader, end: number) => unknown;

/** An object of named values. */
type Named = Record<string, unknown>;

/** Makes an object out of a flat list of wire values, from an offset on. */
export type ObjectDecoder = (values: readonly WireValue[], offset: number) => Named;

/** Makes an object out of as many values that lie one behind the other in a message. */
export type ObjectReader = (reader: ValueReader) => Named;

/** Makes a list out of as many values that lie one behind the other in a message. */
export type ListReader = (reader: ValueReader) => unknown[];

/** Makes a row, which is an object or a list, out of a flat list of wire values. */
export type RowDecoder = (values: readonly WireValue[], offset: number) => Named | unknown[];

/** Makes a row, which is an object or a list, out of values in a message. */
export type RowReader = (reader: ValueReader) => Named | unknown[];

/** The ways to make objects with some names. All of them give the same names in the same order. */
export interface ObjectShape {
  decoder(decoders: readonly Decoder[]): ObjectDecoder;
  reader(readers: readonly ColumnReader[]): ObjectReader;
}

const shapes = new Map<string, ObjectShape>();
const SHAPES_MAX = 256;

/** The shape of objects with such names, none of which comes twice. */
export function objectShape(names: readonly string[]): ObjectShape {
  const key = JSON.stringify(names);
  let shape = shapes.get(key);
  if (shape === undefined) {
    shape = names.includes("__proto__") ? carefulShape(names) : generateShape(names);
    shape ??= plainShape(names);
    if (shapes.size >= SHAPES_MAX) shapes.clear();
    shapes.set(key, shape);
  }
  return shape;
}

/** Reads as many values as there are readers into a list. */
export function listReader(readers: readonly ColumnReader[]): ListReader {
  return generateListReader(readers) ?? plainListReader(readers);
}

function generateListReader(readers: readonly ColumnReader[]): ListReader | undefined {
  const unpacked = readers.map((_, index) => `const c${index} = readers[${index}];`).join("\n");
  const items = readers.map((_, index) => `c${index}(reader, reader.endOfField())`).join(", ");
  try {
    const make = new Function("readers", `${unpacked}\nreturn (reader) => [${items}];`);
    return make(readers) as ListReader; // as the text above says
  } catch {
    return undefined; // The page's policy, or the process's flags, forbid it.
  }
}

/** A reader of lists that is no made function. */
export function plainListReader(readers: readonly ColumnReader[]): ListReader {
  return (reader) => readers.map((read) => read(reader, reader.endOfField()));
}

/** A shape by functions made for it; undefined where making functions is forbidden. */
function generateShape(names: readonly string[]): ObjectShape | undefined {
  // A name gets into the code as a JSON string only, which is a string literal of JavaScript too.
  const literal = (value: (index: number) => string): string =>
    `{${names.map((name, index) => `${JSON.stringify(name)}: ${value(index)}`).join(", ")}}`;
  const unpack = (list: string): string =>
    names.map((_, index) => `const c${index} = ${list}[${index}];`).join("\n");
  const decoded = literal((index) => `c${index}(values[offset + ${index}])`);
  const read = literal((index) => `c${index}(reader, reader.endOfField())`);
  try {
    // What a made function takes and gives is known here and to no compiler.
    return {
      decoder: new Function(
        "decoders",
        `${unpack("decoders")}\nreturn (values, offset) => (${decoded});`,
      ) as ObjectShape["decoder"],
      reader: new Function(
        "readers",
        `${unpack("readers")}\nreturn (reader) => (${read});`,
      ) as ObjectShape["reader"],
    };
  } catch {
    return undefined; // The page's policy, or the process's flags, forbid it.
  }
}

/** A shape without made functions. */
export function plainShape(names: readonly string[]): ObjectShape {
  const Shape = createConstructor();
  const fill = (valueAt: (index: number) => unknown): Named => {
    const object = new Shape();
    for (let index = 0; index < names.length; index++) {
      object[names[index] as string] = valueAt(index); // within the list
    }
    return object;
  };
  return shapeOf(fill);
}

/** A column named `__proto__` must not become the object's prototype. */
function carefulShape(names: readonly string[]): ObjectShape {
  return shapeOf((valueAt) =>
    Object.fromEntries(names.map((name, index) => [name, valueAt(index)])),
  );
}

function shapeOf(fill: (valueAt: (index: number) => unknown) => Named): ObjectShape {
  // There are as many decoders and readers as names, and a row has as many values.
  return {
    decoder: (decoders) => (values, offset) =>
      fill((index) => (decoders[index] as Decoder)(values[offset + index] as WireValue)),
    reader: (readers) => (reader) =>
      fill((index) => (readers[index] as ColumnReader)(reader, reader.endOfField())),
  };
}

type Constructor = new () => Named;

/**
 * A constructor of plain objects. The engine learns from its first objects how many members the
 * others will have and makes room for them at once: half the time and memory of growing a literal.
 */
function createConstructor(): Constructor {
  function construct(): void {}
  construct.prototype = Object.prototype;
  // A function can be constructed, which its type does not say.
  return construct as unknown as Constructor;
}
