/** For tests only: runs with the figures that a trend is made of. */
import { planOf } from "../../../checks/testing.ts";
import type { Plan } from "../../../plan/plan.ts";
import type { RecordedRun, TrendResult } from "../recorded-run.ts";

export interface Figures {
  readonly verdict?: TrendResult["verdict"];
  readonly rate?: number | null;
  readonly before?: number;
  readonly during?: number | null;
  readonly change?: number | null;
  readonly failed?: number;
  readonly hanging?: number;
  readonly judge?: string;
}

/** The run of minute `minute`, by default a pass of 100 answers/s with p99 of 50 ms before and 100 ms during a change of 40 s. */
export function recordedRun(minute: number, figures: Figures = {}, plan: Partial<Plan> = {}): RecordedRun {
  const { rate = 100, before = 50, during = 100, change = 40 } = figures;
  const at = new Date(Date.UTC(2026, 2, 14, 9, minute)).toISOString();
  const runId = `20260314-09${String(minute).padStart(2, "0")}00-aggressive`;
  return {
    folder: runId,
    plan: planOf(undefined, { runId, createdAt: at, ...plan }),
    result: {
      schemaVersion: 1,
      runId,
      judge: { version: figures.judge ?? "3" },
      verdict: figures.verdict ?? "pass",
      load: {
        requests: 7800,
        failed: figures.failed ?? 0,
        hanging: figures.hanging ?? 0,
        meanRate: rate,
        latency: { before: { p99: before }, during: during === null ? null : { p99: during } },
      },
      change: { seconds: change },
      environment: { versions: { kuberay: "1.6.2", ray: "2.60.0" }, cpus: 2 },
    },
  };
}
