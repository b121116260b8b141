import assert from "node:assert/strict";
import { test } from "node:test";
import { applicationMessages, isConditionTrue, readRayService, type RayServiceView } from "./rayservice.ts";

function viewOf(object: object): RayServiceView {
  const reading = readRayService(object);
  return reading.ok ? reading.view : assert.fail(reading.problem);
}

test("what an object does not say is empty, 0 or null, never left out", () => {
  const side = {
    rayClusterName: "",
    targetCapacity: 0,
    trafficRoutedPercent: 0,
    lastTrafficMigratedTime: null,
    applicationStatuses: {},
  };
  const nothing = {
    active: side,
    pending: side,
    conditions: [],
    observedGeneration: null,
    lastUpdateTime: null,
    deletionDelaySeconds: null,
    generation: null,
  };
  assert.deepEqual(viewOf({}), nothing);
  assert.deepEqual(viewOf({ metadata: {}, status: { activeServiceStatus: {} } }), nothing);
  const nulls = { conditions: null, observedGeneration: null, lastUpdateTime: null, pendingServiceStatus: null };
  assert.deepEqual(viewOf({ metadata: null, spec: null, status: nulls }), nothing);
});

test("the generation that a status is of, and when it was written", () => {
  const status = { observedGeneration: 3, lastUpdateTime: "2026-03-14T09:00:34Z" };
  const { generation, observedGeneration, lastUpdateTime } = viewOf({ metadata: { generation: 4 }, status });
  assert.deepEqual([generation, observedGeneration, lastUpdateTime], [4, 3, Date.UTC(2026, 2, 14, 9, 0, 34)]);
});

test("a stamp may be of any time zone (defect: the whole status unreadable where it is not UTC)", () => {
  const stamp = "2026-03-14T10:30:34+01:30";
  const status = { lastUpdateTime: stamp, pendingServiceStatus: { lastTrafficMigratedTime: stamp } };
  const { lastUpdateTime, pending } = viewOf({ status });
  const same = Date.UTC(2026, 2, 14, 9, 0, 34);
  assert.deepEqual([lastUpdateTime, pending.lastTrafficMigratedTime], [same, same]);
});

test("the deletion delay is the spec's, or KubeRay's own where that names none", () => {
  const delayOf = (spec: unknown): number | null => viewOf({ spec }).deletionDelaySeconds;
  const specs = [{ rayClusterDeletionDelaySeconds: 15 }, { rayClusterDeletionDelaySeconds: 0 }, {}, null];
  assert.deepEqual(specs.map(delayOf), [15, 0, 60, null]);
});

test("a condition is True if it is there and says so, whatever the others say", () => {
  const conditions = [
    { type: "Ready", status: "False" },
    { type: "UpgradeInProgress", status: "True", reason: "BothActivePendingClustersExist", message: "two sides" },
    { type: "RollbackInProgress", status: "Unknown" },
  ];
  const view = viewOf({ status: { conditions } });
  const asked = ["Ready", "UpgradeInProgress", "RollbackInProgress", "Suspended"];
  assert.deepEqual(
    asked.map((condition) => isConditionTrue(view, condition)),
    [false, true, false, false],
  );
  assert.equal(isConditionTrue(viewOf({}), "Ready"), false);
  assert.deepEqual(view.conditions.slice(0, 2), [{ ...conditions[0], reason: "", message: "" }, conditions[1]]);
});

test("a condition without a type or a status is a problem, not a condition", () => {
  for (const condition of [{ status: "True" }, { type: "Ready" }]) {
    assert.equal(readRayService({ status: { conditions: [condition] } }).ok, false);
  }
});

test("each application that is not plainly RUNNING is told of by what it says", () => {
  const traceback = "Traceback (most recent call last):\n  File \"app.py\", line 1\nImportError: no module named 'x'\n";
  const { active, pending } = viewOf({
    status: {
      activeServiceStatus: {
        rayClusterName: "old",
        applicationStatuses: {
          plain: { status: "RUNNING", message: "" },
          talking: { status: "RUNNING", message: "still here\nand more" },
        },
      },
      pendingServiceStatus: {
        rayClusterName: "new",
        applicationStatuses: {
          starting: { status: "DEPLOYING" },
          failed: { status: "DEPLOY_FAILED", message: traceback },
          unknown: {},
        },
      },
    },
  });
  const ofOld = ["application talking on old is RUNNING: still here"];
  const ofNew = [
    "application starting on new is DEPLOYING",
    "application failed on new is DEPLOY_FAILED: ImportError: no module named 'x'",
    "application unknown on new is without a status",
  ];
  assert.deepEqual(applicationMessages({ active, pending }), [...ofOld, ...ofNew]);
  assert.deepEqual(applicationMessages({ active }), ofOld);
  assert.deepEqual(applicationMessages({ pending }), ofNew);
  assert.deepEqual(applicationMessages({}), []);
});
