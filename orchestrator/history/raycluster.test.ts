import assert from "node:assert/strict";
import { test } from "node:test";
import { readRayCluster, type RayClusterView } from "./raycluster.ts";

function view(object: unknown): RayClusterView {
  const reading = readRayCluster(object);
  assert.ok(reading.ok);
  return reading.view;
}

test("what the autoscaler and schedulers write into a RayCluster is none of its own spec, wherever it stands (defect: a scheduler's toleration reads as a foreign change)", () => {
  const own = (group: object, more: object = {}) =>
    view({ metadata: {}, spec: { rayVersion: "2.60.0", workerGroupSpecs: [group], ...more } }).ownSpec;
  const bare = '{"rayVersion":"2.60.0","workerGroupSpecs":[{"groupName":"g"}]}';
  const written = {
    ...{ replicas: 3, minReplicas: 1, maxReplicas: 5, scaleStrategy: { workersToDelete: ["w"] } },
    ...{ tolerations: [{ key: "gpu" }], schedulingGates: [{ name: "queue" }], upgradeStrategy: { type: "Recreate" } },
  };
  for (const [key, value] of Object.entries(written)) {
    assert.equal(own({ groupName: "g", [key]: value }), bare, key);
    assert.equal(own({ groupName: "g" }, { [key]: value }), bare, key);
  }
  assert.notEqual(own({ groupName: "g", numOfHosts: 2 }), bare);
});

test("a RayCluster whose RayService is not named is known to be of none", () => {
  assert.equal(view({ metadata: { labels: { "ray.io/originated-from-crd": "RayService" } } }).rayService, "");
});

test("a RayCluster of another form is a problem with its place, never thrown", () => {
  const reading = readRayCluster({ metadata: { labels: "app" } });
  assert.match(reading.ok ? "" : reading.problem, /^metadata\.labels: /);
});
