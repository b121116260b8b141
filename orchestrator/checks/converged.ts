import { lastPhase } from "../history/timeline.ts";
import { ALONE, sameState, stateText } from "../plan/state.ts";
import type { Check } from "./check.ts";
import { fail, invalid, missing, pass } from "./finding.ts";
import { listed, seconds } from "../history/words.ts";

const id = "converged";

/** The runner stops waiting when its deadline has passed, by a clock that may differ this much (ms) from the record's. */
const TOLERANCE_MS = 500;

/**
 * The new RayCluster was promoted within the deadline `converged`, with all capacity and traffic; or, where the change was taken back, the old one
 * had all of them again and none was pending, within the deadline `rolledBack` from when the spec was patched back. Else it names the phase
 * the change stuck in and what was last seen. A change that had its whole deadline and did not converge is `fail`; one
 * whose record ends before is invalid.
 *
 * Source: reconcilePromotionAndServingStatus of KubeRay 1.6.2 promotes at pending traffic 100 and active capacity 0, and the promoted side
 * keeps its own capacity and traffic; calculateStatus ends a rollback at active capacity and traffic 100. A change that sticks shows no condition of
 * its own, so only a deadline can tell.
 */
export const converged: Check<null> = {
  id,
  evidence: { watches: ["RayService"], ledger: false },
  init: () => null,
  finish(_state, { plan, timeline }) {
    const {
      trigger,
      weightMoved,
      converged: promoted,
      drained,
      lastLine,
      leaving,
      arriving,
      rollback,
      steps,
    } = timeline;
    if (trigger === null) return invalid(id, "The change was never made.");
    const since = (instant: { monoMs: number } | null, from = trigger): number | null =>
      instant === null ? null : (instant.monoMs - from.monoMs) / 1000;
    const begun = rollback?.patched ?? trigger;
    const deadlineMs = plan.deadlines[rollback === null ? "converged" : "rolledBack"] ?? Infinity;
    // The runner begins to wait for a promotion when the operator has taken up the change, and for a rollback at once.
    const latestMs = deadlineMs + (rollback === null ? (plan.deadlines["upgradeBegins"] ?? 0) : 0) + TOLERANCE_MS;
    const figures = {
      startingSeconds: since(weightMoved),
      shiftingSeconds:
        weightMoved === null ? null : since(rollback === null ? promoted : rollback.patched, weightMoved),
      ...(rollback === null ? {} : { returningSeconds: since(promoted, rollback.patched) }),
      drainingSeconds: promoted === null ? null : since(drained, promoted),
      totalSeconds: since(promoted),
      deadlineSeconds: Number.isFinite(deadlineMs) ? deadlineMs / 1000 : null,
    };
    const last = steps.at(-1);
    if (promoted === null) {
      const waitedMs = (lastLine?.monoMs ?? trigger.monoMs) - trigger.monoMs;
      const seen = [`state ${last === undefined ? "none" : stateText(last.state)}`, ...timeline.applicationMessages];
      const message = `The change had not converged ${seconds(waitedMs)} after its trigger and stood in phase "${lastPhase(timeline)}"; last seen: ${listed(seen)}.`;
      const waitedForItMs = waitedMs - (begun.monoMs - trigger.monoMs);
      const hadItsTime = waitedForItMs >= deadlineMs - TOLERANCE_MS && timeline.interrupted === null;
      if (!hadItsTime) return invalid(id, `${message.slice(0, -1)}, and the record ends before its deadline.`, figures);
      return missing(id, message, figures, [
        {
          atMs: lastLine?.wallMs ?? trigger.wallMs,
          cause: "not-converged",
          facts: { phase: lastPhase(timeline), seen },
        },
      ]);
    }
    const tookMs = promoted.monoMs - begun.monoMs;
    if (tookMs > latestMs) {
      const what = rollback === null ? "change converged" : "rollback was complete";
      return fail(
        id,
        `The ${what} after ${seconds(tookMs)}, later than its deadline of ${seconds(deadlineMs)}.`,
        figures,
        [{ atMs: promoted.wallMs, cause: "converged-late", facts: { tookMs, deadlineMs } }],
      );
    }
    if (last === undefined || !sameState(last.state, ALONE)) {
      const state = last === undefined ? "none" : stateText(last.state);
      const [ended, cause] =
        rollback === null
          ? [`${arriving ?? "The new RayCluster"} was promoted`, "promoted-early"]
          : [`${leaving ?? "The old RayCluster"} was alone again`, "rolled-back-early"];
      return fail(id, `${ended} at ${state} instead of ${stateText(ALONE)}.`, figures, [
        { atMs: promoted.wallMs, cause, facts: { state } },
      ]);
    }
    if (rollback !== null) {
      const patched = `${seconds(tookMs)} after the spec was patched back and ${seconds(promoted.monoMs - trigger.monoMs)} after the trigger`;
      return pass(id, `${leaving ?? "The old RayCluster"} had everything again ${patched}.`, figures);
    }
    return pass(id, `${arriving ?? "The new RayCluster"} was promoted ${seconds(tookMs)} after the trigger.`, figures);
  },
};
