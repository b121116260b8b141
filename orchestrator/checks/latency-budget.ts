import { LatencyByClient, type PhaseFigures } from "../history/latency-by-phase.ts";
import { number } from "../history/words.ts";
import type { Check, Figures, Violation } from "./check.ts";
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

interface State {
  readonly answers: LatencyByClient;
  /** Times to the first token; of no client where answers are no streams of tokens. */
  readonly firstTokens: LatencyByClient;
}

/**
 * The 99th percentile of latency from T0 to D is at most K times what it was under steady load before T0, for each kind of client that had
 * 100 answers before; if none had, for the one that had most. The same goes for the time to the first token, where answers are streams of tokens.
 * Always reported, judged only when the plan sets K. Percentiles come from merged histograms.
 *
 * Source: DDSketch (Masson et al. 2019) for the error of a percentile; the budget is the plan's own.
 */
export const latencyBudget: Check<State> = {
  id,
  evidence: { watches: [], ledger: true, dated: ["over-budget", "first-token-over-budget"] },
  init: () => ({ answers: new LatencyByClient(), firstTokens: new LatencyByClient("first-token") }),
  onLedger({ answers, firstTokens }, line, timeline) {
    answers.observe(line, timeline);
    firstTokens.observe(line, timeline);
  },
  finish({ answers, firstTokens }, { plan, timeline }) {
    const all = answers.all().figures();
    const [clients, tokens] = [comparedOf(answers), comparedOf(firstTokens)];
    const budget = plan.latencyBudget ?? null;
    const figures = {
      ...all,
      ratio: rounded(ratioOf(all)),
      budget,
      clients: figuresOf(clients),
      ...(tokens.length === 0 ? {} : { firstToken: figuresOf(tokens) }),
    };
    const nothing = (what: string) => {
      const message = `There are no ${what} both before and during the change to compare.`;
      return budget === null ? notApplicable(id, message, figures) : invalid(id, message, figures);
    };
    const whose = (client: string): string => (clients.length === 1 ? "" : ` of ${client}`);
    const [judged, judgedTokens] = [worstFirst(clients), worstFirst(tokens)];
    const said = saidOf(judged[0], (client) => `p99${whose(client)} was`);
    if (said === null) return nothing("answers");
    const saidOfTokens = saidOf(judgedTokens[0], (client) => `, and that of the time to first token${whose(client)}`);
    const message = `${said}${saidOfTokens ?? ""}`;
    if (budget === null) return notApplicable(id, `The plan sets no latency budget; ${message}.`, figures);
    const judgement = `The ${message}; the budget is ${number(budget)} times.`;
    const atMs = timeline.trigger?.wallMs ?? 0;
    const violations = [
      ...overBudget(judged, budget, { atMs, cause: "over-budget" }),
      ...overBudget(judgedTokens, budget, { atMs, cause: "first-token-over-budget" }),
    ];
    if (violations.length > 0) return fail(id, judgement, figures, violations);
    return tokens.length > 0 && saidOfTokens === null ? nothing("first tokens") : pass(id, judgement, figures);
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

function worstFirst(clients: readonly Compared[]): Compared[] {
  return clients.filter(({ judged }) => judged).sort((a, b) => (b.ratio ?? 0) - (a.ratio ?? 0));
}

/** What a kind came to, after the words that say of what; null where there is nothing to compare. */
function saidOf(one: Compared | undefined, of: (client: string) => string): string | null {
  if (one?.before == null || one.during === null || one.ratio === null) return null;
  const { client, before, during, ratio } = one;
  const times = number(rounded(ratio) ?? 0);
  return `${of(client)} ${number(during.p99)} ms while changing and ${number(before.p99)} ms before, ${times} times as much`;
}

function overBudget(
  judged: readonly Compared[],
  budget: number,
  at: Pick<Violation, "atMs" | "cause">,
): readonly Violation[] {
  return judged
    .filter(({ ratio }) => (ratio ?? 0) > budget * RATIO_ERROR)
    .map(({ client, before, during, ratio }) => ({
      ...at,
      facts: { client, before: before?.p99, during: during?.p99, ratio: rounded(ratio), budget },
    }));
}

function figuresOf(clients: readonly Compared[]): Figures {
  return Object.fromEntries(clients.map(({ client, ratio, ...rest }) => [client, { ...rest, ratio: rounded(ratio) }]));
}

function ratioOf({ before, during }: PhaseFigures): number | null {
  return before === null || during === null ? null : during.p99 / before.p99;
}

function rounded(ratio: number | null): number | null {
  return ratio === null ? null : Math.round(ratio * 100) / 100;
}
