import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Kube, KubeObject, WatchEvent } from "../kube/kube.ts";
import { waitByWatch } from "../kube/wait.ts";
import { DeadlineError, SetUpError } from "../plan/errors.ts";
import type { LoadRequest } from "./job.ts";
import { startLoad } from "./start-load.ts";

const REQUEST: LoadRequest = {
  runId: "run-1",
  namespace: "zerodrop",
  image: "zerodrop-k6:none",
  target: { url: "http://envoy" },
  clients: [
    {
      client: "steady",
      model: "closed",
      rate: null,
      requestsPerIteration: 1,
      vus: 1,
      requestTimeoutMs: 1_000,
      holdsMs: 0,
    },
  ],
  versions: ["v1"],
  maxSeconds: 60,
};

const podWith = (status: Record<string, unknown>): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "load-run-1-abcde" },
  status: { phase: "Pending", ...status },
});

/** A cluster in which the load's pod never runs, which a real one does not show on demand. */
function clusterWith(
  pods: KubeObject[],
  events: KubeObject[] = [],
): { kube: Parameters<typeof startLoad>[0]; deleted: string[] } {
  const deleted: string[] = [];
  const watch: Kube["watch"] = (_kind, _selector, onEvent, { signal }) => {
    const tell = (event: WatchEvent): void => {
      onEvent(event);
    };
    for (const object of pods) tell({ type: "listed", object });
    tell({ type: "synced", resourceVersion: "1" });
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => {
        resolve();
      });
    });
  };
  return {
    deleted,
    kube: {
      apply: (object) => Promise.resolve(object),
      create: (object) => Promise.resolve({ ...object, metadata: { ...object.metadata, uid: "u" } }),
      delete: ({ kind, name }) => {
        deleted.push(`${kind} ${name}`);
        return Promise.resolve(true);
      },
      get: () => Promise.resolve(pods[0]),
      list: () => Promise.resolve(events),
      logs: () => Promise.resolve("mkfifo: no space left\n"),
      podProxy: () => Promise.reject(new Error("connection refused")),
      waitFor: (kind, selector, wait) => waitByWatch(watch, kind, selector, wait),
    },
  };
}

async function failureOf(
  pods: KubeObject[],
  events: KubeObject[] = [],
  loadRunning = 150,
): Promise<{ error: Error; deleted: string[] }> {
  const { kube, deleted } = clusterWith(pods, events);
  const deadlines = { loadRunning, loadStops: 100, filesLeave: 100 };
  const parts = { onLine: () => undefined, deadlines, signal: AbortSignal.timeout(10_000) };
  const error: unknown = await startLoad(kube, REQUEST, parts).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error, "the load started");
  return { error, deleted };
}

describe("startLoad", () => {
  it("names what kept the pod from starting when the deadline has passed, and leaves nothing", async () => {
    // Would catch: a deadline without a reason, and a Job left behind by a failed start.
    const message = "0/1 nodes are available: 1 Insufficient cpu.";
    const pod = podWith({ conditions: [{ type: "PodScheduled", status: "False", message }] });
    const { error, deleted } = await failureOf([pod]);
    assert.ok(error instanceof DeadlineError);
    assert.match(
      error.message,
      /both its containers running was awaited for 0\.\d s; last seen: pod load-run-1-abcde Pending: 0\/1 nodes/,
    );
    assert.deepEqual(deleted.toSorted(), ["ConfigMap load-run-1", "Job load-run-1"]);
  });

  it("names the quota that kept the pod from being made", async () => {
    // Would catch: "no pod" as the whole story.
    const event = { apiVersion: "v1", kind: "Event", metadata: { name: "e" }, message: "exceeded quota: compute" };
    const { error } = await failureOf([], [event]);
    assert.match(error.message, /last seen: no pod; last event of Job load-run-1: exceeded quota: compute/);
  });

  it("gives up at once on a pod that cannot come to run", async () => {
    // Would catch: waiting out a minute for an init container that has failed, or for an image that is not there.
    for (const [status, pattern] of [
      [
        { initContainerStatuses: [{ name: "prepare", state: { terminated: { exitCode: 1, reason: "Error" } } }] },
        /prepare ended with exit code 1 \(Error\).*prepare said: mkfifo: no space left$/,
      ],
      [
        { containerStatuses: [{ name: "k6", state: { waiting: { reason: "ErrImageNeverPull" } } }] },
        /k6 waiting \(ErrImageNeverPull\)/,
      ],
    ] as const) {
      const begunMs = performance.now();
      const { error } = await failureOf([podWith(status)], [], 60_000);
      assert.ok(error instanceof SetUpError && !(error instanceof DeadlineError));
      assert.match(error.message, pattern);
      assert.ok(performance.now() - begunMs < 5_000);
    }
  });

  it("says so when k6 runs and does not answer", async () => {
    // Would catch: a wait for the REST API that swallows what it saw.
    const running = ["k6", "ledger"].map((name) => ({ name, state: { running: {} } }));
    const { error } = await failureOf([podWith({ phase: "Running", containerStatuses: running })], [], 500);
    assert.match(
      error.message,
      /k6's REST API in pod load-run-1-abcde.* was awaited for .*last seen: connection refused/,
    );
  });
});
