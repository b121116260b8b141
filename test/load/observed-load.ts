import assert from "node:assert/strict";
import { LedgerAccount } from "../../orchestrator/history/ledger-account.ts";
import type { LedgerEnd } from "../../orchestrator/history/ledger.ts";
import { counterOf, k6SummarySchema, type K6Summary } from "../../orchestrator/history/k6-summary.ts";
import type { LoadRequest } from "../../orchestrator/load/job.ts";
import { startLoad, type Load } from "../../orchestrator/load/start-load.ts";
import type { PlannedClient } from "../../orchestrator/plan/plan.ts";
import type { Lines } from "./lines.ts";
import type { LocalKube } from "./local-kube.ts";
import type { Target } from "./target.ts";

const DEADLINES = { loadRunning: 20_000, loadStops: 10_000, filesLeave: 10_000 };

/** A kind of client: 50 quick requests a second by 10 VUs, unless said otherwise. */
export function client(kind: string, more: Partial<PlannedClient> = {}): PlannedClient {
  return {
    client: kind,
    model: "open",
    rate: 50,
    requestsPerIteration: 1,
    vus: 10,
    requestTimeoutMs: 2_000,
    holdsMs: 0,
    ...more,
  };
}

/** A load of one steady client, unless said otherwise. */
export function requestFor(target: Target, more: Partial<LoadRequest> = {}): LoadRequest {
  return {
    runId: "20260423-221530-aggressive",
    namespace: "zerodrop",
    image: "zerodrop-k6:test",
    target: { url: target.url, host: "app.example", path: "/" },
    clients: [client("steady")],
    versions: ["v1"],
    maxSeconds: 60,
    ...more,
  };
}

/** Starts a load whose ledger comes to `lines`. */
export async function start(kube: LocalKube, request: LoadRequest, lines: Lines, outageMs = 10_000): Promise<Load> {
  return startLoad(kube, request, {
    onLine: lines.onLine,
    deadlines: DEADLINES,
    outageMs,
    signal: AbortSignal.timeout(60_000),
  });
}

/** Every request has one outcome, the rows add up to the end, and the end to what k6 counted itself. */
export function assertAccounted(lines: Lines, end: LedgerEnd, summaryText: string | undefined): K6Summary {
  const account = new LedgerAccount();
  for (const line of lines.all) account.observe(line);
  assert.ok(account.whole, "the sequence is unbroken up to the end");
  const { answered, failed, hanging, interrupted, issued } = end;
  assert.deepEqual(
    { answered, failed, hanging },
    { answered: account.answered, failed: account.failed, hanging: account.hanging },
  );
  assert.equal(issued, answered + failed + hanging + interrupted);
  assert.equal(end.lost ?? 0, 0);
  const summary = k6SummarySchema.parse(JSON.parse(summaryText ?? ""));
  assert.equal(counterOf(summary, "http_reqs"), end.httpReqs);
  // k6's own metric of them is added to five times a second, so the last ones may be missing.
  const counted = counterOf(summary, "zerodrop_answers{outcome:answered}");
  assert.ok(
    counted <= answered && counted >= Math.min(1, answered),
    `${String(counted)} of ${String(answered)} answers`,
  );
  assert.equal(counterOf(summary, "dropped_iterations"), end.dropped);
  // Between k6's own sample of a request and the end that the script tells, the load may be stopped: the request is one of the interrupted.
  const untold = (end.httpReqs ?? 0) - (answered + failed + hanging);
  assert.ok(untold >= 0 && untold <= interrupted, `${String(untold)} of k6's requests have no outcome`);
  return summary;
}
