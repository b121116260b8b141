import assert from "node:assert/strict";
import { test } from "node:test";
import { readPod, type PodView } from "./pod.ts";

function view(pod: unknown): PodView {
  const reading = readPod(pod);
  assert.ok(reading.ok);
  return reading.view;
}

/** A pod with this status. */
const withStatus = (status: Record<string, unknown>) => view({ metadata: {}, status });

test("a pod of which nothing is told yet reads as empty, and as no trouble", () => {
  const nothing = {
    cluster: "",
    nodeType: "",
    ofLoad: false,
    phase: "",
    beingDeleted: false,
    ready: false,
    reason: "",
    disruption: "",
    stuck: "",
    containers: [],
  };
  assert.deepEqual(view({ metadata: {} }), nothing);
  assert.deepEqual(view({ metadata: { labels: {} }, status: {} }), nothing);
});

test("the load's own pods are known by their label", () => {
  const ofLoad = (labels: Record<string, string>) => view({ metadata: { labels } }).ofLoad;
  assert.equal(ofLoad({ "app.kubernetes.io/name": "zerodrop-load" }), true);
  assert.equal(ofLoad({ "app.kubernetes.io/name": "kuberay" }), false);
  assert.equal(ofLoad({ app: "zerodrop-load" }), false);
});

test("a pod is ready when its condition Ready is True, whatever else holds", () => {
  const ready = (...conditions: readonly (readonly [string, string])[]) =>
    withStatus({ conditions: conditions.map(([type, status]) => ({ type, status })) }).ready;
  assert.equal(ready(["PodScheduled", "True"], ["Ready", "True"], ["Initialized", "True"]), true);
  assert.equal(ready(["PodScheduled", "True"], ["ContainersReady", "True"], ["Ready", "False"]), false);
  assert.equal(ready(["PodScheduled", "True"]), false);
  assert.equal(ready(["Ready", "Unknown"]), false);
});

test("a pod is disrupted only while its condition says so (defect: any condition with a reason reads as an eviction)", () => {
  const disruption = (...conditions: readonly Record<string, unknown>[]) => withStatus({ conditions }).disruption;
  const ready = { type: "Ready", status: "True", reason: "AllReady" };
  assert.equal(disruption(ready), "");
  assert.equal(disruption(ready, { type: "DisruptionTarget", status: "False", reason: "DeletionByTaintManager" }), "");
  assert.equal(
    disruption(ready, { type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" }),
    "DeletionByTaintManager",
  );
  assert.equal(disruption({ type: "DisruptionTarget", status: "True" }), "DisruptionTarget");
});

test("containers that end before the others start are told first, and as such; what is not told of an end stays open", () => {
  const { containers } = withStatus({
    containerStatuses: [{ name: "ray-worker", state: { terminated: {} } }],
    initContainerStatuses: [{ name: "wait-gcs-ready", restartCount: 1, state: { terminated: { exitCode: 0 } } }],
  });
  const none = { reason: "", exitCode: null };
  assert.deepEqual(containers, [
    { name: "wait-gcs-ready", init: true, restarts: 1, ended: { reason: "", exitCode: 0 }, endedBefore: null },
    { name: "ray-worker", init: false, restarts: 0, ended: none, endedBefore: null },
  ]);
});

test("an image that cannot be pulled keeps a pod from starting, by any name the kubelet has for it", () => {
  for (const reason of ["ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName"]) {
    const waits = { name: "ray-worker", image: "app:2", state: { waiting: { reason, message: "not found\nat all" } } };
    const runs = { name: "autoscaler", image: "ray:2", state: { running: {} } };
    assert.equal(withStatus({ containerStatuses: [runs, waits] }).stuck, `${reason}: not found`);
  }
});

test("where nothing is said of an image, the image is named if it is known, and else nothing more is said", () => {
  const stuck = (more: Record<string, unknown>) =>
    withStatus({ containerStatuses: [{ name: "a", state: { waiting: { reason: "ErrImagePull" } }, ...more }] }).stuck;
  assert.equal(stuck({ image: "app:2" }), "ErrImagePull: image app:2");
  assert.equal(stuck({}), "ErrImagePull");
  assert.equal(stuck({ image: null }), "ErrImagePull");
});

test("a container that is to end first keeps the pod from starting as well", () => {
  const status = {
    initContainerStatuses: [{ name: "i", image: "wait:1", state: { waiting: { reason: "ImagePullBackOff" } } }],
    containerStatuses: [{ name: "c", image: "app:2", state: { waiting: { reason: "PodInitializing" } } }],
  };
  assert.equal(withStatus(status).stuck, "ImagePullBackOff: image wait:1");
});

test("a container that waits for anything else is not stuck", () => {
  for (const reason of ["ContainerCreating", "PodInitializing", "CrashLoopBackOff", "", null]) {
    const waits = { name: "c", image: "app:2", state: { waiting: { reason, message: "in a moment" } } };
    assert.equal(withStatus({ containerStatuses: [waits] }).stuck, "");
  }
});

test("a pod that fits on no node is stuck, and says what the scheduler said of it", () => {
  const stuck = (...conditions: readonly Record<string, unknown>[]) => withStatus({ conditions }).stuck;
  const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
  const initialized = { type: "Initialized", status: "True" };
  const message = "0/1 nodes are available: 1 Insufficient cpu.";
  assert.equal(stuck(initialized, { ...unschedulable, message }), `Unschedulable: ${message}`);
  assert.equal(stuck(unschedulable), "Unschedulable");
});

test("no other condition makes a pod stuck (defect: a pod that is merely not ready yet reads as one that does not start)", () => {
  const conditions = [
    { type: "Ready", status: "False", reason: "ContainersNotReady", message: "containers are not ready" },
    { type: "Ready", status: "False", reason: "Unschedulable", message: "of another condition" },
    { type: "PodScheduled", status: "False", reason: "SchedulingGated", message: "waits for its gate" },
    { type: "PodScheduled", status: "True", reason: "Unschedulable", message: "no more" },
    { type: "PodScheduled", status: "True", reason: "Scheduled", message: "on a node" },
  ];
  for (const condition of conditions) assert.equal(withStatus({ conditions: [condition] }).stuck, "", condition.reason);
});
