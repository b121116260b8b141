import type { CLOCKS } from "../history/observation.ts";
import type { Clock } from "../kube/clock.ts";
import type { Kube } from "../kube/kube.ts";
import { measureOffset } from "./clock-offset.ts";
import type { OtherClock } from "./clock-offset.ts";
import type { Sink } from "./sink.ts";

/** Time for one measurement, whatever becomes of its questions. */
const MEASUREMENT_MS = 10_000;

/** The Date header has whole seconds: questions all over a second find where one ends, and it takes a little more than one. */
const API_SERVER = { resolutionMs: 1_000, questions: 20, everyMs: 53 };
/** The fastest answers tell the most. */
const K6_POD = { resolutionMs: 0.001, questions: 8, everyMs: 0 };

interface ClockParts {
  readonly sink: Sink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Measures the API server's clock, by the Date header of its answers, to some 30 ms. See recordClock. */
export async function recordApiServerClock(kube: Pick<Kube, "serverDate">, parts: ClockParts): Promise<void> {
  await recordClock("api-server", { ...API_SERVER, ask: (signal) => kube.serverDate(signal) }, parts);
}

/** Measures the clock that dates the rows of a pod's ledger, to half the time of the fastest answers. See recordClock. */
export async function recordK6PodClock(pod: string, nowMs: OtherClock["ask"], parts: ClockParts): Promise<void> {
  await recordClock("k6-pod", { ...K6_POD, ask: nowMs }, parts, pod);
}

/**
 * Writes a `clock` observation. Never rejects: a clock that cannot be measured is one line less, and what that is worth is the
 * judge's business. Nothing is written once `signal` has aborted.
 */
async function recordClock(
  of: (typeof CLOCKS)[number],
  other: OtherClock,
  parts: ClockParts,
  subject?: string,
): Promise<void> {
  const { sink, clock, signal } = parts;
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(MEASUREMENT_MS)]);
  const offset = await measureOffset(other, clock, bounded);
  if (offset !== undefined && !signal.aborted) {
    sink({ type: "clock", of, ...(subject === undefined ? {} : { subject }), ...offset });
  }
}
