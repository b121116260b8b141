import assert from "node:assert/strict";
import { test } from "node:test";
import { readEndpointSlice } from "./endpointslice.ts";
import { clusterOfServeService, readHttpRoute, serveServiceOf } from "./httproute.ts";
import { readPod } from "./pod.ts";
import { readRayCluster } from "./raycluster.ts";
import { readOnce } from "./reading.ts";
import { applicationMessages, readRayService, rolloutStateOf } from "./rayservice.ts";
import { readServeApplications } from "./serve-applications.ts";

test("a RayService's status is read by the names of the CRD; unknown fields do not matter", () => {
  const reading = readRayService({
    metadata: { name: "app", generation: 2 },
    status: {
      activeServiceStatus: {
        rayClusterName: "a",
        targetCapacity: 100,
        trafficRoutedPercent: 75,
        rayClusterStatus: { state: "ready" },
      },
      pendingServiceStatus: {
        rayClusterName: "b",
        targetCapacity: 50,
        trafficRoutedPercent: 25,
        lastTrafficMigratedTime: "2026-03-14T09:00:34Z",
        applicationStatuses: { app: { status: "RUNNING", serveDeploymentStatuses: { app: { status: "HEALTHY" } } } },
      },
      conditions: [
        { type: "UpgradeInProgress", status: "True", reason: "BothActivePendingClustersExist", message: "" },
      ],
    },
  });
  assert.ok(reading.ok);
  assert.deepEqual(rolloutStateOf(reading.view), {
    activeCapacity: 100,
    activeTraffic: 75,
    pendingCapacity: 50,
    pendingTraffic: 25,
  });
  assert.equal(reading.view.pending.lastTrafficMigratedTime, Date.UTC(2026, 2, 14, 9, 0, 34));
  assert.deepEqual(applicationMessages(reading.view), []);
});

test("a RayService without status, as just created, has no state", () => {
  const reading = readRayService({ metadata: { name: "app" } });
  assert.ok(reading.ok);
  assert.equal(rolloutStateOf(reading.view), null);
});

test("a wrong type is a problem with its place, never thrown", () => {
  const reading = readRayService({ status: { pendingServiceStatus: { trafficRoutedPercent: "25" } } });
  assert.match(reading.ok ? "" : reading.problem, /^status\.pendingServiceStatus\.trafficRoutedPercent: /);
  assert.equal(readRayService("no object").ok, false);
  assert.equal(readPod({ metadata: { labels: [] } }).ok, false);
});

test("weights come from the route's backends, a missing one reads as 0, and no spec is no news", () => {
  const reading = readHttpRoute({
    spec: { rules: [{ backendRefs: [{ name: "a-serve-svc", weight: 75 }, { name: "b-serve-svc" }] }] },
  });
  assert.deepEqual(reading, {
    ok: true,
    view: new Map([
      ["a-serve-svc", 75],
      ["b-serve-svc", 0],
    ]),
  });
  assert.deepEqual(readHttpRoute({ status: {} }), { ok: true, view: null });
});

test("a RayCluster's serve service is found both ways", () => {
  assert.equal(serveServiceOf("app-abcde"), "app-abcde-serve-svc");
  assert.equal(clusterOfServeService("app-abcde-serve-svc"), "app-abcde");
});

test("an endpoint counts as ready unless it says it is not", () => {
  const reading = readEndpointSlice({
    metadata: { labels: { "kubernetes.io/service-name": "a-serve-svc" } },
    endpoints: [
      { addresses: ["10.0.0.1"], conditions: { ready: true }, targetRef: { name: "pod-1" } },
      { addresses: ["10.0.0.2"], conditions: { ready: false }, targetRef: { name: "pod-2" } },
      { addresses: ["10.0.0.3"], conditions: {} },
    ],
  });
  const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];
  assert.deepEqual(reading, { ok: true, view: { service: "a-serve-svc", ready: ["pod-1", "10.0.0.3"], addresses } });
  assert.deepEqual(readEndpointSlice({ metadata: {}, endpoints: null }), {
    ok: true,
    view: { service: "", ready: [], addresses: [] },
  });
});

