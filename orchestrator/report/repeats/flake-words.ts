import { counted, listed, number } from "../../history/words.ts";
import type { FlakeRate } from "./flake-rate.ts";

/** `25.9 %`; from a tenth on with one decimal, below it with two significant digits. */
export function percentText(part: number): string {
  const percent = part * 100;
  return `${percent === 0 || percent >= 10 ? number(Math.round(percent * 10) / 10) : number(Number(percent.toPrecision(2)))} %`;
}

/** The rate with its interval: `20 % (95 %: 2.5 % to 55.6 %)`; a dash when nothing was judged. */
export function rateText({ rate, interval }: FlakeRate): string {
  if (rate === null) return "–";
  const between = interval === null ? "" : ` (95 %: ${percentText(interval.low)} to ${percentText(interval.high)})`;
  return `${percentText(rate)}${between}`;
}

/** What became of the runs, and what that proves, in a sentence. */
export function flakeSentence(rate: FlakeRate): string {
  const { runs, judged, flakes, fail, known, invalid, bound } = rate;
  const left = invalid === 0 ? "" : ` ${counted(invalid, "run was", "runs were")} invalid and left out.`;
  if (runs === 0) return "There was no run.";
  if (judged === 0) return `No run could be judged.${left}`;
  if (flakes === 0) {
    const proves = bound === null ? "" : `; with 95 % confidence fewer than ${percentText(bound)} of runs flake`;
    return `${judged === 1 ? "The one run that was judged" : `All of ${counted(judged, "run")}`} passed${proves}.${left}`;
  }
  const how = [
    ...(fail === 0 ? [] : [`${number(fail)} failed`]),
    ...(known === 0 ? [] : [`${number(known)} met a known upstream defect alone`]),
  ];
  const which = judged === 1 ? "The one run that was judged" : `${number(flakes)} of ${counted(judged, "run")}`;
  return `${which} did not pass (${listed(how)}): a flake rate of ${rateText(rate)}.${left}`;
}
