/** For tests only: writes recordings as literal histories, line by line. */
import { bucketOf } from "../history/histogram.ts";
import { routeName, serveServiceOf } from "../history/httproute.ts";
import { k6SummarySchema, type K6Summary } from "../history/k6-summary.ts";
import { outcomesOf } from "../history/failures.ts";
import type { Failed, Failures, LedgerLine } from "../history/ledger.ts";
import { observationSchema, type Action, type Observation, type WatchedKind } from "../history/observation.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";
import { InTurn } from "./testing/in-turn.ts";

/** Wall time of second 0 of every story. */
export const START_MS = Date.UTC(2026, 2, 14, 9, 0, 0);
export const OLD = "app-abcde";
export const NEW = "app-fghij";
export const THIRD = "app-klmno";

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
  /** Names of RayClusters that were ever there. */
  readonly #clusters = new Set<string>();
  #second = 0;
  #latest = 0;
  #made = 0;
  #ended: number | null = null;
  #version = 1;
  readonly #kinds: InTurn;

  constructor(readonly plan: Plan) {
    this.#kinds = new InTurn(plannedClients(plan));
  }

  at(second: number): this {
    this.#second = second;
    this.#latest = Math.max(this.#latest, second);
    return this;
  }

  /** The load is stopped, has ended, and the record ends, at these seconds. */
  ends(stop: number, ended: number, recordEnd: number): this {
    return this.at(stop)
      .action("stop-load")
      .platform()
      .at(ended)
      .action("load-ended")
      .at(recordEnd)
      .action("record-end");
  }

  action(action: Action["action"], facts: Record<string, unknown> = {}): this {
    if (action === "load-ended") this.#ended = this.#second;
    return this.#see({ type: "action", action, facts });
  }

  synced(...kinds: WatchedKind[]): this {
    for (const kind of kinds) this.#see({ type: "synced", kind, resourceVersion: "1" });
    return this;
  }

  relisted(kind: WatchedKind, sinceSecond: number): this {
    return this.gap(kind, "relisted", sinceSecond);
  }

  gap(kind: WatchedKind, how: "resumed" | "relisted", sinceSecond: number): this {
    return this.#see({
      type: "gap",
      kind,
      how,
      sinceMonoMs: sinceSecond * 1000,
      reason: "the server closed the watch",
    });
  }

  environment(facts: Record<string, unknown>): this {
    return this.#see({ type: "environment", facts });
  }

  /** A warm-up reading of the second before now. */
  reading(requests: number, streak: number, failed = 0): this {
    const secondMs = START_MS + (this.#second - 1) * 1000;
    return this.#see({ type: "warm-up-reading", secondMs, requests, failed, steady: streak > 0, streak });
  }

  /** A RayCluster of the RayService under test appears, or changes. */
  rayCluster(name: string, spec?: Record<string, unknown>): this {
    const labels = { "ray.io/originated-from-cr-name": "app", "ray.io/originated-from-crd": "RayService" };
    this.#clusters.add(name);
    return this.object("RayCluster", name, { metadata: { labels }, ...(spec === undefined ? {} : { spec }) });
  }

  /** Another clock was measured, this many ms ahead of the runner's; `subject` tells those of several pods apart. */
  clock(of: "api-server" | "k6-pod", offsetMs = 2, uncertaintyMs = 3, subject?: string): this {
    return this.#see({ type: "clock", of, ...(subject === undefined ? {} : { subject }), offsetMs, uncertaintyMs });
  }

  /** The platform's pods are there, each with this many restarts. */
  platform(restarts = 0, uid = "1", roles = ["operator", "gateway", "dataPlane"], ready = true): this {
    for (const subject of roles) {
      const containers = [{ name: subject, restarts, lastReason: null }];
      const data = { pods: [{ name: `${subject}-${uid}`, uid: subject + uid, reason: null, ready, containers }] };
      this.#see({ type: "poll", poll: "platform-pods", subject, ok: true, data });
    }
    return this;
  }

  /** What the kubelet counted for the k6 container so far. */
  k6Cgroup(throttledPeriods: number | null, cpuSeconds = 1, throttledSeconds: number | null = null): this {
    const data = { cpuSeconds, throttledPeriods, throttledSeconds };
    return this.#see({ type: "poll", poll: "k6-cgroup", subject: "load", ok: true, data });
  }

  /**
   * The RayService's status: `100,75|50,25` as in stateText; `stamp` is the pending side's, in seconds. Its conditions follow from it,
   * and a pending RayCluster is there from then on. While it is `rollingBack`, the active side has the stamp too.
   */
  status(
    text: string,
    {
      active = OLD,
      pending = NEW,
      stamp,
      ready = "True",
      generation,
      rollingBack = false,
      spec = {},
      said,
    }: {
      active?: string;
      pending?: string;
      stamp?: number;
      ready?: "True" | "False";
      generation?: number;
      rollingBack?: boolean;
      spec?: Record<string, unknown>;
      /** What the pending side's application says: its status and its message. */
      said?: readonly [status: string, message: string];
    } = {},
  ): this {
    const [activeText = "", pendingText = "-"] = text.split("|");
    const [targetCapacity, trafficRoutedPercent] = activeText.split(",").map(Number);
    const upgrading = pendingText === "-" ? "False" : "True";
    const lastTrafficMigratedTime = stamp === undefined ? undefined : new Date(START_MS + stamp * 1000).toISOString();
    const activeStamp = rollingBack ? { lastTrafficMigratedTime } : {};
    const rollback = { type: "RollbackInProgress", status: "True", reason: "TargetClusterChanged" };
    const status: Record<string, unknown> = {
      activeServiceStatus: { rayClusterName: active, targetCapacity, trafficRoutedPercent, ...activeStamp },
      conditions: [
        { type: "Ready", status: ready, reason: "NonZeroServeEndpoints" },
        { type: "UpgradeInProgress", status: upgrading, reason: "BothActivePendingClustersExist" },
        ...(rollingBack ? [rollback] : []),
      ],
    };
    if (pendingText !== "-") {
      const [capacity, traffic] = pendingText.split(",").map(Number);
      status["pendingServiceStatus"] = {
        rayClusterName: pending,
        // Right after its creation a pending side has neither.
        ...(stamp === undefined ? {} : { targetCapacity: capacity, trafficRoutedPercent: traffic }),
        ...(stamp === undefined ? {} : { lastTrafficMigratedTime }),
        ...(said === undefined ? {} : { applicationStatuses: { app: { status: said[0], message: said[1] } } }),
      };
    }
    const metadata = generation === undefined ? {} : { generation };
    this.object("RayService", "app", { metadata, spec: { rayClusterDeletionDelaySeconds: 0, ...spec }, status });
    return upgrading === "True" && !this.#clusters.has(pending) ? this.rayCluster(pending) : this;
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

  /** The dashboard of a RayCluster reports this many replicas RUNNING and one STARTING, or in another state. */
  poll(cluster: string, running: number, other = "STARTING"): this {
    const states = [...Array.from({ length: running }, () => "RUNNING"), other];
    const replicas = states.map((state) => ({ state }));
    const data = { applications: { app: { status: "RUNNING", deployments: { app: { replicas } } } } };
    return this.#see({ type: "poll", poll: "serve-applications", subject: cluster, ok: true, data });
  }

  object(kind: WatchedKind, name: string, object: Record<string, unknown>): this {
    return this.#object(kind, name, this.#uids.has(kind + name) ? "modified" : "added", object);
  }

  /**
   * From one second to another, to 100 ms, `rate` requests/s are answered, the new side's share of them by the new version or another one: in turn,
   * as a gateway that splits by weight does.
   */
  served(from: number, to: number, newShare: number, rate = 100, newVersion = "v2", newCluster = NEW): this {
    const [first, last] = [Math.round(from * 10), Math.round(to * 10)];
    let [given, fresh] = [0, 0];
    for (let bin = first; bin < last; bin += 1) {
      const due = Math.round(((bin + 1 - first) * rate) / 10);
      const freshDue = Math.round(due * newShare);
      const binMs = START_MS + bin * 100;
      this.answered(binMs, OLD, "v1", due - given - (freshDue - fresh)).answered(
        binMs,
        newCluster,
        newVersion,
        freshDue - fresh,
      );
      [given, fresh] = [due, freshDue];
    }
    return this;
  }

  /** Answers by a side to requests of a bin: of the plan's kinds of clients in turn, by their rates. */
  answered(binMs: number, cluster: string, version: string, count: number): this {
    for (const [{ client, holdsMs }, ofKind] of this.#kinds.take(count)) {
      this.rows.push({
        type: "answered",
        binMs,
        client,
        cluster,
        version,
        connection: client === "fresh" ? "new" : "reused",
        count: ofKind,
        latency: { [bucketOf(holdsMs + 12)]: ofKind },
      });
    }
    return this;
  }

  /** A session was answered by another side than before; its request started now. */
  session(from: readonly [cluster: string, version: string], to: readonly [cluster: string, version: string]): this {
    const [[fromCluster, fromVersion], [cluster, version]] = [from, to];
    const startMs = START_MS + this.#second * 1000;
    const sides = { fromCluster, fromVersion, cluster, version };
    this.rows.push({ type: "session", startMs, client: "session", session: 3, ...sides });
    return this;
  }

  /** Requests that failed and have no rows of their own, started in the bin of now. */
  failures(count: number, changes: Partial<Failures> = {}): this {
    const row: Row = {
      type: "failures",
      binMs: START_MS + Math.floor(this.#second * 10) * 100,
      client: this.#client,
      outcome: "failed",
      status: 503,
      errorCode: 1503,
      cluster: "",
      version: "",
      connection: "unknown",
      durationMs: 5,
      count,
      ...changes,
    };
    this.rows.push(row);
    return this;
  }

  get #client(): string {
    return this.plan.clients[0] ?? "short";
  }

  /** A request that failed, started now. */
  failed(changes: Partial<Failed> = {}): this {
    const row: Row = {
      type: "failed",
      startMs: START_MS + this.#second * 1000,
      durationMs: 5,
      client: this.#client,
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
      if (row.type === "failures") sum[row.outcome] += row.count;
    }
    const atMs = START_MS + (this.#ended ?? this.#latest) * 1000;
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
        ...this.#byClient(this.interrupted, this.interrupted, this.dropped),
      },
      {
        type: "end",
        atMs,
        issued,
        ...sum,
        interrupted: this.interrupted,
        dropped: this.dropped,
        ...this.#byClient(this.interrupted, this.interrupted, this.dropped),
      },
    ];
    const lines = [...this.#beating(sum, atMs), ...tail].map((row, index): LedgerLine => ({ ...row, seq: index + 1 }));
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
    // Told in any order, recorded in that of time.
    const observations = this.observations.toSorted((a, b) => a.monoMs - b.monoMs);
    return { plan: this.plan, observations, ledger: lines, summary };
  }

  /** What a heartbeat says by kind of client, where the plan has several; what is in flight, or dropped, is the first one's. */
  #byClient(inFlight: number, interrupted: number, dropped: number): Pick<Extract<Row, { type: "end" }>, "clients"> {
    if (this.plan.load.mix === undefined) return {};
    const settled = new Map<string, number>();
    for (const row of this.rows) {
      const outcomes = outcomesOf({ ...row, seq: 1 });
      if (outcomes !== null) settled.set(outcomes.client, (settled.get(outcomes.client) ?? 0) + outcomes.count);
    }
    const clients = this.plan.load.mix.map(({ client }, index) => {
      const first = index === 0;
      const issued = (settled.get(client) ?? 0) + (first ? interrupted : 0);
      return [client, { issued, inFlight: first ? inFlight : 0, dropped: first ? dropped : 0 }] as const;
    });
    return { clients: Object.fromEntries(clients) };
  }

  /** The rows by start, with a heartbeat every half second in between and until the end. */
  #beating(total: { answered: number; failed: number; hanging: number }, endMs: number): Row[] {
    const byClient = this.#byClient(2, 0, 0);
    const startOf = (row: Row): number => ("binMs" in row ? row.binMs : "startMs" in row ? row.startMs : 0);
    const rows = this.rows.toSorted((a, b) => startOf(a) - startOf(b));
    const beating: Row[] = [];
    const [first] = rows;
    let nextMs = first === undefined ? endMs : startOf(first) + 1000;
    const beatUntil = (ms: number): void => {
      for (; nextMs + 500 <= ms; nextMs += 500) {
        const counts = { issued: total.answered, ...total, inFlight: 2, oldestStartMs: null, dropped: 0, ...byClient };
        beating.push({ type: "heartbeat", atMs: nextMs + 500, settledMs: nextMs, ...counts });
      }
    };
    for (const row of rows) {
      beatUntil(startOf(row));
      beating.push(row);
    }
    beatUntil(Math.min(endMs, nextMs + 3_600_000));
    return beating;
  }

  #object(
    kind: WatchedKind,
    name: string,
    event: "added" | "modified" | "deleted",
    object: Record<string, unknown>,
  ): this {
    const uid = this.#uids.get(kind + name) ?? `uid-${(this.#made += 1)}`;
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
