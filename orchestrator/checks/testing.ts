/** For tests only: recordings written as literal histories, to be judged as they are or with one fact changed. */
import { bucketOf } from "../history/histogram.ts";
import { routeName, serveServiceOf } from "../history/httproute.ts";
import { k6SummarySchema, type K6Summary } from "../history/k6-summary.ts";
import { ledgerLineSchema, type Failed, type LedgerLine } from "../history/ledger.ts";
import { observationSchema, type Action, type Observation, type WatchedKind } from "../history/observation.ts";
import { timelineOf } from "../history/timeline-fold.ts";
import { CHECK_IDS, planSchema, type CheckId, type Plan } from "../plan/plan.ts";
import { STRATEGIES, type Strategy } from "../plan/strategy.ts";
import type { Finding } from "./check.ts";
import { CHECKS } from "./index.ts";

/** Wall time of second 0 of every story. */
export const START_MS = Date.UTC(2026, 2, 14, 9, 0, 0);
export const OLD = "app-abcde";
export const NEW = "app-fghij";

export function planOf(strategy: Strategy | undefined = STRATEGIES[1], changes: Partial<Plan> = {}): Plan {
  return planSchema.parse({
    schemaVersion: 1,
    runId: "20260314-090000-test",
    createdAt: "2026-03-14T09:00:00Z",
    scenario: "upgrade",
    strategy,
    load: { model: "open", rate: 100, vus: 50, requestTimeoutMs: 15_000, graceMs: 3000, warmUpSeconds: 3 },
    clients: ["short"],
    deadlines: { converged: 240_000, drained: 90_000 },
    application: { namespace: "test", name: "app", versionBefore: "v1", versionAfter: "v2" },
    target: "embedded",
    profile: "small",
    serveIngress: "haproxy",
    versions: { kuberay: "1.6.2" },
    gateway: { controller: "gateway.envoyproxy.io/gatewayclass-controller", splitModel: "deterministic" },
    requiredChecks: CHECK_IDS,
    seed: 1,
    ...changes,
  });
}

/** A whole recording. */
export interface Story {
  readonly plan: Plan;
  readonly observations: readonly Observation[];
  readonly ledger: readonly LedgerLine[];
  readonly summary: K6Summary | undefined;
}

type Row = LedgerLine extends infer Line ? (Line extends unknown ? Omit<Line, "seq"> : never) : never;

/** Writes a story line by line; `at` moves its clock, in seconds since the recording began. Every method returns the writer. */
export class StoryWriter {
  readonly observations: Observation[] = [];
  readonly rows: Row[] = [];
  interrupted = 0;
  dropped = 0;
  readonly #uids = new Map<string, string>();
  #second = 0;
  #version = 1;

  constructor(readonly plan: Plan) {}

  at(second: number): this {
    this.#second = second;
    return this;
  }

  action(action: Action["action"], facts: Record<string, unknown> = {}): this {
    return this.#see({ type: "action", action, facts });
  }

  synced(...kinds: WatchedKind[]): this {
    for (const kind of kinds) this.#see({ type: "synced", kind, resourceVersion: "1" });
    return this;
  }

  relisted(kind: WatchedKind, sinceSecond: number): this {
    return this.#see({ type: "gap", kind, how: "relisted", sinceMonoMs: sinceSecond * 1000, reason: "410 Gone" });
  }

  environment(facts: Record<string, unknown>): this {
    return this.#see({ type: "environment", facts });
  }

