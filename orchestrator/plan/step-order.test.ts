import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "./errors.ts";
import { requireOrder } from "./step-order.ts";
import { stepSchema } from "./steps.ts";

const UPGRADE = { do: "upgrade" };
const SUSPEND = { do: "suspend", of: "RayService" };
const DELETE = { do: "fault", fault: { kind: "delete-pod", target: "active-head" } };
const STOP = { do: "fault", fault: { kind: "stop-api-server", seconds: 5 } };

/** The sentence by which steps are refused; null when they are not. */
function refusal(...steps: unknown[]): string | null {
  try {
    requireOrder(
      steps.map((step) => stepSchema.parse(step)),
      "x.yaml",
    );
    return null;
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
}

test("steps that can be taken one after another are taken", () => {
  for (const steps of [
    [],
    [UPGRADE],
    [{ do: "third" }],
    [{ do: "in-place" }],
    [UPGRADE, { do: "rollback", when: { traffic: [30, 70] } }, UPGRADE],
    [{ do: "third" }, { do: "rollback" }],
    [UPGRADE, { do: "fault", when: { pending: "created" }, fault: { kind: "delete-pod", target: "pending-head" } }],
    [SUSPEND, { do: "resume", of: "RayService" }],
    [DELETE, { ...UPGRADE, when: { gone: true } }],
    [SUSPEND, { do: "in-place" }],
    [DELETE, { do: "in-place", when: { seconds: 5 } }],
    [{ do: "in-place" }, DELETE],
    [{ do: "in-place" }, SUSPEND, { do: "resume", of: "RayService" }],
    [DELETE, SUSPEND, { do: "resume", of: "RayService", when: { gone: true } }],
  ]) {
    assert.equal(refusal(...steps), null, JSON.stringify(steps));
  }
});

for (const [steps, sentence] of [
  [[{ do: "rollback" }], "x.yaml: steps.0 (rollback) must follow an upgrade; received none before it."],
  [[SUSPEND, { do: "rollback" }], "x.yaml: steps.1 (rollback) must follow an upgrade; received none before it."],
  [
    [{ do: "in-place" }, UPGRADE],
    "x.yaml: steps.1 (upgrade) must not follow an in-place change, which is one by itself; received one before it.",
  ],
  [
    [UPGRADE, { do: "in-place" }],
    "x.yaml: steps.1 (in-place) must be the only change, as it is made where nothing else is under way; received another before it.",
  ],
  [
    [{ ...UPGRADE, when: { traffic: [1, 2] } }],
    "x.yaml: steps.0 (upgrade) waits for a pending RayCluster, which an upgrade before it must make; received none.",
  ],
  [
    [{ do: "suspend", of: "RayService", when: { pending: "named" } }],
    "x.yaml: steps.0 (suspend) waits for a pending RayCluster, which an upgrade before it must make; received none.",
  ],
  [
    [STOP, { ...UPGRADE, when: { gone: true } }],
    "x.yaml: steps.1 (upgrade) waits for a pod to be gone, which the fault before it must take away; received none that does.",
  ],
  [
    [DELETE, STOP, { ...UPGRADE, when: { gone: true } }],
    "x.yaml: steps.2 (upgrade) waits for a pod to be gone, which the fault before it must take away; received none that does.",
  ],
  [
    [UPGRADE, { ...SUSPEND, when: { gone: true } }],
    "x.yaml: steps.1 (suspend) waits for a pod to be gone, which the fault before it must take away; received none that does.",
  ],
  [
    [{ do: "fault", fault: { kind: "delete-pod", target: "pending-worker" } }],
    "x.yaml: steps.0 (fault) needs a pending-worker, which an upgrade before it must make; received none.",
  ],
  [
    [
      { do: "suspend", of: "RayCluster" },
      { do: "resume", of: "RayService" },
    ],
    "x.yaml: steps.1 (resume) must follow a suspension of the RayService; received none before it.",
  ],
] as const) {
  test(`refused: ${sentence}`, () => {
    assert.equal(refusal(...steps), sentence);
  });
}
