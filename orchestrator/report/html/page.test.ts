import assert from "node:assert/strict";
import { test } from "node:test";
import { CHECK_IDS } from "../../plan/plan.ts";
import { check, runResult } from "../testing.ts";
import { CHARTS } from "./charts.ts";
import { reportPage } from "./page.tsx";
import { course, pageInput, ZERO_MS } from "./testing/page-input.ts";

const FAILED = runResult(
  [
    check("zero-failures", "fail", "3 of 1,000 requests failed.", {
      figures: { requests: 1000, violations: 250, steps: [{ atMs: ZERO_MS, weight: 25, reason: "" }] },
      violations: Array.from({ length: 100 }, (_, index) => ({
        atMs: ZERO_MS + 3250 + index,
        cause: "failed-request",
        facts: { client: "steady", durationMs: 12_000, untilMs: ZERO_MS + 4000, message: "" },
      })),
    }),
    check("latency-budget", "not-applicable", "The plan sets no latency budget.", { required: false }),
  ],
  { verdict: "fail", exitCode: 1, sentence: "Clients noticed: 3 of 1,000 requests failed [zero-failures]." },
);

test("a page says everything that was judged, the broken first (defect: a check that is nowhere)", () => {
  const page = reportPage(pageInput({ result: FAILED }));
  for (const id of CHECK_IDS) assert.equal(page.split(`id="check-${id}"`).length, 2, id);
  for (const { id } of CHARTS) assert.ok(page.includes(`id="plot-${id}"`), id);
  assert.ok(page.indexOf('id="check-zero-failures"') < page.indexOf('id="timeline"'));
  assert.ok(page.indexOf('id="check-latency-budget"') > page.indexOf('id="timeline"'));
  assert.match(page, /<title>✘ fail: 20260314-090000-aggressive<\/title>/);
  assert.ok(page.includes("Clients noticed: 3 of 1,000 requests failed [zero-failures]."));
});

test("why a run is invalid begins with the holes of its recording (defect: thirteen consequences before their cause)", () => {
  const result = runResult(
    [
      check("zero-failures", "invalid", "The ledger is not whole."),
      check("converged", "fail", "It never converged."),
      check("recording-complete", "invalid", "The history was cut short."),
    ],
    { verdict: "fail" },
  );
  const page = reportPage(pageInput({ result }));
  const order = ["converged", "recording-complete", "zero-failures", "versions-served"];
  const places = order.map((id) => page.indexOf(`id="check-${id}"`));
  assert.deepEqual(
    places,
    [...places].sort((a, b) => a - b),
  );
});

test("a violation names its moment, and the page how many there are in all (defect: a link to another time)", () => {
  const page = reportPage(pageInput({ result: FAILED }));
  assert.ok(page.includes(`data-at="${String(ZERO_MS + 3250)}"`));
  assert.match(page, /250 violations/);
  assert.match(page, /… and 230 more\./);
  assert.match(page, /client steady · duration 12\.0 s · until \+4\.0 s/);
});

test("a run in which everything held has no section of what did not (defect: an empty Why)", () => {
  const page = reportPage(pageInput());
  assert.ok(!page.includes('id="why"'));
  assert.match(page, /22 of 22 checks passed\./);
});

test("first tokens have a table where there are any (defect: what users of streams wait for is in no report)", () => {
  const { load } = FAILED;
  const quick = { p50: 60, p95: 61, p99: 250.4, max: 7000 };
  const chat = { ...Object.values(load.clients)[0], firstToken: { before: quick, during: quick, after: null } };
  const result = { ...FAILED, load: { ...load, clients: { chat } } } as typeof FAILED;
  assert.match(reportPage(pageInput({ result })), /Time to the first token.*>chat<.*>60\.0\/61\.0\/250</);
  assert.doesNotMatch(reportPage(pageInput({ result: FAILED })), /first token/);
});

test("the policy names the page's own script and style, and allows nothing else (defect: a page that fetches)", () => {
  const page = reportPage(pageInput());
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'");
  assert.equal(
    policy,
    "default-src 'none'; script-src 'sha256-aaa='; style-src 'sha256-bbb='; base-uri 'none'; form-action 'none'",
  );
  assert.doesNotMatch(page, /(?:src|href)="(?!#|\.\/)/);
  // An inline style would be refused by that policy, with an error in the console.
  assert.doesNotMatch(page, / style="/);
});

test("text from a recording is text (defect: markup in a message, a name or a fact)", () => {
  const hostile = `"><img src=x onerror=alert(1)></script><script>alert(2)</script>`;
  const one = course();
  const [old] = one.clusters;
  assert.ok(old !== undefined);
  const page = reportPage(
    pageInput({
      result: runResult(
        [
          check("pods-stable", "fail", hostile, {
            figures: { [hostile]: hostile, list: [{ [hostile]: hostile }] },
            violations: [{ atMs: ZERO_MS, cause: hostile, facts: { [hostile]: hostile } }],
          }),
        ],
        { sentence: hostile, runId: hostile, verdict: "fail" },
      ),
      course: {
        ...one,
        phases: [{ name: hostile, fromMs: one.fromMs, untilMs: one.untilMs }],
        clusters: [{ ...old, cluster: hostile, version: hostile }],
        kinds: { [hostile]: one.load },
        failures: { ...one.failures, texts: one.failures.texts.map(() => hostile) },
        flags: [{ atMs: ZERO_MS, source: "event", severity: "warning", title: hostile, detail: hostile }],
      },
      recording: hostile,
      files: [hostile],
    }),
  );
  assert.ok(!page.includes("<img"));
  assert.equal(page.split("<script").length, 3, "the data and the page's own script");
  assert.equal(page.split("</script").length, 3);
  assert.doesNotMatch(page, /<[^>]*\sonerror=/);
});

test("equal runs give equal pages (defect: a page that tells when it was made)", () => {
  assert.equal(reportPage(pageInput()), reportPage(pageInput()));
});

test("what lies beside the page is linked by its name alone (defect: a path of the machine that made it)", () => {
  const page = reportPage(pageInput({ files: ["run.json", "a b#c.txt"] }));
  assert.ok(page.includes('href="./run.json"'));
  assert.ok(page.includes('href="./a%20b%23c.txt"'));
});

test("a folder with a quote in its name stays one word of the command (defect: a command that does something else)", () => {
  const page = reportPage(pageInput({ recording: "it's; rm -rf x" }));
  assert.ok(page.includes(String.raw`npm run analyze -- 'it'\''s; rm -rf x'`));
});
