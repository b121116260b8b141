import { lastPhase, type RolloutStep, type Timeline } from "../history/timeline.ts";
import { ALONE, sameState, stateText } from "../plan/state.ts";
import type { Check, Figures, Finding } from "./check.ts";
import { fail, invalid, missing, pass } from "./finding.ts";
import { listed, seconds } from "../history/words.ts";

const id = "converged";

/** The runner stops waiting when its deadline has passed, by a clock that may differ this much (ms) from the record's. */
const TOLERANCE_MS = 500;

/**
 * The new RayCluster was promoted within the deadline `converged`, with all capacity and traffic; or, where the change was taken back, the old one
 * had all of them again and none was pending, within the deadline `rolledBack` from when the spec was patched back. Else it names the phase
 * the change stuck in and what was last seen. A change that had its whole deadline and did not converge is `fail`; one
 * whose record ends before is invalid. Where a change was to be taken back, nobody else changed the spec, and it came back to what it was; a
 * promotion after that is a fail at once.
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
    const otherSpec = promotedAllTheSame(timeline, figures) ?? specFinding(timeline, figures);
    if (otherSpec !== null) return otherSpec;
    const last = steps.at(-1);
    if (promoted === null) {
      const waitedMs = (lastLine?.monoMs ?? trigger.monoMs) - trigger.monoMs;
      const seen = [seenText(plan.scenario, last), ...timeline.applicationMessages];
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

/** A state as it was last seen; where a change may be taken back, whose it is matters. */
function seenText(scenario: Timeline["made"], last: RolloutStep | undefined): string {
  const state = `state ${last === undefined ? "none" : stateText(last.state)}`;
  return scenario === "upgrade" || last === undefined ? state : `${state} with ${last.active} active`;
}

/** The change went through although it had been taken back: witnessed, so no deadline need pass. Null when it did not. */
function promotedAllTheSame({ rollback, leaving, steps }: Timeline, figures: Figures): Finding | null {
  if (rollback === null || leaving === null) return null;
  const step = steps.find(
    ({ active, pending, monoMs }) => monoMs > rollback.patched.monoMs && pending === null && active !== leaving,
  );
  if (step === undefined) return null;
  const cluster = step.active;
  const after = seconds(step.monoMs - rollback.patched.monoMs);
  return fail(id, `${cluster} was promoted although the spec had been patched back ${after} before.`, figures, [
    { atMs: step.wallMs, cause: "promoted-after-patch", facts: { cluster, state: stateText(step.state) } },
  ]);
}

/** What is wrong with the spec of a change that was to be taken back; null when nothing is. */
function specFinding(
  { trigger, rollback, lastLine, foreignEdits, notRestored }: Timeline,
  figures: Figures,
): Finding | null {
  const [edit] = foreignEdits;
  if (edit !== undefined) {
    const when = seconds(edit.monoMs - (trigger ?? edit).monoMs);
    const message = `Somebody else changed the spec: its generation ${edit.generation}, seen ${when} after the trigger, is not the runner's.`;
    const violations = foreignEdits.map(({ wallMs, generation }) => ({
      atMs: wallMs,
      cause: "unexpected-spec-change",
      facts: { generation },
    }));
    return fail(id, message, figures, violations);
  }
  if (notRestored.length === 0) return null;
  const told = notRestored.map(({ what, before, after }) =>
    before === null || after === null ? `another ${what}` : `${what} ${after} instead of ${before}`,
  );
  const atMs = (rollback?.patched ?? lastLine)?.wallMs ?? 0;
  return fail(id, `The spec was not patched back to what it was: it has ${listed(told)}.`, figures, [
    { atMs, cause: "spec-not-restored", facts: { differences: notRestored } },
  ]);
}
