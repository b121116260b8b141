import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_TARGETS, faultSchema, faultText, isHead, takesPods, type Fault } from "./faults.ts";

const FAULTS: readonly [fault: Fault, takes: boolean, text: string][] = [
  [{ kind: "delete-pod", target: "active-worker" }, true, "a pod of an active worker deleted"],
  [{ kind: "delete-pod", target: "pending-worker", graceSeconds: 5 }, true, "a pod of a pending worker deleted"],
  [{ kind: "delete-pod", target: "load", graceSeconds: 0 }, true, "a pod of the load deleted by force"],
  [{ kind: "scale-to-zero", target: "operator", seconds: 20 }, true, "the operator scaled to 0 for 20 s"],
  [{ kind: "scale-to-zero", target: "gateway", seconds: 7 }, true, "the gateway's control plane scaled to 0 for 7 s"],
  [{ kind: "rollout", target: "operator" }, true, "the operator rolled out anew"],
  [{ kind: "rollout", target: "gateway" }, true, "the gateway's control plane rolled out anew"],
  [{ kind: "rollout", target: "data-plane" }, true, "the gateway's data plane rolled out anew"],
  [{ kind: "stop-api-server", seconds: 5 }, false, "the API server stopped for 5 s"],
  [{ kind: "cut-network", target: "active-head", seconds: 3 }, false, "the network of the active head cut for 3 s"],
  [{ kind: "out-of-memory", target: "active-head" }, true, "the active head out of memory"],
  [{ kind: "out-of-memory", target: "pending-head" }, true, "the pending head out of memory"],
];

for (const [fault, takes, text] of FAULTS) {
  test(`${text}: says what is done to what, and whether pods go by it (defect: a wait for a pod that stays)`, () => {
    assert.equal(faultText(fault), text);
    assert.equal(takesPods(fault), takes);
    assert.deepEqual(faultSchema.parse(fault), fault);
  });
}

test("the heads of both RayClusters are heads, and nothing else is (defect: the active head's fault judged as a worker's)", () => {
  assert.deepEqual(
    FAULT_TARGETS.filter((target) => isHead(target)),
    ["active-head", "pending-head"],
  );
});

/** Faults that nobody can do. */
const IMPOSSIBLE: readonly unknown[] = [
  { kind: "delete-pod" },
  { kind: "delete-pod", target: "" },
  { kind: "delete-pod", target: "load", graceSeconds: -1 },
  { kind: "delete-pod", target: "load", graceSeconds: 0.5 },
  { kind: "delete-pod", target: "load", graceSeconds: 601 },
  { kind: "scale-to-zero", target: "", seconds: 5 },
  { kind: "scale-to-zero", target: "data-plane", seconds: 5 },
  { kind: "scale-to-zero", target: "operator", seconds: 0 },
  { kind: "scale-to-zero", target: "operator", seconds: 601 },
  { kind: "rollout", target: "" },
  { kind: "rollout", target: "active-head" },
  { kind: "stop-api-server", seconds: 10.5 },
  { kind: "cut-network", target: "active-head" },
  { kind: "out-of-memory", target: "" },
  { kind: "out-of-memory", target: "active-worker" },
  { kind: "", target: "active-head" },
  { kind: "reboot", target: "operator" },
];

test("a fault that cannot be done is none (defect: found out under load, after the cluster was made)", () => {
  for (const fault of IMPOSSIBLE) assert.equal(faultSchema.safeParse(fault).success, false, JSON.stringify(fault));
  for (const graceSeconds of [0, 1, 600]) {
    const fault = { kind: "delete-pod", target: "operator", graceSeconds };
    assert.deepEqual(faultSchema.parse(fault), fault);
  }
});
