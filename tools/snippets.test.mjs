// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { filesWithSnippets, programOf, runSnippet, snippetsOf } from "./snippets.mjs";

const all = filesWithSnippets().flatMap((file) => snippetsOf(file));
const shown = all.filter(({ isShownOnly }) => isShownOnly);

describe(`examples in the documents (${shown.length} of ${all.length} only shown)`, {
  concurrency: 4,
}, () => {
  for (const snippet of all.filter(({ isShownOnly }) => !isShownOnly)) {
    test(`${snippet.file}:${snippet.line}`, async () => {
      const wrong = await runSnippet(snippet);
      assert.ok(wrong === undefined, wrong);
    });
  }
});

const runText = (text) => runSnippet({ file: "x.md", line: 1, code: text });

describe("what an example says is checked", { concurrency: 4 }, () => {
  test("values behind arrows, of expressions and of console.log", async () => {
    const good = [
      "1n + 1n; // → 2n",
      'console.log("a", [1, null]); // → a [ 1, null ]',
      '"text"; // → text',
      "\"text\"; // → 'text'",
      'for (const each of "ab") console.log(each); // → a | b',
      "console.log(",
      "  await 7,",
      "); // → 7",
    ];
    assert.equal(await runText(good.join("\n")), undefined);
  });

  test("a value that is another, and one that never comes", async () => {
    assert.equal(await runText("1 + 1; // → 3"), "expected → 3\n     got → 2");
    assert.match(await runText("if (1 > 2) console.log(1); // → 1"), /got → nothing/);
  });

  test("an error that is thrown, and a name that is not there", async () => {
    assert.match(await runText('throw new Error("oops");'), /oops/);
    assert.match(await runText("missing;"), /missing is not defined/);
  });

  test("types are passed over; a server with what the set-up asks for is at hand", async () => {
    const code = [
      'import { Client, KeySet } from "@spandrel/client";',
      'await using client: Client = new Client({ project: "my-project" });',
      'const database = client.instance("my-instance").database("my-database");',
      'const rows = await database.read("T", ["Id"], KeySet.all()).rows();',
      "rows.map(({ Id }) => Id); // → [ 7n ]",
    ].join("\n");
    const setup = "CREATE TABLE T (Id INT64) PRIMARY KEY (Id);\nINSERT INTO T (Id) VALUES (7);";
    assert.equal(await runSnippet({ file: "x.md", line: 1, code, setup }), undefined);
  });
});

test("examples are taken from fences and from doc comments, with their lines", () => {
  const document = [
    "# T\n\n```ts\na;\n```\n\n```sh\nls\n```\n",
    "```ts continued\nb;\n```\n```ts no-run\nc;\n```",
    "<!-- setup\nCREATE …;\n-->\n```ts\nd;\n```",
  ].join("\n");
  const found = snippetsOf("x.md", document);
  assert.deepEqual(
    found.map(({ line, code }) => [line, code]),
    [
      [3, "a;\n"],
      [11, "a;\nb;\n"],
      [14, "c;\n"],
      [20, "d;\n"],
    ],
  );
  assert.deepEqual(
    found.map(({ isShownOnly }) => isShownOnly),
    [false, false, true, false],
  );
  assert.equal(found.at(-1).setup, "CREATE …;");
  const source = "/**\n * What it is.\n *\n * ```ts\n * f({\n *   a,\n * });\n * ```\n */\n";
  const [inComment] = snippetsOf("x.ts", source);
  assert.equal(inComment.line, 4);
  assert.equal(inComment.code, "f({\n  a,\n});\n");
});

test("an arrow behind a declaration is a mistake", () => {
  assert.throws(() => programOf({ code: "const a = 1; // → 1" }), /behind an expression/);
});
