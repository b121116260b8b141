import type { Timeline } from "../../history/timeline.ts";
import type { Span } from "./bins.ts";
import type { PhaseStretch } from "./course.ts";
import { whole } from "./numbers.ts";

/** The stretches that a run may have, in order, and when each begins (Unix ms); null where that was never seen. */
function beginnings(
  timeline: Timeline,
  firstStartMs: number | null,
): readonly { readonly name: string; readonly atMs: number | null }[] {
  const { loadStart, steadyFromMs, trigger, weightMoved, rollback, converged, drained, stopLoad, loadEnded } = timeline;
  return [
    // The runner notes the load's start when it hears of it.
    { name: "warm-up", atMs: earliest(loadStart?.wallMs ?? null, firstStartMs) },
    { name: "steady", atMs: steadyFromMs },
    { name: "new cluster starts", atMs: trigger?.wallMs ?? null },
    { name: "traffic moves", atMs: weightMoved?.wallMs ?? null },
    { name: "traffic moves back", atMs: rollback?.patched.wallMs ?? null },
    { name: rollback === null ? "old cluster ends" : "new cluster ends", atMs: converged?.wallMs ?? null },
    { name: "grace", atMs: drained?.wallMs ?? null },
    { name: "load ends", atMs: (stopLoad ?? loadEnded)?.wallMs ?? null },
  ];
}

const BEFORE_LOAD = "before the load";

/** The stretches of a run whose first request started at `firstStartMs` (Unix ms, null when there was none). One whose beginning was never seen is not there: the one before it lasts longer. */
export function phasesOf(timeline: Timeline, firstStartMs: number | null, { fromMs, untilMs }: Span): PhaseStretch[] {
  const within = (ms: number): number => Math.min(Math.max(whole(ms), fromMs), untilMs);
  const seen = beginnings(timeline, firstStartMs).flatMap(({ name, atMs }) =>
    atMs === null ? [] : [{ name, beginMs: within(atMs) }],
  );
  const stretches: PhaseStretch[] = [];
  let endMs = untilMs;
  // From the last one on: by clocks that differ, an earlier one may seem to begin after a later one, and then has no time of its own.
  for (const { name, beginMs } of [{ name: BEFORE_LOAD, beginMs: fromMs }, ...seen].reverse()) {
    if (beginMs >= endMs) continue;
    stretches.unshift({ name, fromMs: beginMs, untilMs: endMs });
    endMs = beginMs;
  }
  return stretches;
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}
