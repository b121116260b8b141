import type { TrafficMove } from "../history/timeline.ts";
import type { Check } from "./check.ts";
import { fail, invalid, notApplicable, pass } from "./finding.ts";
import { counted, seconds } from "../history/words.ts";
import { staysInPlace } from "../plan/way.ts";

const id = "interval-respected";

/**
 * Consecutive stamps of traffic moves (lastTrafficMigratedTime of the side that gains: the pending one, the active one once a rollback is under
 * way; a move stamps both) are at least intervalSeconds apart, the first move back from the last one forward too.
 * The operator compares its clock with the stamp it reads back, which the API server has cut to whole seconds, so the
 * cut stamps keep the interval exactly. Arrivals at the watch do not and are a figure only.
 *
 * Source: calculateTrafficRoutedPercent of KubeRay 1.6.2 (`time.Since(lastTrafficMigratedTime) >= interval`).
 */
export const intervalRespected: Check<null> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
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
    const short = gaps.filter(({ stampGapMs }) => stampGapMs !== null && stampGapMs < intervalMs);
    const [first] = short;
    if (first !== undefined) {
      const message = `Traffic moved to ${first.move.pendingTraffic} % ${seconds(first.stampGapMs ?? 0)} after the move before; the interval is ${plan.strategy.intervalSeconds} s.`;
      const violations = short.map(({ move, stampGapMs }) => ({
        atMs: move.wallMs,
        cause: "moved-too-soon",
        facts: { pendingTraffic: move.pendingTraffic, stampGapMs },
      }));
      return fail(id, message, figures, violations);
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

function gapBetween(last: TrafficMove, move: TrafficMove) {
  const stampGapMs = move.stampMs === null || last.stampMs === null ? null : move.stampMs - last.stampMs;
  return { move, stampGapMs, arrivalGapMs: move.monoMs - last.monoMs };
}
