// SPDX-License-Identifier: Apache-2.0
// REST for any service, by Google's rules for writing a gRPC method as an HTTP request. The table of
// URLs is read from the descriptors of the services; each request is turned into the bytes of a
// message, given to the handler that also answers gRPC, and its answer turned into proto3 JSON. The
// room promises that a URL and a body that Google's own endpoints take are taken here, and that
// errors look like Google's. It knows no service and keeps nothing between two requests.
// https://github.com/googleapis/googleapis/blob/master/google/api/http.proto
//
// This file reads path templates, `/v1/{name=projects/*/instances/*}:cancel`, and matches URLs.
import { assert } from "@spandrel/base";

/** One step of a template: a text, any one segment, or all segments that are left. */
type Segment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/** A field of the request that a part of the path gives. */
interface Variable {
  /** `["instance", "name"]` for `{instance.name=…}`. */
  readonly fieldPath: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** A template that was read. */
export interface Template {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly variables: readonly Variable[];
  /** What follows the colon at the end; empty when there is none. */
  readonly verb: string;
}

/** What a URL says about a field. */
export interface PathValue {
  readonly fieldPath: readonly string[];
  readonly value: string;
}

/** Reads a template. A template that cannot be read is a mistake in the descriptors. */
export function parseTemplate(text: string): Template {
  assert(text.startsWith("/"), `a path template starts with a slash: ${text}`);
  const { body, verb } = splitVerb(text);
  const segments: Segment[] = [];
  const variables: Variable[] = [];
  for (const [part] of body.matchAll(/\{[^}]*\}|[^/{}]+/g)) {
    const variable = /^\{([^=}]+)(?:=([^}]*))?\}$/.exec(part);
    const start = segments.length;
    for (const piece of (variable?.[2] ?? (variable === null ? part : "*")).split("/")) {
      segments.push(segmentOf(piece));
    }
    const name = variable?.[1];
    if (name !== undefined) {
      variables.push({ fieldPath: name.split("."), start, end: segments.length });
    }
  }
  const rest = segments.findIndex(({ kind }) => kind === "rest");
  assert(rest === -1 || rest === segments.length - 1, `** stands at the end only: ${text}`);
  return { text, segments, variables, verb };
}

function splitVerb(text: string): { readonly body: string; readonly verb: string } {
  const colon = text.lastIndexOf(":");
  const isVerb = colon > text.lastIndexOf("/") && colon > text.lastIndexOf("}");
  return isVerb
    ? { body: text.slice(1, colon), verb: text.slice(colon + 1) }
    : { body: text.slice(1), verb: "" };
}

function segmentOf(piece: string): Segment {
  if (piece === "*") return { kind: "one" };
  if (piece === "**") return { kind: "rest" };
  return { kind: "literal", text: piece };
}

/**
 * Matches the segments of a URL's path, not yet percent-decoded and without the verb.
 *
 * Gives the values of the variables, or undefined when the path is another one.
 */
export function matchTemplate(
  template: Template,
  path: readonly string[],
): readonly PathValue[] | undefined {
  const { segments } = template;
  const hasRest = segments.at(-1)?.kind === "rest";
  const fits = hasRest ? path.length >= segments.length : path.length === segments.length;
  if (!fits || !segments.every((segment, index) => fitsSegment(segment, path[index] ?? ""))) {
    return undefined;
  }
  return template.variables.map(({ fieldPath, start, end }) => {
    const isRest = hasRest && end === segments.length;
    const parts = path.slice(start, isRest ? path.length : end);
    return { fieldPath, value: decodeParts(parts) };
  });
}

function fitsSegment(segment: Segment, part: string): boolean {
  return segment.kind === "literal" ? segment.text === part : part !== "";
}

/** Slashes that are part of a segment stay encoded where the value has several segments. */
function decodeParts(parts: readonly string[]): string {
  if (parts.length === 1) return decodeText(parts[0] ?? "");
  return parts
    .map((part) => part.split(/(%2f)/i).map((text, at) => (at % 2 === 1 ? text : decodeText(text))))
    .map((texts) => texts.join(""))
    .join("/");
}

/** Percent-decodes; a text that is no valid encoding stands for itself. */
function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // the name with a stray percent sign will not be found, and that is the answer
  }
}
