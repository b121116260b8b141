import { counted, listed } from "../history/words.ts";
import type { Goal } from "../plan/steps.ts";
import type { Way } from "../plan/way.ts";
import type { RunResult } from "./run-result.ts";

type Change = RunResult["change"];

/** How a change went. */
export function wayOfChange({ way, rollback }: Pick<Change, "way" | "rollback">): Way {
  return way ?? (rollback === undefined ? "upgrade" : "rollback");
}

/** A goal that is set under way, as what then becomes of the change. */
export const TURN_WORDS: Readonly<Record<Goal, string>> = {
  before: "taken back",
  after: "resumed",
  third: "given up for a third version",
};

/** Faults that are told one by one, and causes that are. */
const MOST_TOLD = 2;

/** What requests went through, to follow "requests": `through an aggressive upgrade of 54.9 s`. */
export function throughText(change: Change): string {
  return `${courseText(change)}${faultsText(change)}`;
}

function courseText(change: Change): string {
  const { strategy, seconds, stuckOn } = change;
  const way = wayOfChange(change);
  const took = seconds === null ? null : `${seconds.toFixed(1)} s`;
  const of = took === null ? "" : ` of ${took}`;
  const through = `through ${article(strategy.name)}`;
  if (way === "steady") return took === null ? "in a steady state" : `in a steady state watched for ${took}`;
  if (way === "in-place") return `through an in-place change of the serve config${took === null ? "" : ` in ${took}`}`;
  if (way === "upgrade") return `${through} upgrade${of}`;
  const isStuck = stuckOn !== undefined && stuckOn.length > 0;
  if (way === "rollback" && !isStuck) return `${through} rollback${of}`;
  const turns = (change.turns ?? []).map(({ goal }) => TURN_WORDS[goal]);
  const became = turns.length === 0 ? TURN_WORDS.before : listed(turns);
  return isStuck
    ? `${through} upgrade${of} that got stuck (${stuckText(stuckOn)}) and was ${became}`
    : `${through} upgrade${of} that was ${became} under way`;
}

/** What a change was stuck on: the first causes, and how many more there were. */
export function stuckText(stuckOn: readonly string[]): string {
  return someOf(stuckOn, (text) => text.replace(/[:.\s]+$/, ""));
}

function faultsText({ faults = [] }: Change): string {
  if (faults.length === 0) return "";
  const which = someOf(
    faults.map(({ text }) => text),
    (text) => text,
  );
  return faults.length === 1 ? ` with a fault (${which})` : ` with ${counted(faults.length, "fault")} (${which})`;
}

function someOf(all: readonly string[], told: (text: string) => string): string {
  const shown = all.slice(0, MOST_TOLD).map(told);
  const more = all.length - shown.length;
  return listed(more > 0 ? [...shown, `${String(more)} more`] : shown);
}

/** The change has a budget that is more than nothing. */
export function hasBudget({ budget }: Pick<Change, "budget">): boolean {
  return budget !== undefined && (budget.failedRequests > 0 || budget.disruptedSeconds > 0);
}

function article(name: string): string {
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}`;
}
