// SPDX-License-Identifier: Apache-2.0
// The headers that both ends know from the start, https://www.rfc-editor.org/rfc/rfc7541#appendix-A.

/** One header. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

const lines = `
:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

/** Entry number n of the table stands at place n - 1. */
export const STATIC_TABLE: readonly HeaderField[] = lines
  .trim()
  .split("\n")
  .map((line) => {
    const [name = "", ...value] = line.split(" ");
    return { name, value: value.join(" ") };
  });

/** What an entry adds to the size of a table beyond its characters. RFC 7541, section 4.1. */
export const ENTRY_BYTES = 32;

/** The size that both ends give a table until a setting says otherwise. */
export const TABLE_BYTES_DEFAULT = 4_096;
