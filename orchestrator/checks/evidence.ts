import type { Instant } from "../history/instant.ts";
import type { WatchedKind } from "../history/observation.ts";
import { sinceWallMs, type LateDelivery, type Relist, type Timeline } from "../history/timeline.ts";
import { deadlineMs } from "../plan/deadlines.ts";
import type { Plan } from "../plan/plan.ts";
import type { Evidence, Finding, Run, Violation } from "./check.ts";
import { misdated } from "./ledger-dates.ts";

/**
 * Two watches may deliver the same moment this far apart (ms): a shorter contradiction between them proves nothing.
 */
export const WATCH_SKEW_MS = 100;

/**
 * The gateway may act on a route this long (ms) before the runner's watch tells of it: 0.51 s was seen with both cores busy
 * (docs/findings/kuberay-blue-green-startup-race.md); 0.2 s is usual.
 */
export const ROUTE_LEAD_MS = 600;

/**
 * The gateway may act on a route this long (ms) after the runner's watch told of it. Beyond it the data plane has converged: Envoy
 * Gateway was seen to translate and push a change within 0.2 s, on a busy machine too.
 */
export const CONVERGENCE_MS = 600;

/** A late delivery may go on, and what it concerns may begin, this long (ms) beyond its stretch. */
const LATE_MARGIN_MS = 1000;

/** The first relist of one of the kinds that may hide something between two moments; a moment that never came is the end. */
export function relistWithin(
  timeline: Timeline,
  kinds: readonly WatchedKind[],
  from: Instant | null,
  to: Instant | null,
): Relist | undefined {
  const fromMs = from?.monoMs ?? -Infinity;
  const toMs = to?.monoMs ?? Infinity;
  return timeline.relists.find(
    (relist) => kinds.includes(relist.kind) && relist.monoMs > fromMs && relist.sinceMonoMs < toMs,
  );
}

/**
 * The finding as the evidence allows it: what was witnessed stands, and so does what is weak already; a pass, and a fail
 * concluded from something missing, become invalid where a watch that the check needs started over between T0 and D, or the
 * ledger that it needs is not whole; what did not come until the end, also where the history was cut short or the load ended before. So does a fail all of which
 * lies in a stretch that such a watch told late, or follows from times of the ledger that cannot be held against the history's.
 */
export function heldAgainst(evidence: Evidence, finding: Finding, run: Run): Finding {
  const late = lateFor(evidence, finding, run.timeline);
  if (late !== undefined)
    return weakened(finding, `the watch of ${late.kind} was interrupted and told late what happened meanwhile`);
  const undated = undatedFor(evidence, finding, run);
  if (undated !== null) return weakened(finding, `the ledger's times cannot be held against the history's: ${undated}`);
  // Only these two conclude from what is not there: that nothing is wrong, and that something is missing.
  if (finding.verdict !== "pass" && finding.fromMissing === undefined) return finding;
  const hole = holeIn(evidence, finding, run);
  return hole === null ? finding : weakened(finding, hole);
}

/** What may hide in the recording from a finding that concludes from something not being there; null: nothing. */
function holeIn(evidence: Evidence, { fromMissing }: Finding, { plan, timeline, account }: Run): string | null {
  if (fromMissing === "until-the-end" && timeline.recordEnd === null) return "the history was cut short";
  const relist = relistWithin(timeline, evidence.watches, timeline.trigger, timeline.drained);
  if (relist !== undefined) {
    return `the watch of ${relist.kind} started over during the change and may have missed a transition`;
  }
  if (!evidence.ledger) return null;
  if (fromMissing === "until-the-end" && endedEarly(timeline, account, plan))
    return "the load ended before the change did, so that nobody asked for it";
  return account.whole ? null : "the ledger is not whole, so something may be missing";
}

/**
 * Whether the load ended by itself, of which the runner writes no end, or was made to end before the change was over. An upgrade that was never
 * over has its deadline; what was changed again under way has others, which begin with that.
 */
function endedEarly(
  { loadEnded, converged, drained, trigger, made }: Timeline,
  { end }: Run["account"],
  plan: Plan,
): boolean {
  if (loadEnded === null) return true;
  const dueMs = made === "upgrade" && trigger !== null ? trigger.wallMs + deadlineMs(plan, "converged") : null;
  const overMs = (drained ?? converged)?.wallMs ?? dueMs;
  return overMs !== null && end !== null && end.atMs < overMs;
}

function weakened(finding: Finding, why: string): Finding {
  const message = `${finding.message.replace(/\.$/, "")}, but ${why}.`;
  return { id: finding.id, verdict: "invalid", message, figures: finding.figures, violations: [] };
}

/** Why none of a fail's violations can be told from the times of the ledger; null: that is not so. */
function undatedFor({ dated = [] }: Evidence, { verdict, violations }: Finding, run: Run): string | null {
  if (verdict !== "fail" || violations.length === 0) return null;
  return violations.every(({ cause }) => dated.includes(cause)) ? misdated(run) : null;
}

/**
 * The late delivery of a watch that the check needs and that every one of a fail's violations lies in, if there is one: what seems to have
 * happened in the wrong order, or for too long, may only have been told so.
 */
function lateFor({ timed }: Evidence, { verdict, violations }: Finding, timeline: Timeline): LateDelivery | undefined {
  if (timed === undefined || verdict !== "fail" || violations.length === 0) return undefined;
  return timeline.lateDeliveries.find((late) => {
    const { kind, wallMs } = late;
    const sinceMs = sinceWallMs(late) - LATE_MARGIN_MS;
    const within = ({ atMs, cause, facts }: Violation): boolean => {
      const untilMs = typeof facts["untilMs"] === "number" ? facts["untilMs"] : atMs;
      return timed.causes.includes(cause) && atMs >= sinceMs && untilMs <= wallMs + LATE_MARGIN_MS;
    };
    return timed.watches.includes(kind) && violations.every(within);
  });
}
