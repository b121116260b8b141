import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../plan/steps.ts";
import { refuseNodeSteps } from "./foreign-cluster.ts";

test("what is done to a node or to the operator's version is refused on somebody else's cluster, and nothing else", () => {
  const upgrade: Step = { do: "upgrade" };
  const allowed: readonly Step[] = [upgrade, { do: "fault", fault: { kind: "delete-pod", target: "operator" } }];
  assert.doesNotThrow(() => {
    refuseNodeSteps("mine", allowed);
  });
  const refused: readonly (readonly [step: Step, what: string])[] = [
    [{ do: "fault", fault: { kind: "stop-api-server", seconds: 5 } }, "fault stop-api-server, which is made on a node"],
    [{ do: "operator", version: "1.5.1" }, "change of the operator's version"],
  ];
  for (const [step, what] of refused) {
    assert.throws(
      () => {
        refuseNodeSteps("mine", [upgrade, step]);
      },
      new RegExp(`received mine, with a ${what}\\.$`),
    );
  }
});
