import { failureOf } from "../../history/failures.ts";
import { Histogram } from "../../history/histogram.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import { plannedClients, type Plan, type PlannedClient } from "../../plan/plan.ts";
import { rateOfMix } from "../../plan/clients.ts";
import type { LiveLoad } from "./live-state.ts";

/** Rates and shares are of the answers that came in this time before the newest heartbeat: shorter than most intervals between two moves. */
const RECENT_MS = 2_000;
/** Percentiles need more answers. */
const LATENCY_MS = 5_000;
/** Failures are called new for so long. */
const LATELY_MS = 10_000;
/** More flushes than a window holds, so that a clock that stands still costs bounded memory. */
const MOST_SLICES = 200;
/** Versions are remembered of so many RayClusters. */
const MOST_CLUSTERS = 16;

type Heartbeat = Extract<LedgerLine, { type: "heartbeat" }>;

interface ByCluster {
  count: number;
  readonly versions: Set<string>;
}

/** What came with one flush of the ledger. */
interface Slice {
  readonly atMs: number;
  /** Totals since the load began. */
  readonly answered: number;
  readonly failed: number;
  readonly byCluster: ReadonlyMap<string, ByCluster>;
  readonly latency: Histogram;
  readonly firstToken: Histogram;
}

/** Recent answers of a RayCluster. */
export interface RecentAnswers {
  /** Part of all recent answers, 0 to 1. */
  readonly share: number;
  readonly versions: readonly string[];
}

/**
 * What clients saw lately. Answers count by when they came, not by when they were asked for: a second is settled only when its slowest
 * request has its answer, which with answers that take 6 s by design is too late for a live view. Memory is bounded.
 */
export class RecentLoad {
  readonly #kinds: ReadonlyMap<string, PlannedClient>;
  readonly #plannedRate: number | null;
  readonly #quickKinds: LiveLoad["quickKinds"];
  /** Oldest first; the first one lies before every window, once there is one. */
  #slices: Slice[] = [];
  #byCluster = new Map<string, ByCluster>();
  #latency = new Histogram();
  #firstToken = new Histogram();
  #beat: Heartbeat | null = null;
  #newsMs = 0;
  #lastFailure = "";
  readonly #lastVersions = new Map<string, readonly string[]>();

