import { deadlinesFor, isDeadlineName, type DeadlineName, type Paced } from "../../plan/deadlines.ts";
import type { Plan } from "../../plan/plan.ts";

/** What a configuration file takes. */
const MOST_FACTOR = 100;
const MOST_SECONDS = 864_000;

/** Seconds by key of a configuration file, in the group `warmUp` and in the group `deadlines`; the latter may have a factor. */
export interface DeadlinesAgain {
  readonly warmUp: Readonly<Record<string, number>>;
  readonly others: Readonly<Record<string, number>>;
}

/** What a configuration has to say for these deadlines (ms) of a run that is `paced` so: with a factor for all of them where that leaves the least to say. */
export function deadlinesAgain(deadlines: Plan["deadlines"], paced: Paced): DeadlinesAgain {
  const wanted = Object.entries(deadlines).flatMap(([name, ms]) => (isDeadlineName(name) ? [[name, ms] as const] : []));
  const byDefault = deadlinesFor(paced);
  const ratios = wanted.map(([name, ms]) => ms / byDefault[name]).filter((ratio) => ratio <= MOST_FACTOR);
  // 1 first, for no factor at all is shorter than one; the highest last, for deadlines beyond the seconds that may be written.
  const [best] = [1, ...new Set(ratios), MOST_FACTOR]
    .map((factor) => ({ factor, overrides: overridesFor(wanted, paced, factor) }))
    .map((one) => ({ ...one, keys: one.overrides.length + (one.factor === 1 ? 0 : 1) }))
    .filter(({ overrides }) => overrides.every(([, seconds]) => seconds <= MOST_SECONDS))
    .sort((a, b) => a.keys - b.keys);
  if (best === undefined) return { warmUp: {}, others: {} };
  const others = best.overrides.filter(([name]) => name !== "warmUp");
  const warmUp = best.overrides.find(([name]) => name === "warmUp");
  return {
    warmUp: warmUp === undefined ? {} : { deadline: warmUp[1] },
    others: { ...(best.factor === 1 ? {} : { factor: best.factor }), ...Object.fromEntries(others) },
  };
}

/** Those that the factor alone does not give, in seconds before it is applied. */
function overridesFor(
  wanted: readonly (readonly [DeadlineName, number])[],
  paced: Paced,
  factor: number,
): [DeadlineName, number][] {
  const given = deadlinesFor(paced, factor);
  return wanted.filter(([name, ms]) => given[name] !== ms).map(([name, ms]) => [name, ms / 1000 / factor]);
}
