import assert from "node:assert/strict";
import { test } from "node:test";
import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/steps.ts";
import { aggressiveUpgrade, findingOf, NEW, OLD, planOf, START_MS, type StoryWriter } from "./testing.ts";

const ms = (second: number): number => START_MS + second * 1000;
const STEPS: readonly Step[] = [
  { do: "upgrade" },
  { do: "fault", when: { traffic: [20, 60] }, fault: { kind: "delete-pod", target: "pending-head", graceSeconds: 0 } },
];
const plan = (changes: Partial<Plan> = {}): Plan => planOf(undefined, { steps: [...STEPS], ...changes });

const ray = (cluster: string, nodeType: string, status: Record<string, unknown> = { phase: "Running" }) => ({
  metadata: { labels: { "ray.io/cluster": cluster, "ray.io/node-type": nodeType } },
  status,
});
const ended = {
  containerStatuses: [{ name: "ray-worker", restartCount: 0, state: { terminated: { reason: "Error", exitCode: 1 } } }],
};
const restarted = {
  containerStatuses: [
    { name: "ray-worker", restartCount: 1, lastState: { terminated: { reason: "Error", exitCode: 1 } } },
  ],
};
const RUNNING = { containerStatuses: [{ name: "ray-worker", restartCount: 0 }] };

/** An upgrade of which a pod is taken at second 36.5; what becomes of pods is told by the writer. */
function taken(name: string, of: string, changes: Partial<Plan> = {}): StoryWriter {
  const story = aggressiveUpgrade(plan(changes))
    .at(12)
    .object("Pod", "new-head", ray(NEW, "head"))
    .object("Pod", "new-worker", ray(NEW, "worker", RUNNING))
    .object("Pod", "old-worker", ray(OLD, "worker", RUNNING));
  const pod = story.observations.find((line) => line.type === "object" && line.kind === "Pod" && line.name === name);
  const uid = pod?.type === "object" ? pod.uid : "";
  const pods = [{ name, uid, namespace: "test", of }];
  return story.at(36.5).action("fault", { index: 1, fault: STEPS[1], text: "it", askedAtMs: ms(36.4), pods });
}

const pods = (story: StoryWriter) => findingOf("pods-stable", story.finish());

test("what happens to the pod of a fault is the fault's, and to its workers when it was a head (defect: a head that dies fails the run)", () => {
  const story = taken("new-head", "pending-head")
    .at(37)
    .object("Pod", "new-head", ray(NEW, "head", { phase: "Failed", ...ended }))
    .at(50)
    .object("Pod", "new-worker", ray(NEW, "worker", restarted));
  const { verdict, message, figures } = pods(story);
  assert.equal(verdict, "pass");
  assert.match(message, /^3 times something happened to a pod, each by what the scenario did/);
  assert.equal((figures["caused"] as unknown[]).length, 3);
});

test("the other side's workers are not the lost head's, nor is anything before it", () => {
  const other = taken("new-head", "pending-head")
    .at(50)
    .object("Pod", "old-worker", ray(OLD, "worker", restarted));
  assert.match(pods(other).message, /old-worker/);
  const before = taken("new-head", "pending-head")
    .at(36)
    .object("Pod", "new-worker", ray(NEW, "worker", restarted));
  assert.equal(pods(before).verdict, "fail");
});

test("a worker that was taken takes no other one with it (defect: any fault excuses its RayCluster)", () => {
  const story = taken("old-worker", "active-worker")
    .at(50)
    .object("Pod", "new-worker", ray(NEW, "worker", restarted));
  assert.equal(pods(story).verdict, "fail");
});

test("a worker that is killed for memory is nobody's fault but its own", () => {
  const killed = {
    containerStatuses: [
      { name: "ray-worker", restartCount: 0, state: { terminated: { reason: "OOMKilled", exitCode: 137 } } },
    ],
  };
  assert.equal(
    pods(
      taken("new-head", "pending-head")
        .at(50)
        .object("Pod", "new-worker", ray(NEW, "worker", killed)),
    ).verdict,
    "fail",
  );
});

test("with GCS fault tolerance workers outlive their head", () => {
  const path = "/spec/rayClusterConfig/gcsFaultToleranceOptions";
  const application = { ...planOf().application, variant: { patch: [{ op: "add" as const, path, value: {} }] } };
  const story = taken("new-head", "pending-head", { application });
  assert.equal(pods(story.at(50).object("Pod", "new-worker", ray(NEW, "worker", restarted))).verdict, "fail");
});

