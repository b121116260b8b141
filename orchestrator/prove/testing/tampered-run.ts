import type { TamperedRun } from "../../cli/tampering.ts";
import { planOf } from "../../checks/testing.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { realClock } from "../../kube/clock.ts";
import type { Kube, KubeObject } from "../../kube/kube.ts";
import type { Load } from "../../load/start-load.ts";
import { deadlinesFor } from "../../plan/deadlines.ts";
import { STRATEGIES } from "../../plan/strategy.ts";
import type { NewObservation, Recording } from "../../recording/writer.ts";

/** For tests only: a recording that keeps what comes to it. */
export class KeptRecording implements Recording {
  readonly directory = "/nowhere";
  readonly observed: NewObservation[] = [];
  readonly lines: LedgerLine[] = [];

  observe(observation: NewObservation): void {
    this.observed.push(observation);
  }

  ledger(line: LedgerLine): void {
    this.lines.push(line);
  }

  writeText(): Promise<void> {
    return Promise.resolve();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** Something that the runner did. */
export function action(name: "warm-up-steady" | "trigger"): NewObservation {
  return { type: "action", action: name, facts: {} };
}

const NEVER = new Promise<never>(() => undefined);

/** A load of one pod. */
export const LOAD: Load = {
  pods: [{ namespace: "ns", name: "load-0", k6Port: 6565, ledgerPort: 6566 }],
  job: "load",
  startedMs: [0],
  ended: NEVER,
  nowMs: () => NEVER,
  stop: () => NEVER,
  [Symbol.asyncDispose]: () => Promise.resolve(),
};

/** A run of RayService "s" in "ns", whose deadlines are as short as `factor` makes them. */
export function tamperedRun(kube: Kube, parts: Partial<TamperedRun> & { readonly factor?: number } = {}): TamperedRun {
  const { factor = 0.05, ...others } = parts;
  const strategy = STRATEGIES[1] ?? planOf().strategy;
  const deadlines = deadlinesFor({ strategy, warmUpSeconds: 15, deletionDelaySeconds: 0 }, factor);
  const { application } = planOf();
  return {
    kube,
    plan: planOf(undefined, { deadlines, application: { ...application, namespace: "ns", name: "s" } }),
    clock: realClock,
    signal: AbortSignal.timeout(20_000),
    node: undefined,
    ...others,
  };
}

/** A status with this much traffic on the pending side; null: there is none. */
export function moved(pendingTraffic: number | null, active = "c1"): KubeObject {
  return {
    apiVersion: "ray.io/v1",
    kind: "RayService",
    metadata: { name: "s", namespace: "ns", generation: 3, resourceVersion: "7" },
    status: {
      activeServiceStatus: { rayClusterName: active, targetCapacity: 100, trafficRoutedPercent: 100 },
      pendingServiceStatus:
        pendingTraffic === null ? {} : { rayClusterName: "c2", trafficRoutedPercent: pendingTraffic },
      conditions: [{ type: "Ready", status: "True" }],
      observedGeneration: 3,
    },
  };
}
