import { attributedNote } from "../history/attributed.ts";
import { addTo } from "../history/counts.ts";
import { DroppedIterations } from "../history/dropped-iterations.ts";
import { failureOf, type Failure } from "../history/failures.ts";
import type { K6Pauses } from "../history/k6-pauses.ts";
import { budgetFromMs, judgedFromMs, loadStopMs, overMs } from "../history/timeline.ts";
import { counted, duration, listed, seconds } from "../history/words.ts";
import { budgetOf, plannedClients, type Plan } from "../plan/plan.ts";
import type { Check } from "./check.ts";
import { DisruptionWindows, unionMs, type Disruption, type DisruptionWindow } from "./disruptions.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";
import { isOfOnePod, pausedText, throttledText } from "./ledger-dates.ts";
import { Stalls, type ClientWait } from "./stalls.ts";

const id = "disruption-windows";

interface State {
  readonly dropped: DroppedIterations;
  readonly stalls: Stalls;
  readonly windows: DisruptionWindows;
  /** Requests judged, by kind of connection. */
  readonly requests: Map<string, number>;
}

/** Kinds of connection that figures tell apart; what failed without one of them being known is `unknown`. */
const CONNECTIONS = ["new", "reused", "unknown"] as const;

/**
 * When, and for how long, clients were not served, from the steady window to the stop: requests that failed or hung (from their start to
 * their end), iterations that could not be started because every VU waited, and stretches of a second and more without any answer, from
 * either side or from one of them, on new or on kept connections alone, or to one kind of client, while somebody waited for one all the time, to
 * the stop too; and answers held by design that came seconds after they were due. Grouped by kind of connection, by the RayCluster that
 * gave no answer or by the kind of client that got none, into windows [start, end); their total must be 0, or from what its budget is for, until D, at most the plan's budget.
 * Where clients only waited, no longer than twice the time for which a CPU limit kept k6 itself from running, or for which k6 gave no sign of itself, nobody can tell whose fault it was.
 *
 * Source: openshift/origin's disruption monitor (failures dated at request start, new and kept connections apart, merged
 * into windows). An outage shows as hanging requests and dropped iterations long before it shows as failures.
 */
export const disruptionWindows: Check<State> = {
  id,
  evidence: { watches: [], ledger: true },
  init: (plan: Plan) => ({
    dropped: new DroppedIterations(plannedClients(plan)),
    stalls: new Stalls(plannedClients(plan)),
    windows: new DisruptionWindows(),
    requests: new Map(),
  }),
  onLedger(state, line, timeline) {
    const [fromMs, toMs] = [judgedFromMs(timeline), loadStopMs(timeline)];
    const { windows } = state;
    for (const { client, cause, fromMs: dropFromMs, toMs: dropToMs, count } of state.dropped.observe(line)) {
      if (cause !== "target" || dropToMs <= fromMs || dropFromMs >= toMs) continue;
      windows.add({ kind: "any", client, reason: "dropped", fromMs: dropFromMs, toMs: dropToMs, count, status: "" });
    }
    for (const stall of state.stalls.observe(line, timeline, fromMs, toMs)) windows.add(stall);
    if (line.type === "answered" && line.binMs >= fromMs) addTo(state.requests, line.connection, line.count);
    const failure = failureOf(line);
    if (failure !== null && failure.startMs >= fromMs) {
      windows.add(disruptionOf(failure));
      addTo(state.requests, failure.connection, failure.count);
    }
    if (line.type === "heartbeat") windows.settle(line.settledMs);
    if (line.type === "end") windows.settle(Infinity);
  },
  finish({ windows, stalls, requests }, { plan, timeline, account }) {
    const throttledMs = timeline.k6Throttling.throttledMs ?? 0;
    if (!Number.isFinite(judgedFromMs(timeline))) {
      return invalid(id, "There was no steady load to judge: warm-up never became steady.");
    }
    windows.settle(Infinity);
    const all = windows.all();
    const disruptedMs = unionMs(all);
    const budgetMs = budgetOf(plan).disruptedSeconds * 1000;
    const figures = {
      ...(budgetMs === 0 ? {} : { budget: budgetMs / 1000, used: Math.round(disruptedMs) / 1000 }),
      windows: windows.count,
      disruptedMs: Math.round(disruptedMs),
      longestWithoutAnswerMs: Math.round(stalls.longestMs),
      stallMs: Math.round(stalls.leastMs),
      connections: Object.fromEntries(
        CONNECTIONS.filter((connection) => (requests.get(connection) ?? 0) + windows.of(connection).windows > 0).map(
          (connection) => [connection, connectionFigures(connection, requests.get(connection) ?? 0, windows, stalls)],
        ),
      ),
      ...clientFigures(stalls),
      ...attributedNote(plan),
      first: all.slice(0, 10),
    };
    const [first] = all;
    if (first === undefined) {
      const longest = duration(stalls.longestMs);
      return pass(
        id,
        `Clients were served throughout${budgetMs === 0 ? "" : ` (0 s of a budget of ${seconds(budgetMs)})`}; the longest stretch without any answer was ${longest}.`,
        figures,
      );
    }
    const text = `Clients were not served for ${duration(disruptedMs)} in ${counted(windows.count, "window")}`;
    // What was in flight when something was first done may have failed by it.
    const isEarly = first.toMs < budgetFromMs(timeline) - CLOCK_BOUND_MS;
    const isLate = all.some(({ fromMs }) => fromMs > overMs(timeline) + CLOCK_BOUND_MS);
    // Windows beyond those that are kept are counted, but how long they lasted is not.
    if (!isEarly && !isLate && disruptedMs <= budgetMs && windows.count === all.length) {
      return pass(id, `${text}, within the budget of ${seconds(budgetMs)}; the first${ofWhat(first)}.`, figures);
    }
    const excuses = all.map((window) => excuseFor(window, throttledMs, isOfOnePod(plan) ? account.pauses : undefined));
    if (all.length === windows.count && excuses.every((excuse) => excuse !== undefined)) {
      const why = listed([...new Set(excuses)]);
      return invalid(id, `${text}, all of them waiting, but ${why}, so whose fault it was cannot be told.`, figures);
    }
    const violations = all.slice(0, MOST_VIOLATIONS).map((window) => ({
      atMs: window.fromMs,
      cause: "disrupted",
      facts: {
        connection: window.kind,
        clients: window.clients.join(),
        reasons: window.reasons.join(),
        untilMs: window.toMs,
        durationMs: window.toMs - window.fromMs,
        count: window.count,
        statuses: window.statuses.join(),
      },
    }));
    const allowed =
      budgetMs === 0 ? "" : isEarly ? BEFORE_CHANGE : isLate ? WHEN_OVER : `; ${seconds(budgetMs)} are allowed`;
    const message = `${text}, the first${ofWhat(first)}${allowed}.`;
    return fail(id, message, figures, violations, windows.count);
  },
};

