import { isAttributed } from "../history/attributed.ts";
import { failureOf } from "../history/failures.ts";
import type { Instant } from "../history/instant.ts";
import { leastLatencyMs } from "../history/histogram.ts";
import { BIN_MS } from "../history/bins.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { ownVersion } from "../history/own-version.ts";
import { changedFromMs, turnedFromMs, type Timeline } from "../history/timeline.ts";
import { counted } from "../history/words.ts";
import type { Plan } from "../plan/plan.ts";
import { createdFor, versionOf } from "../plan/way.ts";
import { AnswerCounts } from "./answer-counts.ts";
import type { Check, Finding } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { CONVERGENCE_MS } from "./evidence.ts";
import { fail, invalid, notApplicable, pass } from "./finding.ts";

const id = "version-isolation";

interface State {
  readonly application: Plan["application"];
  readonly answers: AnswerCounts;
  /** Answers with another version than the RayCluster's own that a change in place explains: declared behaviour. */
  readonly inPlace: AnswerCounts;
  /** Of a change in place: answers with the version before by requests that started when it was complete. */
  readonly late: AnswerCounts;
}

/**
 * Each RayCluster answers only with the version it was created for: the one that served before T0 with the version before, every
 * other one with the version of the goal for which it was made. Otherwise the new version reaches more users than the weights say, whatever route and
 * status show. A goal that is changed under way reaches the pending side in place: from when its patch was about to be sent that side may also answer
 * with the new goal's version, and until it is promoted, or its own goal was set again and traffic has gone up twice since; the old side may not even then. A change in place reaches the only side in the same way, and from
 * when it is complete that one answers with nothing else. Of answers that do not tell their RayCluster only versions that none was created for can be judged.
 *
 * Source: KubeRay 1.6.2 keeps the serve config it last sent to each RayCluster in memory only; restarted in the middle of an upgrade it
 * sends the new one to the old cluster, and no request fails. Only RayCluster and version in the same answer show it. reconcileServe gives
 * every change of the serve config to the pending cluster in place, where there is one, so that it reaches it while it still has traffic.
 */
export const versionIsolation: Check<State> = {
  id,
  evidence: { watches: [], ledger: true },
  init: ({ application }) => ({
    application,
    answers: new AnswerCounts(),
    inPlace: new AnswerCounts(),
    late: new AnswerCounts(),
  }),
  onLedger(state, line, timeline) {
    if (isLate(state, line, timeline)) state.late.observe(line);
    else (isByTurn(state, line, timeline) ? state.inPlace : state.answers).observe(line);
  },
  finish({ answers, inPlace, late }, { plan, timeline }) {
    const { leaving, turns, made } = timeline;
    if (isAttributed(plan)) return ofVersionsAlone([answers, inPlace, late], plan);
    const pairs = answers.pairs();
    if (leaving === null) return invalid(id, "No upgrade was seen, so no RayCluster has a version of its own.");
    if (pairs.length === 0) return invalid(id, "No answer says which RayCluster and version gave it.");
    const clusters = [...new Set(pairs.map(({ cluster }) => cluster))].sort().map((cluster) => {
      const own = ownVersion(plan.application, timeline, cluster);
      return { cluster, createdFor: own, answered: pairs.filter((pair) => pair.cluster === cluster) };
    });
    const strays = clusters
      .flatMap(({ createdFor, answered }) =>
        answered.filter(({ version }) => version !== createdFor).map((stray) => ({ ...stray, createdFor })),
      )
      .concat(late.pairs().map((pair) => ({ ...pair, createdFor: finalVersion(plan.application, timeline) })))
      .sort((a, b) => a.firstMs - b.firstMs);
    const figures = {
      clusters: clusters.map(({ cluster, createdFor, answered }) => ({
        cluster,
        createdFor,
        answers: Object.fromEntries(answered.map(({ version, count }) => [version, count])),
      })),
    };
    const changed = inPlace.pairs();
    const [back] = changed;
    if (timeline.rollback !== null) Object.assign(figures, { takenBack: back ?? null });
    else if (turns.length > 0 || made === "in-place") Object.assign(figures, { changedInPlace: changed });
    const [first] = strays;
    if (first === undefined) {
      const answers = counted(
        [...pairs, ...(made === "in-place" ? changed : [])].reduce((sum, { count }) => sum + count, 0),
        "answer",
      );
      if (made === "in-place") {
        return pass(id, `Each version was given while the spec asked for it, in ${answers}.`, figures);
      }
      const once = timeline.rollback === null ? "once the spec asked for that" : "once the spec was that again";
      const also = changed.map(
        (pair) => `; ${pair.cluster} also answered ${counted(pair.count, "request")} with ${pair.version} ${once}`,
      );
      return pass(
        id,
        `Each RayCluster gave only the version it was created for, in ${answers}${also.join("")}.`,
        figures,
      );
    }
    const violations = strays.map(({ cluster, version, createdFor, count, firstMs }) => ({
      atMs: firstMs,
      cause: "stray-version",
      facts: { cluster, version, createdFor, count },
    }));
    const [gone] = late.pairs();
    if (gone?.version === first.version) {
      const message = `${gone.cluster} answered ${counted(gone.count, "request")} with ${gone.version} after every replica of it was on ${first.createdFor}.`;
      return fail(id, message, figures, violations);
    }
    return fail(
      id,
      `${first.cluster} was created for ${first.createdFor} and answered ${counted(first.count, "request")} with ${first.version}.`,
      figures,
      violations,
    );
  },
};

