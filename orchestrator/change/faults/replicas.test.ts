import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultyApiServer, json } from "../../kube/testing/api-server.ts";
import { FakeDeployment } from "../testing/fake-deployment.ts";
import { readDeployment } from "./deployment.ts";
import { repairReplicas, takeReplicas } from "./replicas.ts";

void test("what a killed run has taken is given back and waited for, once (defect: a platform left broken for the next run)", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const kube = await server.connect();
  await takeReplicas(kube, readDeployment(fake.object));
  assert.deepEqual([fake.object.spec.replicas, fake.pods.length], [0, 0]);
  assert.deepEqual(await repairReplicas(kube), ["sys/eg"]);
  assert.deepEqual([fake.object.spec.replicas, fake.pods.length], [2, 2]);
  assert.deepEqual(await repairReplicas(kube), []);
});

void test("a Deployment without any annotation can be taken from and given back to", async () => {
  const fake = new FakeDeployment();
  delete fake.object.metadata.annotations;
  await using server = await fake.start();
  const kube = await server.connect();
  await takeReplicas(kube, readDeployment(fake.object));
  assert.deepEqual(fake.object.metadata.annotations, { "zerodrop.dev/replicas-before": "2" });
  await repairReplicas(kube);
  assert.equal(fake.object.spec.replicas, 2);
});

void test("replicas that somebody else has given meanwhile are not overruled", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const kube = await server.connect();
  await takeReplicas(kube, readDeployment(fake.object));
  fake.object.spec.replicas = 5;
  fake.obey();
  await repairReplicas(kube);
  assert.deepEqual([fake.object.spec.replicas, fake.object.metadata.annotations], [5, { own: "1" }]);
});

void test("a Deployment that was scaled since it was read is left alone (defect: given back what it no longer had)", async () => {
  const fake = new FakeDeployment();
  await using server = await fake.start();
  const read = readDeployment(structuredClone(fake.object));
  fake.object.spec.replicas = 3;
  await assert.rejects(takeReplicas(await server.connect(), read), { status: 422 });
  assert.deepEqual([fake.object.spec.replicas, fake.object.metadata.annotations], [3, { own: "1" }]);
});

void test("an annotation that is no count is told, and Deployments that may not be listed are nobody's to repair", async () => {
  const fake = new FakeDeployment();
  fake.object.metadata.annotations = { "zerodrop.dev/replicas-before": "many" };
  await using server = await fake.start();
  await assert.rejects(repairReplicas(await server.connect()), /Deployment sys\/eg must say .* it says many\./);
  await using refusing = await FaultyApiServer.start(
    ({ url }, response) =>
      url.pathname.endsWith("/deployments") && json(response, 403, { kind: "Status", reason: "Forbidden" }),
  );
  assert.deepEqual(await repairReplicas(await refusing.connect()), []);
});
