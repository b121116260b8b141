import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { FaultContext } from "../../orchestrator/change/faults/fault.ts";
import { beginFault } from "../../orchestrator/change/faults/index.ts";
import { readDeployment, waitWhole } from "../../orchestrator/change/faults/deployment.ts";
import { repairReplicas, takeReplicas } from "../../orchestrator/change/faults/replicas.ts";
import { RESTARTED_AT } from "../../orchestrator/change/faults/rollout.ts";
import { realClock } from "../../orchestrator/kube/clock.ts";
import type { Kube, KubeObject } from "../../orchestrator/kube/kube.ts";
import { poll } from "../../orchestrator/load/waiting.ts";
import { DEADLINES } from "../../orchestrator/plan/deadlines.ts";
import { labelsOf } from "../../orchestrator/stage/labels.ts";
import { addressIfProgrammed } from "../../orchestrator/stage/ready.ts";
import { removeNamespace } from "../../orchestrator/stage/remove.ts";
import { status, up, useCluster } from "../../orchestrator/target/embedded/embedded.ts";
import type { ClusterProgress } from "../../orchestrator/target/embedded/embedded.ts";
import { embeddedFaults } from "../../orchestrator/target/embedded/faults/index.ts";
import { ADDRESSES, layoutOf } from "../../orchestrator/target/embedded/layout.ts";
import { ENVOY_GATEWAY } from "../../orchestrator/plan/gateways.ts";
import { IMAGES } from "../../scripts/artefacts/list.ts";

/** Real faults on the embedded cluster, on pods of any kind: no application and no load is needed to see what a fault does. */
const layout = layoutOf();
const node = embeddedFaults(layout);
const NAMESPACE = "zerodrop-faults";
const FIRST_BUILD = { timeout: 40 * 60_000 };
const FAULT = { timeout: 5 * 60_000 };
const POD = { apiVersion: "v1", kind: "Pod" };

const podSchema = z.looseObject({
  metadata: z.looseObject({ uid: z.string() }),
  status: z.looseObject({
    containerStatuses: z.array(
      z.looseObject({
        name: z.string(),
        ready: z.boolean(),
        restartCount: z.number(),
        containerID: z.string().optional(),
        state: z.looseObject({
          terminated: z.looseObject({ reason: z.string(), exitCode: z.number() }).optional(),
        }),
      }),
    ),
  }),
});
type Pod = z.infer<typeof podSchema>;

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const progress: ClusterProgress = {
  started: say,
  finished: () => undefined,
  failed: say,
  kept: () => undefined,
  step: say,
};

let kube: Kube;
/** Held so that no run uses a cluster that is being broken. */
let use: AsyncDisposable | undefined;

before(async () => {
  use = await useCluster(layout, "the test of faults");
  const options = { readyDeadlineMs: DEADLINES.clusterUp.seconds * 1000, inUse: true };
  kube = await up(layout, progress, undefined, options);
  await removeNamespace(kube, NAMESPACE, 120_000, realClock);
  const labels = labelsOf("faults-test");
  await kube.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels } });
  await waitUntil("a service account", { apiVersion: "v1", kind: "ServiceAccount" }, (found) => found.length > 0);
}, FIRST_BUILD);

after(async () => {
  await removeNamespace(kube, NAMESPACE, 120_000, realClock);
  await use?.[Symbol.asyncDispose]();
}, FAULT);

function waitUntil(
  what: string,
  kind: { apiVersion: string; kind: string },
  holds: (objects: KubeObject[]) => boolean,
): Promise<true> {
  return kube.waitFor(
    kind,
    { namespace: NAMESPACE },
    {
      what,
      deadlineMs: 60_000,
      predicate: (objects) => (holds(objects) ? true : undefined),
      describe: (objects) => JSON.stringify(objects.map((object) => object["status"])).slice(0, 2_000),
    },
  );
}

