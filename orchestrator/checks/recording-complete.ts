import { failureOf } from "../history/failures.ts";
import { counterOf, thresholdsOf, type K6Summary } from "../history/k6-summary.ts";
import type { LedgerAccount } from "../history/ledger-account.ts";
import type { LedgerEnd } from "../history/ledger.ts";
import type { WatchedKind } from "../history/observation.ts";
import type { Timeline } from "../history/timeline.ts";
import { counted, number, seconds } from "../history/words.ts";
import type { Check } from "./check.ts";
import { CLOCK_BOUND_MS } from "../history/recorded-clocks.ts";
import { relistWithin } from "./evidence.ts";
import { invalid, pass } from "./finding.ts";
import { GatewayReconciliation } from "./gateway-reconcile.ts";
import { problemsOfStamps } from "./ledger-dates.ts";

const id = "recording-complete";

/** Kinds whose transitions are evidence. Events only comment on them. */
const EVIDENCE: readonly WatchedKind[] = [
  "RayService",
  "RayCluster",
  "HTTPRoute",
  "Gateway",
  "Pod",
  "EndpointSlice",
  "Job",
];
/** Kinds that must have been listed whole before the change. */
const LISTED: readonly WatchedKind[] = ["RayService", "RayCluster", "HTTPRoute", "Pod", "EndpointSlice"];

/** Heartbeats come every 0.2 s; without one for this long (ms), idle time and loss could be confused. */
const SILENCE_BOUND_MS = 2000;

