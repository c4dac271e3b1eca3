// SPDX-License-Identifier: Apache-2.0
// Which headers make a request, an answer, or trailers. What holds for each header alone was seen to
// when the list was read. https://www.rfc-editor.org/rfc/rfc9113#section-8.3
import type { Headers } from "../hpack/header-list.ts";

/** Whether headers are those of a request that is not CONNECT. */
export function isRequest(headers: Headers): boolean {
  const path = headers[":path"];
  const isWhole = headers[":method"] !== undefined && headers[":scheme"] !== undefined;
  return isWhole && path !== undefined && path !== "" && headers[":status"] === undefined;
}

/** Whether headers are those of an answer. */
export function isAnswer(headers: Headers): boolean {
  const status = headers[":status"];
  return typeof status === "string" && /^[1-9]\d\d$/.test(status) && !hasRequestLine(headers);
}

/** Whether headers are those of an answer before the answer, such as 100 Continue. */
export function isInterim(headers: Headers): boolean {
  const status = headers[":status"];
  return typeof status === "string" && status.startsWith("1");
}

/** Whether headers are trailers. */
export function isTrailers(headers: Headers): boolean {
  return headers[":status"] === undefined && !hasRequestLine(headers);
}

/** How long the body is going to be; undefined when nobody says, NaN when it makes no sense. */
export function contentLengthOf(headers: Headers): number | undefined {
  const text = headers["content-length"];
  if (text === undefined) return undefined;
  return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

/** Whether there is anything of the first line of a request. */
function hasRequestLine(headers: Headers): boolean {
  return (
    headers[":method"] !== undefined ||
    headers[":scheme"] !== undefined ||
    headers[":path"] !== undefined ||
    headers[":authority"] !== undefined
  );
}
