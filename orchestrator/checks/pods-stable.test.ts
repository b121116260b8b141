import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "./check.ts";
import {
  aggressiveUpgrade,
  findingOf,
  momentAt,
  NEW,
  OLD,
  planOf,
  START_MS,
  steadyLoad,
  withObservations,
  withoutAction,
  type Story,
  type StoryWriter,
} from "./testing.ts";

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

const ID = "pods-stable";
const PLATFORM = ["operator", "gateway", "dataPlane"];
const QUIET = { pods: 3, platform: PLATFORM, troubles: [] };

/** The uid of an object of a story. */
function uidOf({ observations }: Pick<Story, "observations">, name: string): string {
  const seen = observations.find((line) => line.type === "object" && line.name === name);
  assert.ok(seen?.type === "object", name);
  return seen.uid;
}

/** A worker of the new RayCluster that is restarted at a second, with the trouble and the violation that this is. */
function restartedAt(second: number, story = aggressiveUpgrade(), name = "new-worker") {
  const metadata = { labels: { "ray.io/cluster": NEW, "ray.io/node-type": "worker" } };
  const before = { phase: "Running", containerStatuses: [container("ray-worker", 0)] };
  const lastState = { terminated: { reason: "Error" } };
  const after = { phase: "Running", containerStatuses: [container("ray-worker", 1, { lastState })] };
  story.at(12).object("Pod", name, { metadata, status: before });
  story.at(second).object("Pod", name, { metadata, status: after });
  const facts = { pod: name, of: NEW, container: "ray-worker", detail: "Error" };
  const trouble = { at: momentAt(second), cause: "restarted", uid: uidOf(story, name), ...facts };
  return { story, trouble, violation: { atMs: START_MS + second * 1000, cause: "restarted", facts } };
}

test("pods to which nothing happened are told, with how many there were", () => {
  const rest = { id: ID, violations: [] };
  assert.deepEqual(finding(aggressiveUpgrade().finish()), {
    ...rest,
    verdict: "pass",
    message: "Nothing happened to 3 pods of the application, nor to the platform's.",
    figures: QUIET,
  });
  const one = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "object" && line.kind === "Pod" && line.name !== "old-head" ? undefined : line,
  );
  assert.equal(finding(one).message, "Nothing happened to 1 pod of the application, nor to the platform's.");
});

test("what happened is told whole, in the order in which it did", () => {
  const labels = { "ray.io/cluster": OLD, "ray.io/node-type": "head" };
  const { story, trouble, violation } = restartedAt(50);
  story.at(10).object("Pod", "first-head", { metadata: { labels }, status: running }).at(47).gone("Pod", "first-head");
  story.at(60).gone("Pod", "new-worker");
  const withoutCluster = withObservations(story.finish(), (line) =>
    line.type === "object" && line.kind === "RayCluster" && line.event === "deleted" ? undefined : line,
  );
  const facts = { pod: "first-head", of: OLD, container: "", detail: "" };
  const lost = { at: momentAt(47), cause: "replaced", uid: uidOf(withoutCluster, "first-head"), ...facts };
  assert.deepEqual(finding(withoutCluster), {
    id: ID,
    verdict: "fail",
    message: `Pod first-head (${OLD}) went away.`,
    figures: { pods: 5, platform: PLATFORM, troubles: [lost, trouble], violations: 2 },
    violations: [{ atMs: START_MS + 47_000, cause: "replaced", facts }, violation],
  });
});

test("twenty troubles are kept as figures, and all of them are violations", () => {
  const story = aggressiveUpgrade();
  for (let index = 0; index < 21; index += 1) restartedAt(50, story, `worker-${String(index)}`);
  const { figures, violations } = finding(story.finish());
  assert.deepEqual([(figures["troubles"] as unknown[]).length, figures["violations"], violations.length], [20, 21, 21]);
});

/** An upgrade with a fault at second 36.5, done to a pod of it. */
function broken(story: StoryWriter, name: string): StoryWriter {
  const pods = [{ name, uid: uidOf(story, name), of: "pending-worker" }];
  const fault = { kind: "delete-pod", target: "pending-worker" };
  return story
    .at(36.5)
    .action("fault", { index: 1, fault, text: "it was deleted", askedAtMs: START_MS + 36_400, pods });
}

