import assert from "node:assert/strict";
import { test } from "node:test";
import type { PlatformPodsView } from "./platform-pods.ts";
import { PodTroubles, troubleText, type Trouble } from "./pod-troubles.ts";
import type { ContainerView, PodView } from "./pod.ts";

const at = (second: number) => ({ wallMs: 1e12 + second * 1000, monoMs: second * 1000 });

const container = (change: Partial<ContainerView> = {}): ContainerView => ({
  name: "ray-worker",
  init: false,
  restarts: 0,
  ended: null,
  endedBefore: null,
  ...change,
});

const worker = (change: Partial<PodView> = {}): PodView => ({
  cluster: "a",
  nodeType: "worker",
  ofLoad: false,
  phase: "Running",
  beingDeleted: false,
  ready: true,
  reason: "",
  disruption: "",
  stuck: "",
  containers: [container()],
  ...change,
});

/** What is told of a worker that is seen like this, a second after another. */
function toldOf(...seen: readonly PodView[]): Trouble[][] {
  const pods = new PodTroubles();
  return seen.map((pod, second) => pods.see(at(second), "u1", "a-worker", pod));
}

const OF_WORKER = { pod: "a-worker", uid: "u1", of: "a" };

test("a restart is told once, with how the container had ended where that is known", () => {
  const before = { reason: "Error", exitCode: 1 };
  const restarted = (endedBefore: ContainerView["endedBefore"]) =>
    worker({ containers: [container({ restarts: 1, endedBefore })] });
  const told = { at: at(1), cause: "restarted", ...OF_WORKER, container: "ray-worker" };
  assert.deepEqual(toldOf(worker(), restarted(before), restarted(before)), [[], [{ ...told, detail: "Error" }], []]);
  assert.deepEqual(toldOf(worker(), restarted(null)), [[], [{ ...told, detail: "" }]]);
});

test("a container killed for memory is told as that, once, however often its status is repeated", () => {
  const killed = worker({ containers: [container({ ended: { reason: "OOMKilled", exitCode: 137 } })] });
  const told = { cause: "out-of-memory", ...OF_WORKER, container: "ray-worker", detail: "OOMKilled" };
  assert.deepEqual(toldOf(killed, killed), [[{ at: at(0), ...told }], []]);
});

test("a container that ended, an eviction and a failed pod are each told once", () => {
  const lost = worker({
    phase: "Failed",
    reason: "Evicted",
    disruption: "EvictionByEvictionAPI",
    containers: [container({ ended: { reason: "Error", exitCode: 1 } })],
  });
  const told = { at: at(1), ...OF_WORKER };
  assert.deepEqual(toldOf(worker(), lost, lost), [
    [],
    [
      { ...told, cause: "ended", container: "ray-worker", detail: "Error, exit code 1" },
      { ...told, cause: "evicted", container: "", detail: "EvictionByEvictionAPI" },
      { ...told, cause: "failed", container: "", detail: "Evicted" },
    ],
    [],
  ]);
});

test("a pod that was gone is seen anew: its restarts until then do not count", () => {
  const pods = new PodTroubles();
  pods.see(at(0), "u1", "a-worker", worker());
  pods.gone("u1");
  assert.deepEqual(pods.see(at(2), "u1", "a-worker", worker({ containers: [container({ restarts: 2 })] })), []);
});

type PlatformPod = PlatformPodsView["pods"][number];

const operator = (restarts: number, change: Partial<PlatformPod> = {}): PlatformPod => ({
  name: "operator-1",
  uid: "1",
  containers: [{ name: "operator", restarts, lastReason: null }],
  ...change,
});

/** What is told of the operator's pods at polls a second apart. */
function toldOfPolls(...polls: readonly (readonly PlatformPod[])[]): Trouble[][] {
  const pods = new PodTroubles();
  return polls.map((seen, second) => pods.seePlatform(at(second), "operator", { pods: [...seen] }));
}

const OF_OPERATOR = { pod: "operator-1", uid: "1", of: "operator" };

