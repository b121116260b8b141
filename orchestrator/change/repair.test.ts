import assert from "node:assert/strict";
import { test } from "node:test";
import { takeReplicas } from "./faults/replicas.ts";
import { readDeployment } from "./faults/deployment.ts";
import { repairPlatform } from "./repair.ts";
import { FakeDeployment } from "./testing/fake-deployment.ts";

test("replicas are given back although the operator's image cannot be (defect: a gateway that stays away)", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const kube = await server.connect();
  await takeReplicas(kube, readDeployment(fake.object));
  assert.equal(fake.object.spec.replicas, 0);
  // It is found as the operator's too, and has no container whose image could be put back.
  await assert.rejects(repairPlatform(kube), /expected object/);
  assert.equal(fake.object.spec.replicas, 2);
});
