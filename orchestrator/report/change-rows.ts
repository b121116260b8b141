import { counted, number } from "../history/words.ts";
import { hasBudget, stuckText, TURN_WORDS, wayOfChange } from "../judge/change-words.ts";
import type { RunResult } from "../judge/run-result.ts";
import type { Way } from "../plan/way.ts";
import type { LabelledRow } from "./load-rows.ts";

type Change = RunResult["change"];
type Step = Change["steps"][number];

/** Rows shown of a long change: the first and the last ones, the number of those between in one row. */
const MOST_ROWS = 30;

const STEP_COLUMNS: readonly string[] = [
  "since trigger",
  "old capacity",
  "old traffic",
  "new capacity",
  "new traffic",
  "answered",
  "new share",
];

/** The columns of a change's states; where it had more than one new RayCluster, the last one names it. */
export function stepColumns(change: Change): readonly string[] {
  return hasPassing(change) ? [...STEP_COLUMNS.slice(0, -1), "share", "new side"] : STEP_COLUMNS;
}

/** How a change went, as its row is called. */
const WAY_LABELS: Readonly<Record<Way, string>> = {
  upgrade: "upgrade",
  rollback: "rollback",
  cancelled: "upgrade",
  third: "upgrade",
  "in-place": "in place",
  steady: "steady state",
};

/** What was changed, from what to what, how long it took, what went wrong by intent, and what it was allowed to cost. */
export function changeRows(change: Change): LabelledRow[] {
  const { name, stepSizePercent, intervalSeconds, maxSurgePercent } = change.strategy;
  const way = wayOfChange(change);
  const stays = way === "in-place" || way === "steady";
  return [
    // Where its name says more than the row that tells how it went.
    ...(change.scenario === way ? [] : [["scenario", change.scenario] as const]),
    ...(stays
      ? []
      : [
          [
            "strategy",
            `${name}: step ${stepSizePercent} %, interval ${intervalSeconds} s, surge ${maxSurgePercent} %`,
          ] as const,
        ]),
    [WAY_LABELS[way], `${tookText(change, way)}${drainedText(change, stays)}`],
    ...(stays
      ? [["on", change.leaving ?? "?"] as const]
      : [["from, to", `${change.leaving ?? "?"}, ${change.arriving ?? "?"}`] as const]),
    ...(hasPassing(change) ? [["given up", (change.passing ?? []).join(", ")] as const] : []),
    ...(change.stuckOn === undefined ? [] : [["stuck on", stuckText(change.stuckOn)] as const]),
    ...(change.faults ?? []).map((fault) => ["fault", faultText(fault, change)] as const),
    ...(hasBudget(change) && change.budget !== undefined ? [["budget", budgetText(change.budget)] as const] : []),
  ];
}

function hasPassing({ passing }: Change): boolean {
  return passing !== undefined && passing.length > 0;
}

function drainedText({ drainSeconds, rollback }: Change, stays: boolean): string {
  if (stays || drainSeconds === null) return "";
  return `, ${rollback === undefined ? "old" : "new"} pods gone ${drainSeconds.toFixed(1)} s later`;
}

function tookText(change: Change, way: Way): string {
  const { seconds, faults = [], turns = [] } = change;
  if (way === "steady") {
    if (faults.length === 0) return seconds === null ? "not watched to its end" : `watched for ${secondsText(seconds)}`;
    return seconds === null ? "not as it was again" : `as it was ${secondsText(seconds)} after the first fault`;
  }
  if (way === "in-place")
    return seconds === null ? "not complete" : `complete ${secondsText(seconds)} after the trigger`;
  const changed = turns.map(
    ({ goal, secondsSinceTrigger }) => `${TURN_WORDS[goal]} ${sinceText(secondsSinceTrigger)} after the trigger, `,
  );
  // A rollback after other turns is the last of them.
  return changed.join("") + convergedText(change, turns.length > 0);
}

function convergedText({ seconds, rollback }: Change, told: boolean): string {
  const taken =
    told || rollback?.secondsSinceTrigger == null
      ? ""
      : `${TURN_WORDS.before} ${secondsText(rollback.secondsSinceTrigger)} after the trigger, `;
  if (seconds === null) return `${taken}did not converge`;
  if (rollback?.seconds == null) return `promoted ${secondsText(seconds)} after the trigger`;
  return `${taken}complete ${secondsText(rollback.seconds)} later`;
}

function faultText(
  { text, secondsSinceTrigger, seconds, pods }: NonNullable<Change["faults"]>[number],
  change: Change,
) {
  // Where nothing is changed, times count from the first fault.
  const isFirst = change.way === "steady" && secondsSinceTrigger !== null && secondsSinceTrigger <= 0;
  const from = change.way === "steady" ? "the first one" : "the trigger";
  const before = secondsSinceTrigger !== null && secondsSinceTrigger < 0;
  const at = isFirst
    ? ""
    : `, ${sinceText(secondsSinceTrigger === null ? null : Math.abs(secondsSinceTrigger))} ${before ? "before" : "after"} ${from}`;
  const lasted = seconds === null ? "" : `, undone ${secondsText(seconds)} later`;
  return `${text}${at}${lasted}${pods === undefined ? "" : ` (${pods.join(", ")})`}`;
}

function budgetText({ failedRequests, disruptedSeconds, used }: NonNullable<Change["budget"]>): string {
  const requests = used?.failedRequests ?? null;
  const seconds = used?.disruptedSeconds ?? null;
  return [
    `${requests === null ? "?" : number(requests)} of ${counted(failedRequests, "request")} used`,
    `${seconds === null ? "?" : seconds.toFixed(1)} of ${disruptedSeconds.toFixed(1)} s without service used`,
  ].join(", ");
}

function secondsText(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

function sinceText(seconds: number | null): string {
  return seconds === null ? "? s" : secondsText(seconds);
}

/** Said where a change has no states to tell of; null where it was not to have any. */
export function noStepsText(change: Change): string | null {
  const way = wayOfChange(change);
  return way === "in-place" || way === "steady" ? null : "No step was seen.";
}

/**
 * The states of a change: when, what capacity and traffic both sides had, and the share the new one answered. A cell for each of
 * stepColumns; of a long change the rows between the first and the last are one row. Empty when no step was seen.
 */
export function stepRows(change: Change): string[][] {
  const { steps, leaving, arriving, seconds, rollback } = change;
  if (steps.length < 2 || leaving === null || arriving === null) return [];
  const promoted = seconds !== null && rollback === undefined;
  // What was promoted although it was to be taken back is the new side too.
  const isNew = (step: Step, index: number): boolean =>
    step.active === arriving || (promoted && index === steps.length - 1);
  const rows = steps.map((step, index) => [
    ...rowOf(step, isNew(step, index)),
    ...(hasPassing(change) ? [isNew(step, index) ? arriving : (step.pending ?? "–")] : []),
  ]);
  if (rows.length <= MOST_ROWS) return rows;
  const between = stepColumns(change).map((_, index) => (index === 0 ? `… ${rows.length - MOST_ROWS} more` : ""));
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
