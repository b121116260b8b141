import { LatencyByPhase } from "../history/latency-by-phase.ts";
import { number } from "../history/words.ts";
import type { Check } from "./check.ts";
import { fail, invalid, notApplicable, pass } from "./finding.ts";

const id = "latency-budget";

/** Both percentiles are within 1 %, so a ratio over the budget by less than this factor proves nothing. */
const RATIO_ERROR = 1.01 / 0.99;

/**
 * The 99th percentile of latency from T0 to D is at most K times what it was under steady load before T0. Always reported, judged only
 * when the plan sets K. Percentiles come from merged histograms.
 *
 * Source: DDSketch (Masson et al. 2019) for the error of a percentile; the budget is the plan's own.
 */
export const latencyBudget: Check<LatencyByPhase> = {
  id,
  evidence: { watches: [], ledger: true },
  init: () => new LatencyByPhase(),
  onLedger(latency, line, timeline) {
    latency.observe(line, timeline);
  },
  finish(latency, { plan, timeline }) {
    const { before, during, after } = latency.figures();
    const budget = plan.latencyBudget ?? null;
    const ratio = before === null || during === null ? null : during.p99 / before.p99;
    const figures = { before, during, after, ratio: ratio === null ? null : Math.round(ratio * 100) / 100, budget };
    if (before === null || during === null || ratio === null) {
      const message = "There are no answers both before and during the change to compare.";
      return budget === null ? notApplicable(id, message, figures) : invalid(id, message, figures);
    }
    const said = `p99 was ${number(during.p99)} ms while changing and ${number(before.p99)} ms before, ${number(Math.round(ratio * 100) / 100)} times as much`;
    if (budget === null) return notApplicable(id, `The plan sets no latency budget; ${said}.`, figures);
    const message = `The ${said}; the budget is ${number(budget)} times.`;
    if (ratio <= budget * RATIO_ERROR) return pass(id, message, figures);
    const facts = { before: before.p99, during: during.p99, ratio: figures.ratio, budget };
    return fail(id, message, figures, [{ atMs: timeline.trigger?.wallMs ?? 0, cause: "over-budget", facts }]);
  },
};
