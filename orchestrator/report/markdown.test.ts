import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import MarkdownIt from "markdown-it";
import { CHECK_IDS } from "../plan/plan.ts";
import { SUMMARY_MD } from "./markdown.ts";
import { check, runResult, steps } from "./testing.ts";

/** As GitHub reads it: HTML is let through, and addresses become links. */
const markdown = new MarkdownIt({ html: true, linkify: true });
markdown.linkify.set({ fuzzyLink: false });

interface Read {
  /** Every table as rows of cells, the head first. */
  readonly tables: string[][][];
  /** Headings and paragraphs. */
  readonly texts: string[];
  readonly html: string[];
  /** Types of all other inline tokens: links, images, emphasis, code. */
  readonly markup: string[];
}

/** The summary as a reader of Markdown has it, texts as they are shown. */
function read(text: string): Read {
  const found: Read = { tables: [], texts: [], html: [], markup: [] };
  let row: string[] | undefined;
  for (const token of markdown.parse(text, {})) {
    if (token.type === "table_open") found.tables.push([]);
    if (token.type === "tr_open") found.tables.at(-1)?.push((row = []));
    if (token.type === "tr_close") row = undefined;
    if (token.type === "html_block") found.html.push(token.content);
    if (/list|quote|fence|code|^hr|lheading/.test(token.type)) found.markup.push(token.type);
    if (token.type !== "inline") continue;
    const inner = token.children ?? [];
    (row ?? found.texts).push(inner.map(({ content }) => content).join(""));
    found.html.push(...inner.filter(({ type }) => type === "html_inline").map(({ content }) => content));
    const others = inner.filter(({ type }) => !["text", "text_special", "html_inline"].includes(type));
    found.markup.push(...others.map(({ type }) => type));
  }
  return found;
}

const shown = (text: string): string => text.replaceAll("\u2060", "");
const readSummary = (...result: Parameters<typeof runResult>): Read => read(SUMMARY_MD.text(runResult(...result)));
const DETAILS = ["<details>\n<summary>Run and versions</summary>\n", "</details>\n"];

const MALICIOUS = [
  "</details><script>alert(1)</script> | a",
  "<!-- <img src=x onerror=alert(1)> &lt;b&gt; &amp;",
  "a\n\n# b\r\n- c\u2028| --- |\n```\nd",
  "`code` ``more`` \\` \\| \\\\| **bold** _it_ ~~no~~ $x$",
  "[click](https://example.com) ![i](https://example.com/i.png) <https://example.com> [a]: b",
  "https://example.com www.example.com ftp://example.com mail@example.com",
  "1. list",
  "- list",
  "+ list",
  "=== ",
  "--- ",
  "> quote",
  "    indented",
  "| a | b |",
];

test("the verdict, its symbol and its sentence come first", () => {
  const { texts } = readSummary();
  assert.equal(texts[0], "✔ PASS: upgrade, aggressive");
  assert.equal(shown(texts[1] ?? ""), runResult().sentence);
});

test("what clients saw is a table, with what no failure proves", () => {
  const { tables } = readSummary();
  assert.deepEqual(tables[0]?.slice(2, 5), [
    ["failed", "0 (with 95 % confidence fewer than 1 in 2,604)"],
    ["hanging", "0"],
    ["rate", "99.9 answers/s on average, the change included; planned 100"],
  ]);
  assert.deepEqual(tables[1], [
    ["Latency in ms", "p50", "p95", "p99", "max"],
    ["before", "12.1", "13", "14.3", "1,200"],
    ["during", "12.2", "15", "19.5", "40"],
    ["after", "–", "–", "–", "–"],
  ]);
});

test("several kinds of clients are a table of their own", () => {
  const { load } = runResult();
  const short = load.clients["short"];
  assert.ok(short !== undefined);
  const slow = { p50: 6010, p95: 6100.4, p99: 6250, max: 7000 };
  const long = { ...short, requests: 155, failed: 2, latency: { before: slow, during: slow, after: null } };
  const { tables } = readSummary([], { load: { ...load, clients: { short, long } } });
  assert.deepEqual(tables[2], [
    ["p50/p95/p99 in ms", "requests", "failed", "hanging", "before", "during", "after"],
    ["short", "7,800", "0", "0", "–", "–", "–"],
    ["long", "155", "2", "0", "6010/6100/6250", "6010/6100/6250", "–"],
  ]);
});

