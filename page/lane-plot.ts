import type uPlot from "uplot";
import type { LaneChart, Mark } from "./chart-spec.ts";
import { clip } from "./plot.ts";
import { colour, faint } from "./theme.ts";

/** Half the size of a mark, and how near (CSS pixels) the pointer must come to it. */
const RADIUS = 4;
const NEAR = 10;

export function laneHeight({ lanes }: LaneChart): number {
  return 44 + Math.max(1, lanes.length) * 22;
}

export function laneScale({ lanes }: LaneChart): uPlot.Scale {
  return { range: [-0.6, Math.max(1, lanes.length) - 0.4], dir: -1 };
}

export function laneAxis({ lanes }: LaneChart): uPlot.Axis {
  return {
    splits: lanes.map((_, index) => index),
    values: () => [...lanes],
    grid: { show: true, stroke: () => colour("grid"), width: 1 },
  };
}

/** Draws every mark in view; those that last with a line to their end. None is ever left out. */
export function drawMarks(plot: uPlot, chart: LaneChart): void {
  const { ctx } = plot;
  const min = plot.scales["x"]?.min ?? -Infinity;
  const max = plot.scales["x"]?.max ?? Infinity;
  ctx.save();
  clip(plot);
  if (chart.marks.length === 0) drawEmpty(plot, chart.empty);
  const seen = chart.marks.filter(({ from, to }) => to >= min && from <= max);
  for (const mark of seen) {
    if (mark.to <= mark.from) continue;
    const y = plot.valToPos(mark.lane, "y", true);
    ctx.strokeStyle = faint(mark.colour, 0.6);
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(plot.valToPos(mark.from, "x", true), y);
    ctx.lineTo(plot.valToPos(mark.to, "x", true), y);
    ctx.stroke();
  }
  // What warns is not to be hidden by what does not.
  const inOrder = [
    ...seen.filter(({ shape }) => shape !== "triangle"),
    ...seen.filter(({ shape }) => shape === "triangle"),
  ];
  for (const mark of inOrder)
    drawMark(ctx, mark, plot.valToPos(mark.from, "x", true), plot.valToPos(mark.lane, "y", true));
  ctx.restore();
}

/** Marks under the pointer, the nearest first, or where none starts, those that last until there; at most `most`. */
export function marksNear(
  plot: uPlot,
  { marks }: LaneChart,
  { clientX, clientY }: MouseEvent,
  most: number,
): { marks: Mark[]; all: number } {
  const bounds = plot.over.getBoundingClientRect();
  const [left, top] = [clientX - bounds.left, clientY - bounds.top];
  const found = marks.flatMap((mark) => {
    const [start, end] = [plot.valToPos(mark.from, "x"), plot.valToPos(mark.to, "x")];
    const [x, y] = [Math.abs(start - left), Math.abs(plot.valToPos(mark.lane, "y") - top)];
    const starts = x <= NEAR;
    return y <= NEAR && (starts || (left >= start && left <= end)) ? [{ mark, starts, distance: x + y }] : [];
  });
  const starting = found.filter(({ starts }) => starts);
  const near = starting.length > 0 ? starting : found;
  near.sort((a, b) => a.distance - b.distance);
  return { marks: near.slice(0, most).map(({ mark }) => mark), all: near.length };
}

function drawEmpty({ ctx, bbox }: uPlot, text: string): void {
  ctx.fillStyle = colour("quiet-text");
  ctx.font = `${String(12 * devicePixelRatio)}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(text, bbox.left + bbox.width / 2, bbox.top + bbox.height / 2);
}

function drawMark(ctx: CanvasRenderingContext2D, { shape, colour: name }: Mark, x: number, y: number): void {
  const radius = RADIUS * devicePixelRatio;
  ctx.fillStyle = colour(name);
  ctx.strokeStyle = colour(name);
  ctx.lineWidth = 1.75 * devicePixelRatio;
  ctx.beginPath();
  switch (shape) {
    case "dot":
    case "ring":
      ctx.arc(x, y, radius, 0, 2 * Math.PI);
      break;
    case "triangle":
      ctx.moveTo(x, y - radius * 1.3);
      ctx.lineTo(x + radius * 1.3, y + radius);
      ctx.lineTo(x - radius * 1.3, y + radius);
      ctx.closePath();
      break;
    case "cross":
    case "ring-cross":
      ctx.moveTo(x - radius, y - radius);
      ctx.lineTo(x + radius, y + radius);
      ctx.moveTo(x + radius, y - radius);
      ctx.lineTo(x - radius, y + radius);
  }
  if (shape === "dot" || shape === "triangle") ctx.fill();
  else ctx.stroke();
  if (shape !== "ring-cross") return;
  ctx.beginPath();
  ctx.arc(x, y, radius * 1.5, 0, 2 * Math.PI);
  ctx.stroke();
}
