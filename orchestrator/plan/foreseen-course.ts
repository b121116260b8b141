import { UsageError } from "./errors.ts";
import { expectedCourse, type CourseState, type TurnTaken } from "./rollback.ts";
import type { Scenario } from "./scenario.ts";
import { ALONE, STARTING } from "./state.ts";
import { goalOf, type Step } from "./steps.ts";
import type { Strategy } from "./strategy.ts";
import { isInWindow, type TrafficWindow } from "./traffic-windows.ts";

/** A step whose traffic never comes, and what the traffic is from the step before it on, in percent. */
interface Unreached {
  readonly window: TrafficWindow;
  readonly traffic: readonly number[];
}

/** What is foreseen of a change before it is made. */
interface Foreseen {
  /** The states that are expected where each step is taken at the first state that it waits for. */
  readonly course: readonly CourseState[];
  /** The first step that waits for traffic that there never is; undefined when there is none. */
  readonly unreached: Unreached | undefined;
}

/** What is foreseen where these steps are taken by this strategy. */
export function foreseenCourse(
  steps: readonly Step[],
  strategy: Pick<Strategy, "stepSizePercent" | "maxSurgePercent">,
): Foreseen {
  const index = steps.findIndex((step) => goalOf(step) !== undefined);
  const first = steps[index];
  const firstGoal = first === undefined ? undefined : goalOf(first);
  if (first === undefined || firstGoal === undefined || first.do === "in-place") {
    return { course: [{ state: ALONE, mayBeMerged: false, pending: null }], unreached: undefined };
  }
  const turns: TurnTaken[] = [];
  let course = expectedCourse(firstGoal, turns, strategy);
  let unreached: Unreached | undefined;
  /** Where the step before was taken: the next one comes no earlier. */
  let since = 0;
  for (const step of steps.slice(index + 1)) {
    const window = step.when !== undefined && "traffic" in step.when ? step.when.traffic : undefined;
    const goal = goalOf(step);
    if (window === undefined && goal === undefined) continue;
    const ahead = course.slice(since).filter(({ pending }) => pending !== null);
    const at =
      window === undefined ? ahead[0] : ahead.find(({ state }) => isInWindow(window, state.pendingTraffic ?? 0));
    if (window !== undefined && at === undefined) {
      unreached ??= { window, traffic: [...new Set(ahead.flatMap(({ state }) => state.pendingTraffic ?? []))] };
    }
    const { state: from, pending } = at ?? { state: STARTING, pending: 0 };
    if (goal !== undefined) {
      turns.push({ goal, from, pending: pending ?? 0 });
      course = expectedCourse(firstGoal, turns, strategy);
    }
    since = Math.max(
      since,
      course.findIndex(({ state }) => state === from),
    );
  }
  return { course, unreached };
}

/** Throws a UsageError when a step of the scenario waits for traffic that there never is by this strategy: then there is no such moment. */
export function requireWindows({ name, steps }: Scenario, strategy: Strategy): void {
  const { unreached } = foreseenCourse(steps, strategy);
  if (unreached === undefined) return;
  const [from, to] = unreached.window;
  throw new UsageError(
    `Scenario ${name} needs a strategy by which ${from} to ${to} % of the traffic move before the rest; received ${strategy.name}, by which it goes ${unreached.traffic.join(", ")} %.`,
  );
}
