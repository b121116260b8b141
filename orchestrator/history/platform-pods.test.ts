import assert from "node:assert/strict";
import { test } from "node:test";
import { readPlatformPods } from "./platform-pods.ts";

test("the platform's pods are read with all that restarts and evictions show in", () => {
  const pods = [
    {
      name: "operator-1",
      uid: "1",
      reason: "Evicted",
      ready: false,
      containers: [{ name: "operator", restarts: 2, lastReason: "OOMKilled" }],
    },
    { name: "operator-2", uid: "2", reason: null, ready: null, containers: [] },
  ];
  assert.deepEqual(readPlatformPods({ pods }), { ok: true, view: { pods } });
});

test("a container without its restarts is a problem with its place (defect: a restart that was not told reads as none)", () => {
  const reading = readPlatformPods({ pods: [{ name: "operator-1", uid: "1", containers: [{ name: "operator" }] }] });
  assert.match(reading.ok ? "" : reading.problem, /^pods\.0\.containers\.0\.restarts: /);
});