test("what a fault did is told apart from what nobody asked for", () => {
  const { story, trouble } = restartedAt(50);
  const caused = [{ ...trouble, by: "it was deleted" }];
  assert.deepEqual(finding(broken(story, "new-worker").finish()), {
    id: ID,
    verdict: "pass",
    message:
      "1 time something happened to a pod, each by what the scenario did; nothing else to 4 pods of the application, nor to the platform's.",
    figures: { ...QUIET, pods: 4, caused },
    violations: [],
  });
  const other = restartedAt(55, story, "other-worker");
  const { verdict, message, figures, violations } = finding(story.finish());
  assert.equal(verdict, "fail");
  assert.equal(message, `Container ray-worker of pod other-worker (${NEW}) was restarted: Error.`);
  assert.deepEqual(figures, { ...QUIET, pods: 5, troubles: [other.trouble], caused, violations: 1 });
  assert.deepEqual(violations, [other.violation]);
});

test("a fault that nothing came of is told as such, and twenty of what came of one are kept", () => {
  const quiet = finding(broken(aggressiveUpgrade(), "new-head").finish());
  assert.deepEqual(
    [quiet.message, quiet.figures],
    ["Nothing happened to 3 pods of the application, nor to the platform's.", { ...QUIET, caused: [] }],
  );
  const story = aggressiveUpgrade();
  const pods = Array.from({ length: 21 }, (_, index) => {
    const { trouble } = restartedAt(50, story, `worker-${String(index)}`);
    return { name: trouble.pod, uid: trouble.uid, of: "pending-worker" };
  });
  const facts = { index: 1, text: "it", askedAtMs: START_MS + 36_400, pods };
  const { message, figures } = finding(story.at(36.5).action("fault", facts).finish());
  assert.match(
    message,
    /^21 times something happened to a pod, each by what the scenario did; nothing else to 24 pods /,
  );
  assert.equal((figures["caused"] as unknown[]).length, 20);
});

test("what another version of the operator did is told without any fault", () => {
  const story = aggressiveUpgrade().at(37).action("operator").at(38).platform(0, "2", ["operator"]);
  const observations = story
    .finish()
    .observations.map((line) =>
      line.monoMs === 79_100 && line.type === "poll" && line.subject === "operator"
        ? { ...line, data: { pods: [{ name: "operator-2", uid: "operator2", containers: [] }] } }
        : line,
    );
  const { verdict, figures } = finding({ ...story.finish(), observations });
  assert.equal(verdict, "pass");
  assert.deepEqual(figures["caused"], [
    {
      at: momentAt(38),
      cause: "replaced",
      pod: "operator-1",
      uid: "operator1",
      of: "operator",
      container: "",
      detail: "",
      by: "the operator's version was changed",
    },
  ]);
});

test("the load's pod must be well until the very moment in which it is told to stop, or to the end", () => {
  const evicted = { ...running, conditions: [EVICTED] };
  assert.equal(finding(loadPod(-0.001, evicted)).verdict, "invalid");
  assert.equal(finding(loadPod(0, evicted)).verdict, "pass");
  assert.equal(finding(withoutAction(loadPod(0.5, evicted), "stop-load")).verdict, "invalid");
});

test("what the load's pod was is known after it is gone (defect: an evicted k6 fails the application)", () => {
  const story = aggressiveUpgrade()
    .at(49)
    .object("Pod", "load", { metadata: OF_LOAD, status: { ...running, conditions: [EVICTED] } })
    .at(50)
    .gone("Pod", "load");
  const detail = "EvictionByEvictionAPI";
  assert.deepEqual(finding(story.finish()), {
    id: ID,
    verdict: "invalid",
    message: `Pod load was evicted: ${detail}. It was to make the load.`,
    figures: {
      ...QUIET,
      pods: 4,
      load: [
        { at: momentAt(49), cause: "evicted", pod: "load", uid: uidOf(story, "load"), of: "", container: "", detail },
      ],
    },
    violations: [],
  });
});

test("twenty troubles of the load's pods are kept", () => {
  const story = aggressiveUpgrade().at(49);
  for (let index = 0; index < 21; index += 1) {
    story.object("Pod", `load-${String(index)}`, { metadata: OF_LOAD, status: { ...running, conditions: [EVICTED] } });
  }
  assert.equal((finding(story.finish()).figures["load"] as unknown[]).length, 20);
});

test("objects that are no pods, and pods that cannot be read, are none of those that are watched", () => {
  const story = aggressiveUpgrade()
    .at(20)
    .object("Pod", "broken", { metadata: "none" })
    .object("Job", "load", {
      metadata: { labels: { "ray.io/cluster": NEW } },
      status: { phase: "Failed" },
    });
  assert.deepEqual(finding(story.finish()).figures, QUIET);
});