/** A pod of these containers, all running; found by faults as that of the load. */
async function startPod(name: string, containers: { name: string; python: string }[]): Promise<Pod> {
  await kube.create({
    ...POD,
    metadata: { name, namespace: NAMESPACE, labels: { "batch.kubernetes.io/job-name": name } },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      containers: containers.map(({ name: container, python }) => ({
        name: container,
        image: IMAGES.ray,
        imagePullPolicy: "IfNotPresent",
        command: ["python3", "-c", python],
        resources: { requests: { memory: "32Mi" }, limits: { memory: "200Mi" } },
      })),
    },
  });
  await waitUntil(
    `pod ${name} to run`,
    POD,
    (pods) => podIn(pods, name)?.status.containerStatuses.every(({ ready }) => ready) === true,
  );
  const pod = podIn(await kube.list(POD, { namespace: NAMESPACE }), name);
  assert.ok(pod !== undefined);
  return pod;
}

function podIn(pods: readonly KubeObject[], name: string): Pod | undefined {
  return podSchema.safeParse(pods.find(({ metadata }) => metadata.name === name)).data;
}

const SERVER = "import http.server as h; h.HTTPServer(('', 8080), h.SimpleHTTPRequestHandler).serve_forever()";

/** Wall time that runs with the monotonic clock, so that a step of the machine's clock is no fault of the fault. */
const clock = { ...realClock, wallMs: () => performance.timeOrigin + performance.now() };

function contextOf(parts: Partial<FaultContext> = {}): FaultContext {
  const application = { namespace: NAMESPACE, name: "none" };
  return {
    kube,
    application,
    gatewayController: ENVOY_GATEWAY,
    clock,
    signal: AbortSignal.timeout(FAULT.timeout),
    node,
    ...parts,
  };
}

/** Whether the pod answers across the network. */
async function answers(name: string): Promise<boolean> {
  try {
    const request = {
      namespace: NAMESPACE,
      pod: name,
      port: 8080,
      method: "GET",
      path: "/",
      timeoutMs: 1_000,
    } as const;
    return (await kube.podProxy(request)).status === 200;
  } catch {
    return false;
  }
}

async function waitAnswering(name: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!(await answers(name))) {
    assert.ok(Date.now() < deadline, `${name} was awaited to answer for 30 s`);
    await delay(100);
  }
}

/** How a connection to the API server begins: `connected`, or the error's code. */
async function connecting(): Promise<string> {
  const socket = net.connect(6443, ADDRESSES.node);
  const ended = Promise.withResolvers<string>();
  socket.once("connect", () => {
    ended.resolve("connected");
  });
  socket.once("error", (error) => {
    ended.resolve("code" in error ? String(error.code) : error.message);
  });
  const outcome = await ended.promise;
  socket.destroy();
  return outcome;
}

test("the API server refuses connections while it is stopped, and the node is whole afterwards", FAULT, async () => {
  const { facts, ended } = await beginFault({ kind: "stop-api-server", seconds: 2 }, contextOf());
  assert.equal(await connecting(), "ECONNREFUSED");
  const end = await ended;
  assert.ok(end !== undefined);
  assert.ok((end.undoneAtMs ?? 0) - facts.askedAtMs >= 2_000);
  assert.ok((await kube.serverVersion()).startsWith("v"));
  const found = await status(layout);
  assert.deepEqual([found.running, found.apiServerAnswers], [true, true]);
});

test("a run that is given up starts the API server again at once", FAULT, async () => {
  const stop = new AbortController();
  const { ended } = await beginFault({ kind: "stop-api-server", seconds: 600 }, contextOf({ signal: stop.signal }));
  stop.abort(new Error("given up"));
  await assert.rejects(ended ?? Promise.resolve(), /given up/);
  assert.equal((await status(layout)).running, true);
});

