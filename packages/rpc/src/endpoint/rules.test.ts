// SPDX-License-Identifier: Apache-2.0
// What RFC 9113 says about each frame: what is done with it, and how it is refused.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ErrorCode } from "./errors.ts";
import { Flag, PREFACE, Setting } from "./frame.ts";
import { answer, frame, Recorder, request, uint32 } from "./recorder.test.ts";

const setting = (id: number, value: number): number[] => [0, id, ...uint32(value)];
const { END_STREAM, END_HEADERS, PADDED, PRIORITY, ACK } = Flag;

/** A client with one request under way, and a server that has taken one that is not complete. */
function both(): { readonly client: Recorder; readonly server: Recorder } {
  const client = Recorder.greeted(true);
  client.open();
  client.sent();
  const server = Recorder.greeted(false);
  server.receive(server.headers(1, END_HEADERS, request));
  server.events.length = 0;
  return { client, server };
}

describe("frames that end the connection", () => {
  const block = [0x82]; // :method GET
  const cases: readonly (readonly [what: string, code: keyof typeof ErrorCode, Uint8Array[]])[] = [
    ["DATA of no stream", "PROTOCOL_ERROR", [frame(0, 0, 0, [1])]],
    ["DATA on an idle stream", "PROTOCOL_ERROR", [frame(0, 0, 7, [1])]],
    ["DATA on a stream of the server", "PROTOCOL_ERROR", [frame(0, 0, 2, [1])]],
    ["DATA that is all padding and more", "PROTOCOL_ERROR", [frame(0, PADDED, 1, [3, 0, 0])]],
    ["DATA with padding of no length", "PROTOCOL_ERROR", [frame(0, PADDED, 1)]],
    ["HEADERS of no stream", "PROTOCOL_ERROR", [frame(1, END_HEADERS, 0, block)]],
    ["HEADERS on an even stream", "PROTOCOL_ERROR", [frame(1, END_HEADERS, 2, block)]],
    ["HEADERS with too much padding", "PROTOCOL_ERROR", [frame(1, PADDED | 4, 1, [9, 0])]],
    ["HEADERS with half a priority", "PROTOCOL_ERROR", [frame(1, PRIORITY | 4, 1, [0, 0])]],
    ["a block that is none", "COMPRESSION_ERROR", [frame(1, END_HEADERS, 1, [0xff, 0xff])]],
    ["a frame within a block", "PROTOCOL_ERROR", [frame(1, 0, 1, block), frame(0, 0, 1, [1])]],
    ["an unknown frame within a block", "PROTOCOL_ERROR", [frame(1, 0, 1, block), frame(99, 0, 1)]],
    ["a block that goes on elsewhere", "PROTOCOL_ERROR", [frame(1, 0, 1, block), frame(9, 4, 3)]],
    ["CONTINUATION of nothing", "PROTOCOL_ERROR", [frame(9, END_HEADERS, 1, block)]],
    ["PRIORITY of no stream", "PROTOCOL_ERROR", [frame(2, 0, 0, [0, 0, 0, 0, 0])]],
    ["PRIORITY of another length", "FRAME_SIZE_ERROR", [frame(2, 0, 1, [0])]],
    ["RST_STREAM of no stream", "PROTOCOL_ERROR", [frame(3, 0, 0, uint32(0))]],
    ["RST_STREAM on an idle stream", "PROTOCOL_ERROR", [frame(3, 0, 7, uint32(0))]],
    ["RST_STREAM of another length", "FRAME_SIZE_ERROR", [frame(3, 0, 1, [0])]],
    ["SETTINGS of a stream", "PROTOCOL_ERROR", [frame(4, 0, 1)]],
    ["half a setting", "FRAME_SIZE_ERROR", [frame(4, 0, 0, [0, 1, 0])]],
    ["an answer to SETTINGS that says more", "FRAME_SIZE_ERROR", [frame(4, ACK, 0, [0])]],
    ["a window beyond 31 bits", "FLOW_CONTROL_ERROR", [frame(4, 0, 0, setting(4, 0x80000000))]],
    ["frames that are too short", "PROTOCOL_ERROR", [frame(4, 0, 0, setting(5, 16_383))]],
    ["frames that are too long", "PROTOCOL_ERROR", [frame(4, 0, 0, setting(5, 0x1000000))]],
    ["ENABLE_PUSH of 2", "PROTOCOL_ERROR", [frame(4, 0, 0, setting(2, 2))]],
    ["PUSH_PROMISE", "PROTOCOL_ERROR", [frame(5, END_HEADERS, 1, [0, 0, 0, 2, ...block])]],
    ["PING of a stream", "PROTOCOL_ERROR", [frame(6, 0, 1, new Uint8Array(8))]],
    ["PING of another length", "FRAME_SIZE_ERROR", [frame(6, 0, 0, [1])]],
    ["GOAWAY of a stream", "PROTOCOL_ERROR", [frame(7, 0, 1, new Uint8Array(8))]],
    ["GOAWAY that is cut off", "FRAME_SIZE_ERROR", [frame(7, 0, 0, [1])]],
    ["WINDOW_UPDATE of another length", "FRAME_SIZE_ERROR", [frame(8, 0, 0, [1])]],
    ["WINDOW_UPDATE on an idle stream", "PROTOCOL_ERROR", [frame(8, 0, 7, uint32(1))]],
    ["a connection's window that grows by 0", "PROTOCOL_ERROR", [frame(8, 0, 0, uint32(0))]],
    [
      "a connection's window too large",
      "FLOW_CONTROL_ERROR",
      [frame(8, 0, 0, uint32(2 ** 31 - 1))],
    ],
    [
      "a stream's window made too large",
      "FLOW_CONTROL_ERROR",
      [frame(8, 0, 1, uint32(1_000_000)), frame(4, 0, 0, setting(4, 2 ** 31 - 1))],
    ],
    ["a frame longer than is taken", "FRAME_SIZE_ERROR", [frame(99, 0, 0, new Uint8Array(16_385))]],
  ];
  for (const [what, code, frames] of cases) {
    test(`${what} is ${code}`, () => {
      const { client, server } = both();
      client.receive(client.headers(1, END_HEADERS, answer));
      for (const end of [client, server]) {
        const sent = end.receive(...frames);
        assert.match(sent.at(-1) ?? "", new RegExp(`^GOAWAY after \\d ${code}$`));
        assert.match(end.events.at(-1) ?? "", new RegExp(`^failed ${code}: `));
        assert.deepEqual(end.receive(frame(6, 0, 0, new Uint8Array(8))), [], "nothing is heard");
        end.endpoint.close(ErrorCode.NO_ERROR);
        assert.equal(end.events.at(-1), "reset NO_ERROR", "the stream learns of it");
      }
    });
  }

  test("a connection begins with the preface and SETTINGS", () => {
    for (const bytes of [
      [new TextEncoder().encode("PRI * HTTP/1.1\r\n\r\n")],
      [PREFACE, frame(6, 0, 0, new Uint8Array(8))],
      [PREFACE, frame(4, ACK, 0)],
    ]) {
      const sent = new Recorder(false).receive(...bytes);
      assert.equal(sent.at(-1), "GOAWAY after 0 PROTOCOL_ERROR");
    }
    const client = new Recorder(true).receive(frame(6, 0, 0, new Uint8Array(8)));
    assert.equal(client.at(-1), "GOAWAY after 0 PROTOCOL_ERROR");
  });

  test("a server that wants to be pushed to is PROTOCOL_ERROR", () => {
    const sent = Recorder.greeted(true).receive(frame(4, 0, 0, setting(2, 1)));
    assert.deepEqual(sent, ["GOAWAY after 0 PROTOCOL_ERROR"]);
  });
});

