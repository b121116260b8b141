import type { Timeline } from "../../history/timeline.ts";
import { staysInPlace } from "../../plan/way.ts";
import type { Span } from "./bins.ts";
import type { PhaseStretch } from "./course.ts";
import { whole } from "./numbers.ts";

/** The stretches that a run may have, in order, and when each begins (Unix ms); null where that was never seen. */
function beginnings(timeline: Timeline, firstStartMs: number | null): readonly Beginning[] {
  const { loadStart, steadyFromMs, rollback, converged, drained, stopLoad, loadEnded, made } = timeline;
  const inPlace = staysInPlace(made);
  return [
    // The runner notes the load's start when it hears of it.
    { name: "warm-up", atMs: earliest(loadStart?.wallMs ?? null, firstStartMs) },
    { name: "steady", atMs: steadyFromMs },
    ...(inPlace ? placed(timeline) : moving(timeline)),
    {
      name: rollback === null ? "old cluster ends" : "new cluster ends",
      atMs: inPlace ? null : (converged?.wallMs ?? null),
    },
    { name: "grace", atMs: drained?.wallMs ?? null },
    { name: "load ends", atMs: (stopLoad ?? loadEnded)?.wallMs ?? null },
  ];
}

interface Beginning {
  readonly name: string;
  readonly atMs: number | null;
}

/** Of a change in place, or of what is done where nothing is changed. */
function placed({ made, trigger, faults }: Timeline): Beginning[] {
  const name = made === "in-place" ? "serve config changes" : faults.length > 0 ? "faults" : "watching";
  return [{ name, atMs: trigger?.wallMs ?? null }];
}

/** From the trigger to C. Where the goal is changed under way, traffic moves back, and on from there or from a further RayCluster. */
function moving({
  trigger,
  weightMoved,
  firstWeights,
  rollback,
  turns,
  passing,
  arriving,
  steps,
}: Timeline): Beginning[] {
  const firstMoved = firstWeights.get(passing[0] ?? "") ?? weightMoved;
  const next = passing.length === 0 ? null : (steps.find(({ pending }) => pending === arriving) ?? null);
  const back = turns.find(({ goal }) => goal !== "after") ?? rollback;
  const hadMoved = back != null && firstMoved !== null && firstMoved.monoMs <= back.patched.monoMs;
  const again = turns.find(({ goal }, index) => goal === "after" && index > 0) ?? null;
  return [
    { name: "new cluster starts", atMs: trigger?.wallMs ?? null },
    { name: "traffic moves", atMs: firstMoved?.wallMs ?? null },
    { name: hadMoved ? "traffic moves back" : "goes back", atMs: back?.patched.wallMs ?? null },
    { name: "traffic moves again", atMs: again?.patched.wallMs ?? null },
    ...(next === null
      ? []
      : [
          { name: "next cluster starts", atMs: next.wallMs },
          { name: "traffic moves to it", atMs: weightMoved?.wallMs ?? null },
        ]),
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
