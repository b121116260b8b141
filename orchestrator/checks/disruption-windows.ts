import type { LedgerLine } from "../history/ledger.ts";
import { DroppedIterations } from "../history/dropped-iterations.ts";
import { judgedFromMs, loadStopMs } from "../history/timeline.ts";
import { counted, duration } from "../history/words.ts";
import type { Plan } from "../plan/plan.ts";
import type { Check } from "./check.ts";
import { DisruptionWindows, unionMs, type Disruption } from "./disruptions.ts";
import { fail, invalid, MOST_VIOLATIONS, pass } from "./finding.ts";
import { Stalls } from "./stalls.ts";

const id = "disruption-windows";

interface State {
  readonly dropped: DroppedIterations;
  readonly stalls: Stalls;
  readonly windows: DisruptionWindows;
}

/**
 * When, and for how long, clients were not served, from the steady window to the stop: requests that failed or hung (from their start to
 * their end), iterations that could not be started because every VU waited, and stretches of a second and more without any answer, from
 * either side or from one of them, while somebody waited for one all the time, to the stop too. Grouped by kind of connection, or by the
 * RayCluster that gave no answer, into windows [start, end); their total must be 0.
 *
 * Source: openshift/origin's disruption monitor (failures dated at request start, new and kept connections apart, merged
 * into windows). An outage shows as hanging requests and dropped iterations long before it shows as failures.
 */
export const disruptionWindows: Check<State> = {
  id,
  evidence: { watches: [], ledger: true },
  init: (plan: Plan) => ({
    dropped: new DroppedIterations(plan.load.vus),
    stalls: new Stalls(),
    windows: new DisruptionWindows(),
  }),
  onLedger(state, line, timeline) {
    const [fromMs, toMs] = [judgedFromMs(timeline), loadStopMs(timeline)];
    const { windows } = state;
    const drop = state.dropped.observe(line);
    if (drop?.cause === "target" && drop.toMs > fromMs && drop.fromMs < toMs) {
      windows.add({
        kind: "any",
        reason: "dropped",
        fromMs: drop.fromMs,
        toMs: drop.toMs,
        count: drop.count,
        status: "",
      });
    }
    for (const stall of state.stalls.observe(line, timeline, fromMs, toMs)) windows.add(stall);
    if (line.type === "failed" && line.startMs >= fromMs) windows.add(disruptionOf(line));
    if (line.type === "heartbeat") windows.settle(line.settledMs);
    if (line.type === "end") windows.settle(Infinity);
  },
  finish({ windows, stalls }, { timeline }) {
    if (!Number.isFinite(judgedFromMs(timeline))) {
      return invalid(id, "There was no steady load to judge: warm-up never became steady.");
    }
    windows.settle(Infinity);
    const all = windows.all();
    const disruptedMs = unionMs(all);
    const figures = {
      windows: windows.count,
      disruptedMs: Math.round(disruptedMs),
      longestWithoutAnswerMs: Math.round(stalls.longestMs),
      stallMs: Math.round(stalls.leastMs),
      first: all.slice(0, 10),
    };
    const [first] = all;
    if (first === undefined) {
      const longest = duration(stalls.longestMs);
      return pass(
        id,
        `Clients were served throughout; the longest stretch without any answer was ${longest}.`,
        figures,
      );
    }
    const violations = all.slice(0, MOST_VIOLATIONS).map(({ kind, reasons, fromMs, toMs, count, statuses }) => ({
      atMs: fromMs,
      cause: "disrupted",
      facts: {
        connection: kind,
        reasons: reasons.join(),
        untilMs: toMs,
        durationMs: toMs - fromMs,
        count,
        statuses: statuses.join(),
      },
    }));
    const windowsText = counted(windows.count, "window");
    const message = `Clients were not served for ${duration(disruptedMs)} in ${windowsText}, the first of ${counted(first.count, "request")} for ${duration(first.toMs - first.fromMs)} (${first.reasons.join(", ")}).`;
    return fail(id, message, figures, violations, windows.count);
  },
};

function disruptionOf(line: Extract<LedgerLine, { type: "failed" }>): Disruption {
  const { startMs, durationMs, connection, outcome, status } = line;
  return {
    kind: connection,
    reason: outcome,
    fromMs: startMs,
    // Even a request that is refused at once has cost its client something.
    toMs: startMs + Math.max(1, durationMs),
    count: 1,
    status: outcome === "hanging" ? "hanging" : String(status),
  };
}