test("a pod whose network is cut answers nobody, and answers again afterwards", FAULT, async () => {
  await startPod("cut", [{ name: "server", python: SERVER }]);
  await waitAnswering("cut");
  const { facts, ended } = await beginFault(
    { kind: "cut-network", target: "load", seconds: 3 },
    contextOf({ loadJob: "cut" }),
  );
  assert.equal(facts.pods[0]?.name, "cut");
  assert.equal(await answers("cut"), false);
  await ended;
  await waitAnswering("cut");
});

test("a runner that is killed leaves no network cut", FAULT, async () => {
  const { metadata } = await startPod("left", [{ name: "server", python: SERVER }]);
  await waitAnswering("left");
  const script = `
    import { embeddedFaults } from "./orchestrator/target/embedded/faults/index.ts";
    import { layoutOf } from "./orchestrator/target/embedded/layout.ts";
    await embeddedFaults(layoutOf()).cutNetwork({ uid: ${JSON.stringify(metadata.uid)} });
    console.log("cut");
    setInterval(() => undefined, 1_000);
  `;
  const runner = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(runner.stdout, "data");
  assert.equal(await answers("left"), false);
  runner.kill("SIGKILL");
  await waitAnswering("left");
});

test(
  "a container whose memory is full is OOMKilled as a whole, whatever runs in it, and its neighbour is not",
  FAULT,
  async () => {
    // The child holds more than the first process: without care the kernel would take the child alone.
    const parent = `
import subprocess, sys, time
hold = "import time; held = bytearray(100_000_000); time.sleep(10_000)"
children = [subprocess.Popen([sys.executable, "-c", hold])]
time.sleep(10_000)`;
    const neighbour = "import time; time.sleep(10_000)";
    const pod = await startPod("full", [
      { name: "parent", python: parent },
      { name: "neighbour", python: neighbour },
    ]);
    const of = (name: string, found = pod) => found.status.containerStatuses.find((one) => one.name === name);
    const containerId = of("parent")?.containerID?.replace("containerd://", "") ?? "";
    const { kills } = await node.fillMemory({ uid: pod.metadata.uid, containerId });
    assert.ok(kills >= 1);
    await waitUntil("the container's end", POD, (pods) => {
      const found = podIn(pods, "full");
      return found !== undefined && of("parent", found)?.state.terminated !== undefined;
    });
    const found = podIn(await kube.list(POD, { namespace: NAMESPACE }), "full");
    assert.ok(found !== undefined);
    const { reason, exitCode } = of("parent", found)?.state.terminated ?? {};
    assert.deepEqual([reason, exitCode], ["OOMKilled", 137]);
    assert.deepEqual([of("neighbour", found)?.ready, of("neighbour", found)?.restartCount], [true, 0]);
  },
);

test(
  "a container has its part of a CPU until the limit is taken away, and is never kept waiting from then on",
  FAULT,
  async () => {
    const pod = await startPod("starved", [{ name: "spinner", python: "while True: pass" }]);
    const containerId = pod.status.containerStatuses[0]?.containerID?.replace("containerd://", "") ?? "";
    const container = { uid: pod.metadata.uid, containerId };
    const waiting = { clock: realClock, signal: AbortSignal.timeout(FAULT.timeout), deadlineMs: 30_000 };
    const limit = await node.limitCpu(container, 5);
    try {
      await poll("The spinner's first period of waiting", waiting, async () =>
        (await limit.throttledPeriods()) > 0 ? { done: true } : { seen: "none" },
      );
    } finally {
      await limit[Symbol.asyncDispose]();
    }
    const [soon, later] = [await limit.throttledPeriods(), await delay(1000).then(() => limit.throttledPeriods())];
    // The period in which the limit was taken away may still count.
    assert.ok(later - soon <= 1, `${String(later - soon)} periods more`);
  },
);

const GATEWAY = { apiVersion: "apps/v1", kind: "Deployment", namespace: "envoy-gateway-system", name: "envoy-gateway" };

async function gatewayDeployment(): Promise<ReturnType<typeof readDeployment>> {
  const object = await kube.get(GATEWAY);
  assert.ok(object !== undefined);
  return readDeployment(object);
}

