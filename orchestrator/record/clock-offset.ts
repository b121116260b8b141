import type { Clock } from "../kube/clock.ts";

/** An answer to the question what another clock says, and when by the runner's wall clock it was given. Unix ms. */
export interface Told {
  /** The runner's clock read before the question, cut to its own resolution. */
  readonly sentMs: number;
  readonly tookMs: number;
  /** The other clock, cut to its own resolution. */
  readonly toldMs: number;
}

/** What may lie between a clock's reading, which is cut and never rounded, and the time it was read at, in ms. */
export interface Resolutions {
  readonly own: number;
  readonly other: number;
}

/** Where an offset (the other clock minus the runner's wall clock) lies, in ms. */
export interface Bounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

/** An offset, and how far the true one may be from it at most, in ms. */
export interface Offset {
  readonly offsetMs: number;
  readonly uncertaintyMs: number;
}

/**
 * What one answer says. The other clock was read between the question and the answer: were it read as the answer came, it would be
 * least ahead of the runner's, and most if it was read as the question was sent.
 */
export function boundsOf({ sentMs, tookMs, toldMs }: Told, { own, other }: Resolutions): Bounds {
  return { leastMs: toldMs - (sentMs + own + tookMs), mostMs: toldMs + other - sentMs };
}

/** What several answers say together; undefined when they contradict each other, because one of the clocks was set meanwhile. */
export function commonBounds(all: readonly Bounds[]): Bounds | undefined {
  const leastMs = Math.max(...all.map((bounds) => bounds.leastMs));
  const mostMs = Math.min(...all.map((bounds) => bounds.mostMs));
  return leastMs <= mostMs ? { leastMs, mostMs } : undefined;
}

/** Bounds that hold for every one of several answers, whichever was right. */
export function widestBounds(all: readonly Bounds[]): Bounds {
  return {
    leastMs: Math.min(...all.map((bounds) => bounds.leastMs)),
    mostMs: Math.max(...all.map((bounds) => bounds.mostMs)),
  };
}

export function offsetOf({ leastMs, mostMs }: Bounds): Offset {
  return { offsetMs: (leastMs + mostMs) / 2, uncertaintyMs: (mostMs - leastMs) / 2 };
}

/** A clock that can be asked, and how. */
export interface OtherClock {
  /** Its reading, Unix ms. May reject: that answer is done without. */
  readonly ask: (signal: AbortSignal) => Promise<number>;
  /** See Resolutions. */
  readonly resolutionMs: number;
  readonly questions: number;
  /** Time between the beginnings of two questions, ms. */
  readonly everyMs: number;
}

/** Clock.wallMs is cut to the whole ms. */
const OWN_RESOLUTION_MS = 1;

/**
 * Measures a clock against the runner's wall clock by asking it several times: every answer bounds the offset, and all together bound
 * it closely. Answers that contradict each other are asked for once more; if those do too, the bounds are wide enough for all.
 *
 * @returns undefined when no question was answered before `signal` aborted.
 */
export async function measureOffset(other: OtherClock, clock: Clock, signal: AbortSignal): Promise<Offset | undefined> {
  const found = await askAll(other, clock, signal);
  if (found.length === 0) return undefined;
  const common = commonBounds(found);
  if (common !== undefined) return offsetOf(common);
  const again = await askAll(other, clock, signal);
  const known = again.length === 0 ? found : again;
  return offsetOf(commonBounds(known) ?? widestBounds(known));
}

async function askAll(other: OtherClock, clock: Clock, signal: AbortSignal): Promise<Bounds[]> {
  const resolutions = { own: OWN_RESOLUTION_MS, other: other.resolutionMs };
  const found: Bounds[] = [];
  const begunMs = clock.monoMs();
  for (let question = 0; question < other.questions && !signal.aborted; question += 1) {
    try {
      const restMs = begunMs + question * other.everyMs - clock.monoMs();
      if (restMs > 0) await clock.sleep(restMs, signal);
      // The time under way is the monotonic clock's, which nobody sets.
      const sentMs = clock.wallMs();
      const sentMonoMs = clock.monoMs();
      const toldMs = await other.ask(signal);
      found.push(boundsOf({ sentMs, tookMs: clock.monoMs() - sentMonoMs, toldMs }, resolutions));
    } catch {
      // One answer less.
    }
  }
  return found;
}
