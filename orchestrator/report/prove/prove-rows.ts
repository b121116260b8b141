import { number } from "../../history/words.ts";
import type { Verdict } from "../../judge/verdict.ts";
import type { CheckId } from "../../plan/plan.ts";
import { environmentRows } from "../matrix/matrix-rows.ts";
import { SYMBOLS } from "../symbols.ts";
import { proveCounts, type ProofRunRow, type Prove } from "./prove.ts";
import { howFound, smallestCells, type SmallestCells } from "./smallest-rows.ts";

/** A proof as tables tell it. */
export interface ProveRow {
  readonly name: string;
  readonly group: string;
  /** For colours. */
  readonly style: "pass" | "fail" | "invalid" | "not-applicable";
  /** `✔ caught`. */
  readonly came: string;
  /** `fail: zero-failures, versions-served`. */
  readonly expected: string;
  readonly seen: string;
  readonly detected: string;
  readonly injections: string;
  readonly smallest: SmallestCells | undefined;
  /** Why it is not caught; empty where it is. */
  readonly why: string;
  /** The recording's folder, from the table's, where there is a report in it; else null. */
  readonly folder: string | null;
}

const NONE = "–";

/** Every proof, in its order. */
export function proveRows({ runs }: Prove): ProveRow[] {
  return runs.map((run) => {
    const { proof, outcome, folder } = run;
    const { verdict, fails, invalid } = proof.expect;
    return {
      name: proof.name,
      group: proof.group,
      ...cameTo(run),
      expected: judgement(verdict, [...fails, ...weak(verdict, invalid)]),
      seen: outcome === null ? NONE : judgement(outcome.verdict, checksSeen(outcome, invalid)),
      detected: outcome?.detectedSeconds == null ? NONE : `${outcome.detectedSeconds.toFixed(1)} s`,
      injections: outcome?.done.count == null ? NONE : number(outcome.done.count),
      smallest: smallestCells(run, runs),
      folder: outcome === null ? null : folder,
    };
  });
}

function cameTo({ status, outcome, error }: ProofRunRow): Pick<ProveRow, "style" | "came" | "why"> {
  if (outcome !== null) {
    const isCaught = outcome.came === "caught";
    // Something may have gone wrong after the verdict.
    const why = [outcome.why, error].filter((each) => each !== null).join(" ");
    return {
      style: isCaught ? "pass" : "fail",
      came: `${isCaught ? SYMBOLS.pass : SYMBOLS.fail} ${outcome.came}`,
      why,
    };
  }
  if (status === "failed-to-run") return { style: "invalid", came: `${SYMBOLS.invalid} not run`, why: error ?? "" };
  const came = status === "running" ? "running" : "not run yet";
  return { style: "not-applicable", came: `${SYMBOLS["not-applicable"]} ${came}`, why: "" };
}

function checksSeen(
  { verdict, failed, invalid, known }: NonNullable<ProofRunRow["outcome"]>,
  expected: readonly CheckId[],
): string[] {
  return [
    ...failed,
    ...known.map((id) => `${id} (known)`),
    // Of a run that failed they are no reason, and told only where they had to be invalid.
    ...weak(verdict, failed.length > 0 ? invalid.filter((id) => expected.includes(id)) : invalid),
  ];
}

/** Checks for which the evidence is too weak, told as such where the verdict does not say it. */
function weak(verdict: Verdict, ids: readonly CheckId[]): string[] {
  return verdict === "invalid" ? [...ids] : ids.map((id) => `${id} (invalid)`);
}

function judgement(verdict: string, checks: readonly string[]): string {
  return checks.length === 0 ? verdict : `${verdict}: ${checks.join(", ")}`;
}

/** `21 caught, 1 missed, 2 not run`. */
export function countsText(prove: Prove): string {
  const { caught, missed, notRun, left } = proveCounts(prove);
  const counts: readonly (readonly [count: number, word: string])[] = [
    [missed, "missed"],
    [notRun, "not run"],
    [caught, "caught"],
    [left, "not run yet"],
  ];
  return counts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${number(count)} ${word}`)
    .join(", ");
}

/** When and with what it was proven: names and values. */
export function proveOccasion(prove: Prove): [string, string][] {
  const { createdAt, asked, runs, environments } = prove;
  const sizes = howFound(prove);
  const judges = [...new Set(runs.flatMap(({ outcome }) => outcome?.judge ?? []))];
  const days = [...new Set(runs.flatMap(({ startedAt }) => startedAt?.slice(0, 10) ?? []))].sort();
  const [first = createdAt.slice(0, 10), last = first] = [days[0], days.at(-1)];
  return [
    ["date", first === last ? first : `${first} to ${last}`],
    ...(asked.group === null ? [] : [["group", asked.group] satisfies [string, string]]),
    ...(asked.only === null ? [] : [["only", asked.only.join(", ")] satisfies [string, string]]),
    ...(judges.length === 0 ? [] : [["judge", judges.join(", ")] satisfies [string, string]]),
    ...(sizes === undefined ? [] : [["smallest sizes", sizes] satisfies [string, string]]),
    ...environments.flatMap((environment, index) =>
      environmentRows(environment).map(([name, value]): [string, string] => [
        index === 0 ? name : `${name}, environment ${index + 1}`,
        value,
      ]),
    ),
  ];
}
