import { addTo } from "../history/counts.ts";
import { DroppedIterations } from "../history/dropped-iterations.ts";
import { counterOf, thresholdsOf } from "../history/k6-summary.ts";
import { loadStopMs } from "../history/timeline.ts";
import { counted, listed, number } from "../history/words.ts";
import { plannedClients } from "../plan/plan.ts";
import type { Check } from "./check.ts";
import { invalid, notApplicable, pass } from "./finding.ts";
import { StartedByClient, WINDOW_SECONDS, type ClientStarts } from "./started-by-client.ts";

const id = "rate-held";

/** Least share of the planned rate that any five seconds, and any window of a kind of client, must have reached. */
const LEAST_SHARE = 0.9;

interface State {
  readonly dropped: DroppedIterations;
  readonly started: StartedByClient;
  droppedDuringWarmUp: number;
  byGenerator: number;
  byTarget: number;
  /** Iterations dropped by the generator, by kind of client. */
  readonly clients: Map<string, number>;
  /** Kinds of clients of which iterations were dropped because all their VUs waited. */
  readonly kept: Set<string>;
}

/**
 * The generator did its part: from the start of the steady window to the stop, an open-model load dropped no iteration while VUs of its kind
 * of client were idle, and started what was planned in any five seconds, and of each kind of client what was planned of it in any ten of its
 * iterations, but at least five seconds. Iterations dropped because every VU waited for an answer are the target's doing and count in
 * disruption-windows, unless the k6 container was throttled meanwhile. Never `fail`, as none of this is the target's. A closed
 * model has no planned rate to hold.
 *
 * Source: k6's constant-arrival-rate executor drops an iteration when no VU is free for it.
 */
export const rateHeld: Check<State> = {
  id,
  evidence: { watches: [], ledger: true },
  init: (plan) => ({
    dropped: new DroppedIterations(plannedClients(plan)),
    started: new StartedByClient(plan),
    droppedDuringWarmUp: 0,
    byGenerator: 0,
    byTarget: 0,
    clients: new Map(),
    kept: new Set(),
  }),
  onLedger(state, line, timeline) {
    const fromMs = timeline.steadyFromMs ?? Infinity;
    const toMs = loadStopMs(timeline);
    state.started.observe(line, fromMs, toMs);
    for (const drop of state.dropped.observe(line)) {
      if (drop.fromMs >= toMs) continue;
      if (drop.toMs <= fromMs) state.droppedDuringWarmUp += drop.count;
      else if (drop.cause === "target") {
        state.byTarget += drop.count;
        state.kept.add(drop.client);
      } else {
        state.byGenerator += drop.count;
        if (drop.client !== "") addTo(state.clients, drop.client, drop.count);
      }
    }
  },
  finish(state, { plan, timeline, summary }) {
    if (plan.load.model === "closed") return notApplicable(id, "A closed-model load has no planned rate to hold.");
    const { droppedDuringWarmUp, byGenerator, byTarget } = state;
    if (timeline.steadyFromMs === null) {
      return invalid(id, "There was no steady load to judge: warm-up never became steady.", { droppedDuringWarmUp });
    }
    const planned = plan.load.rate ?? 0;
    const slowest = state.started.rate();
    const starts = state.started.clients();
    const { throttledPeriods } = timeline.k6Throttling;
    const figures = {
      plannedRate: planned,
      droppedByGenerator: byGenerator,
      droppedByTarget: byTarget,
      droppedDuringWarmUp,
      ...(state.clients.size === 0 ? {} : { droppedByGeneratorOf: Object.fromEntries(state.clients) }),
      slowestFiveSecondsRate: slowest,
      ...(starts.length === 0 ? {} : { clients: Object.fromEntries(starts.map(figuresOf)) }),
      throttledPeriods,
      cpuSeconds: timeline.k6Throttling.cpuSeconds,
    };
    if (byGenerator > 0) {
      const of = state.clients.size === 0 ? "" : ` of ${listed([...state.clients.keys()])}`;
      const what = `${counted(byGenerator, "iteration")}${of}`;
      return invalid(
        id,
        `${what} could not be started although VUs were idle, so the generator was too weak.`,
        figures,
      );
    }
    if (byTarget > 0 && (throttledPeriods ?? 0) > 0) {
      return invalid(
        id,
        `${counted(byTarget, "iteration")} could not be started while k6 was throttled in ${counted(throttledPeriods ?? 0, "period")}, so whose fault it was cannot be told.`,
        figures,
      );
    }
    // What is due at an edge, an iteration of each kind, may fall on either side of it.
    const atEdge = plannedClients(plan).reduce((sum, { requestsPerIteration }) => sum + requestsPerIteration, 0);
    if (byTarget === 0 && slowest !== null && slowest + atEdge / WINDOW_SECONDS < planned * LEAST_SHARE) {
      return invalid(
        id,
        `The generator started only ${number(slowest)} of ${number(planned)} requests a second in its slowest five seconds.`,
        figures,
      );
    }
    const short = starts.find((one) => !state.kept.has(one.client) && isShort(one));
    if (short !== undefined) {
      const { client, started, seconds, planned: due } = short;
      return invalid(
        id,
        `The generator started only ${counted(started, "request")} of ${client} in its slowest ${number(seconds)} s, of ${number(rounded(due))} planned.`,
        figures,
      );
    }
    const crossed =
      summary === undefined
        ? []
        : thresholdsOf(summary).filter(({ metric, ok }) => metric === "dropped_iterations" && !ok);
    const accounted = droppedDuringWarmUp + byTarget;
    if (summary !== undefined && crossed.length > 0 && counterOf(summary, "dropped_iterations") > accounted) {
      const by = counted(counterOf(summary, "dropped_iterations"), "dropped iteration");
      return invalid(
        id,
        `k6's threshold on dropped_iterations was crossed: it counts ${by}, the ledger ${number(accounted)}.`,
        figures,
      );
    }
    const others = byTarget === 0 ? "" : ` but ${number(byTarget)}, for which every VU waited for an answer`;
    return pass(id, `Every iteration of the planned ${number(planned)} a second was started${others}.`, figures);
  },
};

/** Whether a kind of client started less than it must have, an iteration of each pod at the window's edge allowed for. */
function isShort({ started, planned, atEdge }: ClientStarts): boolean {
  return started + atEdge < planned * LEAST_SHARE;
}

function figuresOf({ client, started, seconds, planned }: ClientStarts): [string, Record<string, number>] {
  return [client, { slowestWindowSeconds: seconds, started, planned: rounded(planned) }];
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