/** k6's metrics, of all requests or by a tag, whose thresholds are crossed by requests that fail. */
const ABOUT_FAILURES = /^(http_req_failed|checks)($|\{)|^zerodrop_answers\{.*outcome:(failed|hanging)/;

interface State {
  readonly gateway: GatewayReconciliation;
  failed: number;
  failedWhileJudged: number;
}

/**
 * The recording is the whole account of the run: the ledger's sequence and heartbeats are unbroken, its account closes and k6's own summary
 * agrees with it, as does what the gateway counted where it was asked, no watch gap could hide a transition, all clocks agree within
 * CLOCK_BOUND_MS, and the record was ended on purpose. Never `fail`, as nothing here was witnessed.
 *
 * Source: the recording's own format (docs/architecture.md); Kubernetes watches lose nothing when resumed from a resourceVersion and may
 * when listed again after HTTP 410.
 */
export const recordingComplete: Check<State> = {
  id,
  evidence: { watches: [], ledger: false },
  init: () => ({ gateway: new GatewayReconciliation(), failed: 0, failedWhileJudged: 0 }),
  onObservation({ gateway }, line) {
    gateway.observe(line);
  },
  onLedger(state, line, { steadyFromMs }) {
    state.gateway.onLedger(line);
    const failure = failureOf(line);
    if (failure === null) return;
    state.failed += failure.count;
    if (failure.startMs >= (steadyFromMs ?? -Infinity)) state.failedWhileJudged += failure.count;
  },
  finish(state, { plan, timeline, account, summary }) {
    const { clocks } = timeline;
    const gateway = state.gateway.finish(account, timeline);
    const problems = [
      ...problemsOfHistory(timeline),
      ...clocks.problems(plan.load.parallelism ?? 1),
      ...problemsOfLedger(account),
      ...problemsOfStamps(account, timeline),
      ...problemsOfSummary(account, state, summary),
      ...gateway.problems,
    ];
    const figures = {
      ledgerLines: account.lines,
      answered: account.answered,
      failed: account.failed,
      hanging: account.hanging,
      interrupted: account.end?.interrupted ?? null,
      lost: account.lost,
      httpReqs: account.end?.httpReqs ?? null,
      longestSilenceMs: Math.round(account.longestSilenceMs),
      relists: timeline.relists.length,
      unreadableObjects: timeline.defects.length,
      clocksWithinMs: Object.fromEntries([...clocks.worstMs()].map(([clock, ms]) => [clock, Math.round(ms * 10) / 10])),
      runnerClockStepMs: Math.round(clocks.stepMs * 10) / 10,
      clockBoundMs: CLOCK_BOUND_MS,
      ...(gateway.figures === null ? {} : { gateway: gateway.figures }),
      problems,
    };
    const [first, ...others] = problems;
    if (first === undefined) {
      const accounts = gateway.compared
        ? "History, ledger, k6's summary and the gateway"
        : "History, ledger and k6's summary";
      return pass(id, `${accounts} are whole and agree.`, figures);
    }
    const more = others.length === 0 ? "" : `, and ${counted(others.length, "more problem")}`;
    return invalid(id, `${first}${more}.`, figures);
  },
};

function problemsOfHistory(timeline: Timeline): string[] {
  const problems: string[] = [];
  const { trigger, drained, interrupted, recordEnd, synced, defects } = timeline;
  if (interrupted !== null) problems.push("The run was interrupted");
  if (recordEnd === null) problems.push("The history was cut short: it has no record-end");
  const unlisted = LISTED.filter((kind) => {
    const at = synced.get(kind);
    return at === undefined || (trigger !== null && at.monoMs > trigger.monoMs);
  });
  if (unlisted.length > 0) problems.push(`The watch of ${unlisted.join(", ")} had no complete list before the change`);
  const relist = relistWithin(timeline, EVIDENCE, trigger, drained);
  if (trigger !== null && relist !== undefined) {
    problems.push(`The watch of ${relist.kind} started over during the change and may have missed a transition`);
  }
  const [defect] = defects;
  if (defect !== undefined) {
    problems.push(
      `${counted(defects.length, "watched object")} could not be read, first ${defect.kind} ${defect.name} (${defect.problem})`,
    );
  }
  return problems;
}

function problemsOfLedger(account: LedgerAccount): string[] {
  const { end, firstBreak } = account;
  const problems: string[] = [];
  if (account.lines === 0) return ["The ledger is empty"];
  if (account.lost > 0) {
    problems.push(`The ledger gave up rows of ${counted(account.lost, "request")} because nobody took them`);
  }
  if (firstBreak !== null)
    problems.push(`The ledger's sequence breaks: line ${firstBreak.expected} has number ${firstBreak.found}`);
  if (account.linesAfterEnd > 0)
    problems.push(`The ledger goes on for ${counted(account.linesAfterEnd, "line")} after its end`);
  if (account.longestSilenceMs > SILENCE_BOUND_MS) {
    problems.push(`The ledger has no heartbeat for ${seconds(account.longestSilenceMs)}`);
  }
  if (account.timesBackwards > 0) problems.push("The ledger's times go backwards");
  if (account.lateRows > 0) {
    problems.push(
      `${counted(account.lateRows, "row")} of the ledger came after a heartbeat had called their time settled`,
    );
  }
  if (account.countMismatches > 0) {
    problems.push(`${counted(account.countMismatches, "row")} of the ledger have a histogram that does not add up`);
  }
  if (end === null) return [...problems, "The ledger was cut short: it has no end line"];
  for (const outcome of ["answered", "failed", "hanging"] as const) {
    if (end[outcome] === account[outcome]) continue;
    problems.push(`The ledger's end counts ${number(end[outcome])} ${outcome}, its rows ${number(account[outcome])}`);
  }
  const accounted = end.answered + end.failed + end.hanging + end.interrupted;
  if (end.issued !== accounted) {
    problems.push(
      `The ledger's account does not close: ${number(end.issued)} issued, ${number(accounted)} accounted for`,
    );
  }
  if (end.httpReqs !== undefined && !agrees(end.httpReqs, account)) {
    problems.push(
      `k6 sampled ${counted(end.httpReqs, "request")} beside the ledger, which has ${number(account.settled)}`,
    );
  }
  return [...problems, ...problemsByClient(account, end)];
}

/** Where the ledger's end tells kinds of clients apart, the account of each closes by its rows, and all of them are the whole. */
function problemsByClient({ settledByClient }: LedgerAccount, end: LedgerEnd): string[] {
  if (end.clients === undefined) return [];
  const clients = new Map(Object.entries(end.clients));
  const problems = [...new Set([...clients.keys(), ...settledByClient.keys()])].flatMap((client) => {
    const { issued = 0, inFlight = 0 } = clients.get(client) ?? {};
    const accounted = inFlight + (settledByClient.get(client) ?? 0);
    if (issued === accounted) return [];
    return [`The account of ${client} does not close: ${number(issued)} issued, ${number(accounted)} accounted for`];
  });
  const dropped = [...clients.values()].reduce((sum, totals) => sum + totals.dropped, 0);
  if (dropped !== end.dropped) {
    problems.push(`The ledger's end counts ${number(end.dropped)} dropped, by kind of client ${number(dropped)}`);
  }
  return problems;
}

/**
 * Whether k6's own count of requests fits the ledger's. A stop may fall between k6's count of a request and its entry in the ledger, which
 * then calls it interrupted; a request still hanging at the stop is in the ledger alone.
 */
function agrees(requests: number, { settled, hanging, end }: LedgerAccount): boolean {
  return requests <= settled + (end?.interrupted ?? 0) && requests >= settled - hanging;
}

function problemsOfSummary(
  account: LedgerAccount,
  { failed, failedWhileJudged }: State,
  summary: K6Summary | undefined,
): string[] {
  if (summary === undefined) return ["k6's summary is missing"];
  const thresholds = thresholdsOf(summary);
  if (thresholds.length === 0) return ["k6's summary has no thresholds"];
  const problems: string[] = [];
  const requests = counterOf(summary, "http_reqs");
  const sampled = account.end?.httpReqs;
  if (sampled !== undefined && sampled !== requests) {
    problems.push(`k6's summary counts ${counted(requests, "request")}, the ledger saw k6 sample ${number(sampled)}`);
  } else if (!agrees(requests, account)) {
    problems.push(`k6 counts ${counted(requests, "request")}, the ledger ${number(account.settled)}`);
  }
  const dropped = counterOf(summary, "dropped_iterations");
  if (account.end !== null && dropped !== account.end.dropped) {
    problems.push(`k6 counts ${counted(dropped, "dropped iteration")}, the ledger ${number(account.end.dropped)}`);
  }
  for (const { metric, expression } of thresholds.filter(({ ok }) => !ok)) {
    // Left to rate-held, which knows when iterations were dropped.
    if (metric === "dropped_iterations") continue;
    const aboutFailures = ABOUT_FAILURES.test(metric);
    // Then zero-failures fails the run, and both accounts agree.
    if (aboutFailures && failedWhileJudged > 0) continue;
    const ledger =
      failed === 0 ? "the ledger has no failure" : `the ledger has ${counted(failed, "failure")}, all during warm-up`;
    problems.push(`k6's threshold ${metric} ${expression} was crossed${aboutFailures ? ` but ${ledger}` : ""}`);
  }
  return problems;
}
