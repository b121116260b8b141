import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, steadyLoad, planOf, NEW, OLD } from "../checks/testing.ts";
import { judged } from "../judge/testing.ts";
import { runJson } from "./run-json.ts";
import { summaryText } from "./terminal.ts";

const summary = (story = aggressiveUpgrade(), colour = false): string =>
  summaryText(judged(story.finish()), { colour, recording: "results/20260314-090000-test" });

test("the verdict and its sentence come first", () => {
  const [first = "", second = ""] = summary().split("\n");
  assert.match(first, /PASS/);
  assert.match(second, /No client noticed: 7,800 requests through an aggressive upgrade of 35\.9 s, none failed\./);
});

test("it says what clients saw", () => {
  const text = summary();
  assert.match(text, /failed +0 \(with 95 % confidence fewer than 1 in 2,570\)/);
  assert.match(text, /99\.9 answers\/s on average/);
  for (const phase of ["before", "during", "after"]) assert.match(text, new RegExp(`${phase} +12\\.\\d`));
  assert.match(text, new RegExp(`${OLD} 3,750, ${NEW} 4,050`));
});

test("every step has its time, both sides' capacity and traffic, and the new side's measured share", () => {
  const rows = summary()
    .split("\n")
    .filter((line) => /^ +(before|\d+\.\d s) /.test(line));
  assert.equal(rows.filter((line) => line.includes(" %")).length, 9);
  assert.match(rows.at(-3) ?? "", /^ +31\.2 s +50 % +25 % +100 % +75 % +200 +87\.5 %$/);
  // Once promoted, what was the new side is all there is.
  assert.match(rows.at(-1) ?? "", /^ +35\.9 s +– +– +100 % +100 % /);
});

test("every check has a line with its symbol, id and sentence", () => {
  const story = aggressiveUpgrade();
  story.dropped = 2;
  const text = summary(story.at(50).failed());
  assert.match(text, /✘ zero-failures +1 of 7,701 requests failed/);
  assert.match(text, /\? rate-held +2 iterations could not be started/);
  assert.match(text, /✔ converged +app-fghij was promoted 35\.9 s after the trigger\./);
});

test("it says where the recording lies and how to judge it again", () => {
  assert.match(summary(), /npm run analyze -- results\/20260314-090000-test$/m);
});

test("no line is wider than 100 columns, whatever went wrong", () => {
  const long = {
    status: 0,
    errorCode: 1220,
    message: "read tcp 198.18.0.7:41234->198.19.0.9:80: connection reset by peer ".repeat(4),
  };
  const conservative = { name: "conservative", stepSizePercent: 1, intervalSeconds: 10, maxSurgePercent: 1 };
  for (const story of [
    aggressiveUpgrade(),
    aggressiveUpgrade().at(50).failed(long),
    steadyLoad(planOf(conservative)),
  ]) {
    for (const line of summary(story).split("\n")) assert.ok(line.length <= 100, line);
  }
});

test("colour adds escapes and nothing else", () => {
  const coloured = summary(aggressiveUpgrade(), true);
  assert.ok(coloured.includes("\u001b["));
  assert.equal(coloured.replaceAll(/\u001b\[[\d;]*m/g, ""), summary());
});

test("a run that never came to its change still has a summary", () => {
  const text = summary(steadyLoad(planOf()));
  assert.match(text, /INVALID/);
  assert.match(text, /did not converge/);
  assert.match(text, /no step was seen/);
});

test("run.json ends with a newline and is the result", () => {
  const result = judged(aggressiveUpgrade().finish());
  const text = runJson(result);
  assert.ok(text.endsWith("}\n"));
  assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(result)));
});
