import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../plan/errors.ts";
import { assertOneSentence } from "../plan/testing/one-sentence.ts";
import { parseProof } from "./proof.ts";

const GOOD = `
description: A step is left out.
group: operator
sabotage: { kind: operator-mutant, mutant: skip-step }
strategy: 25/2/50
expect: { verdict: fail, fails: [step-sequence], not: [zero-failures] }
`;

/** A change of one line of the good record, and what the error's sentence says. */
const BAD: readonly (readonly [line: string, by: string, says: string])[] = [
  ["description: A step is left out.", "description: ''", "description is wrong"],
  ["group: operator", "group: operators", "group is wrong"],
  ["group: operator", "group: operator\nspeed: 3", '"speed" is not a key'],
  ["kind: operator-mutant", "kind: operator", "sabotage.kind is wrong"],
  ["mutant: skip-step", "mutant: Skip Step", "sabotage.mutant is wrong (Invalid string: must match pattern"],
  ["mutant: skip-step", "mutant: skip-step, rules: []", '"sabotage.rules" is not a key'],
  ["strategy: 25/2/50", "strategy: quick", "strategy must be"],
  ["strategy: 25/2/50", "deadlines: { converge: 3 }", "converge"],
  ["strategy: 25/2/50", "deadlines: { converged: 0 }", "deadlines.converged is wrong"],
  ["fails: [step-sequence]", "fails: [step-sequences]", "expect.fails.0 is wrong"],
  ["not: [zero-failures]", "not: [step-sequence]", "received step-sequence in both"],
  ["verdict: fail, fails: [step-sequence]", "verdict: fail", "received verdict fail and []"],
  ["not: [zero-failures]", "invalid: [step-sequence]", "expect.invalid must name other checks than expect.fails"],
  ["strategy: 25/2/50", "rate: 0.5", "rate is wrong"],
  ["kind: operator-mutant, mutant: skip-step", "kind: proxy, rules: []", "sabotage.rules is wrong"],
  [
    "kind: operator-mutant, mutant: skip-step",
    "kind: proxy, rules: [{ id: a, do: { kind: status } }]",
    "sabotage.rules.0.do.status is wrong",
  ],
  ["kind: operator-mutant, mutant: skip-step", "kind: ledger-rows-lost, every: 1", "sabotage.every is wrong"],
  ["kind: operator-mutant, mutant: skip-step", "kind: ledger-shifted, seconds: 0", "sabotage.seconds is wrong"],
  [
    "kind: operator-mutant, mutant: skip-step",
    "kind: watch-deaf, watched: Pods, seconds: 3",
    "sabotage.watched is wrong",
  ],
  [
    "kind: operator-mutant, mutant: skip-step",
    "kind: load-starved, percent: 0, seconds: 3",
    "sabotage.percent is wrong",
  ],
  [
    "kind: operator-mutant, mutant: skip-step",
    "kind: load-stopped, when: later",
    "sabotage.when is wrong (start, steady, trigger, promoted",
  ],
  [
    "kind: operator-mutant, mutant: skip-step",
    "kind: load-stopped, when: { at: start, after: 3 }",
    "sabotage.when is wrong",
  ],
  [
    "kind: operator-mutant, mutant: skip-step",
    "kind: load-stopped, when: { traffic: [50, 25] }",
    "sabotage.when.traffic is wrong ([from, to] of which from is not above to)",
  ],
  ["verdict: fail, ", "verdict: pass, ", 'received verdict pass and ["step-sequence"]'],
];

test("a record that is wrong is refused in a sentence that names it and the place (defect: a check that must fail is misspelt, and asked for by nobody)", () => {
  parseProof(GOOD, "good");
  for (const [line, by, says] of BAD) {
    assert.ok(GOOD.includes(line));
    assert.throws(
      () => parseProof(GOOD.replace(line, by), "bad"),
      (error) => {
        assert.ok(error instanceof UsageError, `${by}: ${String(error)}`);
        assertOneSentence(error.message);
        assert.ok(error.message.startsWith("Proof bad") && error.message.includes(says), error.message);
        return true;
      },
    );
  }
});

test("what a record leaves out is an upgrade of which nothing else is said", () => {
  const { scenario, expect, strategy } = parseProof(GOOD.replace(/strategy.*\n/, "").replace(/, not.*]/, ""), "short");
  assert.deepEqual({ scenario, not: expect.not, strategy }, { scenario: "upgrade", not: [], strategy: undefined });
});

test("a record that was read says the same when it is read again (defect: a proof's process is given another sabotage)", () => {
  for (const when of [
    "start",
    "promoted",
    "{ at: trigger, after: 2 }",
    "{ traffic: [25, 75] }",
    "{ traffic: [25, 75], after: 1 }",
  ]) {
    const record = GOOD.replace("kind: operator-mutant, mutant: skip-step", `kind: load-stopped, when: ${when}`);
    const { name, ...read } = parseProof(record, "once");
    assert.deepEqual(parseProof(JSON.stringify(read), name), parseProof(record, "once"), when);
  }
  const none = GOOD.replace("kind: operator-mutant, mutant: skip-step", "kind: load-stopped");
  const { sabotage } = parseProof(none, "none");
  assert.deepEqual(sabotage, { kind: "load-stopped", when: { at: "steady" } });
});