  constructor(plan: Plan) {
    const kinds = plannedClients(plan);
    this.#kinds = new Map(kinds.map((kind) => [kind.client, kind]));
    this.#plannedRate = rateOfMix(kinds);
    const quick = kinds.filter(({ client }) => this.#isQuick(client)).length;
    this.#quickKinds = quick === kinds.length ? "all" : quick === 0 ? "none" : "some";
  }

  /** Takes the ledger's next line, which came at `monoMs` (the runner's monotonic clock). */
  observe(line: LedgerLine, monoMs: number): void {
    switch (line.type) {
      case "answered": {
        const of = this.#byCluster.get(line.cluster) ?? { count: 0, versions: new Set() };
        of.count += line.count;
        of.versions.add(line.version);
        this.#byCluster.set(line.cluster, of);
        if (this.#isQuick(line.client)) this.#latency.addSparse(line.latency);
        return;
      }
      case "first-token":
        this.#firstToken.addSparse(line.latency);
        return;
      case "failed":
      case "failures": {
        const failure = failureOf(line);
        if (failure !== null) this.#lastFailure = failureWords(failure);
        return;
      }
      case "heartbeat":
        this.#beat = line;
        this.#newsMs = monoMs;
        this.#flush(line);
        return;
      case "session":
      case "end":
        return;
    }
  }

  load(): LiveLoad | null {
    const beat = this.#beat;
    const newest = this.#slices.at(-1);
    if (beat === null || newest === undefined) return null;
    const recent = this.#slices.filter(({ atMs }) => atMs > newest.atMs - RECENT_MS);
    const before = this.#slices.findLast(({ atMs }) => atMs <= newest.atMs - RECENT_MS) ?? recent[0];
    const spanMs = newest.atMs - (before?.atMs ?? newest.atMs);
    const [latency, firstToken] = [new Histogram(), new Histogram()];
    for (const slice of this.#slices) {
      if (slice.atMs <= newest.atMs - LATENCY_MS) continue;
      latency.merge(slice.latency);
      firstToken.merge(slice.firstToken);
    }
    return {
      newsMs: this.#newsMs,
      rate: before === undefined || spanMs <= 0 ? null : ((newest.answered - before.answered) * 1000) / spanMs,
      plannedRate: this.#plannedRate,
      p99: latency.figures()?.p99 ?? null,
      firstTokenP99: firstToken.figures()?.p99 ?? null,
      quickKinds: this.#quickKinds,
      answered: beat.answered,
      failed: newest.failed,
      failedLately: newest.failed - (this.#slices.findLast(({ atMs }) => atMs <= newest.atMs - LATELY_MS)?.failed ?? 0),
      lastFailure: this.#lastFailure,
      dropped: beat.dropped,
      inFlight: beat.inFlight,
      ...this.#oldest(beat),
      lost: beat.lost ?? 0,
    };
  }

  /** Who gave the recent answers. */
  answers(): ReadonlyMap<string, RecentAnswers> {
    const newestMs = this.#slices.at(-1)?.atMs ?? 0;
    const sums = new Map<string, ByCluster>();
    let all = 0;
    for (const { atMs, byCluster } of this.#slices) {
      if (atMs <= newestMs - RECENT_MS) continue;
      for (const [cluster, { count, versions }] of byCluster) {
        const sum = sums.get(cluster) ?? { count: 0, versions: new Set() };
        sum.count += count;
        for (const version of versions) sum.versions.add(version);
        sums.set(cluster, sum);
        all += count;
      }
    }
    return new Map(
      [...sums].map(([cluster, { count, versions }]) => [cluster, { share: count / all, versions: [...versions] }]),
    );
  }

  /** Versions of the last answers of a RayCluster. */
  lastVersions(cluster: string): readonly string[] {
    return this.#lastVersions.get(cluster) ?? [];
  }

  #flush({ atMs, answered, failed, hanging }: Heartbeat): void {
    for (const [cluster, { versions }] of this.#byCluster) {
      this.#lastVersions.delete(cluster);
      this.#lastVersions.set(cluster, [...versions]);
    }
    for (const cluster of this.#lastVersions.keys()) {
      if (this.#lastVersions.size <= MOST_CLUSTERS) break;
      this.#lastVersions.delete(cluster);
    }
    this.#slices.push({
      atMs,
      answered,
      failed: failed + hanging,
      byCluster: this.#byCluster,
      latency: this.#latency,
      firstToken: this.#firstToken,
    });
    this.#byCluster = new Map();
    this.#latency = new Histogram();
    this.#firstToken = new Histogram();
    // One that lies before every window stays: windows begin at its totals.
    const first = this.#slices.findLastIndex((slice) => slice.atMs <= atMs - LATELY_MS);
    this.#slices = this.#slices.slice(Math.max(first, 0)).slice(-MOST_SLICES);
  }

  /** A latency that is designed to be long says nothing about the target. */
  #isQuick(client: string): boolean {
    return (this.#kinds.get(client)?.holdsMs ?? 0) === 0;
  }

  #oldest({ atMs, oldestStartMs, clients }: Heartbeat): Pick<LiveLoad, "oldestMs" | "oldestKind"> {
    let oldest: { ageMs: number; beyondMs: number; kind: string } | null = null;
    for (const [kind, { oldestStartMs: startMs }] of Object.entries(clients ?? {})) {
      if (startMs == null) continue;
      const ageMs = Math.max(0, atMs - startMs);
      const beyondMs = ageMs - (this.#kinds.get(kind)?.holdsMs ?? 0);
      if (oldest === null || beyondMs > oldest.beyondMs) oldest = { ageMs, beyondMs, kind };
    }
    if (oldest !== null) return { oldestMs: oldest.ageMs, oldestKind: this.#kinds.size > 1 ? oldest.kind : "" };
    return { oldestMs: oldestStartMs === null ? null : Math.max(0, atMs - oldestStartMs), oldestKind: "" };
  }
}

function failureWords({ outcome, status, message }: NonNullable<ReturnType<typeof failureOf>>): string {
  const what = outcome === "hanging" ? "no answer in time" : status === 0 ? "no answer" : `status ${String(status)}`;
  // A message may be a whole page of an error body.
  // k6 has no words of its own for a status.
  return message === "" || message === what ? what : `${what}, ${message.slice(0, 200)}`;
}
