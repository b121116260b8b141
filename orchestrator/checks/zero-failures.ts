import { LedgerAccount } from "../history/ledger-account.ts";
import type { Failed } from "../history/ledger.ts";
import { phaseAt } from "../history/timeline.ts";
import { failureUpperBound } from "./bound.ts";
import type { Check, Violation } from "./check.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";
import { counted, number } from "../history/words.ts";

const id = "zero-failures";

interface State {
  readonly account: LedgerAccount;
  /** Answered requests by the bin they started in. */
  readonly answered: Map<number, number>;
  readonly failed: Failed[];
}

/**
 * From the first second of the steady window to the end of load no request failed, and none hung past its deadline.
 * Needs the whole ledger: that nothing failed cannot be concluded from a part of it.
 */
export const zeroFailures: Check<State> = {
  id,
  init: () => ({ account: new LedgerAccount(), answered: new Map(), failed: [] }),
  onLedger({ account, answered, failed }, line) {
    account.observe(line);
    if (line.type === "answered") answered.set(line.binMs, (answered.get(line.binMs) ?? 0) + line.count);
    if (line.type === "failed") failed.push(line);
  },
  finish({ account, answered, failed }, _plan, timeline) {
    const fromMs = timeline.steadyFromMs ?? timeline.trigger?.wallMs ?? null;
    if (fromMs === null) return invalid(id, "There was no steady load to judge: warm-up never became steady.");
    const judged = failed.filter((row) => row.startMs >= fromMs).sort((a, b) => a.startMs - b.startMs);
    const hanging = judged.filter((row) => row.outcome === "hanging").length;
    let requests = judged.length;
    for (const [binMs, count] of answered) if (binMs >= fromMs) requests += count;
    const violations = judged.slice(0, MOST_VIOLATIONS).map((row): Violation => {
      const { startMs, durationMs, outcome, status, errorCode, message, cluster, version, connection } = row;
      return {
        atMs: startMs,
        cause: outcome === "hanging" ? "hanging-request" : "failed-request",
        facts: {
          phase: phaseAt(timeline, startMs),
          durationMs,
          status,
          errorCode,
          message,
          cluster,
          version,
          connection,
        },
      };
    });
    const figures = {
      requests,
      failed: judged.length - hanging,
      hanging,
      failureUpperBound: judged.length === 0 ? failureUpperBound(requests) : null,
      duringWarmUp: failed.length - judged.length,
      first: violations[0] ?? null,
      last: violations.at(-1) ?? null,
    };
    if (judged.length > 0) {
      const first = judged[0];
      const when =
        first === undefined ? "" : `, the first in phase "${phaseAt(timeline, first.startMs)}" with ${saying(first)}`;
      const message = `${number(judged.length)} of ${counted(requests, "request")} failed or hung${when}.`;
      return fail(id, message, figures, violations, judged.length);
    }
    if (!account.whole)
      return invalid(id, "No failure was seen, but the ledger is not whole, so one may be missing.", figures);
    if (requests === 0) return invalid(id, "No request was made after the steady window began.", figures);
    const oneIn = number(Math.floor(1 / failureUpperBound(requests)));
    return pass(
      id,
      `None of ${counted(requests, "request")} failed; with 95 % confidence fewer than 1 in ${oneIn} do.`,
      figures,
    );
  },
};

function saying({ status, errorCode, message, outcome }: Failed): string {
  if (outcome === "hanging") return "no answer by its deadline";
  if (status !== 0) return `status ${status}`;
  return message === "" ? `k6 error ${errorCode}` : `"${message}"`;
}
