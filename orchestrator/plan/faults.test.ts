import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_TARGETS, faultText, isHead, takesPods, type Fault } from "./faults.ts";

const FAULTS: readonly [fault: Fault, takes: boolean, text: string][] = [
  [{ kind: "delete-pod", target: "active-worker" }, true, "a pod of an active worker deleted"],
  [{ kind: "delete-pod", target: "pending-worker", graceSeconds: 5 }, true, "a pod of a pending worker deleted"],
  [{ kind: "delete-pod", target: "load", graceSeconds: 0 }, true, "a pod of the load deleted by force"],
  [{ kind: "scale-to-zero", target: "operator", seconds: 20 }, true, "the operator scaled to 0 for 20 s"],
  [{ kind: "scale-to-zero", target: "gateway", seconds: 7 }, true, "the gateway's control plane scaled to 0 for 7 s"],
  [{ kind: "rollout", target: "data-plane" }, true, "the gateway's data plane rolled out anew"],
  [{ kind: "stop-api-server", seconds: 5 }, false, "the API server stopped for 5 s"],
  [{ kind: "cut-network", target: "active-head", seconds: 3 }, false, "the network of the active head cut for 3 s"],
  [{ kind: "out-of-memory", target: "pending-head" }, true, "the pending head out of memory"],
];

for (const [fault, takes, text] of FAULTS) {
  test(`${text}: says what is done to what, and whether pods go by it (defect: a wait for a pod that stays)`, () => {
    assert.equal(faultText(fault), text);
    assert.equal(takesPods(fault), takes);
  });
}

test("the heads of both RayClusters are heads, and nothing else is (defect: the active head's fault judged as a worker's)", () => {
  assert.deepEqual(
    FAULT_TARGETS.filter((target) => isHead(target)),
    ["active-head", "pending-head"],
  );
});
