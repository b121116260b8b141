import type uPlot from "uplot";
import type { Course } from "../orchestrator/report/course/course.ts";
import { secondsOf } from "./steps.ts";
import { colour, faint } from "./theme.ts";
import type { TimeAxis } from "./time-axis.ts";
import { tickText } from "./words.ts";

/** Distances between ticks of the axis, in seconds: what people count in. */
const TICKS = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600],
  ...[7200, 14_400, 21_600, 43_200, 86_400],
];
/** Room for the labels left of a chart, equal in all of them, so that equal times stand below each other. */
const GUTTER = { wide: 92, narrow: 76 };
const NARROW = 560;
/** Of the line of a fault or a change, in CSS pixels. */
const DEED_DASHES = [5, 3];
const FONT = "11px system-ui, sans-serif";

/** What every chart has in common: the shared axis, phases behind it, the cursor, and a drag that looks closer. */
export function plotOptions(
  { course, axis, width, height }: { course: Course; axis: TimeAxis; width: number; height: number },
  own: {
    readonly series: uPlot.Series[];
    readonly bands?: uPlot.Band[];
    readonly y: uPlot.Scale;
    readonly yAxis: uPlot.Axis;
    /** Which ticks of the y axis have a line; all of them when left out. */
    readonly gridFilter?: uPlot.Axis.Filter;
    readonly draw?: (plot: uPlot) => void;
  },
): uPlot.Options {
  return {
    width,
    height,
    legend: { show: false },
    padding: [6, 12, 0, 0],
    series: [{}, ...own.series],
    bands: own.bands ?? [],
    scales: { x: { time: false, range: () => [axis.range.from, axis.range.to] }, y: own.y },
    axes: [
      {
        ...looks(),
        incrs: TICKS,
        space: width < NARROW ? 48 : 64,
        size: 28,
        values: (_plot, ticks) => ticks.map((tick) => tickText(tick, (ticks[1] ?? 1) - (ticks[0] ?? 0))),
      },
      { ...looks(own.gridFilter), size: width < NARROW ? GUTTER.narrow : GUTTER.wide, ...own.yAxis },
    ],
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: 4 },
      bind: {
        // The whole run, not only what this chart has values for.
        dblclick: () => () => {
          axis.all();
          return null;
        },
      },
    },
    hooks: {
      drawClear: [
        (plot) => {
          drawPhases(plot, course, axis);
          drawDeeds(plot, course, axis);
        },
      ],
      draw: [...(own.draw === undefined ? [] : [own.draw]), (plot) => drawMarked(plot, axis)],
      setSelect: [
        (plot) => {
          const { left, width: wide } = plot.select;
          if (wide < 4) return;
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          // What was at the pointer is not there any more.
          axis.moveCursor(null);
          axis.view({ from: plot.posToVal(left, "x"), to: plot.posToVal(left + wide, "x") });
        },
      ],
    },
  };
}

function looks(filter?: uPlot.Axis.Filter): uPlot.Axis {
  return {
    stroke: () => colour("quiet-text"),
    font: FONT,
    grid: { stroke: () => colour("grid"), width: 1, ...(filter === undefined ? {} : { filter }) },
    ticks: { stroke: () => colour("grid"), width: 1, size: 4, ...(filter === undefined ? {} : { filter }) },
  };
}

/** Every other phase a shade darker, and a line where each begins. */
function drawPhases(plot: uPlot, { phases, zeroMs }: Course, axis: TimeAxis): void {
  const { ctx, bbox } = plot;
  ctx.save();
  clip(plot);
  for (const [index, { fromMs, untilMs }] of phases.entries()) {
    const [from, to] = [fromMs, untilMs].map((ms) => secondsOf(ms, zeroMs));
    if (from === undefined || to === undefined || to < axis.range.from || from > axis.range.to) continue;
    const [left, right] = [plot.valToPos(from, "x", true), plot.valToPos(to, "x", true)];
    if (index % 2 === 1) {
      ctx.fillStyle = faint("text", 0.045);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    if (index > 0) vertical(plot, left, faint("text", 0.35), 1);
  }
  ctx.restore();
}

/** A dashed line where something was broken or changed under way, and what lasted as a stretch: everything after it may come from it. */
function drawDeeds(plot: uPlot, { flags, zeroMs }: Course, axis: TimeAxis): void {
  const { ctx, bbox } = plot;
  ctx.save();
  clip(plot);
  for (const { atMs, untilMs, deed } of flags) {
    if (deed === undefined) continue;
    const [from, to] = [secondsOf(atMs, zeroMs), secondsOf(untilMs ?? atMs, zeroMs)];
    if (to < axis.range.from || from > axis.range.to) continue;
    const name = deed === "fault" ? "text" : "flag";
    const [left, right] = [plot.valToPos(from, "x", true), plot.valToPos(to, "x", true)];
    if (right > left) {
      ctx.fillStyle = faint(name, 0.08);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    vertical(plot, left, colour(name), 1.5, DEED_DASHES);
  }
  ctx.restore();
}

/** The moment that somebody went to stays marked. */
function drawMarked(plot: uPlot, axis: TimeAxis): void {
  if (axis.marked === null) return;
  const { ctx } = plot;
  ctx.save();
  clip(plot);
  vertical(plot, plot.valToPos(axis.marked, "x", true), colour("mark"), 2);
  ctx.restore();
}

function vertical(
  { ctx, bbox }: uPlot,
  x: number,
  stroke: string,
  width: number,
  dashes: readonly number[] = [],
): void {
  // What was drawn before may have left its dashes.
  ctx.setLineDash(dashes.map((length) => length * devicePixelRatio));
  ctx.strokeStyle = stroke;
  ctx.lineWidth = width * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(Math.round(x), bbox.top);
  ctx.lineTo(Math.round(x), bbox.top + bbox.height);
  ctx.stroke();
}

/** Keeps what is drawn next within the plotting area. */
export function clip({ ctx, bbox }: uPlot): void {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}
