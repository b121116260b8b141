import assert from "node:assert/strict";
import { test } from "node:test";
import { aggressiveUpgrade, findingOf, NEW, OLD, planOf, withObservations, type Story } from "./testing.ts";

const finding = (story: Story) => findingOf("pods-stable", story);
const container = (name: string, restartCount: number, more: Record<string, unknown> = {}) => ({
  name,
  restartCount,
  ...more,
});
/** The upgrade with a new worker, and what became of it. */
function worker(...statuses: Record<string, unknown>[]) {
  const story = aggressiveUpgrade();
  for (const [index, status] of statuses.entries()) {
    const { deletionTimestamp, ...rest } = status;
    const metadata = { labels: { "ray.io/cluster": NEW }, deletionTimestamp };
    story.at(50 + index).object("Pod", "new-worker", { metadata, status: rest });
  }
  return story.finish();
}
const running = { phase: "Running", containerStatuses: [container("ray-worker", 0, { state: { running: {} } })] };
const EVICTED = { type: "DisruptionTarget", status: "True", reason: "EvictionByEvictionAPI" };
const OF_LOAD = { labels: { "app.kubernetes.io/name": "zerodrop-load" } };
const ended = (reason: string) => ({
  containerStatuses: [container("ray-worker", 0, { state: { terminated: { reason, exitCode: 137 } } })],
});

test("pods that come and go with their RayClusters pass", () => {
  const { verdict, figures } = finding(
    worker(running, { ...ended("Error"), phase: "Failed", deletionTimestamp: "2026-03-14T09:00:51Z" }),
  );
  assert.deepEqual([verdict, figures["pods"]], ["pass", 4]);
});

test("a restart fails, told once, with its reason", () => {
  const again = {
    phase: "Running",
    containerStatuses: [container("ray-worker", 1, { lastState: { terminated: { reason: "Error" } } })],
  };
  const { verdict, message, violations } = finding(worker(running, again, again));
  assert.equal(verdict, "fail");
  assert.equal(message, "Container ray-worker of pod new-worker (app-fghij) was restarted: Error.");
  assert.equal(violations.length, 1);
});

test("restarts from before the record are not the scenario's", () => {
  const before = { phase: "Running", containerStatuses: [container("ray-worker", 3)] };
  assert.equal(finding(worker(before, before)).verdict, "pass");
});

test("a container killed for memory fails, even of a pod that was being deleted", () => {
  assert.match(finding(worker(running, ended("OOMKilled"))).message, /was killed for memory/);
  assert.equal(
    finding(worker(running, { ...ended("OOMKilled"), deletionTimestamp: "2026-03-14T09:00:51Z" })).verdict,
    "fail",
  );
});

test("a container that is to end before the others start may end, and only well (defect: any init container fails the run)", () => {
  const init = (exitCode: number) => ({
    ...running,
    initContainerStatuses: [container("prepare", 0, { state: { terminated: { reason: "Completed", exitCode } } })],
  });
  assert.equal(finding(worker(init(0), running)).verdict, "pass");
  assert.match(finding(worker(init(1), running)).message, /^Container prepare of pod new-worker/);
});

test("a Ray container that ends by itself fails; the load's containers end when the load does", () => {
  assert.match(
    finding(worker(running, ended("Error"))).message,
    /ended although its pod was not being deleted: Error, exit code 137/,
  );
  const load = aggressiveUpgrade()
    .at(79.5)
    .object("Pod", "load", { metadata: OF_LOAD, status: { phase: "Running", ...ended("Error") } });
  assert.equal(finding(load.finish()).verdict, "pass");
});

/** The upgrade with the load's pod, of which something became so long (s) after it was told to stop. */
function loadPod(afterStopS: number, status: Record<string, unknown>, metadata: Record<string, unknown> = OF_LOAD) {
  const story = aggressiveUpgrade();
  const stop = story.observations.find((line) => line.type === "action" && line.action === "stop-load");
  return story
    .at((stop?.monoMs ?? 0) / 1000 + afterStopS)
    .object("Pod", "load", { metadata, status })
    .finish();
}

test("the load's pod counts as failed when it was told to stop, and that is no trouble (defect: k6's own exit code fails a run)", () => {
  const failed = { phase: "Failed", ...ended("Error") };
  assert.equal(finding(loadPod(0.5, failed)).verdict, "pass");
  assert.equal(finding(loadPod(0.5, failed, { labels: {} })).verdict, "fail");
});

test("what happens to the load's own pod before it is told to stop is invalid, never the application's fault (defect: an evicted k6 fails the application)", () => {
  const evicted = { ...running, conditions: [EVICTED] };
  const { verdict, message, figures } = finding(loadPod(-1, evicted));
  assert.deepEqual(
    [verdict, message],
    ["invalid", "Pod load was evicted: EvictionByEvictionAPI. It was to make the load."],
  );
  assert.equal((figures["load"] as unknown[]).length, 1);
  for (const status of [{ phase: "Failed", ...ended("Error") }, ended("OOMKilled")]) {
    assert.equal(finding(loadPod(-1, status)).verdict, "invalid");
  }
  assert.equal(finding(loadPod(-1, evicted, { labels: { "app.kubernetes.io/name": "app" } })).verdict, "fail");
});