test("a platform's pod that another has replaced went away; if it is there again, its restarts until then do not count", () => {
  const other = operator(0, { name: "operator-2", uid: "2" });
  assert.deepEqual(toldOfPolls([operator(0)], [other], [other, operator(4)]), [
    [],
    [{ at: at(1), cause: "replaced", ...OF_OPERATOR, container: "", detail: "" }],
    [],
  ]);
});

test("a restart of the platform's says how the container had ended, and for memory is told as that", () => {
  const ended = (lastReason?: string | null) =>
    toldOfPolls([operator(0)], [operator(1, { containers: [{ name: "operator", restarts: 1, lastReason }] })])[1];
  const told = { at: at(1), unreadySince: at(1), ...OF_OPERATOR, container: "operator" };
  assert.deepEqual(ended("Error"), [{ ...told, cause: "restarted", detail: "Error" }]);
  assert.deepEqual(ended("OOMKilled"), [{ ...told, cause: "out-of-memory", detail: "OOMKilled" }]);
  assert.deepEqual(ended(null), [{ ...told, cause: "restarted", detail: "" }]);
  assert.deepEqual(ended(undefined), [{ ...told, cause: "restarted", detail: "" }]);
});

test("a restart is as old as the platform's pod has not been ready without a break (defect: one from long after a stop of the API server is put down to it)", () => {
  /** Since which second the pod was not ready when its restart shows at the last poll. */
  const unreadySince = (...ready: readonly (boolean | null)[]) => {
    const last = ready.length - 1;
    const told = toldOfPolls(...ready.map((one, poll) => [operator(poll === last ? 1 : 0, { ready: one })]));
    return told.flat().map((trouble) => trouble.unreadySince?.monoMs);
  };
  assert.deepEqual(unreadySince(true, false, false, false), [1000]);
  assert.deepEqual(unreadySince(true, false, true), [1000]);
  assert.deepEqual(unreadySince(false, true, false, false), [2000]);
  assert.deepEqual(unreadySince(true, true, true), [2000]);
  assert.deepEqual(unreadySince(false, null, null), [2000]);
});

test("an eviction of the platform's pod is told once, and an empty reason is none", () => {
  const evicted = [operator(0, { reason: "Evicted" })];
  const told = { at: at(1), cause: "evicted", ...OF_OPERATOR, container: "", detail: "Evicted" };
  assert.deepEqual(toldOfPolls([operator(0, { reason: "" })], evicted, evicted), [[], [told], []]);
  assert.deepEqual(toldOfPolls([operator(0, { reason: null })], [operator(0)]), [[], []]);
});

test("each trouble is a sentence", () => {
  const text = (change: Partial<Trouble>) =>
    troubleText({
      at: at(0),
      cause: "restarted",
      pod: "a-worker",
      uid: "u1",
      of: "a",
      container: "ray-worker",
      detail: "",
      ...change,
    });
  const sentences: readonly (readonly [Partial<Trouble>, string])[] = [
    [{}, "Container ray-worker of pod a-worker (a) was restarted."],
    [{ detail: "Error" }, "Container ray-worker of pod a-worker (a) was restarted: Error."],
    [{ of: "" }, "Container ray-worker of pod a-worker was restarted."],
    [
      { cause: "out-of-memory", detail: "OOMKilled" },
      "Container ray-worker of pod a-worker (a) was killed for memory: OOMKilled.",
    ],
    [
      { cause: "ended", detail: "Error, exit code 1" },
      "Container ray-worker of pod a-worker (a) ended although its pod was not being deleted: Error, exit code 1.",
    ],
    [{ cause: "failed", container: "" }, "Pod a-worker (a) failed."],
    [
      { cause: "evicted", container: "", detail: "EvictionByEvictionAPI" },
      "Pod a-worker (a) was evicted: EvictionByEvictionAPI.",
    ],
    [{ cause: "replaced", container: "", of: "operator" }, "Pod a-worker (operator) went away."],
  ];
  for (const [change, sentence] of sentences) assert.equal(text(change), sentence);
});
