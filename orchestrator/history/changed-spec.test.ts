import assert from "node:assert/strict";
import { test } from "node:test";
import { changedSpecSchema, changedValuesOf } from "./changed-spec.ts";

const groupOf = (containers: readonly unknown[]) => ({ template: { spec: { containers } } });
const specOf = (...workerGroupSpecs: readonly unknown[]) => ({
  serveConfigV2: "applications: []",
  rayClusterConfig: { workerGroupSpecs },
});
const asking = (cpu: unknown) => ({ resources: { requests: { cpu } } });

test("the values are those of the first worker group's first container, as they are stored", () => {
  for (const workerCpu of ["500m", 2]) {
    const spec = specOf(groupOf([asking(workerCpu), "a sidecar"]), "another group");
    assert.deepEqual(changedValuesOf(changedSpecSchema.parse(spec)), { serveConfig: "applications: []", workerCpu });
  }
});

test("what is not changed stays in the spec that was read (defect: a field lost when the spec is written back)", () => {
  const worker = { name: "worker", resources: { limits: { cpu: 1 }, requests: { cpu: 1, memory: "2Gi" } } };
  const group = { groupName: "g", template: { metadata: {}, spec: { containers: [worker], volumes: [] } } };
  const spec = { ...specOf(group), upgradeStrategy: { type: "NewClusterWithIncrementalUpgrade" } };
  assert.deepEqual(changedSpecSchema.parse(spec), spec);
});

test("a spec without what is changed is refused, whatever of it is missing (defect: a TypeError later on)", () => {
  const lacking: Readonly<Record<string, unknown>> = {
    "serve config": { rayClusterConfig: { workerGroupSpecs: [groupOf([asking("1")])] } },
    "RayCluster config": { serveConfigV2: "" },
    "worker groups": { serveConfigV2: "", rayClusterConfig: {} },
    "first worker group": specOf(),
    template: specOf({}),
    "spec of the template": specOf({ template: {} }),
    containers: specOf({ template: { spec: {} } }),
    "first container": specOf(groupOf([])),
    resources: specOf(groupOf([{}])),
    requests: specOf(groupOf([{ resources: {} }])),
    cpu: specOf(groupOf([{ resources: { requests: {} } }])),
    "quantity of cpu": specOf(groupOf([asking(null)])),
  };
  for (const [what, spec] of Object.entries(lacking)) {
    assert.equal(changedSpecSchema.safeParse(spec).success, false, what);
  }
});