/** Of answers that do not tell their RayCluster only a version that none was created for is a stray one. */
function ofVersionsAlone(all: readonly AnswerCounts[], { application }: Plan): Finding {
  const { versionBefore, versionAfter, versionThird } = application;
  const own = [versionBefore, versionAfter, versionThird];
  const pairs = all.flatMap((answers) => answers.pairs());
  const strays = pairs.filter(({ version }) => !own.includes(version)).sort((a, b) => a.firstMs - b.firstMs);
  const [first] = strays;
  if (first === undefined) {
    const why = "Answers do not tell their RayCluster, so that none of them can be seen to give another one's version.";
    return notApplicable(id, why);
  }
  const violations = strays.map(({ version, count, firstMs }) => ({
    atMs: firstMs,
    cause: "stray-version",
    facts: { version, count },
  }));
  const message = `${counted(first.count, "request")} got an answer with ${first.version}, for which no RayCluster was created.`;
  return fail(id, message, { strays: violations.map(({ facts }) => facts) }, violations);
}

/**
 * Whether an answer with another version than the RayCluster's own may have been given by a goal that was set under way, of which the runner and its
 * watch may be told late. A row counts many requests of 100 ms: only where its fastest one had certainly ended before, it was not.
 */
function isByTurn({ application }: State, line: LedgerLine, timeline: Timeline): boolean {
  const answer = answerOf(line);
  if (answer === null) return false;
  const { version, cluster, startMs, endMs } = answer;
  const { made, leaving, arriving, passing, turns, goals, converged } = timeline;
  if (made === "in-place") {
    if (cluster !== leaving) return false;
    const isAsked = goals.some((goal) => version === versionOf(application, goal));
    return isAsked && version !== application.versionBefore && endMs >= changedFromMs(timeline) - CLOCK_BOUND_MS;
  }
  const order = [...passing, arriving];
  const pending = order.indexOf(cluster);
  if (pending < 0 || version === ownVersion(application, timeline, cluster)) return false;
  return turns.some((turn, index) => {
    // The goals are given to the RayCluster that is pending when they are set.
    const given = createdFor(goals.slice(0, index + 1)).length - 1 === pending;
    if (!given || version !== versionOf(application, turn.goal)) return false;
    const isOver = timeline.rollback === null && isAfter(converged, startMs);
    return !isOver && !isAfter(setAgain(timeline, index), startMs) && endMs >= turnedFromMs(turn) - CLOCK_BOUND_MS;
  });
}

/**
 * When every replica of a pending RayCluster was certainly on its own goal again, after a goal that was set under way and then given up: its traffic has gone up
 * twice since that was taken up. Null where that was not seen. KubeRay 1.6.2 moves traffic forward only while the applications that it has last configured
 * say RUNNING (reconcileServe); by the first move that may still be of the configuration before.
 */
function setAgain({ turns, steps }: Timeline, given: number): Instant | null {
  const next = turns[given + 1];
  if (next === undefined) return null;
  const from = steps[next.fromStep];
  const up = steps.filter((step, index) => {
    const before = steps[index - 1];
    if (index <= next.fromStep || step.pending !== from?.pending || before?.pending !== step.pending) return false;
    return (step.state.pendingTraffic ?? 0) > (before.state.pendingTraffic ?? 0);
  });
  return up[1] ?? null;
}

/** Whether a change in place was complete when a request started that was answered with another version than the one it led to. */
function isLate({ application }: State, line: LedgerLine, timeline: Timeline): boolean {
  const answer = answerOf(line);
  if (answer === null || timeline.made !== "in-place" || answer.cluster !== timeline.leaving) return false;
  return answer.version !== finalVersion(application, timeline) && isAfter(timeline.converged, answer.startMs);
}

function isAfter(moment: Instant | null, startMs: number): boolean {
  return moment !== null && startMs > moment.wallMs + CONVERGENCE_MS + CLOCK_BOUND_MS;
}

function finalVersion(application: Plan["application"], { goals }: Timeline): string {
  return versionOf(application, goals.at(-1) ?? "before");
}

/** What a row says was answered: the latest start of its requests, and the latest end of its fastest one; Unix ms. */
function answerOf(line: LedgerLine): { version: string; cluster: string; startMs: number; endMs: number } | null {
  if (line.type === "answered") {
    const { version, cluster, binMs, latency } = line;
    return { version, cluster, startMs: binMs, endMs: binMs + BIN_MS + leastLatencyMs(latency) };
  }
  const failure = failureOf(line);
  if (failure === null) return null;
  const { version, cluster, startMs, durationMs } = failure;
  if (version === "" || cluster === "") return null;
  return { version, cluster, startMs, endMs: startMs + BIN_MS + durationMs };
}
