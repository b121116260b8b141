import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunResult } from "../judge/run-result.ts";
import { differences } from "./differences.ts";
import { runJson } from "./run-json.ts";
import { check, runResult } from "./testing.ts";

const now = runResult([check("zero-failures", "fail", "1 of 7,800 requests failed.", { figures: { failed: 1 } })], {
  verdict: "fail",
  exitCode: 1,
  judge: { version: "2", knownDefects: "1" },
});

/** Lines about a run.json that differs from the verdict above in these facts. */
function linesFor(changes: Partial<RunResult> | ((text: string) => string)): string[] {
  return differences(typeof changes === "function" ? changes(runJson(now)) : runJson({ ...now, ...changes }), now);
}
const EDITED = /is not what this judge makes of the recording \(judge 2 with known defects 1 in both\)/;

test("equal bytes: nothing to say", () => {
  assert.deepEqual(linesFor({}), []);
});

test("another judge's verdict: each check that concluded otherwise, and each figure (defect: a verdict changes silently)", () => {
  const before = runResult([], { judge: { version: "1", knownDefects: "3" } });
  before.load.failed = 2;
  before.load.perCluster = { "app-abcde": 3750 };
  before.change.steps.pop();
  before.checks.forEach((one) => (one.required = one.id !== "converged"));
  assert.deepEqual(differences(runJson(before), now), [
    "The recording's run.json is by judge 1 with known defects 3, this verdict by judge 2 with known defects 1: 8 differences.",
    "  verdict: was pass, now fail",
    "  zero-failures: was pass, now fail: 1 of 7,800 requests failed.",
    "  exitCode: 0, now 1",
    "  load.failed: 2, now 0",
    "  load.perCluster.app-fghij: nothing, now 4049",
    "  change.steps: a list of 7, now a list of 8",
    "  checks.zero-failures.figures.failed: nothing, now 1",
    "  checks.converged.required: false, now true",
  ]);
});

test("another judge, the same verdict: one line", () => {
  assert.deepEqual(linesFor({ judge: { version: "1", knownDefects: "1" } }), [
    "The recording's run.json is by judge 1 with known defects 1, this verdict by judge 2 with known defects 1: nothing else differs.",
  ]);
});

test("checks that came, went, or say it otherwise (defect: ids of another judge are refused)", () => {
  const lines = linesFor((text) =>
    text.replace('"id": "pods-stable"', '"id": "pods-calm"').replace("All is well with converged.", "Well converged."),
  );
  assert.deepEqual(lines.slice(1), [
    '  converged: pass as before; said "Well converged.", now "All is well with converged."',
    "  pods-stable: was no check, now pass: All is well with pods-stable.",
    "  pods-calm: was pass, is no check any more",
  ]);
});

test("the same judge cannot differ: run.json was edited, or the recording was", () => {
  const [first = "", ...rest] = linesFor({ verdict: "pass" });
  assert.match(first, EDITED);
  assert.match(first, /1 difference\.$/);
  assert.deepEqual(rest, ["  verdict: was pass, now fail"]);
});

test("bytes differ and values do not", () => {
  const lines = linesFor((text) => `${text}\n`);
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? "", EDITED);
  assert.match(lines[0] ?? "", /only its spelling differs/);
});

test("a run.json that cannot be read is a sentence (defect: analyze crashes on somebody's file)", () => {
  const unreadable: Readonly<Record<string, RegExp>> = {
    "": /it is no JSON/,
    "{": /it is no JSON/,
    null: /expected object/,
    "[]": /expected object/,
    "{}": /judge: /,
    '{"judge":{"version":1}}': /judge\.version: /,
    '{"judge":{"version":"1","knownDefects":"1"},"verdict":"pass","checks":[{}]}': /checks\.0\.id: /,
  };
  for (const [text, reason] of Object.entries(unreadable)) {
    const lines = differences(text, now);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", /^The recording's run\.json cannot be compared: .+\.$/);
    assert.match(lines[0] ?? "", reason);
  }
});

test("a file made to do harm: nested without end, endless, full of escapes", () => {
  const minimal = (rest: string): string =>
    `{"judge":{"version":"\\u001b[2J","knownDefects":"1"},"verdict":"\\u009b1m","checks":[],${rest}}`;
  const deep = `"x":${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const long = `"y":[${Array.from({ length: 5000 }, () => '"\\u001b]0;\\u0007"').join(",")}],"\\u001b":1,"__proto__":{"z":1}`;
  const lines = differences(minimal(`${deep},${long}`), now);
  for (const line of lines) assert.match(line, /^[^\u0000-\u001f\u007f-\u009f]{0,400}$/u);
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index])));
  const cut = differences(minimal(`"load":${many}`), now);
  assert.ok(cut.length < 70);
  assert.match(cut.at(-1) ?? "", /^ {2}… and [\d,]+ more$/);
});