describe("frames that end a stream", () => {
  const end = END_STREAM | END_HEADERS;
  const clientCases: readonly (readonly [string, string, (client: Recorder) => Uint8Array[]])[] = [
    ["data before headers", "PROTOCOL_ERROR", () => [frame(0, 0, 1, [1])]],
    ["an answer without a status", "PROTOCOL_ERROR", (c) => [c.headers(1, 4, { "x-a": "1" })]],
    [
      "a header of a first line nobody knows",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, 4, { ...answer, ":protocol": "x" })],
    ],
    ["a status that is none", "PROTOCOL_ERROR", (c) => [c.headers(1, 4, { ":status": "2xx" })]],
    ["a request as the answer", "PROTOCOL_ERROR", (c) => [c.headers(1, 4, request)]],
    [
      "an interim answer that is the end",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, end, { ":status": "100" })],
    ],
    [
      "trailers that are not the end",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, 4, answer), c.headers(1, 4, { "grpc-status": "0" })],
    ],
    [
      "trailers with a status",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, 4, answer), c.headers(1, end, answer)],
    ],
    [
      "more data than was announced",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, 4, { ...answer, "content-length": "2" }), frame(0, 0, 1, [1, 2, 3])],
    ],
    [
      "less data than was announced",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, 4, { ...answer, "content-length": "2" }), frame(0, END_STREAM, 1, [1])],
    ],
    [
      "a length that is none",
      "PROTOCOL_ERROR",
      (c) => [c.headers(1, 4, { ...answer, "content-length": "-1" })],
    ],
    [
      "data after the end",
      "STREAM_CLOSED",
      (c) => [c.headers(1, end, answer), frame(0, 0, 1, [1])],
    ],
    [
      "headers after the end",
      "STREAM_CLOSED",
      (c) => [c.headers(1, end, answer), c.headers(1, end, answer)],
    ],
    ["a window that grows by 0", "PROTOCOL_ERROR", () => [frame(8, 0, 1, uint32(0))]],
    [
      "a window that grows too large",
      "FLOW_CONTROL_ERROR",
      () => [frame(8, 0, 1, uint32(2 ** 31 - 1))],
    ],
    [
      "headers that are too long",
      "ENHANCE_YOUR_CALM",
      (c) => {
        // A header of 10,000 bytes that is in the table comes as one byte each time.
        c.peersEncoder.encode({ "x-long": "x".repeat(4_000) });
        c.endpoint.receive(c.headers(1, 4, { ":status": "100", "x-long": "x".repeat(4_000) }));
        return [c.headers(1, 4, { ...answer, "x-long": Array(20).fill("x".repeat(4_000)) })];
      },
    ],
  ];
  for (const [what, code, frames] of clientCases) {
    test(`an answer: ${what} is ${code}`, () => {
      const { client } = both();
      assert.deepEqual(client.receive(...frames(client)), [`RST_STREAM 1 ${code}`]);
      assert.equal(client.events.at(-1), `reset ${code}`);
      const next = client.open();
      assert.deepEqual(client.receive(client.headers(next.id, 4, answer)), [`HEADERS ${next.id}`]);
      assert.equal(client.events.at(-1), "headers 200", "the connection goes on");
    });
  }

  const incomplete = [":method", ":scheme", ":path"] as const;
  for (const name of incomplete) {
    test(`a request without ${name} is PROTOCOL_ERROR`, () => {
      const { server } = both();
      const headers = { ...request, [name]: undefined };
      const sent = server.receive(server.headers(3, END_HEADERS, headers));
      assert.deepEqual(sent, ["RST_STREAM 3 PROTOCOL_ERROR"]);
      assert.deepEqual(server.events, []);
    });
  }

  test("more data than a stream's window allows is FLOW_CONTROL_ERROR", () => {
    const { server } = both();
    const data = frame(0, 0, 1, new Uint8Array(16_384));
    assert.deepEqual(server.receive(data, data, data, data, data, data), []);
    assert.deepEqual(server.receive(data), [
      "WINDOW_UPDATE by 114688",
      "RST_STREAM 1 FLOW_CONTROL_ERROR",
    ]);
  });

  test("requests beyond what is taken at a time are refused", () => {
    const server = Recorder.greeted(false, [], 1);
    const sent = server.receive(
      server.headers(1, END_HEADERS, request),
      server.headers(3, END_HEADERS, request),
    );
    assert.deepEqual(sent, ["RST_STREAM 3 REFUSED_STREAM"]);
    assert.deepEqual(server.events, ["request /x"]);
  });
});

