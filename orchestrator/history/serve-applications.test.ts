import assert from "node:assert/strict";
import { test } from "node:test";
import { readServeApplications } from "./serve-applications.ts";

test("replicas are counted over all deployments of all applications; those that have none yet count as none", () => {
  const running = { state: "RUNNING" };
  const applications = {
    one: { deployments: { a: { replicas: [running, { state: "UPDATING" }] }, b: { replicas: [running] } } },
    two: { deployments: { a: { replicas: [running] }, b: {}, c: { replicas: null } } },
    three: { status: "DEPLOYING" },
    four: { deployments: null },
  };
  assert.deepEqual(readServeApplications({ applications }), {
    ok: true,
    view: { runningReplicas: 3, updatingReplicas: 1 },
  });
});