/** The upgrade with another poll of the operator's pods at second 40. */
function polled(data: unknown): Finding {
  const { observations, ...story } = aggressiveUpgrade().finish();
  const poll = { type: "poll", poll: "platform-pods", subject: "operator", ok: true, data, ...momentAt(40) } as const;
  const told = [...observations, poll].toSorted((a, b) => a.monoMs - b.monoMs);
  return finding({ ...story, observations: told });
}

test("a poll that names no pod, or cannot be read, is no look at any (defect: an API server without an answer loses the operator)", () => {
  for (const data of [{ pods: [] }, { pods: "none" }, null]) {
    assert.deepEqual([polled(data).verdict, polled(data).figures], ["pass", QUIET]);
  }
  assert.equal(
    polled({ pods: [{ name: "operator-2", uid: "other", containers: [] }] }).message,
    "Pod operator-1 (operator) went away.",
  );
});

/** The story with looks at the platform's pods at these seconds alone. */
function looked(story: Story, ...seconds: readonly number[]): Finding {
  const blind = withObservations(story, (line) => (line.type === "poll" ? undefined : line));
  const looks = seconds.flatMap((second) => aggressiveUpgrade().at(second).platform().observations.slice(-3));
  return finding({
    ...blind,
    observations: [...blind.observations, ...looks].toSorted((a, b) => a.monoMs - b.monoMs),
  });
}

test("the platform's pods must have been looked at before the change and after it", () => {
  const story = aggressiveUpgrade().finish();
  const unseen = {
    id: ID,
    verdict: "invalid",
    message:
      "The pods of operator, gateway and dataPlane were not seen both before and after the change, so a restart would not show.",
    violations: [],
  };
  assert.deepEqual(looked(story), { ...unseen, figures: { ...QUIET, platform: [] } });
  assert.deepEqual(looked(story, 10.001, 79), { ...unseen, figures: QUIET });
  assert.deepEqual(looked(story, 10, 75.999), { ...unseen, figures: QUIET });
  assert.equal(looked(story, 10, 76).verdict, "pass");
  assert.equal(looked(story, 10, 40, 76).verdict, "pass");
});

test("a change that was never over, or never made, is looked at until wherever it came", () => {
  // Without D it is over with C, at second 45.9.
  const undrained = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "object" && line.name === "old-head" && line.event === "deleted" ? undefined : line,
  );
  assert.equal(looked(undrained, 10, 45.9).verdict, "pass");
  assert.equal(looked(undrained, 10, 45.8).verdict, "invalid");
  assert.equal(looked(steadyLoad(planOf()).pod(OLD, "other").finish(), 1).verdict, "pass");
  assert.equal(looked(withoutAction(steadyLoad(planOf()).finish(), "trigger"), 12).verdict, "pass");
});

test("without any pod of the application nothing is proven", () => {
  const podless = withObservations(aggressiveUpgrade().finish(), (line) =>
    line.type === "object" && line.kind === "Pod" ? undefined : line,
  );
  assert.deepEqual(finding(podless), {
    id: ID,
    verdict: "invalid",
    message: "No pod was seen.",
    figures: { ...QUIET, pods: 0 },
    violations: [],
  });
});

test("only the watch of pods is needed, and no ledger", () => {
  assert.equal(finding(aggressiveUpgrade().at(40).relisted("Pod", 39).finish()).verdict, "invalid");
  assert.equal(finding(aggressiveUpgrade().at(40).relisted("RayService", 39).finish()).verdict, "pass");
  const story = aggressiveUpgrade().finish();
  assert.equal(finding({ ...story, ledger: story.ledger.slice(0, -1) }).verdict, "pass");
});

test("what is polled of others is no look at the platform's pods, whatever it answers", () => {
  const data = { pods: [{ name: "operator-2", uid: "other", containers: [] }] };
  const poll = { type: "poll", poll: "gateway-stats", subject: "operator", ok: true, data, ...momentAt(40) } as const;
  const { observations, ...story } = aggressiveUpgrade().finish();
  const told = [...observations, poll].toSorted((a, b) => a.monoMs - b.monoMs);
  const { verdict, figures } = finding({ ...story, observations: told });
  assert.deepEqual([verdict, figures], ["pass", QUIET]);
});
