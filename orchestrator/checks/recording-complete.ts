import { counterOf, thresholdsOf, type K6Summary } from "../history/k6-summary.ts";
import { LedgerAccount } from "../history/ledger-account.ts";
import type { WatchedKind } from "../history/observation.ts";
import type { Timeline } from "../history/timeline.ts";
import type { Check } from "./check.ts";
import { relistWithin } from "./evidence.ts";
import { invalid, pass } from "./finding.ts";
import { counted, number } from "../history/words.ts";

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
const LISTED: readonly WatchedKind[] = ["RayService", "HTTPRoute", "Pod", "EndpointSlice"];

interface State {
  readonly account: LedgerAccount;
  /** Starts of requests that failed or hung, Unix ms. */
  readonly failedAt: number[];
}

/**
 * The recording is the whole account of the run: the ledger's sequence is unbroken and closes, k6's own summary agrees with it,
 * no watch gap could hide a transition, and the record was ended on purpose. Never `fail`, as nothing here was witnessed.
 */
export const recordingComplete: Check<State> = {
  id,
  init: () => ({ account: new LedgerAccount(), failedAt: [] }),
  onLedger({ account, failedAt }, line) {
    account.observe(line);
    if (line.type === "failed") failedAt.push(line.startMs);
  },
  finish({ account, failedAt }, _plan, timeline, summary) {
    const problems = [
      ...problemsOfHistory(timeline),
      ...problemsOfLedger(account),
      ...problemsOfSummary(account, failedAt, timeline, summary),
    ];
    const figures = {
      ledgerLines: account.lines,
      answered: account.answered,
      failed: account.failed,
      hanging: account.hanging,
      interrupted: account.end?.interrupted ?? null,
      relists: timeline.relists.length,
      unreadableObjects: timeline.defects.length,
      problems,
    };
    const [first, ...others] = problems;
    if (first === undefined) return pass(id, "History, ledger and k6's summary are whole and agree.", figures);
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
  if (firstBreak !== null)
    problems.push(`The ledger's sequence breaks: line ${firstBreak.expected} has number ${firstBreak.found}`);
  if (account.linesAfterEnd > 0)
    problems.push(`The ledger goes on for ${counted(account.linesAfterEnd, "line")} after its end`);
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
  return problems;
}

function problemsOfSummary(
  account: LedgerAccount,
  failedAt: readonly number[],
  timeline: Timeline,
  summary: K6Summary | undefined,
): string[] {
  if (summary === undefined) return ["k6's summary is missing"];
  const thresholds = thresholdsOf(summary);
  if (thresholds.length === 0) return ["k6's summary has no thresholds"];
  const problems: string[] = [];
  const requests = counterOf(summary, "http_reqs");
  // A stop may fall between k6's own count of a request and its entry in the ledger, which then calls it interrupted; a
  // request still hanging at the stop is in the ledger alone.
  const most = account.settled + (account.end?.interrupted ?? 0);
  if (requests > most || requests < account.settled - account.hanging) {
    problems.push(`k6 counts ${counted(requests, "request")}, the ledger ${number(account.settled)}`);
  }
  const dropped = counterOf(summary, "dropped_iterations");
  if (account.end !== null && dropped !== account.end.dropped) {
    problems.push(`k6 counts ${counted(dropped, "dropped iteration")}, the ledger ${number(account.end.dropped)}`);
  }
  const steadyFromMs = timeline.steadyFromMs ?? -Infinity;
  const judgedFailures = failedAt.filter((ms) => ms >= steadyFromMs).length;
  for (const { metric, expression } of thresholds.filter(({ ok }) => !ok)) {
    // Left to rate-held, which knows when iterations were dropped.
    if (metric === "dropped_iterations") continue;
    const aboutFailures = metric === "http_req_failed" || metric === "checks";
    // Then zero-failures fails the run, and both accounts agree.
    if (aboutFailures && judgedFailures > 0) continue;
    const ledger =
      failedAt.length === 0
        ? "the ledger has no failure"
        : `the ledger has ${counted(failedAt.length, "failure")}, all during warm-up`;
    problems.push(`k6's threshold ${metric} ${expression} was crossed${aboutFailures ? ` but ${ledger}` : ""}`);
  }
  return problems;
}