  /** A warm-up reading of the second before now. */
  reading(requests: number, streak: number, failed = 0): this {
    const secondMs = START_MS + (this.#second - 1) * 1000;
    return this.#see({ type: "warm-up-reading", secondMs, requests, failed, steady: streak > 0, streak });
  }

  /** The RayService's status: `100,75|50,25` as in stateText; `stamp` is the pending side's, in seconds. */
  status(
    text: string,
    { active = OLD, pending = NEW, stamp }: { active?: string; pending?: string; stamp?: number } = {},
  ): this {
    const [activeText = "", pendingText = "-"] = text.split("|");
    const [targetCapacity, trafficRoutedPercent] = activeText.split(",").map(Number);
    const status: Record<string, unknown> = {
      activeServiceStatus: { rayClusterName: active, targetCapacity, trafficRoutedPercent },
    };
    if (pendingText !== "-") {
      const [capacity, traffic] = pendingText.split(",").map(Number);
      status["pendingServiceStatus"] = {
        rayClusterName: pending,
        // Right after its creation a pending side has neither.
        ...(stamp === undefined ? {} : { targetCapacity: capacity, trafficRoutedPercent: traffic }),
        ...(stamp === undefined ? {} : { lastTrafficMigratedTime: new Date(START_MS + stamp * 1000).toISOString() }),
      };
    }
    return this.object("RayService", "app", { metadata: {}, status });
  }

  /** The HTTPRoute's weights by RayCluster. */
  route(weights: Record<string, number>): this {
    const backendRefs = Object.entries(weights).map(([cluster, weight]) => ({ name: serveServiceOf(cluster), weight }));
    return this.object("HTTPRoute", routeName("app"), { metadata: {}, spec: { rules: [{ backendRefs }] } });
  }

  /** The serve service of a RayCluster has this many ready endpoints, and one that is not. */
  endpoints(cluster: string, ready: number): this {
    const endpoint = (index: number) => ({
      addresses: [`10.0.0.${index}`],
      conditions: { ready: index < ready },
      targetRef: { kind: "Pod", name: `${cluster}-${index}` },
    });
    return this.object("EndpointSlice", `${cluster}-slice`, {
      metadata: { labels: { "kubernetes.io/service-name": serveServiceOf(cluster) } },
      endpoints: Array.from({ length: ready + 1 }, (_, index) => endpoint(index)),
    });
  }

  pod(cluster: string, name: string): this {
    return this.object("Pod", name, {
      metadata: { labels: { "ray.io/cluster": cluster } },
      status: { phase: "Running" },
    });
  }

  gone(kind: WatchedKind, name: string): this {
    return this.#object(kind, name, "deleted", { metadata: {} });
  }

  /** The dashboard of a RayCluster reports this many replicas RUNNING and one STARTING. */
  poll(cluster: string, running: number): this {
    const states = [...Array.from({ length: running }, () => "RUNNING"), "STARTING"];
    const replicas = states.map((state) => ({ state }));
    const data = { applications: { app: { status: "RUNNING", deployments: { app: { replicas } } } } };
    return this.#see({ type: "poll", poll: "serve-applications", subject: cluster, ok: true, data });
  }

  object(kind: WatchedKind, name: string, object: Record<string, unknown>): this {
    return this.#object(kind, name, this.#uids.has(kind + name) ? "modified" : "added", object);
  }

  /** From one second to another, `rate` requests/s are answered, the new side's share of them by the new version. */
  served(from: number, to: number, newShare: number, rate = 100): this {
    for (let second = from; second < to; second += 1) {
      const binMs = START_MS + Math.round(second * 10) * 100;
      const count = Math.round(rate * Math.min(1, to - second));
      const fresh = Math.round(count * newShare);
      this.answered(binMs, OLD, "v1", count - fresh).answered(binMs, NEW, "v2", fresh);
    }
    return this;
  }

  answered(binMs: number, cluster: string, version: string, count: number): this {
    if (count === 0) return this;
    const latency = { [bucketOf(12)]: count };
    this.rows.push({
      type: "answered",
      binMs,
      client: "short",
      cluster,
      version,
      connection: "reused",
      count,
      latency,
    });
    return this;
  }

  /** A request that failed, started now. */
  failed(changes: Partial<Failed> = {}): this {
    const row: Row = {
      type: "failed",
      startMs: START_MS + this.#second * 1000,
      durationMs: 5,
      client: "short",
      outcome: "failed",
      status: 503,
      errorCode: 1503,
      message: "",
      cluster: "",
      version: "",
      connection: "unknown",
      ...changes,
    };
    this.rows.push(row);
    return this;
  }

  /** The story as a recording: rows numbered and closed by a heartbeat and an end line, k6's summary in agreement. */
  finish(): Story {
    const sum = { answered: 0, failed: 0, hanging: 0 };
    for (const row of this.rows) {
      if (row.type === "answered") sum.answered += row.count;
      if (row.type === "failed") sum[row.outcome] += 1;
    }
    const atMs = START_MS + this.#second * 1000;
    const settled = sum.answered + sum.failed + sum.hanging;
    const issued = settled + this.interrupted;
    const tail: Row[] = [
      {
        type: "heartbeat",
        atMs,
        settledMs: atMs,
        issued,
        ...sum,
        inFlight: this.interrupted,
        oldestStartMs: null,
        dropped: this.dropped,
      },
      { type: "end", atMs, issued, ...sum, interrupted: this.interrupted, dropped: this.dropped },
    ];
    const lines = [...this.rows, ...tail].map((row, index) => ledgerLineSchema.parse({ ...row, seq: index + 1 }));
    const summary = k6SummarySchema.parse({
      state: { testRunDurationMs: this.#second * 1000 },
      metrics: {
        http_reqs: { type: "counter", values: { count: settled } },
        http_req_failed: { type: "rate", values: {}, thresholds: { "rate==0": { ok: settled === sum.answered } } },
        dropped_iterations: {
          type: "counter",
          values: { count: this.dropped },
          thresholds: { "count==0": { ok: this.dropped === 0 } },
        },
      },
    });
    return { plan: this.plan, observations: this.observations, ledger: lines, summary };
  }

  #object(
    kind: WatchedKind,
    name: string,
    event: "added" | "modified" | "deleted",
    object: Record<string, unknown>,
  ): this {
    const uid = this.#uids.get(kind + name) ?? `uid-${this.#uids.size}`;
    if (event === "deleted") this.#uids.delete(kind + name);
    else this.#uids.set(kind + name, uid);
    this.#version += 1;
    return this.#see({ type: "object", kind, event, name, uid, resourceVersion: String(this.#version), object });
  }

  #see(line: Record<string, unknown>): this {
    const monoMs = Math.round(this.#second * 1000);
    this.observations.push(observationSchema.parse({ ...line, wallMs: START_MS + monoMs, monoMs }));
    return this;
  }
}

/** The beginning of every story: the old side serves, the load is steady from second 2 and the change is made at second 10. */
export function steadyLoad(plan: Plan): StoryWriter {
  return new StoryWriter(plan)
    .at(0)
    .action("record-start")
    .environment({ kubernetes: "v1.35.4", nodes: [{ name: "node", cpus: "2" }] })
    .status("100,100|-")
    .route({ [OLD]: 100 })
    .endpoints(OLD, 2)
    .pod(OLD, "old-head")
    .pod(OLD, "old-worker")
    .synced("RayService", "RayCluster", "HTTPRoute", "Gateway", "Pod", "EndpointSlice", "Event", "Job")
    .at(1)
    .action("load-start")
    .at(2)
    .reading(60, 0)
    .at(3)
    .reading(100, 1)
    .at(4)
    .reading(100, 2)
    .at(5)
    .reading(100, 3)
    .action("warm-up-steady")
    .at(10)
    .action("trigger", { generationBefore: 1, generationAfter: 2 });
}

/** A whole aggressive upgrade (25/2/50) that passes: the trace of states seen on a real cluster, 100 requests/s. */
export function aggressiveUpgrade(plan = planOf()): StoryWriter {
  return steadyLoad(plan)
    .at(10.5)
    .status("100,100|0,0")
    .pod(NEW, "new-head")
    .at(30)
    .endpoints(NEW, 1)
    .status("100,100|0,0", { stamp: 12 })
    .at(32)
    .poll(NEW, 1)
    .status("100,100|50,0", { stamp: 12 })
    .at(34)
    .route({ [OLD]: 75, [NEW]: 25 })
    .at(34.3)
    .status("100,75|50,25", { stamp: 34 })
    .at(36.2)
    .route({ [OLD]: 50, [NEW]: 50 })
    .at(36.3)
    .status("100,50|50,50", { stamp: 36 })
    .at(38.5)
    .status("50,50|50,50", { stamp: 36 })
    .poll(OLD, 1)
    .at(41)
    .route({ [OLD]: 25, [NEW]: 75 })
    .at(41.2)
    .status("50,25|100,75", { stamp: 41 })
    .at(43.4)
    .route({ [OLD]: 0, [NEW]: 100 })
    .at(43.6)
    .status("50,0|100,100", { stamp: 43 })
    .at(45.9)
    .status("100,100|-", { active: NEW })
    .at(46.8)
    .route({ [NEW]: 100 })
    .at(48)
    .gone("EndpointSlice", `${OLD}-slice`)
    .at(60)
    .gone("Pod", "old-worker")
    .at(76)
    .gone("Pod", "old-head")
    .at(79.1)
    .action("stop-load")
    .at(80)
    .action("load-ended")
    .at(81)
    .action("record-end")
    .served(1, 34, 0)
    .served(34, 36, 0.25)
    .served(36, 41, 0.5)
    .served(41, 43, 0.75)
    .served(43, 79, 1);
}

/** One check's finding on a story. */
export function findingOf(id: CheckId, { plan, observations, ledger, summary }: Story): Finding {
  const check = CHECKS[id](plan);
  for (const line of observations) check.onObservation(line);
  for (const line of ledger) check.onLedger(line);
  return check.finish(timelineOf(plan, observations), summary);
}

/** The story with some of its observations left out or replaced. */
export function withObservations(story: Story, change: (line: Observation) => Observation | undefined): Story {
  return { ...story, observations: story.observations.flatMap((line) => change(line) ?? []) };
}

/** The story without an action of the runner. */
export function withoutAction(story: Story, action: Action["action"]): Story {
  return withObservations(story, (line) => (line.type === "action" && line.action === action ? undefined : line));
}
