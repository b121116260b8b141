import { failureOf } from "../history/failures.ts";
import { leastLatencyMs } from "../history/histogram.ts";
import { BIN_MS } from "../history/ledger-account.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { takenBackFromMs, type Timeline } from "../history/timeline.ts";
import { counted } from "../history/words.ts";
import type { Plan } from "../plan/plan.ts";
import { AnswerCounts } from "./answer-counts.ts";
import type { Check } from "./check.ts";
import { CLOCK_BOUND_MS } from "./evidence.ts";
import { fail, invalid, pass } from "./finding.ts";

const id = "version-isolation";

interface State {
  readonly versionBefore: Plan["application"]["versionBefore"];
  readonly answers: AnswerCounts;
  /** What the pending side gave by the version before when the spec was that again: declared behaviour. */
  readonly takenBack: AnswerCounts;
}

/**
 * Each RayCluster answers only with the version it was created for: the one that served before T0 with the version before, every
 * other one with the version after. Otherwise the new version reaches more users than the weights say, whatever route and status show.
 * From when a rollback's patch was about to be sent, the pending side may also answer with the version before; the other one may not answer with the
 * version after even then.
 *
 * Source: KubeRay 1.6.2 keeps the serve config it last sent to each RayCluster in memory only; restarted in the middle of an upgrade it
 * sends the new one to the old cluster, and no request fails. Only RayCluster and version in the same answer show it. reconcileServe gives
 * every change of the serve config to the pending cluster in place, so that a rollback reaches it while it still has traffic.
 */
export const versionIsolation: Check<State> = {
  id,
  evidence: { watches: [], ledger: true },
  init: ({ application: { versionBefore } }) => ({
    versionBefore,
    answers: new AnswerCounts(),
    takenBack: new AnswerCounts(),
  }),
  onLedger(state, line, timeline) {
    (isTakenBack(state, line, timeline) ? state.takenBack : state.answers).observe(line);
  },
  finish({ answers, takenBack }, { plan, timeline: { leaving, rollback } }) {
    const pairs = answers.pairs();
    if (leaving === null) return invalid(id, "No upgrade was seen, so no RayCluster has a version of its own.");
    if (pairs.length === 0) return invalid(id, "No answer says which RayCluster and version gave it.");
    const { versionBefore, versionAfter } = plan.application;
    const clusters = [...new Set(pairs.map(({ cluster }) => cluster))].sort().map((cluster) => {
      const own = cluster === leaving ? versionBefore : versionAfter;
      return { cluster, createdFor: own, answered: pairs.filter((pair) => pair.cluster === cluster) };
    });
    const strays = clusters
      .flatMap(({ createdFor, answered }) =>
        answered.filter(({ version }) => version !== createdFor).map((stray) => ({ ...stray, createdFor })),
      )
      .sort((a, b) => a.firstMs - b.firstMs);
    const figures = {
      clusters: clusters.map(({ cluster, createdFor, answered }) => ({
        cluster,
        createdFor,
        answers: Object.fromEntries(answered.map(({ version, count }) => [version, count])),
      })),
    };
    const [back] = takenBack.pairs();
    if (rollback !== null) Object.assign(figures, { takenBack: back ?? null });
    const [first] = strays;
    if (first === undefined) {
      const answers = counted(
        pairs.reduce((sum, { count }) => sum + count, 0),
        "answer",
      );
      const inPlace =
        back === undefined
          ? ""
          : `; ${back.cluster} also answered ${counted(back.count, "request")} with ${back.version} once the spec was that again`;
      return pass(id, `Each RayCluster gave only the version it was created for, in ${answers}${inPlace}.`, figures);
    }
    const violations = strays.map(({ cluster, version, createdFor, count, firstMs }) => ({
      atMs: firstMs,
      cause: "stray-version",
      facts: { cluster, version, createdFor, count },
    }));
    return fail(
      id,
      `${first.cluster} was created for ${first.createdFor} and answered ${counted(first.count, "request")} with ${first.version}.`,
      figures,
      violations,
    );
  },
};

/**
 * Whether an answer by the pending side with the version before may have been given after the spec was patched back, of which the runner and its
 * watch may be told late. A row counts many requests of 100 ms: only where its fastest one had certainly ended before, it was not.
 */
function isTakenBack({ versionBefore }: State, line: LedgerLine, { rollback, arriving }: Timeline): boolean {
  if (rollback === null) return false;
  const earliestMs = takenBackFromMs(rollback) - CLOCK_BOUND_MS;
  const failure = failureOf(line);
  if (line.type === "answered") {
    const { version, cluster, binMs, latency } = line;
    const ofSide = version === versionBefore && cluster === arriving;
    return ofSide && binMs + BIN_MS + leastLatencyMs(latency) >= earliestMs;
  }
  if (failure?.version !== versionBefore || failure.cluster !== arriving) return false;
  return failure.startMs + BIN_MS + failure.durationMs >= earliestMs;
}
