import { number } from "../../history/words.ts";
import { environmentRows } from "../matrix/matrix-rows.ts";
import { SYMBOLS } from "../symbols.ts";
import { fireCounts, type Fire, type FireRun } from "./fire.ts";

/** A phase with the kills in it, or one trouble, as tables tell it. */
export interface FireRow {
  readonly name: string;
  /** `4 of 4`: how many held. */
  readonly held: string;
  readonly style: "pass" | "fail" | "invalid" | "not-applicable";
  /** When the runner was hit, as asked for. */
  readonly moments: string;
  /** What `npm run analyze` says of the recordings, each with how often. */
  readonly analysis: string;
  /** Of a run that ended by itself: exit code and s since it was hit. */
  readonly ended: string;
  readonly said: string;
}

const NONE = "–";

/** The kills by their phase, in the phases' order of `order`; phases without any are left out. */
export function killRows({ runs }: Fire, order: readonly string[]): FireRow[] {
  return order.flatMap((phase): FireRow[] => {
    const own = runs.filter(({ shot }) => shot.do === "kill" && shot.phase === phase);
    if (own.length === 0) return [];
    const moments = own.flatMap(({ shot }) => (shot.do === "kill" ? [shot] : []));
    const told = [...moments].sort((a, b) => a.seconds - b.seconds);
    return [
      {
        ...rowOf(phase, own),
        moments: `${told.map(({ seconds, group }) => `${seconds.toFixed(1)}${group ? "*" : ""}`).join(", ")} s`,
      },
    ];
  });
}

/** The troubles, and the run to which nothing was done, in their order. */
export function otherRows({ runs }: Fire): FireRow[] {
  return runs.flatMap((run): FireRow[] => {
    const { shot, name, outcome } = run;
    if (shot.do === "kill") return [];
    const hit = outcome?.facts.hit;
    return [{ ...rowOf(name, [run]), moments: hit == null ? NONE : `${hit.phase}, after ${hit.seconds.toFixed(0)} s` }];
  });
}

function rowOf(name: string, runs: readonly FireRun[]): Omit<FireRow, "moments"> {
  const { held, broke, open, notRun, left } = fireCounts({ runs });
  const [first] = runs;
  const facts = first?.outcome?.facts;
  return {
    name,
    held: `${broke + notRun > 0 ? SYMBOLS.fail : open + left > 0 ? SYMBOLS["not-applicable"] : SYMBOLS.pass} ${held} of ${runs.length}`,
    style: broke > 0 ? "fail" : notRun > 0 ? "invalid" : open + left > 0 ? "not-applicable" : "pass",
    analysis: tally(runs.flatMap(({ outcome }) => (outcome === null ? [] : [analysisText(outcome.facts.analysis)]))),
    ended: facts === undefined ? NONE : `${facts.ended.exitCode ?? "killed"}, ${facts.ended.seconds.toFixed(0)} s`,
    said: facts === undefined ? NONE : (facts.ended.said[0]?.replace(/^zerodrop: /, "") ?? facts.analysis.said),
  };
}

function analysisText({ verdict, exitCode }: NonNullable<FireRun["outcome"]>["facts"]["analysis"]): string {
  return verdict ?? (exitCode === null ? "no end" : "no recording yet");
}

/** `3 invalid, 1 pass`. */
function tally(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts.size === 0 ? NONE : [...counts].map(([word, count]) => `${count} ${word}`).join(", ");
}

/** Every run that is not as it must be, and why. */
export function fireProblems({ runs }: Fire): { readonly name: string; readonly why: string }[] {
  return runs.flatMap(({ name, outcome, status, error }) => {
    const why = outcome?.problems.join(" ") ?? (status === "failed-to-run" ? (error ?? "") : "");
    return why === "" ? [] : [{ name, why }];
  });
}

/** `48 held, 1 broke, 1 not run`. */
export function fireCountsText(fire: Fire): string {
  const { held, broke, open, notRun, left } = fireCounts(fire);
  const counts: readonly (readonly [count: number, word: string])[] = [
    [broke, "broke"],
    [notRun, "not run"],
    [held, "held"],
    [open, "held, the run after it to come"],
    [left, "not run yet"],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${number(count)} ${word}`)
    .join(", ");
}

/** When it was done, and on what: names and values. */
export function fireOccasion({ createdAt, asked, plan, runs, environment }: Fire): [string, string][] {
  const days = [...new Set(runs.flatMap(({ startedAt }) => startedAt?.slice(0, 10) ?? []))].sort();
  const [first = createdAt.slice(0, 10), last = first] = [days[0], days.at(-1)];
  return [
    ["date", first === last ? first : `${first} to ${last}`],
    ["moments", `${asked.kills} by seed ${asked.seed}`],
    [
      "plan",
      `${plan.scenario}, ${plan.strategy.name}, warm-up ${plan.load.warmUpSeconds} s, grace ${plan.load.graceMs / 1000} s`,
    ],
    ...environmentRows(environment),
  ];
}