describe("frames that are taken", () => {
  test("what nobody knows, and priorities, are passed over", () => {
    for (const end of Object.values(both())) {
      const unknown = frame(99, 0xff, 77, [1, 2, 3]);
      assert.deepEqual(end.receive(unknown, frame(2, 0, 9, [0, 0, 0, 0, 0]), unknown), []);
      assert.deepEqual(end.receive(frame(4, 0, 0, [0, 99, 0, 0, 0, 0])), ["SETTINGS ACK"]);
    }
  });

  test("a ping is answered with what it said, and an answer is told", () => {
    const { client } = both();
    const ping = [1, 2, 3, 4, 5, 6, 7, 8];
    client.endpoint.receive(frame(6, 0, 0, ping));
    assert.deepEqual(client.sentBytes(), frame(6, ACK, 0, ping));
    client.endpoint.ping();
    assert.deepEqual(client.sent(), ["PING"]);
    client.endpoint.receive(frame(6, ACK, 0, new Uint8Array(8)));
    assert.equal(client.events.at(-1), "pong");
  });

  test("padding and priorities of headers and data are not part of them", () => {
    const { client } = both();
    const block = client.peersEncoder.encode(answer);
    const padded = [2, 0, 0, 0, 0, 0, ...block, 0, 0];
    client.receive(frame(1, PADDED | PRIORITY | END_HEADERS, 1, padded));
    client.receive(frame(0, PADDED | END_STREAM, 1, [4, 7, 7, 7, 0, 0, 0, 0]));
    assert.deepEqual(client.events, ["headers 200", "data of 3", "end"]);
  });

  test("padding counts as data that was consumed", () => {
    const { server } = both();
    const [stream] = server.accepted;
    assert.ok(stream !== undefined);
    // The padding alone is more than the stream's window.
    const data = frame(0, PADDED, 1, new Uint8Array(16_000).fill(255, 0, 1));
    const sent = Array.from({ length: 500 }, () => {
      const lines = server.receive(data);
      server.endpoint.consumed(stream, 16_000 - 256);
      return lines;
    }).flat();
    assert.deepEqual(
      new Set(sent.map((line) => line.split(" by ")[0])),
      new Set(["WINDOW_UPDATE", "WINDOW_UPDATE 1"]),
    );
  });

  test("a block in many frames is one block", () => {
    const { client } = both();
    const block = client.peersEncoder.encode({ ...answer, "x-name": "value" });
    client.receive(
      frame(1, END_STREAM, 1, block.subarray(0, 3)),
      frame(9, 0, 1, []),
      frame(9, 0, 1, block.subarray(3, 5)),
      frame(9, END_HEADERS, 1, block.subarray(5)),
    );
    assert.deepEqual(client.events, ["headers 200", "end"]);
  });

  test("an interim answer is not the answer", () => {
    const { client } = both();
    client.receive(client.headers(1, 4, { ":status": "103" }), client.headers(1, 4, answer));
    assert.deepEqual(client.events, ["headers 200"]);
  });

  test("what comes for a stream that is over harms nobody, and its data is given back", () => {
    const { client } = both();
    const other = client.open();
    client.endpoint.reset(other, ErrorCode.CANCEL);
    client.sent();
    const late = [client.headers(other.id, 4, { ...answer, "x-table": "kept" })];
    for (let count = 0; count < 7; count++)
      late.push(frame(0, 0, other.id, new Uint8Array(15_000)));
    late.push(frame(3, 0, other.id, uint32(0)), frame(8, 0, other.id, uint32(0)));
    assert.deepEqual(client.receive(...late), ["WINDOW_UPDATE by 105000"]);
    client.receive(client.headers(1, 4, { ...answer, "x-table": "kept" }));
    assert.deepEqual(client.events, ["headers 200"]);
  });

  test("GOAWAY resets what the server never saw, and lets the rest go on", () => {
    const { client } = both();
    client.open();
    client.sent();
    client.receive(frame(7, 0, 0, [...uint32(1), ...uint32(ErrorCode.NO_ERROR), 0x68, 0x69]));
    assert.deepEqual(client.events, ["goaway NO_ERROR hi", "reset REFUSED_STREAM"]);
    client.receive(client.headers(1, END_HEADERS | END_STREAM, answer));
    assert.deepEqual(client.events.slice(2), ["headers 200", "end"]);
  });

  test("after its own GOAWAY a server does not look at newer streams", () => {
    const { server } = both();
    server.endpoint.goAway();
    assert.deepEqual(server.sent(), ["GOAWAY after 1 NO_ERROR"]);
    const sent = server.receive(
      server.headers(3, END_HEADERS, request),
      frame(0, END_STREAM, 3, [1]),
      frame(0, END_STREAM, 1, [1]),
    );
    assert.deepEqual([sent, server.events], [[], ["data of 1", "end"]]);
  });
});

