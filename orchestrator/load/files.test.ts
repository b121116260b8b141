import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, summaryOf } from "./files.ts";

const summary = (count: number): string =>
  `${JSON.stringify({ state: { testRunDurationMs: 5 }, metrics: { http_reqs: { type: "counter", values: { count } } } })}\n`;

const namesOf = (files: readonly { readonly name: string }[]): string[] => files.map(({ name }) => name);

test("one pod's files are its own, letter for letter; several pods' stand beside a merged summary", () => {
  // Would catch: k6's own summary rewritten; a file of one pod in the place of another's.
  const one = [{ summary: summary(3), dashboard: "<html>" }];
  assert.equal(summaryOf(one), summary(3));
  assert.deepEqual(filesOf(one), [
    { name: "k6-summary.json", text: summary(3) },
    { name: "k6-dashboard.html", text: "<html>" },
  ]);
  const two = [
    { summary: summary(3), dashboard: "<a>" },
    { summary: summary(4), dashboard: undefined },
  ];
  assert.match(summaryOf(two) ?? "", /"count":7/);
  assert.deepEqual(namesOf(filesOf(two)), [
    "k6-summary.json",
    "k6-summary-0.json",
    "k6-dashboard-0.html",
    "k6-summary-1.json",
  ]);
});

test("without the summary of every pod there is none of the load, and what there is stays", () => {
  // Would catch: the summary of one pod of two judged as that of the load.
  const killed = [
    { summary: summary(3), dashboard: undefined },
    { summary: undefined, dashboard: undefined },
  ];
  assert.equal(summaryOf(killed), undefined);
  assert.deepEqual(namesOf(filesOf(killed)), ["k6-summary-0.json"]);
  assert.deepEqual(filesOf([{ summary: undefined, dashboard: undefined }]), []);
});
