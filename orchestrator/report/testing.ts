/** For tests only: results of a judge written by hand, to be reported as they are or with one fact changed. */
import type { CheckResult, RunResult } from "../judge/run-result.ts";
import { CHECK_IDS } from "../plan/plan.ts";

/** A finding; the others of a result pass. */
export function check(
  id: CheckResult["id"],
  verdict: CheckResult["verdict"],
  message: string,
  rest: Partial<CheckResult> = {},
): CheckResult {
  return { id, verdict, required: true, message, figures: {}, violations: [], ...rest };
}

/** An aggressive upgrade that passed, but for these findings and these other facts. */
export function runResult(findings: readonly CheckResult[] = [], changes: Partial<RunResult> = {}): RunResult {
  return {
    schemaVersion: 1,
    runId: "20260314-090000-aggressive",
    judge: { version: "1", knownDefects: "1" },
    verdict: "pass",
    exitCode: 0,
    sentence: "No client noticed: 7,800 requests through an aggressive upgrade of 35.9 s, none failed.",
    checks: CHECK_IDS.map(
      (id) => findings.find((one) => one.id === id) ?? check(id, "pass", `All is well with ${id}.`),
    ),
    load: {
      model: "open",
      plannedRate: 100,
      requests: 7800,
      answered: 7799,
      failed: 0,
      hanging: 0,
      interrupted: 1,
      failureUpperBound: 0.000384,
      dropped: 0,
      meanRate: 99.9,
      latency: {
        before: { p50: 12.1, p95: 13, p99: 14.25, max: 1200 },
        during: { p50: 12.2, p95: 15, p99: 19.5, max: 40 },
        after: null,
      },
      clients: {
        short: {
          requests: 7800,
          answered: 7799,
          failed: 0,
          hanging: 0,
          perConnection: { new: 50, reused: 7749, unknown: 0 },
          latency: { before: null, during: null, after: null },
        },
      },
      perCluster: { "app-abcde": 3750, "app-fghij": 4049 },
      perVersion: { v1: 3750, v2: 4049 },
    },
    change: {
      scenario: "upgrade",
      strategy: { name: "aggressive", stepSizePercent: 25, intervalSeconds: 2, maxSurgePercent: 50 },
      leaving: "app-abcde",
      arriving: "app-fghij",
      triggeredAt: "2026-03-14T09:00:10.000Z",
      convergedAt: "2026-03-14T09:00:45.900Z",
      seconds: 35.9,
      drainSeconds: 30.1,
      steps: steps(8),
    },
    environment: {
      target: "embedded",
      profile: "small",
      serveIngress: "haproxy",
      versions: { kuberay: "1.6.2", ray: "2.60.0" },
      cpus: 2,
      measured: {},
    },
    k6: { thresholds: [] },
    ...changes,
  };
}

/** The states of a change with this many steps. */
export function steps(count: number): RunResult["change"]["steps"] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: Date.UTC(2026, 2, 14, 9, 0, index),
    secondsSinceTrigger: index - 1,
    activeCapacity: 100,
    activeTraffic: 100 - index,
    pendingCapacity: index === 0 ? null : 100,
    pendingTraffic: index === 0 ? null : index,
    answered: 100,
    newShare: index / 100,
  }));
}
