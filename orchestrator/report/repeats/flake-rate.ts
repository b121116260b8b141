import type { Verdict } from "../../judge/verdict.ts";
import { clopperPearson } from "../course/clopper-pearson.ts";

/** How often runs of one plan did not pass. */
export interface FlakeRate {
  /** All of them, those that are no evidence included. */
  readonly runs: number;
  readonly pass: number;
  readonly fail: number;
  /** A declared upstream defect and nothing else: a flake of the product too. */
  readonly known: number;
  /** No evidence about the change, and so in no denominator. */
  readonly invalid: number;
  /** Runs that are evidence: pass, fail and known. */
  readonly judged: number;
  /** Of these, the ones that did not pass. */
  readonly flakes: number;
  /** flakes / judged, 0 to 1; null when nothing was judged. */
  readonly rate: number | null;
  /** The exact 95 % interval of the rate (Clopper and Pearson); null when nothing was judged. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /**
   * Where every judged run passed: with 95 % confidence fewer than this part of runs flakes, 1 - 0.05^(1/n); null where one did not pass, and when
   * nothing was judged. Below the interval's end, for it leaves out one side alone.
   */
  readonly bound: number | null;
}

/** The bound of one side at 95 % is the end of the interval that leaves out 5 % on each side. */
const ONE_SIDED = 0.1;

/** The flake rate of runs with these verdicts, which are taken to be independent of each other. */
export function flakeRateOf(verdicts: readonly Verdict[]): FlakeRate {
  const count = (verdict: Verdict): number => verdicts.filter((one) => one === verdict).length;
  const [pass, fail, known, invalid] = [count("pass"), count("fail"), count("known"), count("invalid")];
  const judged = pass + fail + known;
  const flakes = fail + known;
  return {
    ...{ runs: verdicts.length, pass, fail, known, invalid, judged, flakes },
    rate: judged === 0 ? null : flakes / judged,
    interval: clopperPearson(flakes, judged),
    bound: flakes > 0 ? null : (clopperPearson(0, judged, ONE_SIDED)?.high ?? null),
  };
}
