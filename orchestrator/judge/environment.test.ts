import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf } from "../checks/testing.ts";
import { EnvironmentTally } from "./environment.ts";

const figures = (facts: Record<string, unknown>) => {
  const tally = new EnvironmentTally();
  tally.observe({ type: "environment", wallMs: 0, monoMs: 0, facts });
  return tally.figures(planOf(undefined, { versions: { kuberay: "1.6.2", k6: "2.2.0" } }));
};

test("versions found on the cluster replace those asked for", () => {
  const { versions, cpus } = figures({
    kubernetes: "v1.35.4",
    platform: {
      operator: ["registry.example:5000/kuberay/operator:v1.7.0"],
      gateway: ["docker.io/envoyproxy/gateway:v1.8.0"],
      dataPlane: ["docker.io/envoyproxy/gateway:v1.8.0", "docker.io/envoyproxy/envoy:distroless-v1.40.0"],
    },
    ray: { rayVersion: "2.60.0", images: [] },
    nodes: [
      { name: "a", cpus: "2" },
      { name: "b", cpus: "4" },
    ],
  });
  const found = { kubernetes: "1.35.4", kuberay: "1.7.0", envoyGateway: "1.8.0", envoy: "1.40.0", ray: "2.60.0" };
  assert.deepEqual(versions, { ...found, k6: "2.2.0" });
  assert.equal(cpus, 6);
});

test("what the CPUs did is told where the node could be asked, and left out where not (defect: a busy neighbour is nowhere on record)", () => {
  const tally = new EnvironmentTally();
  assert.equal("cpuUse" in tally.figures(planOf()), false);
  for (const [second, data] of [
    [0, { busy: 100, idle: 100, stolen: 0 }],
    [2, { busy: 300, idle: 260, stolen: 40 }],
  ] as const) {
    const at = { wallMs: Date.UTC(2026, 10, 26, 12, 0, second), monoMs: second * 1000 };
    tally.observe({ type: "poll", ...at, poll: "node-cpu", subject: "n", ok: true, data });
  }
  assert.deepEqual(tally.figures(planOf()).cpuUse, {
    busyPercent: 50,
    stolenPercent: 10,
    worst: { stolenPercent: 10, seconds: 2, at: "2026-11-26T12:00:02.000Z" },
  });
});

test("a fact that could not be measured leaves what was asked for, and stays on record", () => {
  const facts = {
    kubernetes: { unknown: "forbidden" },
    platform: { unknown: "forbidden" },
    nodes: { unknown: "forbidden" },
  };
  const { versions, cpus, measured } = figures(facts);
  assert.deepEqual([versions, cpus, measured], [{ kuberay: "1.6.2", k6: "2.2.0" }, null, facts]);
});

test("a server built without its version tells none", () => {
  assert.equal(figures({ kubernetes: "v0.0.0-master+$Format:%H$" }).versions["kubernetes"], undefined);
});

test("an image without a version in its tag tells no version", () => {
  assert.equal(
    figures({ platform: { operator: ["operator:nightly"], gateway: [], dataPlane: [] } }).versions["kuberay"],
    "1.6.2",
  );
});