test("a pod being deleted says so", () => {
  const reading = readPod({
    metadata: { labels: { "ray.io/cluster": "a" }, deletionTimestamp: "2026-03-14T09:00:00Z" },
  });
  assert.ok(reading.ok);
  assert.deepEqual([reading.view.cluster, reading.view.beingDeleted], ["a", true]);
});

test("the pod that cleans up Redis after a RayCluster is no pod of it (defect: the load ends before the RayCluster's last pod is gone)", () => {
  const labels = { "ray.io/cluster": "a", "ray.io/node-type": "redis-cleanup" };
  const reading = readPod({ metadata: { labels } });
  assert.ok(reading.ok);
  assert.deepEqual([reading.view.cluster, reading.view.nodeType], ["", ""]);
});

test("how a pod's containers ended, and why it failed as a whole, are read", () => {
  const reading = readPod({
    metadata: { labels: {} },
    status: {
      phase: "Failed",
      reason: "Evicted",
      conditions: [
        { type: "Ready", status: "False" },
        { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" },
      ],
      containerStatuses: [
        {
          name: "ray-worker",
          restartCount: 2,
          state: { terminated: { reason: "Error", exitCode: 1 } },
          lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
        },
        { name: "autoscaler", restartCount: 0, state: { running: {} } },
      ],
    },
  });
  assert.ok(reading.ok);
  const { phase, reason, disruption, containers } = reading.view;
  assert.deepEqual([phase, reason, disruption], ["Failed", "Evicted", "PreemptionByScheduler"]);
  assert.deepEqual(containers, [
    {
      name: "ray-worker",
      restarts: 2,
      init: false,
      ended: { reason: "Error", exitCode: 1 },
      endedBefore: { reason: "OOMKilled", exitCode: 137 },
    },
    { name: "autoscaler", init: false, restarts: 0, ended: null, endedBefore: null },
  ]);
});

test("an object is read once, however many folds look at it", () => {
  let read = 0;
  const reader = readOnce((value) => {
    read += 1;
    return { ok: true, view: value };
  });
  const object = {};
  assert.equal(reader(object), reader(object));
  reader({});
  assert.equal(read, 2);
});

test("a RayCluster belongs to the RayService that made it, and to none when something else did", () => {
  const labels = { "ray.io/originated-from-crd": "RayService", "ray.io/originated-from-cr-name": "app" };
  const of = (object: unknown): unknown => {
    const reading = readRayCluster(object);
    return reading.ok ? reading.view : reading.problem;
  };
  const bare = { beingDeleted: false, ownSpec: null, madeFrom: null };
  assert.deepEqual(of({ metadata: { labels } }), { rayService: "app", ...bare });
  const job = { ...labels, "ray.io/originated-from-crd": "RayJob" };
  const deleted = { metadata: { labels: job, deletionTimestamp: "x" } };
  assert.deepEqual(of(deleted), { ...bare, rayService: "", beingDeleted: true });
  const annotations = { "ray.io/hash-without-replicas-and-workers-to-delete": "HASH", other: 1 };
  assert.deepEqual(of({ metadata: { labels, annotations } }), { ...bare, rayService: "app", madeFrom: "HASH" });
});

test("a RayCluster's own spec is all but what the autoscaler and schedulers write into it", () => {
  const own = (group: object): string | null => {
    const reading = readRayCluster({ metadata: {}, spec: { rayVersion: "2.60.0", workerGroupSpecs: [group] } });
    return reading.ok ? reading.view.ownSpec : reading.problem;
  };
  const scaled = { replicas: 3, minReplicas: 1, maxReplicas: 5, scaleStrategy: { workersToDelete: ["w"] } };
  assert.equal(own({ groupName: "g", ...scaled }), own({ groupName: "g" }));
  assert.notEqual(own({ groupName: "h" }), own({ groupName: "g" }));
});

test("RUNNING replicas count, and UPDATING ones apart", () => {
  const states = ["STARTING", "STOPPING", "UPDATING", "UPDATING"].map((state) => ({ state }));
  const replicas = [{ state: "RUNNING", replica_id: "x" }, ...states];
  const reading = readServeApplications({
    applications: { app: { status: "DEPLOYING", deployments: { d: { replicas } } } },
  });
  assert.deepEqual(reading, { ok: true, view: { runningReplicas: 1, updatingReplicas: 2 } });
  assert.equal(readServeApplications("404 page not found").ok, false);
});
