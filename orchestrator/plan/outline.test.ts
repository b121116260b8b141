import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./config.ts";
import { makePlan } from "./make-plan.ts";
import { outlineOf, outlineText, STEADY_SECONDS } from "./outline.ts";
import type { Plan } from "./plan.ts";
import { parseScenario } from "./scenario.ts";
import { parseStrategy } from "./strategy.ts";
import { scenarioNamed } from "./testing/scenarios.ts";

function planned(steps: string, expect: string, { strategy = "aggressive", more = "" } = {}): Plan {
  const text = `description: Words.\ngroup: upgrade\nsteps:${steps}\nexpect: ${expect}\n${more}`;
  return planOf(parseScenario(text, "words"), strategy);
}

function planOf(scenario: ReturnType<typeof parseScenario>, strategy = "aggressive"): Plan {
  return makePlan({
    request: { strategy: parseStrategy(strategy, "strategy") },
    ...{ config: parseConfig("", "", []), scenario, versions: {}, runId: "r", createdAt: "2026-01-02T03:04:05.000Z" },
    seed: 5,
  });
}

const NEW = "{ version: after, cluster: new }";
const SAME = "{ version: before, cluster: same }";

test("an upgrade is expected to go through its strategy's states, and takes its intervals at least", () => {
  const { steps, expected, ends, leastSeconds } = outlineOf(planOf(scenarioNamed()));
  assert.deepEqual(steps, ["the spec gets the version after"]);
  assert.deepEqual(expected, [
    ...["100,100|-", "100,100|0,0", "100,100|50,0?", "100,75|50,25", "100,50|50,50", "50,50|50,50"],
    ...["50,50|100,50?", "50,25|100,75", "50,0|100,100", "0,0|100,100?", "100,100|-"],
  ]);
  assert.deepEqual(ends, { version: "after", cluster: "new" });
  // 15 s of warm-up, 3 intervals of 2 s between 4 moves, 10 s of grace.
  assert.equal(leastSeconds, 31);
});

test("a rollback goes back from the first state in its window, a cancelled one forward again from there (defect: the states of an upgrade)", () => {
  assert.deepEqual(outlineOf(planOf(scenarioNamed("rollback"))).expected.slice(3), [
    ...["100,75|50,25", "100,50|50,50", "100,75|50,25", "100,100|50,0", "100,100|0,0?", "100,100|-"],
  ]);
  const cancelled = planned(
    "\n  - do: upgrade\n  - { do: rollback, when: { traffic: [30, 70] } }\n  - { do: upgrade, when: { traffic: [1, 29] } }",
    NEW,
  );
  const { expected, steps } = outlineOf(cancelled);
  assert.deepEqual(expected.slice(4, 8), ["100,50|50,50", "100,75|50,25", "100,50|50,50", "50,50|50,50"]);
  assert.equal(steps[2], "at 1 to 29 % of the traffic moved: the spec gets the version after again");
});

test("what stays in place has one state, and what lasts counts (defect: a fault of 20 s in a run of 25)", () => {
  const fault = "\n  - { do: fault, fault: { kind: scale-to-zero, target: operator, seconds: 20 } }";
  const steady = outlineOf(planned(fault, SAME));
  assert.deepEqual([steady.expected, steady.leastSeconds], [["100,100|-"], 45]);
  const wait = "\n  - { do: upgrade }\n  - { do: rollback, when: { pending: stuck } }";
  const delayed = outlineOf(planned(wait, SAME, { more: "application: { deletionDelaySeconds: null }\n" }));
  assert.deepEqual(delayed.expected, ["100,100|-", "100,100|0,0", "100,100|-"]);
  assert.equal(delayed.leastSeconds, 15 + 60 + 10);
});

test("nothing done still lasts, and what goes on at once does not add up (defect: a least time that runs stay below)", () => {
  assert.equal(outlineOf(planned(" []", SAME)).leastSeconds, 15 + STEADY_SECONDS + 10);
  const cut = "{ do: fault, fault: { kind: cut-network, target: active-head, seconds: 4 } }";
  // The moves of traffic, 6 s, go on while the network is cut.
  assert.equal(outlineOf(planned(`\n  - do: upgrade\n  - ${cut}`, NEW)).leastSeconds, 15 + 6 + 10);
  assert.equal(outlineOf(planned(`\n  - ${cut}\n  - ${cut}`, SAME)).leastSeconds, 15 + 4 + 10);
});

