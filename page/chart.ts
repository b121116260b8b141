import uPlot from "uplot";
import type { Course } from "../orchestrator/report/course/course.ts";
import type { ChartSpec, Reading } from "./chart-spec.ts";
import { byId } from "./dom.ts";
import { drawMarks, laneAxis, laneHeight, laneScale, marksNear } from "./lane-plot.ts";
import {
  decadesOnly,
  drawnLines,
  groupOf,
  lineAxis,
  lineBands,
  lineData,
  lineReadings,
  lineScale,
  lineSeries,
} from "./line-plot.ts";
import { plotOptions } from "./plot.ts";
import { showKeys } from "./keys.ts";
import { isOnPaper } from "./theme.ts";
import type { TimeAxis } from "./time-axis.ts";
import { hideTooltip, showTooltip } from "./tooltip.ts";
import { momentText } from "./words.ts";

/** Where uPlot shows no cursor. */
const NOWHERE = -10;
/** Width of a chart on paper, in CSS pixels: what A4 and US Letter take without making everything smaller. */
const PAPER_WIDTH = 680;
/** Marks that a tooltip tells of; of more it says how many. */
const MOST_TOLD = 3;

/** One chart on the page: its plot, its keys, and what it answers about a moment. */
export class Chart {
  #spec: ChartSpec;
  #plot: uPlot;
  #keys: { tell: (readings: readonly Reading[] | null) => void };
  readonly #place: HTMLElement;
  readonly #course: Course;
  readonly #axis: TimeAxis;
  /** Lines that the reader has hidden, by what they belong to: they stay hidden when the chart is drawn anew. */
  readonly #hidden = new Set<string>();

  constructor(spec: ChartSpec, parts: { course: Course; axis: TimeAxis }) {
    this.#spec = spec;
    this.#course = parts.course;
    this.#axis = parts.axis;
    this.#place = byId(`plot-${spec.id}`);
    this.#plot = this.#draw();
    this.#keys = this.#showKeys();
    parts.axis.onRange(() => {
      const { range } = parts.axis;
      this.#plot.batch(() => {
        if (this.#spec.kind === "lines") this.#plot.setData(lineData(this.#spec, range), false);
        this.#plot.setScale("x", { min: range.from, max: range.to });
      });
      this.#follow();
    });
    parts.axis.onCursor(() => {
      this.#follow();
    });
    this.#place.addEventListener("mouseleave", () => {
      hideTooltip();
      parts.axis.moveCursor(null);
    });
  }

  get spec(): ChartSpec {
    return this.#spec;
  }

  /** The element that draws, which takes the keyboard. */
  get place(): HTMLElement {
    return this.#place;
  }

  /** Shows other lines, of another kind of client. */
  show(spec: ChartSpec): void {
    this.#spec = spec;
    this.rebuild();
    this.#keys = this.#showKeys();
  }

  /** Draws anew: the width or the colours are others. */
  rebuild(): void {
    this.#plot.destroy();
    this.#plot = this.#draw();
    this.#follow();
  }

  /** Everything the chart says of a moment. */
  readings(x: number): Reading[] {
    return this.#spec.kind === "lines" ? lineReadings(this.#spec, x) : this.#marksAt(x);
  }

  #draw(): uPlot {
    const spec = this.#spec;
    // Its own width, not that of the plot in it.
    const width = isOnPaper() ? PAPER_WIDTH : Math.max(240, Math.floor(this.#place.clientWidth));
    const common = { course: this.#course, axis: this.#axis, width };
    if (spec.kind === "lines") {
      const options = plotOptions(
        { ...common, height: spec.height },
        {
          series: lineSeries(spec, this.#hidden),
          bands: lineBands(spec),
          y: lineScale(spec),
          yAxis: lineAxis(spec),
          ...(spec.y.logarithmic === true ? { gridFilter: decadesOnly } : {}),
        },
      );
      return this.#listened(new uPlot(options, lineData(spec, this.#axis.range), this.#place));
    }
    const { from, to } = this.#axis.whole;
    const options = plotOptions(
      { ...common, height: laneHeight(spec) },
      {
        series: [{ show: false }],
        y: laneScale(spec),
        yAxis: laneAxis(spec),
        draw: (plot) => {
          drawMarks(plot, spec);
        },
      },
    );
    const plot = new uPlot(
      options,
      [
        [from, to],
        [null, null],
      ],
      this.#place,
    );
    // A mark leads to where it happened, at a closer look.
    plot.over.addEventListener("click", (event) => {
      const [mark] = marksNear(plot, spec, event, 1).marks;
      if (mark !== undefined) this.#axis.show(mark.from, mark.to);
    });
    return this.#listened(plot);
  }

  /** The pointer's own moves only: uPlot also tells of a cursor that a zoom or a new size has moved, which is nobody's. */
  #listened(plot: uPlot): uPlot {
    plot.over.addEventListener("mousemove", (event) => {
      this.#hover(plot, event);
    });
    return plot;
  }

  /** The pointer moved over this chart. */
  #hover(plot: uPlot, event: MouseEvent): void {
    const x = plot.posToVal(event.clientX - plot.over.getBoundingClientRect().left, "x");
    this.#axis.moveCursor(x);
    const at = { x: event.clientX, y: event.clientY };
    if (this.#spec.kind === "lines") {
      showTooltip(at, momentText(x), [this.readings(x)]);
      return;
    }
    const { marks, all } = marksNear(plot, this.#spec, event, MOST_TOLD);
    if (marks.length === 0) {
      hideTooltip();
      return;
    }
    const told = marks.map(({ from, title, detail }) => [
      { label: momentText(from), text: title },
      ...detail.map((text) => ({ label: "", text })),
    ]);
    const more = all > marks.length ? [[{ label: "", text: `and ${String(all - marks.length)} more here` }]] : [];
    showTooltip(at, "", [...told, ...more]);
  }

  /** The cursor is where the pointer, another chart or the keyboard has put it; out of view it is nowhere. */
  #follow(): void {
    const { cursor } = this.#axis;
    // Keys of lanes have no values, and ten thousand marks are not to be looked through for each move of the pointer.
    const hasValues = cursor !== null && this.#spec.kind === "lines";
    this.#keys.tell(hasValues ? this.readings(cursor) : null);
    const isSeen = cursor !== null && this.#axis.isInView(cursor);
    const [left, top] = isSeen ? [this.#plot.valToPos(cursor, "x"), this.#plot.cursor.top ?? 0] : [NOWHERE, NOWHERE];
    if (this.#plot.cursor.left !== left) this.#plot.setCursor({ left, top: isSeen ? Math.max(0, top) : top });
  }

  #marksAt(x: number): Reading[] {
    if (this.#spec.kind !== "lanes") return [];
    const near = (this.#axis.range.to - this.#axis.range.from) / 200;
    return this.#spec.marks
      .filter(({ from }) => Math.abs(from - x) <= near)
      .slice(0, MOST_TOLD)
      .map(({ from, title }) => ({ label: momentText(from), text: title }));
  }

  #showKeys(): { tell: (readings: readonly Reading[] | null) => void } {
    return showKeys(byId(`keys-${this.#spec.id}`), this.#spec, this.#hidden, (group, show) => {
      if (show) this.#hidden.delete(group);
      else this.#hidden.add(group);
      if (this.#spec.kind !== "lines") return;
      // A share's interval goes with it.
      for (const [index, line] of drawnLines(this.#spec).entries()) {
        if (groupOf(line) === group) this.#plot.setSeries(index + 1, { show });
      }
    });
  }
}
