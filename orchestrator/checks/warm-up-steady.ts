import { Histogram } from "../history/histogram.ts";
import type { Observation } from "../history/observation.ts";
import { addToHalves, stabilityOf, type Halves } from "../history/stable-latency.ts";
import type { Check } from "./check.ts";
import { invalid, pass } from "./finding.ts";
import { counted, number, seconds } from "../history/words.ts";
import { plannedClients, type Plan } from "../plan/plan.ts";

const id = "warm-up-steady";

/** Least share of the planned rate that a steady second must have reached. */
const LEAST_SHARE = 0.9;

type WarmUpReading = Extract<Observation, { type: "warm-up-reading" }>;

interface State {
  /** Kinds of clients that hold their answers by design: theirs would hide what becomes of the others'. */
  readonly slow: ReadonlySet<string>;
  readonly halves: Halves;
  /** Of the seconds that must be steady. */
  readonly windowMs: number;
  readonly readings: WarmUpReading[];
  resets: number;
  ended: boolean;
}

/**
 * The runner called warm-up steady, before the change, on consecutive one-second readings without a failure and at the
 * planned rate, as many as the plan asks for, and p95 of the quick kinds of clients did not change by a multiple within them. Never `fail`: without a steady start there is nothing to compare with.
 *
 * Source: KubeRay's load tests warm Locust up to a steady rate before they trigger; here every second of it is on record.
 */
export const warmUpSteady: Check<State> = {
  id,
  evidence: { watches: [], ledger: false },
  init: (plan) => ({
    slow: new Set(plannedClients(plan).flatMap(({ client, holdsMs }) => (holdsMs > 0 ? [client] : []))),
    halves: [new Histogram(), new Histogram()],
    windowMs: plan.load.warmUpSeconds * 1000,
    readings: [],
    resets: 0,
    ended: false,
  }),
  onObservation(state, line) {
    if (line.type === "action" && line.action === "warm-up-steady") state.ended = true;
    if (line.type !== "warm-up-reading" || state.ended) return;
    const last = state.readings.at(-1);
    // One that has all of its seconds and waits for stable latencies goes on with its length.
    const goesOn = line.streak > (last?.streak ?? 0) || line.streak * 1000 === state.windowMs;
    if (last !== undefined && last.streak > 0 && !goesOn) state.resets += 1;
    state.readings.push(line);
  },
  onLedger({ slow, halves, windowMs }, line, { steadyFromMs, steady }) {
    if (line.type !== "answered" || slow.has(line.client) || steadyFromMs === null || steady === null) return;
    addToHalves(halves, line, { fromMs: steadyFromMs, windowMs });
  },
  finish({ halves, readings, resets }, { plan, timeline: { steady, trigger } }) {
    const wanted = plan.load.warmUpSeconds;
    const first = readings[0];
    const figures = {
      readings: readings.length,
      resets,
      secondsToSteady: steady === null || first === undefined ? null : (steady.monoMs - first.monoMs) / 1000,
    };
    const longest = Math.max(0, ...readings.map(({ streak }) => streak));
    if (steady === null) {
      return invalid(
        id,
        `Warm-up never became steady: ${counted(wanted, "good second")} in a row were needed, ${longest} was the most.`,
        figures,
      );
    }
    if (trigger !== null && trigger.monoMs < steady.monoMs)
      return invalid(id, "The change was made before warm-up was steady.", figures);
    const window = readings.slice(-wanted);
    const flaw = window.length < wanted ? `there are only ${counted(window.length, "reading")}` : flawOf(window, plan);
    if (flaw !== null)
      return invalid(id, `Warm-up was called steady, but of the ${wanted} seconds needed ${flaw}.`, figures);
    const { first95, second95, stable } = stabilityOf(halves);
    if (!stable) {
      const message = `Warm-up was called steady, but p95 went from ${number(first95)} to ${number(second95)} ms within its window.`;
      return invalid(id, message, figures);
    }
    const took = seconds((figures.secondsToSteady ?? 0) * 1000);
    return pass(
      id,
      `Load was steady for ${counted(wanted, "second")} before the change, ${took} after its first reading.`,
      figures,
    );
  },
};

/** What keeps a window of readings from being steady, or null. */
function flawOf(window: readonly WarmUpReading[], plan: Plan): string | null {
  const needed = (plan.load.rate ?? 0) * LEAST_SHARE;
  // What is due at the edge of two seconds, an iteration of each kind of client, may fall into either.
  const atEdge = plannedClients(plan).reduce((sum, { requestsPerIteration }) => sum + requestsPerIteration, 0);
  for (const [index, reading] of window.entries()) {
    const last = window[index - 1];
    if (reading.failed > 0) return `one has ${counted(reading.failed, "failure")}`;
    if (reading.requests < 1 || reading.requests + atEdge < needed)
      return `one has only ${counted(reading.requests, "request")}`;
    if (last !== undefined && reading.secondMs - last.secondMs !== 1000) return "one is missing";
  }
  return null;
}
