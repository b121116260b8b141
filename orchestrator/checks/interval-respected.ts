import type { TrafficMove } from "../history/timeline.ts";
import type { Check, Violation } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { fail, invalid, notApplicable, pass } from "./finding.ts";
import { counted, seconds } from "../history/words.ts";
import { staysInPlace } from "../plan/way.ts";

const id = "interval-respected";

/** Stamps are cut to whole seconds (ms). */
const STAMP_CUT_MS = 1000;
/** A status may be told this long (ms) after the second of its stamp: its whole second, and 2.2 s that were seen on a busy machine at most. */
const TOLD_WITHIN_MS = STAMP_CUT_MS + 3000;

/**
 * Consecutive stamps of traffic moves (lastTrafficMigratedTime of the side that gains: the pending one, the active one once a rollback is under
 * way; a move stamps both) are at least intervalSeconds apart, the first move back from the last one forward too.
 * The operator compares its clock with the stamp it reads back, which the API server has cut to whole seconds, so the
 * cut stamps keep the interval exactly.
 *
 * The stamps are the operator's own word, so they are held against the moments at which they were told. None can be of a time that has not come
 * (CLOCK_BOUND_MS). And a move is no older than its stamp's second and no younger than its telling, so the next one cannot be told
 * sooner after it than the interval, less how old the stamp was when it was told (which says how late that was; TOLD_WITHIN_MS at most) and the clocks'
 * bound. A stamp that is ahead of its telling takes off no more than the second it may have been cut by.
 *
 * Source: calculateTrafficRoutedPercent of KubeRay 1.6.2 (`time.Since(lastTrafficMigratedTime) >= interval`).
 */
export const intervalRespected: Check<null> = {
  id,
  evidence: {
    watches: ["RayService"],
    timed: { watches: ["RayService"], causes: ["told-too-soon"] },
    ledger: false,
  },
  init: () => null,
  finish(_state, { plan, timeline }) {
    const intervalMs = plan.strategy.intervalSeconds * 1000;
    const moves = timeline.trafficMoves;
    if (staysInPlace(timeline.made) && moves.length === 0) return pass(id, "Traffic did not move.", { gaps: 0 });
    if (timeline.arriving === null) return invalid(id, "No upgrade was seen to begin.");
    if (timeline.rollback !== null && moves.every(({ pendingTraffic }) => pendingTraffic === 0)) {
      return pass(id, "Traffic did not move before the change was taken back.", { gaps: 0 });
    }
    if (moves.length < 2) return notApplicable(id, "Traffic moved once, so there is no interval between moves.");
    // What is first told of a further RayCluster is when it was made, and no move of the one before it.
    const gaps = moves.slice(1).flatMap((move, index) => {
      const last = moves[index];
      return last?.pending === move.pending ? [gapBetween(last, move)] : [];
    });
    if (gaps.length === 0) return notApplicable(id, "Traffic moved once, so there is no interval between moves.");
    const stamped = gaps.flatMap(({ stampGapMs }) => stampGapMs ?? []);
    const figures = {
      intervalSeconds: plan.strategy.intervalSeconds,
      gaps: gaps.length,
      minStampGapSeconds: stamped.length > 0 ? Math.min(...stamped) / 1000 : null,
      maxStampGapSeconds: stamped.length > 0 ? Math.max(...stamped) / 1000 : null,
      minArrivalGapSeconds: Math.min(...gaps.map(({ arrivalGapMs }) => arrivalGapMs)) / 1000,
    };
    const violations = [
      ...gaps.flatMap((gap) => tooSoon(gap, intervalMs) ?? []),
      ...moves.flatMap((move) => stampedAhead(move) ?? []),
    ].sort((a, b) => a.atMs - b.atMs);
    const first = CAUSES.map((cause) => violations.find((one) => one.cause === cause)).find((one) => one !== undefined);
    if (first !== undefined) {
      return fail(id, violatedText(first, plan.strategy.intervalSeconds), figures, violations);
    }
    if (stamped.length < gaps.length)
      return invalid(id, "A move of traffic carries no stamp to judge its interval by.", figures);
    return pass(
      id,
      `${counted(gaps.length, "gap")} between moves of traffic, the shortest ${seconds(Math.min(...stamped))} by the status's own stamps.`,
      figures,
    );
  },
};

type Gap = ReturnType<typeof gapBetween>;

/** What a move may have done, what is surest first. */
const CAUSES = ["moved-too-soon", "stamped-ahead", "told-too-soon"] as const;

function gapBetween(last: TrafficMove, move: TrafficMove) {
  const stampGapMs = move.stampMs === null || last.stampMs === null ? null : move.stampMs - last.stampMs;
  return { last, move, stampGapMs, arrivalGapMs: move.monoMs - last.monoMs };
}

/** A move that came too soon after the one before it, by their stamps, or whatever they say by when both were told. */
function tooSoon({ last, move, stampGapMs, arrivalGapMs }: Gap, intervalMs: number): Violation | null {
  if (stampGapMs === null || last.stampMs === null) return null;
  const { pendingTraffic } = move;
  const facts = { pendingTraffic, stampGapMs, arrivalGapMs };
  if (stampGapMs < intervalMs) return { atMs: move.wallMs, cause: "moved-too-soon", facts };
  const toldAfterMs = Math.min(TOLD_WITHIN_MS, Math.max(STAMP_CUT_MS, last.wallMs - last.stampMs));
  if (arrivalGapMs >= intervalMs - toldAfterMs - CLOCK_BOUND_MS) return null;
  // Dated by the move before: that it was told late is what could explain it.
  return { atMs: last.wallMs, cause: "told-too-soon", facts };
}

function stampedAhead({ pendingTraffic, stampMs, wallMs }: TrafficMove): Violation | null {
  const aheadMs = stampMs === null ? 0 : stampMs - wallMs;
  return aheadMs > CLOCK_BOUND_MS ? { atMs: wallMs, cause: "stamped-ahead", facts: { pendingTraffic, aheadMs } } : null;
}

function violatedText({ cause, facts }: Violation, intervalSeconds: number): string {
  const moved = `Traffic moved to ${String(facts["pendingTraffic"])} %`;
  const said = (name: string): string => seconds(Number(facts[name]));
  switch (cause) {
    case "stamped-ahead":
      return `${moved} with a stamp that lies ${said("aheadMs")} after the moment at which it was told.`;
    case "told-too-soon":
      return `${moved} ${said("arrivalGapMs")} after the move before was told, whatever the stamps say (${said("stampGapMs")}); the interval is ${intervalSeconds} s.`;
    default:
      return `${moved} ${said("stampGapMs")} after the move before; the interval is ${intervalSeconds} s.`;
  }
}
