import { number } from "../history/words.ts";
import type { RunResult } from "../judge/run-result.ts";

type Step = RunResult["change"]["steps"][number];

/** Rows shown of a long change: the first and the last ones, the number of those between in one row. */
const MOST_ROWS = 30;

const HEAD: readonly string[] = [
  "since trigger",
  "old capacity",
  "old traffic",
  "new capacity",
  "new traffic",
  "answered",
  "new share",
];
const WIDTHS = HEAD.map((title) => title.length + 2);

/** The states of a change as a table: when, what capacity and traffic both sides had, and the share the new one answered. */
export function stepsTable({ steps, leaving, arriving, seconds }: RunResult["change"]): string[] {
  if (steps.length < 2 || leaving === null || arriving === null) return ["no step was seen"];
  const rows = steps.map((step, index) => rowOf(step, seconds !== null && index === steps.length - 1));
  const shown =
    rows.length <= MOST_ROWS
      ? rows
      : [...rows.slice(0, MOST_ROWS / 2), [`… ${rows.length - MOST_ROWS} more`], ...rows.slice(-MOST_ROWS / 2)];
  return [HEAD, ...shown].map((cells) => cells.map((cell, index) => cell.padStart(WIDTHS[index] ?? 0)).join(""));
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
