import assert from "node:assert/strict";
import { test } from "node:test";
import { realClock } from "../kube/clock.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { recordLoadEvidence } from "./load-evidence.ts";
import type { Unstamped } from "./sink.ts";

const POD = { namespace: "ns", name: "load-x" };
const RUNNING = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "load-x" },
  spec: { nodeName: "n" },
  status: { containerStatuses: [{ name: "k6", containerID: "containerd://4f2e" }] },
};
const METRICS = `container_cpu_usage_seconds_total{container="k6",namespace="ns",pod="load-x"} 5 1700000000000\n`;

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A kubelet that gives these answers, the last one again and again. */
function kubelet(...answers: Answer[]): Pick<Kube, "get" | "nodeProxy"> & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    get: () => Promise.resolve(RUNNING),
    nodeProxy: ({ node, path }) => {
      const answer = answers[Math.min(asked.push(`${node}${path}`), answers.length) - 1];
      return answer === undefined ? Promise.reject(new Error("no answer")) : Promise.resolve(answer);
    },
  };
}

/** A clock whose sleepers are woken by hand. */
function byHand(): Clock & { wake(): void } {
  let next = Promise.withResolvers<undefined>();
  return {
    ...realClock,
    sleep: async (_ms, signal) => {
      const aborted = Promise.withResolvers<undefined>();
      signal?.addEventListener("abort", () => aborted.resolve(undefined));
      if (signal?.aborted !== true) await Promise.race([next.promise, aborted.promise]);
    },
    wake() {
      next.resolve(undefined);
      next = Promise.withResolvers();
    },
  };
}

const wordsOf = (seen: readonly Unstamped[]): string[] =>
  seen.map((line) =>
    line.type === "clock" ? line.of : line.type === "poll" ? `${line.poll} ${String(line.ok)}` : "?",
  );

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!holds()) {
    assert.ok(performance.now() < deadline, "not within 5 s");
    await realClock.sleep(5);
  }
}

void test("clock and cgroup are read from the load's start on and before its stop, and nothing after", async () => {
  const seen: Unstamped[] = [];
  const kube = kubelet({ status: 200, body: METRICS });
  const clock = byHand();
  const load = { pods: [POD], nowMs: () => Promise.resolve(Date.now()) };
  const sink = (line: Unstamped): void => void seen.push(line);
  const evidence = recordLoadEvidence(kube, load, { sink, clock, signal: AbortSignal.timeout(20_000) });
  const start = ["k6-pod", "k6-cgroup true"];
  await until(() => seen.length === 2);
  assert.deepEqual(wordsOf(seen), start);
  const [, cgroup] = seen;
  assert.deepEqual(cgroup, {
    type: "poll",
    poll: "k6-cgroup",
    subject: "load-x",
    ok: true,
    data: { cpuSeconds: 5, periods: null, throttledPeriods: null, throttledSeconds: null, atMs: 1_700_000_000_000 },
  });
  clock.wake();
  await until(() => seen.length === 4);
  await Promise.all([evidence.finish(), evidence.finish()]);
  assert.deepEqual(wordsOf(seen), [...start, ...start, ...start]);
  await evidence[Symbol.asyncDispose]();
  clock.wake();
  await realClock.sleep(20);
  assert.equal(seen.length, 6);
  assert.deepEqual(kube.asked, Array(3).fill("n/metrics/cadvisor"));
});

void test("a kubelet that may not be asked, and a pod that does not answer, are told or left out and stop nothing", async () => {
  const seen: Unstamped[] = [];
  const kube = kubelet({ status: 403, body: "nodes/proxy is forbidden\n" });
  const load = { pods: [POD], nowMs: () => Promise.reject(new Error("connection refused")) };
  const sink = (line: Unstamped): void => void seen.push(line);
  await using evidence = recordLoadEvidence(kube, load, {
    sink,
    clock: byHand(),
    signal: AbortSignal.timeout(20_000),
  });
  await until(() => seen.length === 1);
  await evidence.finish();
  assert.deepEqual(wordsOf(seen), ["k6-cgroup false", "k6-cgroup false"]);
  assert.match(JSON.stringify(seen[0]), /"error":"status 403 of node n \(nodes\/proxy is forbidden\)"/);
});

void test("figures that the kubelet does not have yet are asked for again, for a while", async () => {
  for (const [answers, expected] of [
    [
      [
        { status: 200, body: "" },
        { status: 200, body: METRICS },
      ],
      [false, true, true, true, true],
    ],
    [[{ status: 200, body: "" }], [false, false, false]],
  ] as [Answer[], boolean[]][]) {
    const seen: Unstamped[] = [];
    const clock = byHand();
    const load = { pods: [POD], nowMs: () => Promise.resolve(Date.now()) };
    const sink = (line: Unstamped): void => void seen.push(line);
    const signal = AbortSignal.timeout(20_000);
    await using _evidence = recordLoadEvidence(kubelet(...answers), load, { sink, clock, signal });
    for (let clocks = 1; clocks <= 5; clocks += 1) {
      await until(() => seen.filter((line) => line.type === "clock").length === clocks);
      await realClock.sleep(10);
      clock.wake();
    }
    const polls = seen.flatMap((line) => (line.type === "poll" ? [line.ok] : []));
    assert.deepEqual(polls, expected);
  }
});

void test("every pod's clock is measured and its cgroup counted, each by its own, again and again", async () => {
  // Would catch: one pod's clock taken for all of them; a pod whose kubelet is slow left out.
  const seen: Unstamped[] = [];
  const clock = byHand();
  const load = {
    pods: [POD, { ...POD, name: "load-y" }],
    nowMs: (_signal: AbortSignal, pod: number) => Promise.resolve(Date.now() + pod * 1_000),
  };
  const kube = kubelet(
    { status: 200, body: METRICS },
    { status: 200, body: METRICS.replace("load-x", "load-z") },
    { status: 200, body: METRICS + METRICS.replace("load-x", "load-y") },
  );
  const sink = (line: Unstamped): void => void seen.push(line);
  await using evidence = recordLoadEvidence(kube, load, { sink, clock, signal: AbortSignal.timeout(20_000) });
  const told = (): string[] =>
    seen.map((line) =>
      line.type === "clock"
        ? `clock +${String(Math.round(line.offsetMs / 1_000))} s`
        : line.type === "poll"
          ? `${line.subject} ${String(line.ok)}`
          : "?",
    );
  const first = ["clock +0 s", "clock +1 s", "load-x true", "load-y false"];
  await until(() => seen.length === 4);
  clock.wake();
  await until(() => seen.length === 8);
  await evidence.finish();
  const clocks = ["clock +0 s", "clock +1 s"];
  assert.deepEqual(told(), [
    ...first,
    ...clocks,
    "load-x true",
    "load-y true",
    ...clocks,
    "load-x true",
    "load-y true",
  ]);
});
