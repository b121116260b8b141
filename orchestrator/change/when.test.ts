import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, lists, watches } from "../kube/testing/api-server.ts";
import { DeadlineError } from "../plan/errors.ts";
import { telling } from "./testing/telling.ts";
import { waitUntil, type Awaiting } from "./when.ts";

const SERVICE = { namespace: "ns", name: "s" };
const WINDOW = { traffic: [30, 70] as [number, number] };

/** A status with this much traffic on the pending side; null: there is none. */
function moved(pendingTraffic: number | null, { active = "c1", applications = {} } = {}): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation: 3, resourceVersion: "7" },
    status: {
      activeServiceStatus: { rayClusterName: active, targetCapacity: 100, trafficRoutedPercent: 100 },
      pendingServiceStatus:
        pendingTraffic === null
          ? {}
          : { rayClusterName: "c2", trafficRoutedPercent: pendingTraffic, applicationStatuses: applications },
      conditions: [{ type: "Ready", status: "True" }],
      observedGeneration: 3,
    },
  };
}

const waiting: Awaiting = {
  deadlineMs: 3_000,
  activeBefore: "c1",
  direction: "forward",
  clock: realClock,
  faulted: [],
};

test("the first state in the window is taken, its bounds included, and neither one before it nor one after it", async () => {
  for (const traffic of [30, 50, 70]) {
    await using server = await telling(moved(null), moved(0), moved(29), moved(traffic), moved(100));
    const seen = await waitUntil(await server.connect(), SERVICE, WINDOW, waiting);
    assert.deepEqual(seen, { reached: true, pendingCluster: "c2", pendingTraffic: traffic });
  }
});

test("a change that is past the window or over is told as missed at once (defect: a step taken elsewhere than asked for)", async () => {
  await using past = await telling(moved(25), moved(71));
  assert.deepEqual(await waitUntil(await past.connect(), SERVICE, WINDOW, waiting), {
    reached: false,
    pendingCluster: "c2",
    pendingTraffic: 71,
  });
  await using over = await telling(moved(25), moved(null, { active: "c2" }));
  assert.equal((await waitUntil(await over.connect(), SERVICE, WINDOW, waiting)).reached, false);
});

test("on the way back the window is come into from above, and what is below it is past (defect: a rollback cancelled when it is over)", async () => {
  const back = { ...waiting, direction: "back" } as const;
  await using server = await telling(moved(75), moved(50));
  assert.equal((await waitUntil(await server.connect(), SERVICE, WINDOW, back)).pendingTraffic, 50);
  for (const gone of [moved(25), moved(null)]) {
    await using past = await telling(moved(75), gone);
    assert.equal((await waitUntil(await past.connect(), SERVICE, WINDOW, back)).reached, false);
  }
});

test("traffic that never comes into the window is a deadline with the state last seen", async () => {
  await using server = await telling(moved(0), moved(25));
  await assert.rejects(
    waitUntil(await server.connect(), SERVICE, WINDOW, { ...waiting, deadlineMs: 300 }),
    (error: unknown) =>
      error instanceof DeadlineError &&
      error.message.startsWith("30 to 70 % of the traffic to move was awaited") &&
      error.message.includes("pending c2 at capacity 0, traffic 25"),
  );
});

/** A server of a RayService with a pending side, and of these pods of it. */
function withPods(service: KubeObject, pods: KubeObject[]): Promise<FaultyApiServer> {
  return FaultyApiServer.start(
    lists("rayservices", { version: "1", items: [service] }),
    watches("rayservices"),
    lists("pods", { version: "1", items: pods }),
    watches("pods"),
  );
}

function pod(status: Record<string, unknown>, uid = "u1"): KubeObject {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "ns", uid }, status };
}

const unschedulable = pod({
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }],
});
const noImage = pod({
  containerStatuses: [{ name: "c", image: "x/y", state: { waiting: { reason: "ErrImagePull" } } }],
});
const starting = pod({ containerStatuses: [{ name: "c", state: { waiting: { reason: "ContainerCreating" } } }] });
const failed = { a: { status: "DEPLOY_FAILED", message: "No module named x" } };

test("a pending side is stuck for whichever of the reasons shows first, told in words (defect: one of them waits for ever)", async () => {
  for (const [service, pods, says] of [
    [moved(0), [unschedulable], "pod p is Unschedulable: 0/1 nodes"],
    [moved(0), [starting, noImage], "pod p is ErrImagePull: image x/y"],
    [moved(0, { applications: failed }), [starting], "application a is DEPLOY_FAILED: No module named x"],
  ] as const) {
    await using server = await withPods(service, [...pods]);
    const seen = await waitUntil(await server.connect(), SERVICE, { pending: "stuck" }, waiting);
    assert.deepEqual(seen, { reached: true, pendingCluster: "c2", pendingTraffic: 0, stuck: says });
  }
});

test("a pending side that is only starting is not stuck (defect: every new pod counts)", async () => {
  await using server = await withPods(moved(0, { applications: { a: { status: "DEPLOYING" } } }), [starting]);
  const short = { ...waiting, deadlineMs: 300 };
  await assert.rejects(waitUntil(await server.connect(), SERVICE, { pending: "stuck" }, short), DeadlineError);
});

test("a pending side is created when it has a pod, named before that (defect: the two are one)", async () => {
  await using bare = await withPods(moved(0), []);
  const kube = await bare.connect();
  assert.equal((await waitUntil(kube, SERVICE, { pending: "named" }, waiting)).reached, true);
  const short = { ...waiting, deadlineMs: 300 };
  await assert.rejects(waitUntil(kube, SERVICE, { pending: "created" }, short), DeadlineError);
  await using made = await withPods(moved(0), [starting]);
  assert.equal((await waitUntil(await made.connect(), SERVICE, { pending: "created" }, waiting)).reached, true);
});

test("a pod that a fault took away is gone when no pod has its uid (defect: its successor by the same name counts as it)", async () => {
  const short = { ...waiting, deadlineMs: 300, faulted: ["u1"] };
  await using there = await withPods(moved(50), [pod({}, "u1")]);
  await assert.rejects(waitUntil(await there.connect(), SERVICE, { gone: true }, short), DeadlineError);
  await using gone = await withPods(moved(50), [pod({}, "u2")]);
  assert.equal((await waitUntil(await gone.connect(), SERVICE, { gone: true }, short)).pendingTraffic, 50);
});

test("a change that is over is told so also where a time or a pod's end was waited for (defect: taken back when it is promoted)", async () => {
  for (const when of [{ seconds: 0.01 }, { gone: true }] as const) {
    await using over = await withPods(moved(null, { active: "c2" }), []);
    assert.deepEqual(await waitUntil(await over.connect(), SERVICE, when, waiting), {
      reached: false,
      pendingCluster: "",
      pendingTraffic: 100,
    });
  }
});

test("where another pending side follows, traffic comes into the window on the way back or on the next one's way (defect: missed while it goes back)", async () => {
  const turned = { ...waiting, direction: "back-then-forward" } as const;
  await using next = await telling(moved(25), moved(0), moved(25), moved(50));
  const seen = await waitUntil(await next.connect(), SERVICE, WINDOW, turned);
  assert.deepEqual([seen.reached, seen.pendingTraffic], [true, 50]);
  await using over = await telling(moved(25), moved(null, { active: "c3" }));
  assert.equal((await waitUntil(await over.connect(), SERVICE, WINDOW, turned)).reached, false);
});
