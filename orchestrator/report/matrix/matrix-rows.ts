import { number } from "../../history/words.ts";
import type { Verdict } from "../../judge/verdict.ts";
import { flakeRateOf, type FlakeRate } from "../repeats/flake-rate.ts";
import { percentText } from "../repeats/flake-words.ts";
import { SYMBOLS } from "../symbols.ts";
import { runName, type Matrix, type MatrixEnvironment, type MatrixRun } from "./matrix.ts";

/** What a table says of a run that has no verdict. */
export type RowVerdict = Verdict | "not-applicable";

/** A run of a matrix as tables tell it. */
export interface MatrixRow {
  readonly name: string;
  readonly strategy: string;
  /** For colours: a run that could not be made has that of missing evidence, one that was not begun that of what was not judged. */
  readonly style: RowVerdict;
  /** `✔ pass`, or why there is no verdict. */
  readonly verdict: string;
  /** Requests, failed, disrupted s, converged s: a cell for each of FIGURE_COLUMNS. */
  readonly figures: readonly string[];
  /** Why the verdict is what it is. */
  readonly explanation: string;
  /** Pages of the known defects that explain it, from the project's root. */
  readonly pages: readonly { readonly id: string; readonly page: string }[];
  /** What its cell says that explains a verdict that is neither pass nor known; page from the project's root. */
  readonly finding: { readonly id: string; readonly page: string } | null;
  /** The recording's folder in the matrix's where there is a report in it; else null. */
  readonly folder: string | null;
}

export const FIGURE_COLUMNS: readonly string[] = ["requests", "failed", "disrupted, s", "converged, s"];

const NONE = "–";
const STATUS_WORDS: Readonly<Record<MatrixRun["status"], string>> = {
  planned: "not run yet",
  running: "running",
  done: "done",
  "failed-to-run": "could not be run",
};

/** Every run of a matrix, in its order. */
export function matrixRows(matrix: Matrix): MatrixRow[] {
  return matrix.runs.map((run) => {
    const { strategy, folder, status, outcome, error } = run;
    const rest = { name: runName(run, matrix), strategy, folder: outcome === null ? null : folder };
    if (outcome === null) {
      return {
        ...rest,
        style: status === "failed-to-run" ? "invalid" : "not-applicable",
        verdict: `${status === "failed-to-run" ? SYMBOLS.fail : SYMBOLS["not-applicable"]} ${STATUS_WORDS[status]}`,
        figures: FIGURE_COLUMNS.map(() => NONE),
        explanation: error ?? "",
        pages: [],
        finding: null,
      };
    }
    const { verdict, requests, failed, disruptedSeconds, seconds, sentence, knownDefects } = outcome;
    return {
      ...rest,
      style: verdict,
      verdict: `${SYMBOLS[verdict]} ${verdict}`,
      figures: [number(requests), number(failed), secondsText(disruptedSeconds), secondsText(seconds)],
      // Something may have gone wrong after the verdict.
      explanation: error === null ? sentence : `${sentence} ${error}`,
      pages: knownDefects,
      finding: verdict === "pass" || verdict === "known" ? null : findingOf(run, matrix),
    };
  });
}

function findingOf({ cell }: MatrixRun, { cells }: Matrix): MatrixRow["finding"] {
  const id = cells.find(({ name }) => name === cell)?.finding;
  return id === undefined ? null : { id, page: `docs/findings/${id}.md` };
}

/** One decimal; below a second three, for an outage may be short. */
function secondsText(seconds: number | null): string {
  if (seconds === null) return NONE;
  return seconds === 0 ? "0" : seconds < 1 ? String(Math.round(seconds * 1000) / 1000) : seconds.toFixed(1);
}

export const FLAKE_COLUMNS: readonly string[] = [
  ...["cell", "runs", "pass", "fail", "known", "invalid", "flake rate", "95 % interval"],
];

/** Flake rates of the cells that were run several times, a cell for each of FLAKE_COLUMNS; empty when there are none. */
export function flakeRows({ cells, runs }: Matrix): string[][] {
  return cells
    .filter(({ repeat }) => repeat > 1)
    .map(({ name }) => {
      const verdicts = runs.flatMap(({ cell, outcome }) =>
        cell === name && outcome !== null ? [outcome.verdict] : [],
      );
      return [name, ...flakeCells(flakeRateOf(verdicts))];
    });
}

/** A cell for each of FLAKE_COLUMNS but the first. */
export function flakeCells({ runs, pass, fail, known, invalid, rate, interval }: FlakeRate): string[] {
  return [
    ...[runs, pass, fail, known, invalid].map(number),
    rate === null ? NONE : percentText(rate),
    interval === null ? NONE : `${percentText(interval.low)} to ${percentText(interval.high)}`,
  ];
}

/** How many runs came to what: `14 pass, 2 known, 1 could not be run`. */
export function matrixCounts({ runs }: Matrix): string {
  const words = runs.map(({ outcome, status }) => outcome?.verdict ?? STATUS_WORDS[status]);
  return [...new Set(["fail", STATUS_WORDS["failed-to-run"], "invalid", "known", "pass", ...words])]
    .map((word) => [word, words.filter((one) => one === word).length] as const)
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${number(count)} ${word}`)
    .join(", ");
}

/** Names and values of an environment. */
export function environmentRows({ versions, cpus, memoryGiB, kernel, os }: MatrixEnvironment): [string, string][] {
  return [
    ["CPUs", cpus === null ? "unknown" : number(cpus)],
    ["memory", memoryGiB === null ? "unknown" : `${number(memoryGiB)} GiB`],
    ["system", [os ?? "unknown", ...(kernel === null ? [] : [`kernel ${kernel}`])].join(", ")],
    ...Object.entries(versions),
  ];
}

/** A set's name in titles: a file's name without its folder and ending. */
export function setName({ asked }: Pick<Matrix, "asked">): string {
  return (asked.set.split("/").at(-1) ?? "").replace(/\.yaml$/, "");
}

/** When it was run, and with which judge: names and values. */
export function occasionRows({ createdAt, asked, runs }: Matrix): [string, string][] {
  const took = runs.reduce((sum, { tookSeconds }) => sum + (tookSeconds ?? 0), 0);
  const judges = [...new Set(runs.flatMap(({ outcome }) => outcome?.judge ?? []))];
  return [
    ["date", createdAt.slice(0, 10)],
    ["set", asked.only === null ? asked.set : `${asked.set}, only ${asked.only.join(", ")}`],
    ...(asked.rate === null ? [] : [["rate", String(asked.rate)] satisfies [string, string]]),
    ["took", `${(took / 60).toFixed(1)} min, all runs together`],
    ...(judges.length === 0 ? [] : [["judge", judges.join(", ")] satisfies [string, string]]),
  ];
}
