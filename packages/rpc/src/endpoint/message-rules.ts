// SPDX-License-Identifier: Apache-2.0
// Which headers make a request, an answer, or trailers. What holds for each header alone was seen to
// when the list was read. https://www.rfc-editor.org/rfc/rfc9113#section-8.3
import type { Headers } from "../hpack/header-list.ts";

const ofRequest = new Set([":method", ":scheme", ":path", ":authority"]);
const ofAnswer = new Set([":status"]);
const ofTrailers = new Set<string>();

/** Whether headers are those of a request that is not CONNECT. */
export function isRequest(headers: Headers): boolean {
  const path = headers[":path"];
  return (
    headers[":method"] !== undefined &&
    headers[":scheme"] !== undefined &&
    path !== undefined &&
    path !== "" &&
    hasOnly(headers, ofRequest)
  );
}

/** Whether headers are those of an answer. */
export function isAnswer(headers: Headers): boolean {
  const status = headers[":status"];
  return typeof status === "string" && /^[1-9]\d\d$/.test(status) && hasOnly(headers, ofAnswer);
}

/** Whether headers are those of an answer before the answer, such as 100 Continue. */
export function isInterim(headers: Headers): boolean {
  const status = headers[":status"];
  return typeof status === "string" && status.startsWith("1");
}

/** Whether headers are trailers. */
export function isTrailers(headers: Headers): boolean {
  return hasOnly(headers, ofTrailers);
}

/** How long the body is going to be; undefined when nobody says, NaN when it makes no sense. */
export function contentLengthOf(headers: Headers): number | undefined {
  const text = headers["content-length"];
  if (text === undefined) return undefined;
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** Whether headers that begin with a colon, which come first, are all among these. */
function hasOnly(headers: Headers, allowed: ReadonlySet<string>): boolean {
  for (const name in headers) {
    if (name.charCodeAt(0) === 0x3a && !allowed.has(name)) return false;
  }
  return true;
}
