import type { Observation } from "../history/observation.ts";

type WithoutStamps<T> = T extends unknown ? Omit<T, "wallMs" | "monoMs"> : never;

/** An observation before it is stamped with the time of its receipt. */
export type Unstamped = WithoutStamps<Observation>;

/** Takes observations in order and stamps them. Must not throw. */
export type Sink = (observation: Unstamped) => void;

/**
 * A sink that writes with `write`, which may throw: `broken` aborts with the first error, and whoever runs the recording ends it. Nothing
 * is written after that.
 */
export function sinkInto(write: (observation: Unstamped) => void): { sink: Sink; broken: AbortSignal } {
  const broken = new AbortController();
  const sink: Sink = (observation) => {
    if (broken.signal.aborted) return;
    try {
      write(observation);
    } catch (error) {
      broken.abort(error);
    }
  };
  return { sink, broken: broken.signal };
}