/** What k6 seems to wait for when it is kept from running, beside what it is kept from. */
const WAITING: ReadonlySet<string> = new Set<Disruption["reason"]>([
  "dropped",
  "no-answer",
  "slow-answer",
  "unanswered",
  "hanging",
]);

/** How k6 itself may have made a window, with as much again to catch up, as a part of a sentence; undefined where it cannot have. */
function excuseFor(
  { reasons, fromMs, toMs }: DisruptionWindow,
  throttledMs: number,
  pauses: K6Pauses | undefined,
): string | undefined {
  if (!reasons.every((reason) => WAITING.has(reason))) return undefined;
  if (toMs - fromMs <= 2 * throttledMs) return throttledText(throttledMs);
  const pause = pauses?.behind(fromMs, toMs);
  return pause === undefined ? undefined : pausedText(pause);
}

const WHEN_OVER = "; clients were not served when all was over, for which there is no budget";
const BEFORE_CHANGE = "; it ended before what was to be done, for which there is no budget";

function ofWhat(first: DisruptionWindow): string {
  return ` of ${counted(first.count, "request")}${whereOf(first)} for ${duration(first.toMs - first.fromMs)} (${first.reasons.join(", ")})`;
}

/** How a message names the kinds of connection that are known. */
const WHERE: Readonly<Record<string, string>> = { new: " on new connections", reused: " on kept connections" };

function whereOf({ kind, clients }: DisruptionWindow): string {
  return kind === "any" && clients.length > 0 ? ` of ${listed(clients)}` : (WHERE[kind] ?? "");
}

/** What each quick kind of client had to bear, where there are several. */
function clientFigures(stalls: Stalls): { readonly clients?: Readonly<Record<string, ClientWait>> } {
  const clients = stalls.clients().map(([client, { longestWaitMs, stallMs }]) => {
    return [client, { longestWaitMs: Math.round(longestWaitMs), stallMs: Math.round(stallMs) }] as const;
  });
  return clients.length === 0 ? {} : { clients: Object.fromEntries(clients) };
}

function connectionFigures(
  connection: (typeof CONNECTIONS)[number],
  requests: number,
  windows: DisruptionWindows,
  stalls: Stalls,
): Record<string, number> {
  const { windows: count, disruptedMs } = windows.of(connection);
  const figures = { requests, windows: count, disruptedMs: Math.round(disruptedMs) };
  return connection === "unknown"
    ? figures
    : { ...figures, longestWaitMs: Math.round(stalls.longestWaitMs(connection)) };
}

function disruptionOf({ startMs, durationMs, client, connection, outcome, status, count }: Failure): Disruption {
  return {
    kind: connection,
    client,
    reason: outcome,
    fromMs: startMs,
    // Even a request that is refused at once has cost its client something.
    toMs: startMs + Math.max(1, durationMs),
    count,
    status: outcome === "hanging" ? "hanging" : String(status),
  };
}
