import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trouble } from "../history/pod-troubles.ts";
import type { RecordedFault } from "../history/recorded-faults.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Plan } from "../plan/plan.ts";
import { causeOf, type RayPod } from "./caused-troubles.ts";
import { momentAt, NEW, OLD, planOf, START_MS } from "./testing.ts";

const ms = (second: number): number => START_MS + second * 1000;

const PODS: ReadonlyMap<string, RayPod> = new Map([
  ["old-head", { cluster: OLD, nodeType: "head" }],
  ["old-head-before", { cluster: OLD, nodeType: "head" }],
  ["old-worker", { cluster: OLD, nodeType: "worker" }],
  ["old-worker-2", { cluster: OLD, nodeType: "worker" }],
  ["new-head", { cluster: NEW, nodeType: "head" }],
  ["new-worker", { cluster: NEW, nodeType: "worker" }],
  ["stray-head", { cluster: "", nodeType: "head" }],
  ["stray-worker", { cluster: "", nodeType: "worker" }],
]);

/** What happened to a pod at a second. */
function trouble(second: number, uid: string, cause: Trouble["cause"], changes: Partial<Trouble> = {}): Trouble {
  const of = PODS.get(uid)?.cluster ?? uid;
  return { at: momentAt(second), uid, cause, pod: uid, of, container: "", detail: "", ...changes };
}

/** A fault that the runner was about to make at second 20, to these pods. */
function fault(pods: RecordedFault["pods"], changes: Partial<RecordedFault> = {}): RecordedFault {
  const deleted = { kind: "delete-pod", target: "active-head" } as const;
  return { index: 1, fault: deleted, text: "it", at: momentAt(20.5), askedMs: ms(20), ended: null, pods, ...changes };
}

const pod = (uid: string, of: RecordedFault["pods"][number]["of"]): RecordedFault["pods"][number] => {
  return { name: uid, uid, of };
};

function why(what: Trouble, done: Partial<Parameters<typeof causeOf>[1]>, plan = planOf()): string | null {
  return causeOf(what, { faults: [], operatorChangedMs: null, suspended: null, ...done }, PODS, plan);
}

test("a fault explains what happens to its pod from the very moment on in which it was to be made", () => {
  const faults = [fault([pod("old-worker", "active-worker")])];
  assert.equal(why(trouble(20, "old-worker", "failed"), { faults }), "it");
  assert.equal(why(trouble(19.999, "old-worker", "failed"), { faults }), null);
});

test("another version of the operator explains that its pod is another one from then on, and nothing else (defect: an operator that crashes under its new version is excused)", () => {
  const done = { operatorChangedMs: ms(20) };
  assert.equal(why(trouble(20, "operator", "replaced"), done), "the operator's version was changed");
  assert.equal(why(trouble(19.999, "operator", "replaced"), done), null);
  assert.equal(why(trouble(21, "operator", "restarted"), done), null);
  assert.equal(why(trouble(21, "gateway", "replaced"), done), null);
  assert.equal(why(trouble(21, "operator", "replaced"), {}), null);
});

test("a suspension explains that a Ray pod goes away from then on, and nothing else (defect: what crashes while suspended is excused)", () => {
  const done = (of: "RayService" | "RayCluster"): Pick<Timeline, "suspended"> => {
    return { suspended: { of, askedMs: ms(20) } };
  };
  assert.equal(why(trouble(20, "old-head", "replaced"), done("RayService")), "the RayService was suspended");
  assert.equal(why(trouble(20, "old-head", "replaced"), done("RayCluster")), "the RayCluster was suspended");
  assert.equal(why(trouble(19.999, "old-head", "replaced"), done("RayService")), null);
  assert.equal(why(trouble(21, "old-head", "restarted"), done("RayService")), null);
  assert.equal(why(trouble(21, "gateway", "replaced"), done("RayService")), null);
});

const STOPPED = { kind: "stop-api-server", seconds: 10 } as const;

test("a stopped API server explains what is restarted while it lasts and up to half a minute later", () => {
  const faults = [fault([], { fault: STOPPED, ended: momentAt(35) })];
  assert.equal(why(trouble(65, "operator", "restarted"), { faults }), "it");
  assert.equal(why(trouble(65.001, "operator", "restarted"), { faults }), null);
  // As long as its end is not on record, it lasts.
  assert.equal(why(trouble(500, "gateway", "restarted"), { faults: [fault([], { fault: STOPPED })] }), "it");
});

test("a stopped API server replaces no pod, and no other fault makes a controller lose its lease (defect: any fault excuses an operator that restarts)", () => {
  const stopped = [fault([], { fault: STOPPED })];
  assert.equal(why(trouble(30, "operator", "replaced"), { faults: stopped }), null);
  for (const other of [fault([pod("old-head", "active-head")]), fault([], { fault: null })]) {
    assert.equal(why(trouble(30, "operator", "restarted"), { faults: [other] }), null);
  }
});

test("a head that was taken explains what becomes of its workers, also where other pods were taken with it", () => {
  const head = pod("old-head", "active-head");
  for (const pods of [[head], [head, pod("new-worker", "pending-worker")], [pod("new-head", "pending-head"), head]]) {
    assert.equal(why(trouble(30, "old-worker", "ended"), { faults: [fault(pods)] }), "it");
  }
});

test("a head that was taken explains nothing of another head, nor a worker anything of the one beside it", () => {
  const before = [fault([pod("old-head-before", "active-head")])];
  assert.equal(why(trouble(30, "old-head", "failed"), { faults: before }), null);
  const worker = [fault([pod("old-worker", "active-worker")])];
  assert.equal(why(trouble(30, "old-worker-2", "ended"), { faults: worker }), null);
});

test("a head of which nothing else is on record explains nothing, nor do pods of no known RayCluster belong together", () => {
  const unseen = [fault([pod("unseen", "active-head")])];
  assert.equal(why(trouble(30, "old-worker", "ended"), { faults: unseen }), null);
  const stray = [fault([pod("stray-head", "active-head")])];
  assert.equal(why(trouble(30, "stray-worker", "ended"), { faults: stray }), null);
});

test("GCS fault tolerance among other patches of the spec keeps workers, a variant without a patch does not", () => {
  const faults = [fault([pod("old-head", "active-head")])];
  const by = (variant: NonNullable<Plan["application"]["variant"]>): string | null => {
    return why(
      trouble(30, "old-worker", "ended"),
      { faults },
      planOf(undefined, { application: { ...planOf().application, variant } }),
    );
  };
  const patch = (path: string) => ({ op: "add" as const, path: `/spec/${path}`, value: {} });
  const gcs = patch("rayClusterConfig/gcsFaultToleranceOptions");
  const other = patch("excludeHeadPodFromServeSvc");
  assert.equal(by({ patch: [other, gcs] }), null);
  assert.equal(by({ patch: [other] }), "it");
  // Only where the spec itself has it, not where something in it is called so.
  assert.equal(by({ patch: [patch("serveService/metadata/spec/rayClusterConfig/gcsFaultToleranceOptions")] }), "it");
  assert.equal(by({}), "it");
});

test("a head that was taken explains a worker that ends, fails or is restarted, and no other trouble of it (defect: a worker whose place was taken by another pod is excused)", () => {
  const faults = [fault([pod("old-head", "active-head")])];
  const of = (cause: Trouble["cause"]): string | null => why(trouble(30, "old-worker", cause), { faults });
  assert.deepEqual([of("ended"), of("failed"), of("restarted")], ["it", "it", "it"]);
  assert.equal(of("replaced"), null);
});
