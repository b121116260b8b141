import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLParser } from "fast-xml-parser";
import MarkdownIt from "markdown-it";
import { z } from "zod";
import { matrixPage } from "../html/matrix-page.tsx";
import { withRun } from "./matrix.ts";
import { matrixJunit } from "./matrix-junit.ts";
import { matrixMarkdown } from "./matrix-markdown.ts";
import { matrixOfAll } from "./testing/matrices.ts";

const PLACE = { toRoot: "../../", toMatrix: "" };
const HOSTILE = `"><img src=x onerror=alert(1)> | [x](javascript:alert(1)) @team #1`;

const counts = { "@failures": z.string(), "@errors": z.string(), "@skipped": z.string(), "@tests": z.string() };
const junitSchema = z.object({
  testsuites: z.object({
    ...counts,
    testsuite: z.array(
      z.object({ ...counts, "@name": z.string(), testcase: z.array(z.looseObject({ "@name": z.string() })) }),
    ),
  }),
});

test("junit.xml has a suite for each run with the run's checks, and a run without a verdict is an error or skipped (defect: CI is green with a run missing)", () => {
  const { matrix, results } = matrixOfAll();
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    isArray: (name) => name === "testsuite" || name === "testcase",
  });
  const { testsuites } = junitSchema.parse(parser.parse(matrixJunit(matrix, results)));
  const suites = testsuites.testsuite;
  assert.deepEqual(
    suites.map((suite) => [
      suite["@name"],
      suite.testcase.length,
      suite["@failures"],
      suite["@errors"],
      suite["@skipped"],
    ]),
    [
      ["zerodrop.upgrade-blue-green 1/3", 22, "0", "0", "0"],
      ["zerodrop.upgrade-blue-green 2/3", 22, "1", "0", "0"],
      ["zerodrop.upgrade-blue-green 3/3", 22, "0", "0", "0"],
      ["zerodrop.rollback-early", 22, "0", "0", "1"],
      ["zerodrop.operator-deleted", 1, "0", "1", "0"],
      ["zerodrop.in-place", 1, "0", "0", "1"],
    ],
  );
  assert.deepEqual([testsuites["@tests"], testsuites["@failures"], testsuites["@errors"]], ["90", "1", "1"]);
  // A recording that was taken away does not take its verdict along.
  const without = junitSchema.parse(parser.parse(matrixJunit(matrix, new Map()))).testsuites;
  assert.deepEqual([without["@failures"], without["@errors"], without["@skipped"]], ["1", "1", "2"]);
});

test("Markdown has a line for each run with links to its report and to the known defect's page (defect: an explanation nobody finds)", () => {
  const { matrix } = matrixOfAll();
  const html = MarkdownIt().render(matrixMarkdown(matrix, PLACE));
  assert.equal(html.match(/<tr>/g)?.length, 1 + 6 + 1 + 1 + 1 + 4 + 1 + 5);
  assert.ok(html.includes(`<a href="01-run/report.html">`));
  assert.ok(html.includes(`<a href="../../docs/findings/start-up-race.md">known defect start-up-race</a>`));
  assert.ok(!html.includes("05-run/report.html"), "a run without a verdict has no report");
  const elsewhere = matrixMarkdown(matrix, { toRoot: "../", toMatrix: null });
  assert.ok(elsewhere.includes("(../docs/findings/start-up-race.md)") && !elsewhere.includes("report.html"));
  const nowhere = matrixMarkdown(matrix, { toRoot: null, toMatrix: null });
  assert.ok(nowhere.includes("| known defect start-up-race |") && !nowhere.includes("]("));
});

test("a run that failed has its own words, and the page of the finding that its cell names (defect: a fail that a declared defect beside it hides)", () => {
  const { matrix } = matrixOfAll();
  const [cell, ...others] = matrix.cells;
  assert.ok(cell !== undefined);
  const explained = { ...matrix, cells: [{ ...cell, finding: "never-rolled-out" }, ...others] };
  const html = MarkdownIt().render(matrixMarkdown(explained, PLACE));
  assert.match(html, /<a href="..\/..\/docs\/findings\/never-rolled-out.md">[^<]*3 of 1,000 requests failed/);
  assert.equal(html.match(/never-rolled-out/g)?.length, 1, "the runs of the cell that passed need no explanation");
  const page = matrixPage({ matrix: explained, assets: { style: "p{}", styleHash: "sha256-b=" }, toRoot: "../../" });
  assert.ok(page.includes(`<a href="./../../docs/findings/never-rolled-out.md">never-rolled-out</a>`));
  const known = matrix.runs[3]?.outcome ?? null;
  assert.ok(known !== null);
  const beside = withRun(matrix, 1, { outcome: { ...known, verdict: "fail" } });
  assert.match(matrixMarkdown(beside, PLACE), /✘ fail \|.*\| (?!\[known defect)/);
});

test("no text of a recording is markup, in Markdown or in the page (defect: a message that ends its cell)", () => {
  const { matrix } = matrixOfAll();
  const hostile = withRun(withRun(matrix, 4, { error: HOSTILE, strategy: HOSTILE, folder: HOSTILE }), 1, {
    cell: HOSTILE,
    strategy: HOSTILE,
    folder: `a/)|"><b>`,
  });
  const html = MarkdownIt({ html: true }).render(matrixMarkdown(hostile, PLACE));
  assert.doesNotMatch(html, /<(?!\/?(?:p|table|thead|tbody|tr|th|td|a)\b)/);
  assert.doesNotMatch(html, /href="(?!(?:\.\.\/\.\.\/docs\/|0\d-run\/|a\/)[^"]*")/);
  const page = matrixPage({ matrix: hostile, assets: { style: "p{}", styleHash: "sha256-b=" }, toRoot: "../../" });
  const left = page
    .replace(/<style>.*?<\/style>/s, "")
    .replaceAll(/<\/?[a-z0-9]+(?:\s[a-zA-Z-]+="[^"<]*")*\s?\/?>/g, "");
  assert.doesNotMatch(left.replace("<!doctype html>", ""), /</, "a tag that the page did not write");
});

test("the page allows its own style and nothing else, and links the reports that there are", () => {
  const { matrix } = matrixOfAll();
  const page = matrixPage({ matrix, assets: { style: "p{}", styleHash: "sha256-b=" }, toRoot: "../../" });
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'");
  assert.equal(policy, "default-src 'none'; style-src 'sha256-b='; base-uri 'none'; form-action 'none'");
  assert.doesNotMatch(page, /<script| style="| on[a-z]+="/);
  assert.ok(page.includes(`<a href="./01-run/report.html">upgrade-blue-green 1/3</a>`));
  assert.ok(page.includes(`<a href="./../../docs/findings/start-up-race.md">start-up-race</a>`));
  assert.ok(!page.includes("05-run/"));
});