test("first tokens are a table of their own, for one kind too, and none where there are none", () => {
  const { load } = runResult();
  const short = load.clients["short"];
  assert.ok(short !== undefined);
  const quick = { p50: 60.15, p95: 61, p99: 250.4, max: 7000 };
  const chat = { ...short, firstToken: { before: quick, during: quick, after: null } };
  const { tables } = readSummary([], { load: { ...load, clients: { chat } } });
  assert.deepEqual(tables[2], [
    ["To first token, p50/p95/p99 in ms", "before", "during", "after"],
    ["chat", "60.1/61.0/250", "60.1/61.0/250", "–"],
  ]);
  assert.equal(readSummary().tables.length, tables.length - 1);
});

test("a long change is shortened, and every row keeps its columns", () => {
  const { change } = runResult();
  const { tables } = readSummary([], { change: { ...change, steps: steps(100) } });
  const table = tables[3] ?? [];
  assert.equal(table.length, 1 + 30 + 1);
  assert.ok(table.every((cells) => cells.length === 7));
  assert.equal(table[16]?.[0], "… 70 more");
});

test("a run without a change has a summary", () => {
  const { change } = runResult();
  const { texts, tables } = readSummary([], { change: { ...change, leaving: null, arriving: null, steps: [] } });
  assert.ok(texts.includes("No step was seen."));
  assert.equal(tables.length, 5);
});

test("every check has a row with symbol, id and sentence", () => {
  const { tables } = readSummary([check("zero-failures", "fail", "1 of 7,800 requests failed.")]);
  const table = tables[4] ?? [];
  assert.deepEqual(table[1], ["✘", "zero-failures", "1 of 7,800 requests failed."]);
  assert.deepEqual(
    table.slice(1).map(([, id]) => id),
    [...CHECK_IDS],
  );
});

test("versions are folded away, and are a table in there (defect: Markdown in HTML is not read as such)", () => {
  const { html, tables } = readSummary();
  assert.deepEqual(html, DETAILS);
  assert.ok(tables.at(-1)?.some(([part, version]) => part === "kuberay" && version === "1.6.2"));
});

for (const text of MALICIOUS) {
  test(`text of the cluster is shown and does nothing: ${JSON.stringify(text)}`, () => {
    const { change, environment, load } = runResult();
    const other = Object.fromEntries(Object.values(load.clients).map((one) => [text, one]));
    const { html, markup, tables, texts } = readSummary([check("zero-failures", "fail", text)], {
      sentence: text,
      change: { ...change, arriving: text, strategy: { ...change.strategy, name: text } },
      environment: { ...environment, versions: { [text]: text } },
      load: { ...load, perVersion: { [text]: 1 }, clients: { ...load.clients, ...other } },
    });
    assert.deepEqual(html, DETAILS);
    assert.deepEqual(markup, []);
    assert.deepEqual(
      tables.map((rows) => new Set(rows.map((cells) => cells.length))),
      [2, 5, 7, 2, 7, 3, 2].map((columns) => new Set([columns])),
    );
    const expected = text.replaceAll(/\s+/g, " ").trim();
    assert.equal(shown(texts[1] ?? ""), expected);
    assert.equal(shown(tables[5]?.[1]?.[2] ?? ""), expected);
  });
}

test("nobody is told: no @team, #12 or GH-12 is left whole (defect: a message pings people)", () => {
  const text = SUMMARY_MD.text(runResult([check("zero-failures", "fail", "@team owner/app#12 #13 GH-14 a@b.cd")]));
  const page = markdown.render(text).replaceAll(/<[^>]*>/g, " ");
  assert.ok(page.includes("team"));
  assert.doesNotMatch(page, /@\w|#\d|GH-\d/);
});

test("any text at all leaves the page as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ maxLength: 60 }), (one, other) => {
      const { html, markup, tables } = readSummary([check("zero-failures", "fail", one)], { sentence: other });
      assert.deepEqual([html, markup], [DETAILS, []]);
      assert.deepEqual(new Set(tables[4]?.map((cells) => cells.length)), new Set([3]));
    }),
    { numRuns: 300 },
  );
});

test("a page of the longest texts fits into a comment of 65,536 characters", () => {
  const checks = CHECK_IDS.map((id) => check(id, "fail", "<".repeat(100_000)));
  assert.ok(SUMMARY_MD.text(runResult(checks, { sentence: "|".repeat(100_000) })).length < 65_536);
});
