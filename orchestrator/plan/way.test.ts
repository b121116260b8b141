import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "./steps.ts";
import { beginDeadline } from "./way.ts";

test("a change begins by the deadline for it, what is no change or comes after something else by that for recovery (defect: a steady run that does not start)", () => {
  const restart: Step = { do: "fault", fault: { kind: "rollout", target: "operator" } };
  for (const [steps, deadline] of [
    [[], "recovered"],
    [[restart], "recovered"],
    [[restart, { do: "upgrade" }], "recovered"],
    [[{ do: "suspend", of: "RayService" }], "recovered"],
    [[{ do: "upgrade" }, restart], "upgradeBegins"],
    [[{ do: "third" }], "upgradeBegins"],
    [[{ do: "in-place" }], "upgradeBegins"],
  ] as const satisfies readonly (readonly [readonly Step[], string])[]) {
    assert.equal(beginDeadline(steps), deadline, steps.map((step) => step.do).join(", "));
  }
});
