import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { counterOf, k6SummarySchema, thresholdsOf } from "../../orchestrator/history/k6-summary.ts";
import { LedgerAccount } from "../../orchestrator/history/ledger-account.ts";
import type { LoadRequest } from "../../orchestrator/load/job.ts";
import { startLoad, type Load } from "../../orchestrator/load/start-load.ts";
import type { PlannedClient } from "../../orchestrator/plan/plan.ts";
import { Lines } from "./lines.ts";
import { LocalKube } from "./local-kube.ts";
import { programs } from "./programs.ts";
import { Target } from "./target.ts";

const RATE = 60;
const STEADY: PlannedClient = {
  client: "steady",
  model: "open",
  rate: RATE,
  requestsPerIteration: 1,
  vus: 10,
  requestTimeoutMs: 2_000,
  holdsMs: 0,
};

async function start(kube: LocalKube, target: Target, lines: Lines, more: Partial<LoadRequest> = {}): Promise<Load> {
  const request: LoadRequest = {
    runId: "20260423-221530-aggressive",
    namespace: "zerodrop",
    image: "zerodrop-k6:test",
    target: { url: target.url },
    clients: [STEADY],
    parallelism: 2,
    versions: ["v1"],
    maxSeconds: 60,
    dashboardSeconds: 1,
    ...more,
  };
  return startLoad(kube, request, {
    onLine: lines.onLine,
    deadlines: { loadRunning: 30_000, loadStops: 10_000, filesLeave: 10_000 },
    outageMs: 5_000,
    signal: AbortSignal.timeout(60_000),
  });
}

const summaryIn = (text: string | undefined): ReturnType<typeof k6SummarySchema.parse> =>
  k6SummarySchema.parse(JSON.parse(text ?? ""));

describe("a load of two pods", { timeout: 90_000 }, () => {
  // Would catch: pods that each run the whole load, or the same half of it; a start one after the other; a ledger or a summary that
  // is one pod's, or an average; a pod let go before the other's files are there.
  it("is one load: same start, equal shares, and one account that is theirs added up", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    // An answer that is lost on the way must not start a pod late, or twice.
    let lost = 0;
    kube.fault = async ({ method, body, pod }, forward) => {
      const answer = await forward();
      if (method === "PATCH" && body?.includes("paused") === true && pod === "load-pod-1" && lost === 0) {
        lost += 1;
        throw new Error("socket hang up");
      }
      return answer;
    };
    const lines = new Lines();
    await using load = await start(kube, target, lines);
    assert.equal(lost, 1);
    const [first = 0, second = 0] = load.startedMs;
    assert.ok(Math.abs(first - second) < 500, `started ${String(second - first)} ms apart`);
    for (const atMs of load.startedMs) {
      // A start is told to the bin of 100 ms, and a busy machine takes its time until the request arrives.
      const nearest = Math.min(...target.arrivals.map((arrival) => Math.abs(arrival.atMs - atMs)));
      assert.ok(nearest <= 250, `no request arrived within 250 ms of ${String(atMs)}: ${String(nearest)}`);
    }
    await lines.until("five seconds of both", () => lines.answered >= 5 * RATE);
    const { end, summary, files, exitCode, exitCodes } = await load.stop();

    assert.deepEqual([exitCode, exitCodes], [103, [103, 103]]);
    const account = new LedgerAccount();
    for (const line of lines.all) account.observe(line);
    assert.ok(account.whole && account.lateRows === 0 && account.timesBackwards === 0);
    assert.ok(account.longestSilenceMs < 1_000, `${String(account.longestSilenceMs)} ms without a heartbeat`);
    assert.deepEqual([end.answered, end.failed, end.hanging], [account.answered, 0, 0]);
    assert.equal(end.issued, end.answered + end.interrupted);
    // One that the stop caught between its beginning and its way out has not arrived.
    const arrived = target.arrivals.length;
    assert.ok(arrived <= end.issued && arrived >= end.answered, `${String(arrived)} of ${String(end.issued)} arrived`);
    const seconds = ((account.lastStartMs ?? 0) - (account.firstStartMs ?? 0)) / 1000;
    assert.ok(Math.abs(end.issued - seconds * RATE) < RATE / 4, `${String(end.issued)} in ${seconds.toFixed(1)} s`);

    const text = new Map(files.map((file) => [file.name, file.text]));
    assert.deepEqual([...text.keys()].sort(), [
      "k6-dashboard-0.html",
      "k6-dashboard-1.html",
      "k6-summary-0.json",
      "k6-summary-1.json",
      "k6-summary.json",
    ]);
    assert.equal(text.get("k6-summary.json"), summary);
    assert.match(text.get("k6-dashboard-1.html") ?? "", /^<!doctype html>[\s\S]*<\/html>\s*$/i);
    const merged = summaryIn(summary);
    const each = [0, 1].map((pod) => counterOf(summaryIn(text.get(`k6-summary-${String(pod)}.json`)), "http_reqs"));
    assert.equal((each[0] ?? 0) + (each[1] ?? 0), counterOf(merged, "http_reqs"));
    assert.equal(counterOf(merged, "http_reqs"), end.httpReqs);
    const counted = counterOf(merged, "zerodrop_answers{outcome:answered}");
    assert.ok(counted <= end.answered && counted >= 1, `${String(counted)} answers counted by k6`);
    assert.ok(Math.abs((each[0] ?? 0) - (each[1] ?? 0)) <= 2, `shares of ${each.join(" and ")}`);
    assert.deepEqual(
      thresholdsOf(merged).filter(({ ok }) => !ok),
      [],
    );
    await load[Symbol.asyncDispose]();
    assert.deepEqual(kube.deleted.toSorted(), ["ConfigMap", "Job"]);
  });

  // Would catch: half a load passed off as a whole one, because its other half was killed; the rest of it left running.
  it("is no load any more when a pod of it is killed", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, target, lines);
    await lines.until("a second of both", () => lines.answered >= RATE);
    kube.kill("k6", "SIGKILL", 1);
    await assert.rejects(load.ended, /pod load-pod-1 .*cut short/);
    const answered = lines.answered;
    await assert.rejects(load.stop(), /pod load-pod-1 .*cut short/);
    assert.ok(lines.answered > answered, "what the other pod saw until the stop is recorded too");
    assert.ok(!lines.all.some(({ type }) => type === "end"));
    const before = target.arrivals.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(target.arrivals.length, before, "the other pod goes on");
  });

  // Would catch: waiting without an end, and without a word, for pods of which one has ended.
  it("is no load any more when a pod of it ends before the others", async () => {
    await using target = await Target.start();
    await using kube = await LocalKube.start(await programs());
    const lines = new Lines();
    await using load = await start(kube, target, lines);
    const stop = { data: { type: "status", id: "default", attributes: { stopped: true } } };
    const [pod] = load.pods;
    assert.ok(pod !== undefined);
    await kube.podProxy({
      namespace: pod.namespace,
      pod: pod.name,
      port: pod.k6Port,
      method: "PATCH",
      path: "/v1/status",
      body: JSON.stringify(stop),
      timeoutMs: 5_000,
    });
    await assert.rejects(load.ended, /after that of pod load-pod-0, which nobody had stopped, was awaited for 5\.0 s/);
  });
});
