import assert from "node:assert/strict";
import { test } from "node:test";
import { stepTexts, whenText } from "./step-text.ts";
import type { Step, When } from "./steps.ts";

const MOMENTS: readonly (readonly [when: When, awaited: string, moment: string])[] = [
  [{ traffic: [30, 70] }, "30 to 70 % of the traffic to move", "at 30 to 70 % of the traffic moved"],
  [{ traffic: [50, 50] }, "50 to 50 % of the traffic to move", "at 50 % of the traffic moved"],
  [{ seconds: 12 }, "12 s to pass", "12 s later"],
  [{ gone: true }, "The pod that the fault took away to be gone", "when the pod that was taken away is gone"],
  [{ pending: "named" }, "A pending RayCluster", "when the pending RayCluster is named"],
  [{ pending: "created" }, "A pod of the pending RayCluster", "when the pending RayCluster has a pod"],
  [{ pending: "stuck" }, "The pending RayCluster to be stuck", "when the pending RayCluster is stuck"],
];

test("every moment has its words, awaited and reached (defect: a deadline that does not say what was awaited)", () => {
  for (const [when, awaited, moment] of MOMENTS) {
    assert.equal(whenText(when), awaited);
    assert.deepEqual(stepTexts([{ do: "third", when }]), [`${moment}: the spec gets a third version`]);
  }
});

const DEEDS: readonly (readonly [step: Step, text: string])[] = [
  [{ do: "upgrade" }, "the spec gets the version after"],
  [
    { do: "upgrade", importPath: "broken:app" },
    "the spec gets the version after, with what the scenario changes of it",
  ],
  [
    { do: "upgrade", patch: [{ op: "remove", path: "/spec/suspend" }] },
    "the spec gets the version after, with what the scenario changes of it",
  ],
  [{ do: "third" }, "the spec gets a third version"],
  [{ do: "rollback" }, "the spec is taken back to what it was"],
  [{ do: "in-place" }, "the serve config alone gets the version after"],
  [{ do: "suspend", of: "RayService" }, "the RayService is suspended"],
  [{ do: "resume", of: "RayCluster" }, "the RayCluster is resumed"],
  [{ do: "fault", fault: { kind: "out-of-memory", target: "active-head" } }, "the active head out of memory"],
  [{ do: "operator", version: "1.7.0" }, "the operator becomes one of KubeRay 1.7.0"],
  [{ do: "operator", version: "1.7.0", takenOver: true }, "the operator becomes one of KubeRay 1.7.0"],
  [
    { do: "operator", version: "1.7.0", takenOver: false },
    "the operator becomes one of KubeRay 1.7.0, which is not given the time to look at the RayService",
  ],
];

test("every deed has its words (defect: an in-place change told as a suspension)", () => {
  for (const [step, text] of DEEDS) assert.deepEqual(stepTexts([step]), [text]);
});

test("a second upgrade is told as one (defect: a cancelled rollback reads like two upgrades side by side)", () => {
  const steps: Step[] = [
    { do: "upgrade" },
    { do: "rollback", when: { traffic: [30, 70] } },
    { do: "upgrade", when: { seconds: 5 } },
  ];
  assert.deepEqual(stepTexts(steps), [
    "the spec gets the version after",
    "at 30 to 70 % of the traffic moved: the spec is taken back to what it was",
    "5 s later: the spec gets the version after again",
  ]);
});

test("an upgrade is the first one whatever was done before it (defect: a lone upgrade told as a second one)", () => {
  const steps: Step[] = [{ do: "suspend", of: "RayService" }, { do: "upgrade" }, { do: "rollback" }, { do: "upgrade" }];
  assert.deepEqual(stepTexts(steps), [
    "the RayService is suspended",
    "the spec gets the version after",
    "the spec is taken back to what it was",
    "the spec gets the version after again",
  ]);
});
