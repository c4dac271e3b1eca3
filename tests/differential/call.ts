// SPDX-License-Identifier: Apache-2.0
// Calls of functions, made from their signatures.
import type { CatalogParameter, Signature } from "./catalog.ts";
import type { Chance } from "./chance.ts";
import { domains } from "./domain.ts";
import { joined, type Piece, piece } from "./node.ts";

/** Functions that give something else every time, or whose only answer is an error. */
export const notCompared: ReadonlySet<string> = new Set([
  "CURRENT_DATE",
  "CURRENT_TIMESTAMP",
  "GENERATE_UUID",
  "NEW_UUID",
  "ERROR",
  // The other engine knows their names, and nothing more.
  "FROM_BASE32",
  "TO_BASE32",
]);

/** Signatures that the other engine lacks, or cannot stand. */
const skipped: readonly RegExp[] = [
  // Never comes back from them.
  /^(?:LN|LOG|LOG10|EXP|POW|POWER)\(NUMERIC/,
  // Takes INTERVAL as a phrase only, not as a value.
  /^TIMESTAMP_(?:ADD|SUB)\(TIMESTAMP, INTERVAL\)/,
];

/** Whether calls of a signature are compared. */
export function isCompared({ name, parameters }: Signature): boolean {
  const text = `${name}(${parameters.map(({ type }) => type).join(", ")})`;
  return !notCompared.has(name) && !skipped.some((each) => each.test(text));
}

/** Makes the arguments: an expression of a type, with one more name in sight or without. */
export interface ArgumentMaker {
  readonly chance: Chance;
  expression(
    type: string,
    extra?: readonly { readonly sql: string; readonly type: string }[],
  ): Piece;
  anyType(): string;
}

const intervalParts =
  /^(?:DATE|TIMESTAMP)_(?:ADD|SUB)$|^(?:ADD|SUB)DATE$|^GENERATE_(?:DATE|TIMESTAMP)_ARRAY$/;

/** A call of a function whose result is of a type; undefined when the signature gives no such. */
export function callOf(
  signature: Signature,
  wanted: string,
  maker: ArgumentMaker,
): Piece | undefined {
  const bindings = bind(signature, wanted);
  if (bindings === undefined) return undefined;
  const { name } = signature;
  if (name === "FORMAT") return formatCall(maker);
  const given = argumentsOf(signature, bindings, maker);
  return given === undefined ? undefined : piece(wanted, `${name}(`, ...joined(given), ")");
}

type Bindings = Map<string, string>;

const needsOrder = /^(?:GREATEST|LEAST|NULLIF|ARRAY_MIN|ARRAY_MAX)$/;
const isOrdered = (type: string): boolean => type !== "JSON" && !/[<]/.test(type);

/** Settles the open types by the result, and the rest by chance. */
function bind({ name, result }: Signature, wanted: string): Bindings | undefined {
  const bindings: Bindings = new Map();
  for (const open of ["ANY", "ANY_2"]) {
    if (result === open) {
      if (wanted.startsWith("ARRAY<")) return undefined;
      if (needsOrder.test(name) && !isOrdered(wanted)) return undefined;
      return bindings.set(open, wanted);
    }
    if (result === `ARRAY<${open}>`) {
      const element = elementOf(wanted);
      return element === undefined ? undefined : bindings.set(open, element);
    }
  }
  return result === wanted ? bindings : undefined;
}

/** The element type of an array type. */
export function elementOf(type: string): string | undefined {
  return /^ARRAY<(.*)>$/.exec(type)?.[1];
}

function settled(open: string, bindings: Bindings, maker: ArgumentMaker): string {
  const known = bindings.get(open);
  if (known !== undefined) return known;
  const type = maker.anyType();
  bindings.set(open, type);
  return type;
}

function argumentsOf(
  { name, parameters }: Signature,
  bindings: Bindings,
  maker: ArgumentMaker,
): readonly Piece[] | undefined {
  const { chance } = maker;
  const given: Piece[] = [];
  let hasStopped = false;
  const takesPairs = /^JSON_(?:SET|ARRAY_APPEND|ARRAY_INSERT)$/.test(name);
  for (const [index, parameter] of parameters.entries()) {
    if (parameter.isOptional && (hasStopped || chance.happens(0.4))) {
      if (parameter.name === undefined && !parameter.isRepeated) hasStopped = true;
      if (!takesPairs && name !== "JSON_OBJECT") continue;
    }
    if (takesPairs && parameter.isRepeated) {
      given.push(argument(name, index, { ...parameter, type: "STRING" }, bindings, maker));
      given.push(maker.expression(maker.anyType()));
    } else if (name === "JSON_OBJECT" && parameter.isRepeated) {
      for (let pairs = chance.between(0, 2); pairs > 0; pairs--) {
        given.push(maker.expression("STRING"), maker.expression(maker.anyType()));
      }
    } else if (name === "JSON_OBJECT" && parameter.type === "ANYTHING") {
      given.push(maker.expression(`ARRAY<${maker.anyType()}>`));
    } else if (parameter.isRepeated) {
      given.push(...chance.several(0, 3, () => argument(name, index, parameter, bindings, maker)));
    } else if (parameter.type === "PART" && intervalParts.test(name)) {
      const before = given.pop();
      const part = argument(name, index, parameter, bindings, maker);
      if (before === undefined) return undefined;
      given.push(piece("interval", "INTERVAL (", before, ") ", part));
    } else {
      given.push(argument(name, index, parameter, bindings, maker));
    }
  }
  return given;
}

function argument(
  name: string,
  index: number,
  { type, name: label }: CatalogParameter,
  bindings: Bindings,
  maker: ArgumentMaker,
): Piece {
  const { chance } = maker;
  const prefix = label === undefined ? "" : `${label} => `;
  const lambda = /^\((.*)\) -> (.*)$/.exec(type);
  if (lambda !== null) return lambdaOf(lambda[1] ?? "", lambda[2] ?? "", bindings, maker);
  const open = /^(?:ARRAY<)?(ANY(?:_2)?)>?$/.exec(type)?.[1];
  const settledType =
    type === "ANYTHING"
      ? maker.anyType()
      : open === undefined
        ? type
        : type.replace(open, settled(open, bindings, maker));
  const domain = (domains[name]?.[index] ?? namedDomain(label))?.flatMap((text) =>
    fitted(settledType, text),
  );
  const usesDomain = domain !== undefined && domain.length > 0;
  if (type === "PART") return piece("part", usesDomain ? chance.one(domain) : "DAY");
  const isWord =
    (name === "ROUND" || /^JSON_(?!OBJECT)/.test(name)) && settledType === "STRING" && index > 0;
  if (isBoolean(name, label)) return piece("BOOL", prefix, chance.one(["TRUE", "FALSE"]));
  if (usesDomain && (isWord || chance.happens(0.95)))
    return piece(settledType, prefix, chance.one(domain));
  return piece("argument", prefix, maker.expression(settledType));
}

/** Named arguments that have to be constants. */
function isBoolean(name: string, label: string | undefined): boolean {
  return name.startsWith("JSON_") && /each_element|include_|remove_|create_/.test(label ?? "");
}

function namedDomain(label: string | undefined): readonly string[] | undefined {
  if (label === "wide_number_mode") return ["'exact'", "'round'"];
  return label === "mode" ? ["'strict'", "'lax'", "'lax recursive'"] : undefined;
}

/** The text as a literal of a type, when it can be one. */
function fitted(type: string, text: string): readonly string[] {
  const isText = /^r?'/.test(text);
  const isNumber = /^-?[\d.]/.test(text);
  switch (type) {
    case "BYTES":
      return isText && !/[é😀]|\\p/u.test(text)
        ? [`b${text}`]
        : text.startsWith("b'")
          ? [text]
          : [];
    case "STRING":
      return isText ? [text] : [];
    case "NUMERIC":
      return isNumber ? [`NUMERIC '${text}'`] : [];
    case "INT64":
    case "FLOAT64":
      return isNumber ? [text] : [];
    case "JSON":
      return text.startsWith("JSON ") ? [text] : [];
    case "DATE":
    case "TIMESTAMP":
      return text.startsWith(`${type} `) ? [text] : [];
    default:
      return type.startsWith("ARRAY") ? (text.startsWith("[") ? [text] : []) : [text];
  }
}

let lambdas = 0;

function lambdaOf(
  parameters: string,
  result: string,
  bindings: Bindings,
  maker: ArgumentMaker,
): Piece {
  lambdas = (lambdas + 1) % 1_000;
  const names = parameters.split(", ").map((type, index) => ({
    sql: `e${lambdas}_${index}`,
    type: type === "ANY" ? settled("ANY", bindings, maker) : type,
  }));
  const type = result.startsWith("ANY") ? settled(result, bindings, maker) : result;
  const list = names.map(({ sql }) => sql).join(", ");
  return piece("lambda", `(${list}) -> `, maker.expression(type, names));
}

const formats: readonly (readonly [string, string])[] = [
  ["%d", "INT64"],
  ["%5d", "INT64"],
  ["%-5d|", "INT64"],
  ["%05d", "INT64"],
  ["%+d", "INT64"],
  ["%'d", "INT64"],
  ["%x", "INT64"],
  ["%X", "INT64"],
  ["%o", "INT64"],
  ["%f", "FLOAT64"],
  ["%.2f", "FLOAT64"],
  ["%e", "FLOAT64"],
  ["%g", "FLOAT64"],
  ["%10.3f", "NUMERIC"],
  ["%s", "STRING"],
  ["%-6s|", "STRING"],
  ["%.2s", "STRING"],
  ["%t", "DATE"],
  ["%t", "TIMESTAMP"],
  ["%t", "BYTES"],
  ["%T", "FLOAT64"],
  ["%T", "STRING"],
  ["%T", "BYTES"],
  ["%T", "NUMERIC"],
  ["%t", "ARRAY<INT64>"],
  ["%T", "ARRAY<STRING>"],
  ["%T", "INTERVAL"],
  ["%p", "JSON"],
  ["%P", "JSON"],
];

function formatCall(maker: ArgumentMaker): Piece {
  const chosen = maker.chance.several(1, 3, () => maker.chance.one(formats));
  const text = chosen.map(([format]) => format).join(" ");
  const given = chosen.map(([, type]) => maker.expression(type));
  return piece("STRING", `FORMAT("${text}", `, ...joined(given), ")");
}
