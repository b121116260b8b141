import type { Steps } from "./course.ts";
import { whole } from "./numbers.ts";

/** Most points of a line of steps. */
export const MOST_POINTS = 2000;
/** Points that stand for a stretch: its first, last, lowest and highest one, and one at which the value was not known. */
const POINTS_OF_STRETCH = 5;
/** Thinned when it has this many points, so that thinning is rare. */
const TOO_MANY_POINTS = 2 * MOST_POINTS;

type Point = Steps[number];

/**
 * A value that holds until the next one, in the order of receipt. Equal values in a row are one point, and so are values of the same ms, of
 * which the last one counts. A clock that was set back makes no step back: what came then is dated like the point before it.
 */
export class StepLine {
  #points: Point[] = [];

  add(atMs: number, value: number | null): void {
    const last = this.#points.at(-1);
    // A line begins when its value is first known.
    if (last === undefined ? value === null : last[1] === value) return;
    const ms = Math.max(whole(atMs), last?.[0] ?? -Infinity);
    if (last?.[0] === ms) this.#points.pop();
    if (this.#points.at(-1)?.[1] !== value) this.#points.push([ms, value === null ? null : value + 0]);
    if (this.#points.length > TOO_MANY_POINTS) this.#points = thinned(this.#points);
  }

  /** Whether its value was ever known. */
  get begun(): boolean {
    return this.#points.length > 0;
  }

  steps(): Steps {
    return this.#points.length > MOST_POINTS ? thinned(this.#points) : [...this.#points];
  }
}

/** By equal stretches of time, so that what is thinned again and again stays as fine as what is new. */
function thinned(points: readonly Point[]): Point[] {
  const [fromMs, untilMs] = [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0];
  const stretchMs = (untilMs - fromMs + 1) / (MOST_POINTS / POINTS_OF_STRETCH);
  const stretches = Map.groupBy(points, ([ms]) => Math.floor((ms - fromMs) / stretchMs));
  const kept: Point[] = [];
  for (const stretch of stretches.values()) {
    for (const point of salient(stretch)) if (kept.at(-1)?.[1] !== point[1]) kept.push(point);
  }
  return kept;
}

/** The points that stand for a stretch, in order. */
function salient(stretch: readonly Point[]): Point[] {
  const known = stretch.filter((point): point is readonly [number, number] => point[1] !== null);
  const [first] = known;
  const lowest = known.reduce((low, point) => (point[1] < low[1] ? point : low), first ?? [0, 0]);
  const highest = known.reduce((high, point) => (point[1] > high[1] ? point : high), first ?? [0, 0]);
  const unknown = stretch.find(([, value]) => value === null);
  const chosen = new Set<Point | undefined>([stretch[0], stretch.at(-1), lowest, highest, unknown]);
  return stretch.filter((point) => chosen.has(point));
}
