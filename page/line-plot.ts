import type uPlot from "uplot";
import type { Line, LineChart, Reading } from "./chart-spec.ts";
import { lastIndex } from "./steps.ts";
import { colour, faint } from "./theme.ts";
import type { Range } from "./time-axis.ts";

/** Two xs this far apart (seconds) are drawn above each other, and are two all the same. */
const BEFORE = 1e-4;

/** Where a chart's values are drawn: at an x of its own, or at one that only step lines have, where the value before still holds. */
interface Place {
  readonly x: number;
  readonly index: number;
  readonly own: boolean;
}

/**
 * What uPlot draws of a chart while this range is in view. Values of step lines stand at the beginning and the end of their steps, and at the edges
 * of the view: so the last step before a gap is drawn, and one that begins before the view and ends after it.
 */
export function lineData(chart: LineChart, { from, to }: Range): uPlot.AlignedData {
  const drawn = drawnLines(chart);
  const places = placesOf(chart.xs, [from, to]);
  // uPlot wants one x at least to lay out its axes.
  if (places.length === 0) return [[from], ...drawn.map(() => [null])];
  return [
    places.map(({ x }) => x),
    ...drawn.map((line) => {
      const steps = line.style !== "line" && !hasHoles(line);
      return places.map(({ index, own }) => (own || steps ? (line.drawn ?? line.values)[index] : undefined));
    }),
  ];
}

function placesOf(xs: readonly number[], edges: readonly number[]): Place[] {
  const places = xs.flatMap((x, index): Place[] => {
    const next = xs[index + 1];
    const itself = { x, index, own: true };
    return next === undefined || next - x <= 2 * BEFORE ? [itself] : [itself, { x: next - BEFORE, index, own: false }];
  });
  const last = xs.at(-1) ?? -Infinity;
  for (const edge of edges) {
    const index = lastIndex(xs, edge);
    if (index >= 0 && edge < last && xs[index] !== edge) places.push({ x: edge, index, own: false });
  }
  return places.sort((a, b) => a.x - b.x);
}

/** Lines that are drawn, in the order of their series. */
export function drawnLines({ lines }: LineChart): Line[] {
  return lines.filter(({ told }) => told !== true);
}

/** What a line is hidden with. */
export function groupOf({ label, boundOf }: Line): string {
  return boundOf ?? label;
}

export function lineSeries(chart: LineChart, hidden: ReadonlySet<string>): uPlot.Series[] {
  return drawnLines(chart).map((line) => ({
    label: line.label,
    show: !hidden.has(groupOf(line)),
    points: { show: false },
    ...(line.boundOf !== undefined ? { width: 0 } : strokeOf(line)),
    ...(line.filled === true ? { fill: () => faint(line.colour, 0.12) } : {}),
  }));
}

export function lineBands({ bands }: LineChart): uPlot.Band[] {
  return bands.map(({ upper, lower, colour: name }) => ({
    series: [upper + 1, lower + 1],
    fill: () => faint(name, 0.22),
  }));
}

export function lineScale(chart: LineChart): uPlot.Scale {
  const { y } = chart;
  if (y.logarithmic === true) {
    // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- the enum that names 3 is in uPlot's types alone
    return { distr: 3, log: 10, range: (_plot, low, high) => decades(low, high, y.least, y.most) };
  }
  if (y.fixed === true) return { range: [y.least - 3, y.most + 3] };
  const drawn = drawnLines(chart);
  // Over the whole run, so that a look at a part of it does not change the measure.
  const most = drawn.reduce(
    (top, { values }) => values.reduce<number>((one, value) => Math.max(one, value ?? 0), top),
    y.most,
  );
  return { range: [y.least, most * 1.08] };
}

export function lineAxis({ y }: LineChart): uPlot.Axis {
  return {
    values: (_plot, ticks: readonly (number | null)[]) => ticks.map((tick) => (tick === null ? "" : y.tick(tick))),
    space: 28,
    ...(y.fixed === true ? { splits: [0, 25, 50, 75, 100] } : {}),
    ...(y.logarithmic === true
      ? { filter: decadesOnly }
      : { incrs: [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000, 50_000] }),
  };
}

/** A logarithmic axis has a label and a line where a decade begins, and not for all between. */
export function decadesOnly(_plot: uPlot, ticks: readonly number[]): (number | null)[] {
  return ticks.map((tick) => (Number.isInteger(Math.log10(tick)) ? tick : null));
}

/** What every line stands at, at a moment. A line drawn through the middles of bins tells the bin that is nearest. */
export function lineReadings({ xs, lines }: LineChart, x: number): Reading[] {
  return lines.flatMap((line) => {
    if (line.boundOf !== undefined) return [];
    const value = line.style === "line" || hasHoles(line) ? nearest(xs, line.values, x) : line.values[lastIndex(xs, x)];
    return [{ label: line.label, text: value == null ? "–" : line.format(value) }];
  });
}

function hasHoles({ values }: Line): boolean {
  return values.includes(undefined);
}

/** The value nearest to x that belongs to this line; null where that one is a gap. */
function nearest(xs: readonly number[], values: Line["values"], x: number): number | null | undefined {
  const middle = lastIndex(xs, x);
  let [before, after] = [middle, middle + 1];
  while (before >= 0 && values[before] === undefined) before -= 1;
  while (after < xs.length && values[after] === undefined) after += 1;
  const [left, right] = [xs[before] ?? -Infinity, xs[after] ?? Infinity];
  return values[x - left <= right - x ? before : after];
}

function strokeOf({ colour: name, style }: Line): Partial<uPlot.Series> {
  const thin = style === "dots" || style === "dash";
  return {
    stroke: () => colour(name),
    width: thin ? 1.25 : 1.75,
    ...(style === "dots" ? { dash: [2, 3] } : style === "dash" ? { dash: [6, 4] } : {}),
  };
}

/** Whole decades around what is there, and around what is always in view. */
function decades(low: number | null, high: number | null, least: number, most: number): [number, number] {
  const bottom = Math.min(least, low !== null && low > 0 ? low : least);
  const top = Math.max(most, high ?? most);
  return [10 ** Math.floor(Math.log10(bottom)), 10 ** Math.ceil(Math.log10(top))];
}