test("every kind of step and moment has words in the text", () => {
  const all = planned(
    `
  - { do: operator, version: "1.5.1" }
  - { do: upgrade, importPath: none:app }
  - { do: suspend, of: RayCluster, when: { pending: created } }
  - { do: resume, of: RayCluster, when: { seconds: 3 } }
  - { do: fault, when: { traffic: [50, 50] }, fault: { kind: cut-network, target: active-head, seconds: 3 } }
  - { do: fault, fault: { kind: delete-pod, target: active-worker } }
  - { do: third, when: { gone: true } }`,
    "{ version: third, cluster: new }",
  );
  const text = outlineText(all, outlineOf(all));
  for (const words of [
    "the operator becomes one of KubeRay 1.5.1",
    "with what the scenario changes of it",
    "when the pending RayCluster has a pod: the RayCluster is suspended",
    "3 s later: the RayCluster is resumed",
    "at 50 % of the traffic moved: the network of the active head cut for 3 s",
    "when the pod that was taken away is gone: the spec gets a third version",
    "ends      the third version on a new RayCluster",
    "seed      5",
  ])
    assert.ok(text.includes(words), `${words} is not in:\n${text}`);
});

test("one move of traffic waits for no interval, twenty for nineteen (defect: moves taken for stays)", () => {
  assert.equal(outlineOf(planOf(scenarioNamed(), "blue-green")).leastSeconds, 15 + 10);
  assert.equal(outlineOf(planOf(scenarioNamed(), "conservative")).leastSeconds, 15 + 19 * 10 + 10);
});

test("where no RayCluster leaves, no deletion delay is waited for (defect: a least time above what the run takes)", () => {
  const more = "application: { deletionDelaySeconds: 40 }\n";
  assert.equal(
    outlineOf(planned("\n  - { do: in-place }", "{ version: after, cluster: same }", { more })).leastSeconds,
    25,
  );
  assert.equal(outlineOf(planned("\n  - { do: upgrade }", NEW, { more })).leastSeconds, 15 + 6 + 40 + 10);
});

test("what a step waits for adds up (defect: a suspension of 20 s in a run of 25)", () => {
  const suspension = "\n  - { do: suspend, of: RayService }\n  - { do: resume, of: RayService, when: { seconds: 20 } }";
  assert.equal(outlineOf(planned(suspension, SAME)).leastSeconds, 15 + 20 + 10);
  const rollout = "\n  - { do: fault, when: { seconds: 3 }, fault: { kind: rollout, target: gateway } }";
  assert.equal(outlineOf(planned(suspension + rollout, SAME)).leastSeconds, 15 + 20 + 3 + 10);
});

test("the text has the scenario, the numbers and the end, a line each (defect: a plan that is approved without its numbers)", () => {
  const upgrade = planOf(scenarioNamed(), "blue-green");
  const lines = [
    "  strategy  blue-green (step 100 %, interval 1 s, surge 100 %)",
    "  step 1    the spec gets the version after",
    "  expected  100,100|-  100,100|0,0  100,100|100,0?  100,0|100,100  0,0|100,100?  100,100|-",
    "            (old capacity,traffic|new capacity,traffic; ? may share a status with the next)",
    "  ends      the version after on a new RayCluster",
    "  at least  25 s, and what Ray takes to start and the operator to act",
    "  seed      5",
    "",
  ];
  assert.equal(outlineText(upgrade, outlineOf(upgrade)), ["upgrade: An upgrade.", ...lines].join("\n"));
  // As plans were before they had a description.
  const wordless: Plan = { ...upgrade, description: undefined };
  assert.equal(outlineText(wordless, outlineOf(wordless)), ["upgrade", ...lines].join("\n"));
  const steady = planned(" []", SAME);
  assert.equal(
    outlineText(steady, outlineOf(steady)),
    [
      "words: Words.",
      "  strategy  aggressive (step 25 %, interval 2 s, surge 50 %)",
      "  steps     none: a steady state is watched",
      "  expected  100,100|-",
      "            (old capacity,traffic|new capacity,traffic; ? may share a status with the next)",
      "  ends      the version before on the RayCluster that was there",
      "  at least  55 s, and what Ray takes to start and the operator to act",
      "  seed      5",
      "",
    ].join("\n"),
  );
});
