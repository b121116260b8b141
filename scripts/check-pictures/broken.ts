import {
  aggressiveUpgrade,
  NEW,
  OLD,
  planOf,
  START_MS,
  withObservations,
  type Story,
} from "../../orchestrator/checks/testing.ts";
import { recorded } from "../../orchestrator/checks/testing/generated-upgrades.ts";
import { bucketOf } from "../../orchestrator/history/histogram.ts";
import type { LedgerLine } from "../../orchestrator/history/ledger.ts";
import type { CheckId } from "../../orchestrator/plan/plan.ts";

/**
 * For each check the history of a whole upgrade in which one fact is not as it should be, so that the check does not pass. The change is made at second
 * 10 of the recording.
 */
export const BROKEN: Readonly<Record<CheckId, () => Story>> = {
  "zero-failures": () => aggressiveUpgrade().at(50).failed().finish(),
  // The new side has the old version.
  "versions-served": () =>
    ledgerOf(aggressiveUpgrade().finish(), (line) =>
      line.type === "answered" && line.cluster === NEW ? { ...line, version: "v1" } : line,
    ),
  // The old side takes the new version up under way.
  "version-isolation": () =>
    ledgerOf(aggressiveUpgrade().finish(), (line) =>
      line.type === "answered" && line.cluster === OLD && within(line.binMs, 37, 41)
        ? { ...line, version: "v2" }
        : line,
    ),
  // The old side answers requests that started seconds after it had lost its weight.
  "version-cutover": () =>
    ledgerOf(aggressiveUpgrade().finish(), (line) =>
      line.type === "answered" && within(line.binMs, 46, 46.3) ? { ...line, cluster: OLD, version: "v1" } : line,
    ),
  // Half of the traffic is asked for, and three quarters go to the new side.
  "share-matches-weight": () =>
    recorded(
      {
        ...{ step: 50, surge: 100, interval: 6, startUp: 15, reconcile: 2, lead: 0.3, lag: 0, merges: [false] },
        ...{ rate: 400, kinds: false, skewMs: 0, gaps: [] },
      },
      { share: (weight) => (weight === 50 ? 0.75 : weight / 100) },
    ),
  // From 25 % at once to 75 %.
  "step-sequence": () =>
    withObservations(aggressiveUpgrade().finish(), (line) =>
      line.type === "object" && between(line.monoMs, 36.1, 40) && line.kind !== "Pod" ? undefined : line,
    ),
  "capacity-monotone": () => aggressiveUpgrade().at(37.2).status("100,50|20,50", { stamp: 36 }).finish(),
  "traffic-monotone": () =>
    aggressiveUpgrade()
      .at(38.8)
      .status("50,75|50,25", { stamp: 38 })
      .at(40)
      .status("50,50|50,50", { stamp: 40 })
      .finish(),
  // The same moves, where five seconds are asked for.
  "interval-respected": () =>
    aggressiveUpgrade(
      planOf({ name: "25/5/50", stepSizePercent: 25, intervalSeconds: 5, maxSurgePercent: 50 }),
    ).finish(),
  "surge-bounded": () => aggressiveUpgrade().at(37.2).status("100,50|80,50", { stamp: 36 }).finish(),
  // The route goes ahead by four seconds.
  "route-agrees-with-status": () =>
    aggressiveUpgrade()
      .at(36.6)
      .route({ [OLD]: 0, [NEW]: 100 })
      .finish(),
  "traffic-only-to-ready": () => aggressiveUpgrade().at(37).endpoints(NEW, 0).at(40).endpoints(NEW, 1).finish(),
  // The load ends when the new side has been promoted, while the old side's pods drain.
  "load-outlasts-change": () =>
    withObservations(aggressiveUpgrade().finish(), (line) =>
      line.type === "action" && (line.action === "stop-load" || line.action === "load-ended")
        ? { ...line, monoMs: 58_000, wallMs: START_MS + 58_000 }
        : line,
    ),
  // For eight seconds the generator starts half of what was planned, and nobody waits.
  "rate-held": () =>
    ledgerOf(aggressiveUpgrade().finish(), (line) =>
      line.type === "answered" && within(line.binMs, 50, 58) ? halved(line) : line,
    ),
  "warm-up-steady": () =>
    withObservations(aggressiveUpgrade().finish(), (line) =>
      line.type === "warm-up-reading" && line.streak === 2 ? { ...line, failed: 1 } : line,
    ),
  // Whoever asks in these two and a half seconds is answered at their end.
  "disruption-windows": () =>
    ledgerOf(aggressiveUpgrade().finish(), (line) =>
      line.type === "answered" && within(line.binMs, 50, 52.5)
        ? { ...line, latency: { [bucketOf(START_MS + 52_500 - line.binMs)]: line.count } }
        : line,
    ),
  "latency-budget": () =>
    ledgerOf(aggressiveUpgrade(planOf(undefined, { latencyBudget: 3 })).finish(), (line) =>
      line.type === "answered" && within(line.binMs, 34, 46)
        ? { ...line, latency: { [bucketOf(60)]: line.count } }
        : line,
    ),
  "clusters-as-expected": () => aggressiveUpgrade().at(38).rayCluster("app-third").finish(),
  "conditions-as-expected": () =>
    aggressiveUpgrade()
      .at(50)
      .status("100,100|-", { active: NEW, ready: "False" })
      .at(54)
      .status("100,100|-", { active: NEW })
      .finish(),
  converged: () => aggressiveUpgrade(planOf(undefined, { deadlines: { converged: 25_000, drained: 90_000 } })).finish(),
  "pods-stable": () => aggressiveUpgrade().at(50).platform(1).finish(),
  "recording-complete": () => {
    const story = aggressiveUpgrade().finish();
    const kept = story.ledger.filter((line) => line.type !== "heartbeat" || !within(line.atMs, 50, 54));
    return { ...story, ledger: kept.map((line, index) => ({ ...line, seq: index + 1 })) };
  },
};

function ledgerOf(story: Story, change: (line: LedgerLine) => LedgerLine): Story {
  return { ...story, ledger: story.ledger.map(change) };
}

/** Half of a bin's answers. */
function halved(line: Extract<LedgerLine, { type: "answered" }>): LedgerLine {
  const count = Math.floor(line.count / 2);
  const [bucket = "0"] = Object.keys(line.latency);
  return { ...line, count, latency: { [bucket]: count } };
}

/** Whether a wall time lies within these seconds of the recording. */
function within(ms: number, from: number, until: number): boolean {
  return between(ms - START_MS, from, until);
}

function between(ms: number, from: number, until: number): boolean {
  return ms >= from * 1000 && ms < until * 1000;
}
