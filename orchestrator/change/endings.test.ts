import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import type { KubeObject } from "../kube/kube.ts";
import { FaultyApiServer, json, lists, watches } from "../kube/testing/api-server.ts";
import { DeadlineError } from "../plan/errors.ts";
import { waitBegun, waitConverged, waitDrained, waitInPlace, waitRecovered } from "./endings.ts";
import { telling } from "./testing/telling.ts";

const SERVICE = { namespace: "ns", name: "s" };
const waiting = { deadlineMs: 3_000, activeBefore: "c1" };
const short = { ...waiting, deadlineMs: 300 };

interface Told {
  active?: string;
  pending?: string;
  conditions?: Record<string, string>;
  observed?: number;
}

function state({ active = "c1", pending = "", conditions = {}, observed = 3 }: Told = {}): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation: 3, resourceVersion: "7" },
    status: {
      activeServiceStatus: { rayClusterName: active, targetCapacity: 100, trafficRoutedPercent: 100 },
      pendingServiceStatus: pending === "" ? {} : { rayClusterName: pending },
      conditions: Object.entries({ Ready: "True", ...conditions }).map(([type, status]) => ({ type, status })),
      observedGeneration: observed,
    },
  };
}

test("an upgrade has begun when another RayCluster is pending or active, or the condition says so", async () => {
  for (const begun of [{ pending: "c2" }, { active: "c2" }, { conditions: { UpgradeInProgress: "True" } }]) {
    await using server = await telling(state(), state(begun));
    await waitBegun(await server.connect(), SERVICE, waiting);
  }
  await using server = await telling(state());
  await assert.rejects(waitBegun(await server.connect(), SERVICE, short), /An upgrade to begin was awaited/);
});

const UNDER_WAY: readonly Told[] = [
  { pending: "c3" },
  { conditions: { Ready: "False" } },
  { conditions: { UpgradeInProgress: "True" } },
  { conditions: { RollbackInProgress: "True" } },
  { observed: 2 },
];

test("a change has not converged while anything of it is left, or the latest spec is unseen (defect: half a change counts)", async () => {
  for (const [cluster, active] of [
    ["new", "c2"],
    ["same", "c1"],
  ] as const) {
    const elsewhere = cluster === "new" ? [{ active: "c1" }] : [];
    const not = [...elsewhere, ...UNDER_WAY.map((told) => ({ active, ...told }))].map(state);
    await using server = await telling(...not);
    await assert.rejects(waitConverged(await server.connect(), SERVICE, cluster, short), DeadlineError);
    await using done = await telling(...not, state({ active }));
    assert.equal(await waitConverged(await done.connect(), SERVICE, cluster, waiting), active);
  }
});

test("a rollback that has settled on another RayCluster is over, and says on which (defect: the load waits for what cannot come)", async () => {
  await using server = await telling(state({ pending: "c2" }), state({ active: "c2" }));
  assert.equal(await waitConverged(await server.connect(), SERVICE, "same", waiting), "c2");
});

function pod(
  name: string,
  { cluster = "c1", type = "worker", ready = true, ending = false, uid = name } = {},
): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...{ name, namespace: "ns", uid, labels: { "ray.io/cluster": cluster, "ray.io/node-type": type } },
      ...(ending ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
    },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  };
}

const serving = (pods: KubeObject[], service = state()): Promise<FaultyApiServer> =>
  FaultyApiServer.start(
    lists("rayservices", { version: "1", items: [service] }),
    watches("rayservices"),
    lists("pods", { version: "1", items: pods }),
    watches("pods"),
  );

test("what is no more has no pod, and those that stay are told by name", async () => {
  await using server = await serving([pod("w", { cluster: "c0", ending: true })]);
  await assert.rejects(
    waitDrained(await server.connect(), { namespace: "ns", active: "c1" }, { deadlineMs: 300 }),
    /beside those of RayCluster c1 to be gone was awaited for 0\.3 s; last seen: 1 still there: w \(ending\)/,
  );
  // Jobs of KubeRay bear the RayCluster's name as well.
  const selector = "ray.io/cluster,ray.io/cluster!=c1,ray.io/node-type in (head,worker)";
  assert.ok(server.received.some(({ url }) => url.searchParams.get("labelSelector") === selector));
  await using gone = await serving([]);
  await waitDrained(await gone.connect(), { namespace: "ns", active: "c1" }, waiting);
});

