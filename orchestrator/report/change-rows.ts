import { number } from "../history/words.ts";
import type { RunResult } from "../judge/run-result.ts";
import type { LabelledRow } from "./load-rows.ts";

type Change = RunResult["change"];
type Step = Change["steps"][number];

/** Rows shown of a long change: the first and the last ones, the number of those between in one row. */
const MOST_ROWS = 30;

export const STEP_COLUMNS: readonly string[] = [
  "since trigger",
  "old capacity",
  "old traffic",
  "new capacity",
  "new traffic",
  "answered",
  "new share",
];

/** What was changed, from what to what, and how long it took. */
export function changeRows(change: Change): LabelledRow[] {
  const { name, stepSizePercent, intervalSeconds, maxSurgePercent } = change.strategy;
  const gone = change.rollback === undefined ? "old" : "new";
  const stays = change.way === "in-place" || change.way === "steady";
  const drained =
    stays || change.drainSeconds === null ? "" : `, ${gone} pods gone ${change.drainSeconds.toFixed(1)} s later`;
  return [
    ["strategy", `${name}: step ${stepSizePercent} %, interval ${intervalSeconds} s, surge ${maxSurgePercent} %`],
    [change.scenario, tookText(change) + drained],
    stays
      ? ["on", change.leaving ?? "?"]
      : ["from, to", [change.leaving ?? "?", ...(change.passing ?? []), change.arriving ?? "?"].join(", ")],
    ...(change.faults ?? []).map(({ text, secondsSinceTrigger }): LabelledRow => {
      return [
        "fault",
        `${text}, ${secondsSinceTrigger?.toFixed(1) ?? "?"} s after ${stays && change.way === "steady" ? "the first one" : "the trigger"}`,
      ];
    }),
  ];
}

function tookText({ seconds, rollback, way, turns }: Change): string {
  if (way === "steady")
    return seconds === null ? "not as it was again" : `as it was ${seconds.toFixed(1)} s after the first fault`;
  if (way === "in-place" && seconds !== null) return `complete ${seconds.toFixed(1)} s after the trigger`;
  const changed =
    turns?.map(({ goal, secondsSinceTrigger }) => `${goal} from ${secondsSinceTrigger?.toFixed(1) ?? "?"} s on, `) ??
    [];
  return changed.join("") + convergedText({ seconds, rollback });
}

function convergedText({ seconds, rollback }: Pick<Change, "seconds" | "rollback">): string {
  const taken =
    rollback?.secondsSinceTrigger == null
      ? ""
      : `taken back ${rollback.secondsSinceTrigger.toFixed(1)} s after the trigger, `;
  if (seconds === null) return `${taken}did not converge`;
  if (rollback?.seconds == null) return `promoted ${seconds.toFixed(1)} s after the trigger`;
  return `${taken}complete ${rollback.seconds.toFixed(1)} s later`;
}

/**
 * The states of a change: when, what capacity and traffic both sides had, and the share the new one answered. A cell for each of
 * STEP_COLUMNS; of a long change the rows between the first and the last are one row. Empty when no step was seen.
 */
export function stepRows({ steps, leaving, arriving, seconds, rollback }: Change): string[][] {
  if (steps.length < 2 || leaving === null || arriving === null) return [];
  const promoted = seconds !== null && rollback === undefined;
  const rows = steps.map((step, index) => rowOf(step, promoted && index === steps.length - 1));
  if (rows.length <= MOST_ROWS) return rows;
  const between = STEP_COLUMNS.map((_, index) => (index === 0 ? `… ${rows.length - MOST_ROWS} more` : ""));
  return [...rows.slice(0, MOST_ROWS / 2), between, ...rows.slice(-MOST_ROWS / 2)];
}

/** After the promotion the one RayCluster that is left is the new one. */
function rowOf(step: Step, promoted: boolean): string[] {
  const percent = (value: number | null): string => (value === null ? "–" : `${value} %`);
  const active = [percent(step.activeCapacity), percent(step.activeTraffic)];
  const pending = [percent(step.pendingCapacity), percent(step.pendingTraffic)];
  const since = step.secondsSinceTrigger;
  return [
    since === null ? "–" : since < 0 ? "before" : `${since.toFixed(1)} s`,
    ...(promoted ? pending : active),
    ...(promoted ? active : pending),
    number(step.answered),
    step.newShare === null ? "–" : `${(step.newShare * 100).toFixed(1)} %`,
  ];
}