describe("what is sent", () => {
  const settings = (window: number): number[] => setting(Setting.INITIAL_WINDOW_SIZE, window);

  test("a request whole is one piece of output", () => {
    const client = Recorder.greeted(true);
    const stream = client.open();
    client.endpoint.sendData(stream, new Uint8Array(5));
    client.endpoint.sendData(stream, new Uint8Array(100));
    client.endpoint.end(stream);
    const output = client.take();
    assert.ok(output !== undefined && client.take() === undefined);
    assert.equal(output.length > 114, true);
  });

  test("streams take turns, and none sends more than its window", () => {
    const client = Recorder.greeted(true, settings(20_000));
    const [one, two] = [client.open(), client.open()];
    for (const stream of [one, two]) {
      client.endpoint.sendData(stream, new Uint8Array(30_000));
      client.endpoint.end(stream);
    }
    assert.deepEqual(client.sent(), [
      "HEADERS 1",
      "HEADERS 3",
      "DATA 1 of 16384",
      "DATA 3 of 16384",
      "DATA 1 of 3616",
      "DATA 3 of 3616",
    ]);
    assert.deepEqual(client.receive(frame(8, 0, 3, uint32(50_000))), ["DATA 3 of 10000, end"]);
  });

  test("what the connection's window holds back goes on when it grows", () => {
    const client = Recorder.greeted(true, settings(1_000_000));
    const [one, two] = [client.open(), client.open()];
    client.endpoint.sendData(one, new Uint8Array(70_000));
    client.sent();
    client.endpoint.sendData(two, new Uint8Array(10));
    client.endpoint.endWithTrailers(two, { "x-late": "1" });
    assert.deepEqual(client.sent(), [], "the data of the second stream waits");
    assert.deepEqual(client.receive(frame(8, 0, 0, uint32(4_464 + 5))), [
      "DATA 1 of 4465",
      "DATA 3 of 4",
    ]);
    assert.deepEqual(client.receive(frame(8, 0, 0, uint32(6))), ["DATA 3 of 6", "HEADERS 3, end"]);
  });

  test("a window that was made smaller must be made good first", () => {
    const client = Recorder.greeted(true, settings(1_000));
    const stream = client.open();
    client.endpoint.sendData(stream, new Uint8Array(3_000));
    assert.deepEqual(client.sent(), ["HEADERS 1", "DATA 1 of 1000"]);
    assert.deepEqual(client.receive(frame(4, 0, 0, settings(400))), ["SETTINGS ACK"]);
    assert.deepEqual(client.receive(frame(8, 0, 1, uint32(600))), []);
    assert.deepEqual(client.receive(frame(8, 0, 1, uint32(1))), ["DATA 1 of 1"]);
    assert.deepEqual(client.receive(frame(4, 0, 0, settings(500))), [
      "SETTINGS ACK",
      "DATA 1 of 100",
    ]);
  });

  test("a window that was made smaller counts for what has not left yet", () => {
    const client = Recorder.greeted(true, settings(1_000));
    const stream = client.open();
    client.endpoint.sendData(stream, new Uint8Array(10));
    assert.deepEqual(client.receive(frame(4, 0, 0, settings(0))), ["HEADERS 1", "SETTINGS ACK"]);
    assert.deepEqual(client.receive(frame(8, 0, 1, uint32(4))), ["DATA 1 of 4"]);
  });

  test("an end without data needs no window", () => {
    const client = Recorder.greeted(true, settings(0));
    client.endpoint.end(client.open());
    assert.deepEqual(client.sent(), ["HEADERS 1", "DATA 1 of 0, end"]);
  });

  test("a sender is told when to stop, and when to go on", () => {
    const client = Recorder.greeted(true);
    const stream = client.open();
    assert.equal(client.endpoint.sendData(stream, new Uint8Array(60_000)), true);
    assert.equal(client.endpoint.sendData(stream, new Uint8Array(60_000)), false);
    client.sent();
    assert.deepEqual(client.events, ["drained"]);
  });

  test("headers longer than a frame go on in continuations", () => {
    const client = Recorder.greeted(true);
    client.endpoint.open({ ...request, "x-long": "x".repeat(40_000) }, client.streamHandler());
    assert.deepEqual(client.sent(), ["HEADERS 1", "CONTINUATION 1", "CONTINUATION 1"]);
  });

  test("headers that HTTP/2 cannot carry open no stream", () => {
    const client = Recorder.greeted(true);
    assert.throws(() =>
      client.endpoint.open({ ...request, "X-Upper": "1" }, client.streamHandler()),
    );
    assert.equal(client.endpoint.streamsOpen, 0);
    assert.deepEqual([client.open().id, client.sent()], [1, ["HEADERS 1"]]);
  });
});
