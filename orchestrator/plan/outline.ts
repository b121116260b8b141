import { foreseenCourse } from "./foreseen-course.ts";
import { stepsOf, type Plan } from "./plan.ts";
import type { CourseState } from "./rollback.ts";
import { outcomeOf } from "./scenario.ts";
import { deletionDelayOf } from "./scenario-parts.ts";
import { stateText } from "./state.ts";
import { stepTexts } from "./step-text.ts";
import { statedSeconds, type Goal, type Step } from "./steps.ts";

/** Time for which a steady state is looked at where nothing is done to it. */
export const STEADY_SECONDS = 30;

/** What a run of a plan will do, before it is run. */
export interface Outline {
  /** What is done, a line each, in order. */
  readonly steps: readonly string[];
  /** States of the rollout that are expected, in order, as stateText has them; a `?` after one that may share a status with the next. */
  readonly expected: readonly string[];
  /** Version and RayCluster in the end. */
  readonly ends: { readonly version: Goal; readonly cluster: "same" | "new" };
  /**
   * Seconds below which a run cannot be over: the warm-up's window, the operator's interval between moves of traffic, what the steps themselves last,
   * the deletion delay and the time after it. Ray's start and the operator's own pace come on top.
   */
  readonly leastSeconds: number;
}

/** The outline of a plan. */
export function outlineOf(plan: Plan): Outline {
  const steps = stepsOf(plan);
  const { course } = foreseenCourse(steps, plan.strategy);
  return {
    steps: stepTexts(steps),
    expected: course.map(({ state, mayBeMerged }) => stateText(state) + (mayBeMerged ? "?" : "")),
    ends: outcomeOf(steps),
    leastSeconds: leastSeconds(plan, steps, course),
  };
}

function leastSeconds(plan: Plan, steps: readonly Step[], course: readonly CourseState[]): number {
  let moves = 0;
  course.forEach(({ state }, index) => {
    const before = course[index - 1]?.state;
    if (before === undefined || before.pendingTraffic === null || state.pendingTraffic === null) return;
    if (before.pendingTraffic !== state.pendingTraffic) moves += 1;
  });
  const intervals = Math.max(0, moves - 1) * plan.strategy.intervalSeconds;
  const drains = course.length > 1 ? deletionDelayOf(plan.application.variant) : 0;
  const changes = Math.max(intervals, secondsOf(steps));
  return plan.load.warmUpSeconds + changes + drains + plan.load.graceMs / 1000;
}

/** Seconds that steps themselves take: what they wait for, one after the other, and what lasts from then on while others are taken. */
function secondsOf(steps: readonly Step[]): number {
  if (steps.length === 0) return STEADY_SECONDS;
  let [now, end] = [0, 0];
  for (const step of steps) {
    const { waits, lasts } = statedSeconds(step);
    now += waits;
    end = Math.max(end, now + lasts);
  }
  return end;
}

/** An outline as text, for people. */
export function outlineText({ scenario, description, strategy, seed }: Plan, outline: Outline): string {
  const { stepSizePercent, intervalSeconds, maxSurgePercent } = strategy;
  const numbers = `step ${stepSizePercent} %, interval ${intervalSeconds} s, surge ${maxSurgePercent} %`;
  const version = { before: "the version before", after: "the version after", third: "the third version" };
  const { cluster } = outline.ends;
  return [
    `${scenario}${description === undefined ? "" : `: ${description}`}`,
    `  strategy  ${strategy.name} (${numbers})`,
    ...outline.steps.map((step, index) => `  step ${index + 1}    ${step}`),
    ...(outline.steps.length === 0 ? ["  steps     none: a steady state is watched"] : []),
    `  expected  ${outline.expected.join("  ")}`,
    "            (old capacity,traffic|new capacity,traffic; ? may share a status with the next)",
    `  ends      ${version[outline.ends.version]} on ${cluster === "same" ? "the RayCluster that was there" : "a new RayCluster"}`,
    `  at least  ${outline.leastSeconds} s, and what Ray takes to start and the operator to act`,
    `  seed      ${seed}`,
    "",
  ].join("\n");
}
