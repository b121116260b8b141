import { failureOf } from "../history/failures.ts";
import { leastLatencyMs } from "../history/histogram.ts";
import { BIN_MS } from "../history/bins.ts";
import type { LedgerLine } from "../history/ledger.ts";
import { changedFromMs, type Timeline } from "../history/timeline.ts";
import { duration, seconds } from "../history/words.ts";
import { stepsOf, type Plan } from "../plan/plan.ts";
import { versionOf, wayOf } from "../plan/way.ts";
import type { Finding, Violation } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { CONVERGENCE_MS } from "./evidence.ts";
import { fail, invalid, pass } from "./finding.ts";

const id = "version-cutover";

/**
 * Which version the only RayCluster of a change in place answered with when: the new one by no request that had ended before the patch was about to be
 * sent, the old one by none that started when every replica was on the new one. In between both may answer; how long they did is a figure.
 */
export class InPlaceCutover {
  /** Latest end of the first new answer's row, and start of the last old one's; Unix ms. */
  firstNewMs: number | null = null;
  lastOldMs: number | null = null;
  readonly early: Violation[] = [];
  readonly late: Violation[] = [];

  observe(line: LedgerLine, timeline: Timeline, application: Plan["application"]): void {
    const failure = failureOf(line);
    const answer =
      line.type === "answered"
        ? { ...line, startMs: line.binMs, endMs: line.binMs + BIN_MS + leastLatencyMs(line.latency) }
        : failure === null
          ? null
          : { ...failure, endMs: failure.startMs + BIN_MS + failure.durationMs };
    if (answer === null || answer.version === "" || timeline.made !== "in-place") return;
    const { version, client, count, startMs, endMs } = answer;
    const final = versionOf(application, timeline.goals.at(-1) ?? "before");
    if (version === final) {
      this.firstNewMs = Math.min(this.firstNewMs ?? Infinity, endMs);
      if (endMs >= changedFromMs(timeline) - CLOCK_BOUND_MS) return;
      this.early.push({ atMs: startMs, cause: "new-before-change", facts: { client, version, count } });
    } else {
      this.lastOldMs = Math.max(this.lastOldMs ?? -Infinity, startMs);
      const doneMs = timeline.converged?.wallMs ?? Infinity;
      if (startMs <= doneMs + CONVERGENCE_MS + CLOCK_BOUND_MS) return;
      this.late.push({ atMs: startMs, cause: "old-after-change", facts: { client, version, count, doneMs } });
    }
  }
}

/** Of a plan whose change is made in place; null for any other. */
export function inPlaceOf(plan: Plan): InPlaceCutover | null {
  return wayOf(stepsOf(plan)) === "in-place" ? new InPlaceCutover() : null;
}

export function inPlaceFinding(cutover: InPlaceCutover, timeline: Timeline, application: Plan["application"]): Finding {
  const { firstNewMs, lastOldMs, early, late } = cutover;
  const { trigger, converged, leaving } = timeline;
  if (trigger === null) return invalid(id, "The change was never made.");
  const fromMs = changedFromMs(timeline);
  const [oldVersion, newVersion] = [
    application.versionBefore,
    versionOf(application, timeline.goals.at(-1) ?? "after"),
  ];
  const figures = {
    newAnsweredAfterChangeMs: firstNewMs === null ? null : Math.round(firstNewMs - fromMs),
    oldAnsweredAfterChangeMs: lastOldMs === null ? null : Math.round(lastOldMs + BIN_MS - fromMs),
    mixedMs:
      firstNewMs === null || lastOldMs === null ? null : Math.max(0, Math.round(lastOldMs + BIN_MS - firstNewMs)),
    doneAfterChangeMs: converged === null ? null : Math.round(converged.wallMs - fromMs),
  };
  const violations = [...early, ...late].sort((a, b) => a.atMs - b.atMs);
  const [first] = violations;
  if (first !== undefined) {
    const message =
      first.cause === "new-before-change"
        ? `${newVersion} answered ${seconds(fromMs - first.atMs)} before the spec was changed to it.`
        : `${oldVersion} answered a request that started ${seconds(first.atMs - (converged?.wallMs ?? first.atMs))} after every replica was on ${newVersion}.`;
    return fail(id, message, figures, violations);
  }
  if (firstNewMs === null) return invalid(id, `${newVersion} answered nothing.`, figures);
  if (converged === null)
    return invalid(id, `${leaving ?? "The RayCluster"} was never seen to be on ${newVersion} alone.`, figures);
  const mixed = duration(figures.mixedMs ?? 0);
  return pass(
    id,
    `${newVersion} answered nothing before the spec was changed to it, and for ${mixed} both versions answered.`,
    figures,
  );
}