/** Serve's answer with this version deployed and these states of its replicas. */
const details = (version: string, states: string[], health = "HEALTHY") => ({
  applications: {
    a: {
      status: "RUNNING",
      deployed_app_config: { deployments: [{ name: "d", user_config: { version } }] },
      deployments: { d: { status: health, replicas: states.map((one) => ({ state: one })) } },
    },
  },
});

/** A server whose Serve gives these answers, the last one again and again. */
function withServe(
  answers: unknown[],
  { pods = [pod("h", { type: "head" })], service = state() } = {},
): Promise<FaultyApiServer> {
  let next = 0;
  return FaultyApiServer.start(
    ({ url }, response) =>
      url.pathname.includes("/proxy/api/serve/applications/") &&
      json(response, 200, answers[Math.min(next++, answers.length - 1)]),
    lists("rayservices", { version: "1", items: [service] }),
    watches("rayservices"),
    lists("pods", { version: "1", items: pods }),
    watches("pods"),
  );
}

test("every replica must have the new version and run (defect: over as soon as the operator has seen the spec)", async () => {
  const unnamed = details("v2", ["RUNNING"]);
  Object.assign(unnamed.applications.a.deployed_app_config, { deployments: null });
  const not = [
    {},
    unnamed,
    details("v1", ["RUNNING"]),
    details("v2", ["RUNNING", "UPDATING"]),
    details("v2", [], "UPDATING"),
  ];
  for (const answer of not) {
    await using server = await withServe([answer]);
    const inTime = { ...short, clock: realClock };
    await assert.rejects(
      waitInPlace(await server.connect(), SERVICE, "v2", inTime),
      /Every replica to have version v2 was awaited/,
    );
  }
  await using server = await withServe([...not, details("v2", ["RUNNING", "RUNNING"])]);
  await waitInPlace(await server.connect(), SERVICE, "v2", { ...waiting, clock: realClock });
});

test("an application is as it was with a head, a worker, all Ready, and none that the fault took (defect: recovered before anything broke)", async () => {
  const [head, worker] = [pod("h", { type: "head" }), pod("w")];
  const healthy = [details("v1", ["RUNNING"])];
  const recovering = { deadlineMs: 300, clock: realClock, active: "c1", taken: ["old"] };
  for (const pods of [
    [worker],
    [head],
    [head, pod("w", { ready: false })],
    [head, worker, pod("x", { ending: true })],
    [head, pod("w", { uid: "old" })],
  ]) {
    await using server = await withServe(healthy, { pods });
    await assert.rejects(waitRecovered(await server.connect(), SERVICE, recovering), DeadlineError);
  }
  const pods = [head, worker];
  await using unready = await withServe(healthy, { pods, service: state({ conditions: { Ready: "False" } }) });
  await assert.rejects(waitRecovered(await unready.connect(), SERVICE, recovering), DeadlineError);
  // A new head is Ready before it knows of any replica.
  await using empty = await withServe([{ applications: {} }, details("v1", [])], { pods });
  await assert.rejects(
    waitRecovered(await empty.connect(), SERVICE, recovering),
    /Every replica to run again was awaited/,
  );
  await using server = await withServe([details("v1", []), ...healthy], { pods });
  await waitRecovered(await server.connect(), SERVICE, { ...recovering, deadlineMs: 5_000 });
});

test("a head that cannot be looked for is asked for again (defect: an API server that is away ends the run)", async () => {
  let refused = 0;
  await using server = await FaultyApiServer.start(
    ({ url }, response) =>
      url.searchParams.get("labelSelector")?.includes("node-type=head") === true &&
      refused++ < 2 &&
      json(response, 400, { kind: "Status", reason: "BadRequest", message: "not now" }),
    ({ url }, response) =>
      url.pathname.includes("/proxy/api/serve/applications/") && json(response, 200, details("v2", ["RUNNING"])),
    lists("rayservices", { version: "1", items: [state()] }),
    watches("rayservices"),
    lists("pods", { version: "1", items: [pod("h", { type: "head" })] }),
  );
  await waitInPlace(await server.connect(), SERVICE, "v2", { ...waiting, clock: realClock });
  assert.equal(refused, 3);
});