test("a fault of the application's own is told although the load's pod was lost too", () => {
  const worse = aggressiveUpgrade()
    .at(49)
    .object("Pod", "load", { metadata: OF_LOAD, status: { ...running, conditions: [EVICTED] } })
    .at(50)
    .object("Pod", "new-worker", { metadata: { labels: { "ray.io/cluster": NEW } }, status: { phase: "Failed" } })
    .finish();
  assert.match(finding(worse).message, /^Pod new-worker \(app-fghij\) failed/);
});

test("an eviction and a failed pod fail", () => {
  assert.match(
    finding(worker(running, { ...running, conditions: [EVICTED] })).message,
    /was evicted: EvictionByEvictionAPI/,
  );
  assert.match(finding(worker(running, { phase: "Failed", reason: "Evicted" })).message, /failed: Evicted/);
});

test("a restart of the operator, the gateway or the data plane fails, by the next poll", () => {
  const { verdict, message, violations } = finding(aggressiveUpgrade().at(40).platform(1).finish());
  assert.equal(verdict, "fail");
  assert.match(message, /^Container operator of pod operator-1 \(operator\) was restarted/);
  assert.equal(violations.length, 3);
});

test("another pod in the place of one of the platform's fails", () => {
  assert.match(
    finding(aggressiveUpgrade().at(40).platform(0, "2").finish()).message,
    /^Pod operator-1 \(operator\) went away/,
  );
});

test("without a look at the platform's pods, or at any pod, nothing is proven", () => {
  const story = aggressiveUpgrade().finish();
  for (const lost of [
    () => true,
    (subject: string) => subject === "dataPlane",
    (_: string, second: number) => second < 10,
    (_: string, second: number) => second > 10,
  ]) {
    const blind = withObservations(story, (line) =>
      line.type === "poll" && line.poll === "platform-pods" && lost(line.subject, line.monoMs / 1000)
        ? undefined
        : line,
    );
    assert.equal(finding(blind).verdict, "invalid");
  }
  const podless = withObservations(story, (line) => (line.type === "object" && line.kind === "Pod" ? undefined : line));
  assert.equal(finding(podless).verdict, "invalid");
});

test("the pod that clears Redis when a RayCluster goes ends by itself; one that fails at it does not pass (defect: GCS fault tolerance fails every upgrade)", () => {
  const cleaning = (exitCode: number, nodeType = "redis-cleanup") =>
    aggressiveUpgrade()
      .at(50)
      .object("Pod", "cleanup", {
        metadata: { labels: { "ray.io/cluster": OLD, "ray.io/node-type": nodeType } },
        status: {
          phase: exitCode === 0 ? "Succeeded" : "Failed",
          containerStatuses: [container("ray-head", 0, { state: { terminated: { reason: "Completed", exitCode } } })],
        },
      })
      .at(55)
      .gone("Pod", "cleanup")
      .finish();
  assert.equal(finding(cleaning(0)).verdict, "pass");
  assert.equal(finding(cleaning(1)).verdict, "fail");
  assert.equal(finding(cleaning(0, "head")).verdict, "fail");
});

test("a head that goes away without its RayCluster fails, with it or by a suspension it does not (defect: a pod that somebody deletes and the operator makes anew is nothing)", () => {
  const labels = { "ray.io/cluster": NEW, "ray.io/node-type": "head" };
  const withHead = (second: number, more: Record<string, unknown> = {}) =>
    aggressiveUpgrade(planOf(undefined, { steps: [{ do: "upgrade" }, { do: "suspend", of: "RayCluster" }] }))
      .at(12)
      .object("Pod", "new-head", { metadata: { labels }, status: running })
      .at(second)
      .object("Pod", "new-head", { metadata: { labels, ...more }, status: running });
  const taken = { deletionTimestamp: "2026-03-14T09:00:50Z" };
  assert.equal(finding(withHead(50).finish()).verdict, "pass");
  const { verdict, message } = finding(withHead(50, taken).finish());
  assert.deepEqual([verdict, message], ["fail", "Pod new-head (app-fghij) went away."]);
  assert.equal(finding(withHead(50, taken).at(51).gone("RayCluster", NEW).finish()).verdict, "pass");
  assert.equal(finding(withHead(50, taken).at(53).gone("RayCluster", NEW).finish()).verdict, "fail");
  const suspended = { path: "/spec/rayClusterConfig/suspend", value: true };
  assert.equal(finding(withHead(50, taken).at(49).action("suspend", suspended).finish()).verdict, "pass");
  assert.equal(finding(withHead(50, taken).at(51).action("suspend", suspended).finish()).verdict, "fail");
});