test("another version of the operator replaces the operator's pod, and no other (defect: the gateway's restart taken for it)", () => {
  const story = aggressiveUpgrade(plan()).at(37).action("operator", {}).at(38).platform(0, "2", ["operator"]);
  const after = (roles: string[]) => story.at(78).platform(0, "2", roles);
  // As the last poll of every story names the first pods.
  const only = {
    ...story.finish(),
    observations: story.finish().observations.filter((line) => line.monoMs !== 79_100 || line.type !== "poll"),
  };
  const whole = { ...only, observations: [...only.observations, ...after(["operator"]).observations.slice(-1)] };
  const stable = findingOf("pods-stable", {
    ...whole,
    observations: whole.observations.toSorted((a, b) => a.monoMs - b.monoMs),
  });
  assert.ok(stable.verdict !== "fail", stable.message);
  assert.equal(findingOf("pods-stable", story.at(78.5).platform(0, "2", ["gateway"]).finish()).verdict, "fail");
});

const ready = (story: StoryWriter) => findingOf("traffic-only-to-ready", story.finish());

test("a side that loses its endpoints to a fault is the fault's, once (defect: every fault of a pod fails, or excuses for ever)", () => {
  const once = (name: string, of: string) => taken(name, of).at(36.6).endpoints(NEW, 0).at(38).endpoints(NEW, 1);
  const worker = once("new-worker", "pending-worker");
  const { verdict, message, figures } = ready(worker);
  assert.deepEqual([verdict, (figures["byFaults"] as unknown[]).length], ["pass", 1]);
  assert.match(message, /but for 1 window that the faults made\.$/);
  assert.equal(ready(worker.at(39).endpoints(NEW, 0).at(40).endpoints(NEW, 1)).verdict, "fail");
});

test("workers give up after their head, until the application has got over it (defect: an out-of-memory head fails in its second window, or excuses for ever)", () => {
  const again = (story: StoryWriter) => ready(story.at(39).endpoints(NEW, 0).at(40).endpoints(NEW, 1));
  const once = () => taken("new-head", "pending-head").at(36.6).endpoints(NEW, 0).at(38).endpoints(NEW, 1);
  const { verdict, figures } = again(once());
  assert.deepEqual([verdict, (figures["byFaults"] as unknown[]).length], ["pass", 2]);
  assert.equal(again(once().at(38.5).action("recovered")).verdict, "fail");
});

test("the other side's endpoints are not the fault's, nor are those lost before it", () => {
  const lost = (story: StoryWriter, second: number) =>
    ready(story.at(second).endpoints(NEW, 0).at(38).endpoints(NEW, 1));
  assert.equal(lost(taken("new-head", "pending-head"), 37).verdict, "pass");
  assert.equal(lost(taken("old-worker", "active-worker"), 37).verdict, "fail");
  assert.equal(lost(taken("new-head", "pending-head"), 35).verdict, "fail");
});

test("a suspended spec is the runner's own change, and a side without pods fails all the same", () => {
  const story = aggressiveUpgrade(plan({ steps: [{ do: "upgrade" }, { do: "suspend", of: "RayCluster" }] }))
    .at(36.4)
    .action("suspend", { index: 1, path: "/spec/rayClusterConfig/suspend", value: true, generation: 3 })
    .at(36.5)
    .status("100,50|50,50", { stamp: 36, generation: 3 });
  assert.equal(findingOf("converged", story.finish()).verdict, "pass");
  assert.equal(ready(story.at(37).endpoints(NEW, 0)).verdict, "fail");
});

test("controllers that lose their lease with the API server are restarted by its fault, others are not (defect: a stopped API server fails pods-stable)", () => {
  const fault = { kind: "stop-api-server", seconds: 10 } as const;
  const stopped = (role: string, second: number, unready?: readonly number[]) => {
    const steps: Step[] = [{ do: "upgrade" }, { do: "fault", fault }];
    const story = aggressiveUpgrade(planOf(undefined, { steps }))
      .at(20)
      .action("fault", { index: 1, fault, text: "it", askedAtMs: ms(19.9), pods: [] })
      .at(35)
      .action("fault-ended", { index: 1 });
    for (const each of unready ?? []) story.at(each).platform(0, "1", [role], false);
    const finished = story
      .at(second)
      .platform(1, "1", [role], unready === undefined)
      .finish();
    // The story's last poll tells of as many restarts as it began with.
    return findingOf("pods-stable", finished);
  };
  assert.equal(stopped("operator", 34).verdict, "pass");
  assert.equal(stopped("gateway", 40).verdict, "pass");
  assert.equal(stopped("dataPlane", 40).verdict, "fail");
  assert.equal(stopped("operator", 15).verdict, "fail");
  assert.equal(stopped("operator", 70).verdict, "fail");
  // Its end began when it ceased to be ready, in time or not.
  assert.equal(stopped("gateway", 70, [60, 69]).verdict, "pass");
  assert.equal(stopped("gateway", 70, [69]).verdict, "fail");
});
