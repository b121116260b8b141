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
