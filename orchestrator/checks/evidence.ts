import type { Instant } from "../history/instant.ts";
import type { WatchedKind } from "../history/observation.ts";
import type { Relist, Timeline } from "../history/timeline.ts";

/**
 * Two watches may deliver the same moment this far apart (ms): a shorter contradiction between them proves nothing.
 */
export const WATCH_SKEW_MS = 100;

/** The first relist of one of the kinds that may hide something between two moments; a moment that never came is the end. */
export function relistWithin(
  timeline: Timeline,
  kinds: readonly WatchedKind[],
  from: Instant | null,
  to: Instant | null,
): Relist | undefined {
  const fromMs = from?.monoMs ?? -Infinity;
  const toMs = to?.monoMs ?? Infinity;
  return timeline.relists.find(
    (relist) => kinds.includes(relist.kind) && relist.monoMs > fromMs && relist.sinceMonoMs < toMs,
  );
}