test("a Deployment scaled to zero has no pod for a while, then as many as before", FAULT, async () => {
  const { facts, ended } = await beginFault({ kind: "scale-to-zero", target: "gateway", seconds: 3 }, contextOf());
  assert.deepEqual([facts.deployment, facts.replicas, facts.pods.length], ["envoy-gateway-system/envoy-gateway", 1, 1]);
  const end = await ended;
  assert.ok((end?.undoneAtMs ?? 0) - facts.askedAtMs >= 3_000);
  const { metadata, spec, status: counts } = await gatewayDeployment();
  assert.deepEqual([spec.replicas, counts?.availableReplicas], [1, 1]);
  assert.ok(!Object.keys(metadata.annotations ?? {}).some((key) => key.startsWith("zerodrop.dev/")));
});

test("what a killed run has scaled to zero, the next one gives back", FAULT, async () => {
  await takeReplicas(kube, await gatewayDeployment());
  assert.equal((await gatewayDeployment()).spec.replicas, 0);
  // A Deployment's counts are those of its ReplicaSet, which may not have heard of it yet: the next run comes later than that.
  await waitWhole(kube, GATEWAY, { deadlineMs: 60_000 });
  assert.deepEqual(await repairReplicas(kube), ["envoy-gateway-system/envoy-gateway"]);
  assert.equal((await gatewayDeployment()).status?.availableReplicas, 1);
  assert.deepEqual(await repairReplicas(kube), []);
});

test("a rollout replaces every pod of the operator", FAULT, async () => {
  const { facts, ended } = await beginFault({ kind: "rollout", target: "operator" }, contextOf());
  await ended;
  const pods = await kube.list(POD, { namespace: facts.pods[0]?.namespace ?? "" });
  assert.ok(pods.length > 0);
  assert.ok(!pods.some(({ metadata }) => metadata.uid === facts.pods[0]?.uid));
});

test(
  "a rollout of the data plane survives its owner, Envoy Gateway, which applies the Deployment again",
  FAULT,
  async () => {
    const gateway = {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "Gateway",
      metadata: { name: "rolled", namespace: NAMESPACE },
    };
    const listeners = [{ name: "one", protocol: "HTTP", port: 8000 }];
    await kube.create({ ...gateway, spec: { gatewayClassName: "zerodrop", listeners } });
    await waitUntil("the Gateway to be programmed", gateway, ([found]) => addressIfProgrammed(found) !== undefined);

    const { facts, ended } = await beginFault({ kind: "rollout", target: "data-plane" }, contextOf());
    await ended;
    const [namespace = "", name = ""] = facts.deployment?.split("/") ?? [];
    const deployment = { apiVersion: "apps/v1", kind: "Deployment" };
    const annotations = (object: KubeObject | undefined): string[] =>
      Object.keys((object && readDeployment(object).spec.template.metadata?.annotations) ?? {});
    assert.ok(annotations(await kube.get({ ...deployment, namespace, name })).includes(RESTARTED_AT));

    // An annotation for all that the Gateway is made of: Envoy Gateway writes the Deployment's pod template anew.
    const mark = "zerodrop.dev/applied-again";
    await kube.patch({ ...gateway, namespace: NAMESPACE, name: "rolled" }, [
      { op: "add", path: "/spec/infrastructure", value: { annotations: { [mark]: "yes" } } },
    ]);
    const again = await kube.waitFor(
      deployment,
      { namespace, fieldSelector: `metadata.name=${name}` },
      {
        what: "Envoy Gateway to apply the Deployment again",
        deadlineMs: 60_000,
        predicate: ([found]) => (annotations(found).includes(mark) ? annotations(found) : undefined),
        describe: ([found]) => annotations(found).join(", "),
      },
    );
    assert.ok(again.includes(RESTARTED_AT), again.join(", "));
  },
);
