import { failureOf, type Failure } from "../history/failures.ts";
import type { K6Pause, K6Pauses } from "../history/k6-pauses.ts";
import { budgetFromMs, judgedFromMs, overMs, phaseAt } from "../history/timeline.ts";
import { counted, number } from "../history/words.ts";
import { failureUpperBound } from "./bound.ts";
import { budgetOf, type Plan } from "../plan/plan.ts";
import type { Check, Violation } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";
import { isOfOnePod, pausedText } from "./ledger-dates.ts";

const id = "zero-failures";

interface State {
  /** Requests judged, the failed ones included. */
  requests: number;
  failed: number;
  hanging: number;
  /** Of the failed and hanging ones, those before what the budget is for, and those after D: no budget is theirs. */
  beforeBegun: number;
  afterAll: number;
  duringWarmUp: number;
  /** The judged ones by kind of client. */
  readonly clients: Map<string, { requests: number; failed: number; hanging: number }>;
  /** The judged ones that failed or hung, as many as are kept. */
  readonly rows: Failure[];
}

/**
 * From the first second of the steady window to the end of load no request failed, and none hung past its deadline; or, from what its budget is for, until D, no more than the plan's budget allows.
 * Needs the whole ledger: that nothing failed cannot be concluded from a part of it. Where requests only hung, while k6 gave no sign of itself or had to catch up, nobody can tell whose fault it was.
 *
 * Source: KubeRay's incremental-upgrade tests ask Locust for zero failures; failures dated at request start, as openshift/origin's
 * disruption monitor does. The bound is the exact binomial one, see failureUpperBound.
 */
export const zeroFailures: Check<State> = {
  id,
  evidence: { watches: [], ledger: true },
  init: () => ({
    requests: 0,
    failed: 0,
    hanging: 0,
    beforeBegun: 0,
    afterAll: 0,
    duringWarmUp: 0,
    clients: new Map(),
    rows: [],
  }),
  onLedger(state, line, timeline) {
    const fromMs = judgedFromMs(timeline);
    if (line.type === "answered" && line.binMs >= fromMs) {
      state.requests += line.count;
      countsOf(state, line.client).requests += line.count;
    }
    const failure = failureOf(line);
    if (failure === null) return;
    const { startMs, durationMs, client, outcome, count } = failure;
    if (startMs < fromMs) {
      state.duringWarmUp += count;
      return;
    }
    state.requests += count;
    state[outcome] += count;
    // What was in flight then may have failed by it.
    if (startMs + durationMs < budgetFromMs(timeline) - CLOCK_BOUND_MS) state.beforeBegun += count;
    if (startMs > overMs(timeline) + CLOCK_BOUND_MS) state.afterAll += count;
    const counts = countsOf(state, client);
    counts.requests += count;
    counts[outcome] += count;
    if (state.rows.length < MOST_VIOLATIONS) state.rows.push(failure);
  },
  finish(state, { plan, timeline, account }) {
    const { requests, failed, hanging, beforeBegun, afterAll, duringWarmUp, clients, rows } = state;
    if (!Number.isFinite(judgedFromMs(timeline))) {
      return invalid(id, "There was no steady load to judge: warm-up never became steady.");
    }
    const violations = rows
      .toSorted((a, b) => a.startMs - b.startMs)
      .map((row): Violation => {
        const { startMs, outcome, count, ...told } = row;
        const facts = { phase: phaseAt(timeline, startMs), ...told, ...(count === 1 ? {} : { count }) };
        return { atMs: startMs, cause: outcome === "hanging" ? "hanging-request" : "failed-request", facts };
      });
    const [first] = violations;
    const budget = budgetOf(plan).failedRequests;
    const figures = {
      ...(budget === 0 ? {} : { budget, used: failed + hanging }),
      requests,
      failed,
      hanging,
      failureUpperBound: first === undefined ? failureUpperBound(requests) : null,
      duringWarmUp,
      clients: Object.fromEntries(clients),
      first: first ?? null,
      last: violations.at(-1) ?? null,
    };
    if (first !== undefined && beforeBegun + afterAll === 0 && failed + hanging <= budget) {
      const used = `${number(failed + hanging)} of ${counted(requests, "request")} failed or hung`;
      return pass(id, `${used}, within the budget of ${number(budget)}; the first ${saidOf(first)}.`, figures);
    }
    const pause = pauseBehind(state, account.pauses, plan);
    if (pause !== undefined) {
      const what = `${number(hanging)} of ${counted(requests, "request")} hung`;
      return invalid(id, `${what}, but ${pausedText(pause)}, so whose fault it was cannot be told.`, figures);
    }
    if (first !== undefined) {
      const of = budget === 0 ? "" : budgetText(budget, beforeBegun, afterAll);
      const when = `, the first ${saidOf(first)}`;
      const message = `${number(failed + hanging)} of ${counted(requests, "request")} failed or hung${when}${of}.`;
      return fail(id, message, figures, violations, failed + hanging);
    }
    if (requests === 0) return invalid(id, "No request was made after the steady window began.", figures);
    const spare = budget === 0 ? "" : ` (0 of a budget of ${number(budget)})`;
    const oneIn = number(Math.floor(1 / failureUpperBound(requests)));
    return pass(
      id,
      `None of ${counted(requests, "request")} failed${spare}; with 95 % confidence fewer than 1 in ${oneIn} do.`,
      figures,
    );
  },
};

/** The pause of k6 that may have made all failures, the longest of several; undefined where one of them has another cause. */
function pauseBehind({ failed, hanging, rows }: State, pauses: K6Pauses, plan: Plan): K6Pause | undefined {
  if (failed > 0 || hanging === 0 || rows.reduce((sum, { count }) => sum + count, 0) < hanging || !isOfOnePod(plan)) {
    return undefined;
  }
  const behind = rows.map(({ startMs, durationMs }) => pauses.behind(startMs, startMs + durationMs));
  if (!behind.every((pause) => pause !== undefined)) return undefined;
  return behind.toSorted((a, b) => b.silentMs - a.silentMs)[0];
}

function countsOf({ clients }: State, client: string): { requests: number; failed: number; hanging: number } {
  const known = clients.get(client) ?? { requests: 0, failed: 0, hanging: 0 };
  clients.set(client, known);
  return known;
}

function saidOf(first: Violation): string {
  return `in phase "${String(first.facts["phase"])}" with ${saying(first)}`;
}

function budgetText(budget: number, beforeBegun: number, afterAll: number): string {
  if (beforeBegun > 0)
    return `; ${number(beforeBegun)} of them before what was to be done, for which there is no budget`;
  if (afterAll > 0) return `; ${number(afterAll)} of them when all was over, for which there is no budget`;
  return `; ${number(budget)} are allowed`;
}

function saying({ cause, facts }: Violation): string {
  if (cause === "hanging-request") return "no answer by its deadline";
  if (facts["status"] !== 0) return `status ${String(facts["status"])}`;
  return facts["message"] === "" ? `k6 error ${String(facts["errorCode"])}` : `"${String(facts["message"])}"`;
}
