// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeaderDecoder } from "./decoder.ts";
import { HeaderEncoder } from "./encoder.ts";
import { HeaderListError, HeaderNotAllowedError, HpackError } from "./errors.ts";
import type { Headers } from "./header-list.ts";
import { STATIC_TABLE } from "./static-table.ts";

function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, "").match(/../g) ?? [];
  return Uint8Array.from(digits, (digit) => Number.parseInt(digit, 16));
}

const plain = (headers: Headers): Headers => ({ ...headers });

test("the examples of RFC 7541 are read as it says, requests in one table", () => {
  // https://www.rfc-editor.org/rfc/rfc7541#appendix-C.4
  const decoder = new HeaderDecoder();
  const first = {
    ":method": "GET",
    ":scheme": "http",
    ":path": "/",
    ":authority": "www.example.com",
  };
  assert.deepEqual(plain(decoder.decode(hex("828684418cf1e3c2e5f23a6ba0ab90f4ff"))), first);
  assert.deepEqual(plain(decoder.decode(hex("828684be5886a8eb10649cbf"))), {
    ...first,
    "cache-control": "no-cache",
  });
  assert.deepEqual(plain(decoder.decode(hex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"))), {
    ":method": "GET",
    ":scheme": "https",
    ":path": "/index.html",
    ":authority": "www.example.com",
    "custom-key": "custom-value",
  });
});

test("the examples of RFC 7541 are read as it says, answers in a table of 256 bytes", () => {
  // https://www.rfc-editor.org/rfc/rfc7541#appendix-C.6
  const decoder = new HeaderDecoder({ tableBytesMax: 256 });
  const first = {
    ":status": "302",
    "cache-control": "private",
    date: "Mon, 21 Oct 2013 20:13:21 GMT",
    location: "https://www.example.com",
  };
  const blocks = [
    `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e
     919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
    "4883 640e ffc1 c0bf",
    `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d
     d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106
     3d50 07`,
  ];
  const [one, two, three] = blocks.map((block) => plain(decoder.decode(hex(block))));
  assert.deepEqual(one, first);
  assert.deepEqual(two, { ...first, ":status": "307" });
  assert.deepEqual(three, {
    ...first,
    ":status": "200",
    date: "Mon, 21 Oct 2013 20:13:22 GMT",
    "content-encoding": "gzip",
    "set-cookie": "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
  });
});

test("the static table has its 61 entries at their places", () => {
  assert.equal(STATIC_TABLE.length, 61);
  assert.deepEqual(STATIC_TABLE[15], { name: "accept-encoding", value: "gzip, deflate" });
  assert.deepEqual(STATIC_TABLE[60], { name: "www-authenticate", value: "" });
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const value = fc.oneof(
  fc.constantFrom("", "trailers", "application/grpc", "a".repeat(200), "b".repeat(5000)),
  fc.string({
    unit: fc
      .integer({ min: 0x20, max: 0xff })
      .filter((code) => code !== 0x7f)
      .map((code) => String.fromCharCode(code)),
  }),
);
const list = fc
  .dictionary(
    fc.oneof(name, fc.constantFrom("te", "grpc-status", "x-a", "x-b", "x-c", "user-agent")),
    fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 3 })),
    { maxKeys: 8 },
  )
  .map((headers) => ({ ":path": "/a", ...headers }))
  .filter((headers) => !("te" in headers) || headers.te === "trailers")
  .filter((headers) => !["connection", "upgrade", "keep-alive"].some((key) => key in headers));

test("whatever is written is read again, whatever sizes the table takes on the way", () => {
  const step = fc.record({ list, tableBytes: fc.option(fc.integer({ min: 0, max: 5000 })) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 20 }), (steps) => {
      const encoder = new HeaderEncoder();
      const decoder = new HeaderDecoder({ listBytesMax: 1_000_000 });
      for (const { list: headers, tableBytes } of steps) {
        if (tableBytes !== null) encoder.setTableBytesMax(tableBytes);
        for (let again = 0; again < 3; again++) {
          assert.deepEqual(plain(decoder.decode(encoder.encode(headers))), headers);
        }
      }
    }),
  );
});

test("a table that was made smaller and larger again is told as both", () => {
  // https://www.rfc-editor.org/rfc/rfc7541#section-4.2
  const encoder = new HeaderEncoder();
  encoder.setTableBytesMax(0);
  encoder.setTableBytesMax(4_096);
  const headers = { ":method": "GET" };
  assert.deepEqual(encoder.encode(headers), hex("20 3f e1 1f 82"));
  assert.deepEqual(encoder.encode(headers), hex("82"), "and is told once");
});

test("what comes again is a byte each, and what changes each time pushes nothing out", () => {
  const encoder = new HeaderEncoder();
  const decoder = new HeaderDecoder();
  const sizes: number[] = [];
  for (let call = 0; call < 500; call++) {
    const headers = {
      ":method": "POST",
      ":path": call % 2 === 0 ? "/service/One" : "/service/Two",
      "user-agent": "spandrel",
      "x-request-id": `request-${call}`,
    };
    const block = encoder.encode(headers);
    sizes.push(block.length);
    assert.deepEqual(plain(decoder.decode(block)), headers);
  }
  // One byte each for three headers; the request id is sent in full.
  assert.deepEqual([...new Set(sizes.slice(10))].sort(), [28, 29]);
});

test("a name or a value that no header can have is refused, and nothing is lost by it", () => {
  const encoder = new HeaderEncoder();
  const decoder = new HeaderDecoder();
  const good = { "x-a": "1", "x-b": "2" };
  for (const bad of [
    { "X-A": "1" },
    { "x a": "1" },
    { "": "1" },
    { "x-a": "1\n2" },
    { "x-a": "€" },
  ]) {
    assert.throws(() => encoder.encode({ ...good, ...bad }), HeaderNotAllowedError);
    assert.deepEqual(plain(decoder.decode(encoder.encode(good))), good);
  }
});

test("lists that HTTP/2 does not allow are refused, and the next is read well", () => {
  const bad: ReadonlyArray<readonly [string, RegExp]> = [
    ["40 01 41 01 31", /characters/], // A: 1
    ["40 02 78 79 01 0a", /value of xy/], // xy: a line feed
    ["90 82", /:method comes after/],
    ["82 82", /:method comes twice/],
    ["40 0a 636f6e6e656374696f6e 01 61", /does not belong/],
    ["40 02 7465 01 61", /te may only/],
  ];
  for (const [block, text] of bad) {
    const decoder = new HeaderDecoder();
    assert.throws(
      () => decoder.decode(hex(block)),
      (error) => {
        assert.ok(error instanceof HeaderListError && !error.isTooLong);
        assert.match(error.message, text);
        return true;
      },
    );
    assert.deepEqual(plain(decoder.decode(hex("82"))), { ":method": "GET" });
  }
});

test("a list that is too long is refused, and what it put into the table can be used", () => {
  const decoder = new HeaderDecoder({ listBytesMax: 100 });
  const long = hex(`40 02 7879 7f 80 01 ${"61".repeat(255)} 40 02 7879 01 62`);
  assert.throws(
    () => decoder.decode(long),
    (error) => error instanceof HeaderListError && error.isTooLong,
  );
  assert.deepEqual(plain(decoder.decode(hex("be"))), { xy: "b" });
});

test("bytes that are no block are told apart from everything else", () => {
  const broken = [
    "80", // entry 0
    "be", // an entry that is not there
    "ff ff ff ff ff 7f", // a number past all numbers
    "40", // ends before the name
    "40 05 61", // a text past the end
    "41 84 ff ff ff ff", // the end-of-string code
    "41 81 00", // ends inside of a code
    "41 82 07 ff", // a byte more of filling than it needs
    "82 20", // the table changes within a list
    "3f ff ff 03", // a table larger than allowed
  ];
  for (const block of broken) {
    assert.throws(() => new HeaderDecoder().decode(hex(block)), HpackError, block);
  }
});

test("no bytes do anything but give headers or one of the two errors", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (blocks) => {
      const decoder = new HeaderDecoder({ tableBytesMax: 128 });
      for (const block of blocks) {
        try {
          decoder.decode(block);
        } catch (error) {
          assert.ok(error instanceof HpackError || error instanceof HeaderListError);
          if (error instanceof HpackError) return;
        }
      }
    }),
    { numRuns: 2_000 },
  );
});
