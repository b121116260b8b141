import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "./errors.ts";
import { outcomeOf, parseScenario } from "./scenario.ts";
import { assertOneSentence } from "./testing/one-sentence.ts";
import { valueAt } from "./yaml-input.ts";

const GOOD = `
description: An upgrade.
group: upgrade
steps:
  - do: upgrade
expect: { version: after, cluster: new }
`;

/** A change of one line of the good record, and what the error's sentence says. */
const BAD: readonly (readonly [line: string, by: string, says: string])[] = [
  ["description: An upgrade.", "description: ''", "description"],
  ["group: upgrade", "group: upgrades", "group"],
  ["group: upgrade", "group: upgrade\nspeed: 3", "speed"],
  ["  - do: upgrade", "  - do: upgrad", "steps.0"],
  ["  - do: upgrade", "  - do: upgrade\n    when: { traffic: [70, 30] }", "steps.0.when"],
  ["  - do: upgrade", "  - do: upgrade\n    when: { traffic: [30, 70], seconds: 3 }", "steps.0.when"],
  ["  - do: upgrade", "  - do: fault\n    fault: { kind: delete-pod, target: everything }", "steps.0.fault"],
  ["  - do: upgrade", "  - do: fault\n    fault: { kind: stop-api-server, seconds: 0 }", "steps.0.fault"],
  ["  - do: upgrade", "  - do: upgrade\n    patch: [{ op: replace, path: /metadata/name, value: x }]", "steps.0.patch"],
  // The run itself could not go on for so long.
  ["  - do: upgrade", "  - do: fault\n    fault: { kind: stop-api-server, seconds: 11 }", "steps.0.fault.seconds"],
  ["expect: { version: after, cluster: new }", "expect: { version: before, cluster: same }", "where its steps lead"],
  ["  - do: upgrade", "  - do: in-place", "on the same RayCluster, where its steps lead"],
  ["  - do: upgrade", "  - do: upgrade\nbudget: { failedRequests: -1 }", "budget.failedRequests"],
  ["  - do: upgrade", "  - do: upgrade\nwithout: { zero-failure: no }", "without"],
  ["description: An upgrade.", "description: [", "must be YAML"],
];

test("a record that is wrong is refused in a sentence that names it and the place (defect: a misspelt word is ignored)", () => {
  parseScenario(GOOD, "good");
  for (const [line, by, says] of BAD) {
    assert.ok(GOOD.includes(line));
    assert.throws(
      () => parseScenario(GOOD.replace(line, by), "bad"),
      (error) => {
        assert.ok(error instanceof UsageError, `${by}: ${String(error)}`);
        assertOneSentence(error.message);
        assert.ok(error.message.startsWith("Scenario bad") && error.message.includes(says), error.message);
        return true;
      },
    );
  }
});

/** Keys of a record, each with what it may say. */
const FINE: readonly (readonly [key: string, ...values: (string | number)[]])[] = [
  ["group", "upgrade", "rollback", "in-place", "undeployable", "deletion", "suspend", "fault", "platform", "gcs"],
  ["serveIngress", "haproxy", "proxy"],
  ["rate", 1, 40],
];

test("a record may say each of the words that there are (defect: a group or an ingress that no scenario can have)", () => {
  for (const [key, ...values] of FINE) {
    for (const value of values) {
      const rest = key === "group" ? GOOD.replace("group: upgrade", "") : GOOD;
      assert.equal(valueAt(parseScenario(`${rest}${key}: ${value}`, "fine"), [key]), value);
    }
  }
});

