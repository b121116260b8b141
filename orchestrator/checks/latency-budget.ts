import { LatencyByClient, type PhaseFigures } from "../history/latency-by-phase.ts";
import { number } from "../history/words.ts";
import type { Check } from "./check.ts";
import { fail, invalid, notApplicable, pass } from "./finding.ts";

const id = "latency-budget";

/** Both percentiles are within 1 %, so a ratio over the budget by less than this factor proves nothing. */
const RATIO_ERROR = 1.01 / 0.99;
/** Answers before the change that a kind of client must have had: of fewer, the 99th percentile is the slowest one. */
const LEAST_ANSWERS = 100;

/** A kind of client's latency before and during the change. */
interface Compared extends PhaseFigures {
  readonly client: string;
  /** p99 during the change by p99 before it, null where either is missing. */
  readonly ratio: number | null;
  readonly judged: boolean;
}

/**
 * The 99th percentile of latency from T0 to D is at most K times what it was under steady load before T0, for each kind of client that had
 * 100 answers before; if none had, for the one that had most. Always reported, judged only when the plan sets K. Percentiles come from
 * merged histograms.
 *
 * Source: DDSketch (Masson et al. 2019) for the error of a percentile; the budget is the plan's own.
 */
export const latencyBudget: Check<LatencyByClient> = {
  id,
  evidence: { watches: [], ledger: true, dated: ["over-budget"] },
  init: () => new LatencyByClient(),
  onLedger(latency, line, timeline) {
    latency.observe(line, timeline);
  },
  finish(latency, { plan, timeline }) {
    const all = latency.all().figures();
    const clients = comparedOf(latency);
    const budget = plan.latencyBudget ?? null;
    const figures = {
      ...all,
      ratio: rounded(ratioOf(all)),
      budget,
      clients: Object.fromEntries(
        clients.map(({ client, ratio, ...rest }) => [client, { ...rest, ratio: rounded(ratio) }]),
      ),
    };
    const judged = clients.filter((compared) => compared.judged).sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0));
    const [worst] = judged;
    if (worst?.before == null || worst.during === null || worst.ratio === null) {
      const message = "There are no answers both before and during the change to compare.";
      return budget === null ? notApplicable(id, message, figures) : invalid(id, message, figures);
    }
    const of = clients.length === 1 ? "" : ` of ${worst.client}`;
    const said = `p99${of} was ${number(worst.during.p99)} ms while changing and ${number(worst.before.p99)} ms before, ${number(rounded(worst.ratio) ?? 0)} times as much`;
    if (budget === null) return notApplicable(id, `The plan sets no latency budget; ${said}.`, figures);
    const message = `The ${said}; the budget is ${number(budget)} times.`;
    const over = judged.filter(({ ratio }) => (ratio ?? 0) > budget * RATIO_ERROR);
    if (over.length === 0) return pass(id, message, figures);
    const violations = over.map(({ client, before, during, ratio }) => ({
      atMs: timeline.trigger?.wallMs ?? 0,
      cause: "over-budget",
      facts: { client, before: before?.p99, during: during?.p99, ratio: rounded(ratio), budget },
    }));
    return fail(id, message, figures, violations);
  },
};

function comparedOf(latency: LatencyByClient): Compared[] {
  const clients = [...latency.clients()];
  const most = Math.max(0, ...clients.map(([, { answersBefore }]) => answersBefore));
  const least = Math.min(LEAST_ANSWERS, most);
  return clients.map(([client, one]) => {
    const phases = one.figures();
    const ratio = ratioOf(phases);
    return { client, ...phases, ratio, judged: ratio !== null && one.answersBefore >= least };
  });
}

function ratioOf({ before, during }: PhaseFigures): number | null {
  return before === null || during === null ? null : during.p99 / before.p99;
}

function rounded(ratio: number | null): number | null {
  return ratio === null ? null : Math.round(ratio * 100) / 100;
}
