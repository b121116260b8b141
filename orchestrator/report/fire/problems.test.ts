import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShotFacts } from "./fire.ts";
import { problemsOf, type ExpectedEnd } from "./problems.ts";
import { KILLED } from "./testing/facts.ts";

const killed: ExpectedEnd = { killed: true };
const unready: ExpectedEnd = { exitCodes: [69], withinSeconds: 100 };
/** A run that could not go on, told as it must be. */
const GAVE_UP: ShotFacts = {
  ...KILLED,
  ended: { killed: false, exitCode: 69, seconds: 40, said: ["zerodrop: The disk is full."], namesNext: true },
};

test("a killed run of which all held has no problem, and one whose next run is not known yet neither", () => {
  assert.deepEqual(problemsOf(KILLED, killed), []);
  assert.deepEqual(problemsOf({ ...KILLED, next: null }, killed), []);
  assert.deepEqual(problemsOf(GAVE_UP, unready), []);
});

/** Each: what is otherwise, and what the only problem says. */
const otherwise: readonly (readonly [what: string, facts: ShotFacts, expected: ExpectedEnd, says: RegExp])[] = [
  ["a cut recording that passes", with_({ verdict: "pass" }), killed, /without its end must not be a pass/],
  ["a cut recording that is excused", with_({ verdict: "known" }), killed, /must not be a known/],
  [
    "an analyze that crashes",
    with_({ exitCode: 70, verdict: null, said: "TypeError" }),
    killed,
    /exit code 70: TypeError/,
  ],
  ["an analyze that hangs", with_({ exitCode: null, verdict: null, seconds: 60 }), killed, /within 60 s/],
  [
    "a recording that is refused",
    with_({ exitCode: 64, verdict: null, said: "zerodrop: history.ndjson line 3: expected JSON." }),
    killed,
    /must be readable; analyze says: zerodrop: history/,
  ],
  ["processes that live on", { ...KILLED, processes: ["17: flock"] }, killed, /17: flock/],
  ["files elsewhere", { ...KILLED, outside: ["latest.x"] }, killed, /latest\.x/],
  [
    "a next run that fails",
    { ...KILLED, next: { by: "b", worked: false, why: "exit code 69: it is there.", left: [] } },
    killed,
    /b, must work without help: exit code 69/,
  ],
  ["remains", { ...KILLED, next: { by: "b", worked: true, why: null, left: ["Pod x/y"] } }, killed, /Pod x\/y/],
  [
    "a run.json that is half there",
    { ...KILLED, recording: { ...KILLED.recording, verdict: "unreadable" } },
    killed,
    /run\.json must be whole/,
  ],
  [
    "a verdict that changes",
    { ...KILLED, recording: { runId: "r", complete: true, verdict: "pass" } },
    killed,
    /received invalid for pass/,
  ],
  ["another exit code", ended({ exitCode: 70 }), unready, /must be 69; received 70/],
  ["a late end", ended({ seconds: 101 }), unready, /within 100 s; it took 101 s/],
  ["a stack", ended({ said: ["zerodrop: Error: x", "    at f (y.ts)"] }), unready, /one sentence; received 2 lines/],
  ["no next command", ended({ namesNext: false }), unready, /name the next command/],
  ["a run that hangs", ended({ killed: true, exitCode: null }), unready, /end by itself/],
  [
    "a verdict that is not written",
    ended({ exitCode: 2, said: [] }),
    { exitCodes: [2], withinSeconds: 100 },
    /no run\.json/,
  ],
];
for (const [what, facts, expected, says] of otherwise) {
  test(`it is a problem: ${what}`, () => {
    const problems = problemsOf(facts, expected);
    assert.equal(problems.length, 1, problems.join(" "));
    assert.match(problems[0] ?? "", says);
  });
}

test("a run killed before it had a recording is told of in one sentence, and only there (defect: exit code 64 is taken for readable)", () => {
  const none = { ...KILLED, recording: { runId: null, complete: false, verdict: "none" } };
  const saying = (said: string): ShotFacts => ({
    ...none,
    analysis: { exitCode: 64, seconds: 1, verdict: null, said },
  });
  assert.deepEqual(problemsOf(saying("zerodrop: /x is no recording: it has no plan.json."), killed), []);
  assert.match(problemsOf(saying("zerodrop: Error: a\n    at b."), killed)[0] ?? "", /in one sentence/);
});

test("a recording that has its end may be whatever it is (defect: a kill while the run is judged counts as a false pass)", () => {
  const recording = { runId: "r", complete: true, verdict: "none" };
  assert.deepEqual(problemsOf({ ...with_({ exitCode: 0, verdict: "pass" }), recording }, killed), []);
});

function with_(analysis: Partial<ShotFacts["analysis"]>): ShotFacts {
  return { ...KILLED, analysis: { ...KILLED.analysis, ...analysis } };
}

function ended(change: Partial<ShotFacts["ended"]>): ShotFacts {
  return { ...GAVE_UP, ended: { ...GAVE_UP.ended, ...change } };
}