test("a record's sentence says whose key, and what stands there (defect: a user who looks for it in another file)", () => {
  for (const [by, sentence] of [
    ["group: upgrade\nratte: 3", ': "ratte" is not a key of a scenario; nearest is rate.'],
    ["group: upgrade\nrate: 0", ": rate is wrong (Too small: expected number to be >=1); received 0."],
    [
      "group: ''",
      ': group is wrong (Invalid option: expected one of "upgrade"|"rollback"|"in-place"|"undeployable"|"deletion"|"suspend"|"fault"|"platform"|"gcs"); received "".',
    ],
    [
      "group: upgrade\nserveIngress: ''",
      ': serveIngress is wrong (Invalid option: expected one of "haproxy"|"proxy"); received "".',
    ],
  ] as const) {
    assert.throws(() => parseScenario(GOOD.replace("group: upgrade", by), "odd"), {
      name: "UsageError",
      message: `Scenario odd${sentence}`,
    });
  }
});

test("the version alone may be what is wrongly expected, or the RayCluster alone (defect: a right change is judged as a wrong one)", () => {
  for (const [steps, leads, expected, received] of [
    ["do: upgrade", "version after on the new", "version: third, cluster: new", "version third on the new"],
    ["do: upgrade", "version after on the new", "version: after, cluster: same", "version after on the same"],
    ["do: in-place", "version after on the same", "version: before, cluster: same", "version before on the same"],
  ] as const) {
    const text = GOOD.replace("do: upgrade", steps).replace("version: after, cluster: new", expected);
    assert.throws(() => parseScenario(text, "odd"), {
      name: "UsageError",
      message: `Scenario odd: expect must be ${leads} RayCluster, where its steps lead; received ${received} RayCluster.`,
    });
  }
});

test("steps lead to the last goal that was set (defect: a cancelled rollback is expected to end rolled back)", () => {
  const goal = (...does: ("upgrade" | "third" | "rollback" | "in-place")[]) =>
    outcomeOf(does.map((one) => ({ do: one })));
  assert.deepEqual(goal("upgrade", "rollback", "upgrade"), { version: "after", cluster: "new" });
  assert.deepEqual(goal("upgrade", "third"), { version: "third", cluster: "new" });
  assert.deepEqual(goal("upgrade", "rollback"), { version: "before", cluster: "same" });
  assert.deepEqual(goal("in-place"), { version: "after", cluster: "same" });
  assert.deepEqual(goal(), { version: "before", cluster: "same" });
  const broken = outcomeOf([{ do: "upgrade" }, { do: "fault", fault: { kind: "rollout", target: "gateway" } }]);
  assert.deepEqual(broken, { version: "after", cluster: "new" });
});

const CUT = "do: fault, fault: { kind: cut-network, target: active-head, seconds: 3 }";

/** Steps of which the last cannot be taken after those before it, and what the error says. */
const NEVER: readonly (readonly [says: string, ...steps: string[]])[] = [
  ["(rollback) must follow an upgrade", "do: rollback"],
  ["(upgrade) must not follow an in-place change", "do: in-place", "do: upgrade"],
  ["(in-place) must be the only change", "do: upgrade", "do: in-place"],
  ["(upgrade) waits for a pending RayCluster", "do: upgrade, when: { traffic: [1, 30] }"],
  ["(suspend) waits for a pending RayCluster", "do: suspend, of: RayCluster, when: { pending: named }"],
  ["(resume) must follow a suspension of the RayService", "do: suspend, of: RayCluster", "do: resume, of: RayService"],
  ["(upgrade) waits for a pod to be gone", "do: upgrade, when: { gone: true }"],
  ["(upgrade) waits for a pod to be gone", CUT, "do: upgrade, when: { gone: true }"],
  ["(fault) needs a pending-head", "do: fault, fault: { kind: delete-pod, target: pending-head }", "do: upgrade"],
];

test("a step that can never be taken is refused by its number and name (defect: found out by a deadline, under load)", () => {
  for (const [says, ...steps] of NEVER) {
    const text = GOOD.replace("  - do: upgrade", steps.map((step) => `  - { ${step} }`).join("\n"));
    assert.throws(
      () => parseScenario(text, "never"),
      (error) => {
        assert.ok(error instanceof UsageError, `${says}: ${String(error)}`);
        assertOneSentence(error.message);
        assert.ok(error.message.startsWith("Scenario never: steps.") && error.message.includes(says), error.message);
        return true;
      },
    );
  }
});
