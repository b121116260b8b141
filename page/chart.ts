import uPlot from "uplot";
import type { Course } from "../orchestrator/report/course/course.ts";
import type { ChartSpec, Reading } from "./chart-spec.ts";
import { byId } from "./dom.ts";
import { drawMarks, laneAxis, laneHeight, laneScale, marksNear } from "./lane-plot.ts";
import { decadesOnly, lineAxis, lineBands, lineData, lineReadings, lineScale, lineSeries } from "./line-plot.ts";
import { plotOptions } from "./plot.ts";
import { showKeys } from "./keys.ts";
import type { TimeAxis } from "./time-axis.ts";
import { hideTooltip, showTooltip } from "./tooltip.ts";
import { momentText } from "./words.ts";

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
  /** Set while the cursor is moved by the axis, so that it is not told of what it asked for. */
  #following = false;

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
    const width = Math.max(240, Math.floor(this.#place.clientWidth));
    const common = { course: this.#course, axis: this.#axis, width };
    const hover = (plot: uPlot): void => {
      this.#hover(plot);
    };
    if (spec.kind === "lines") {
      const options = plotOptions(
        { ...common, height: spec.height },
        {
          series: lineSeries(spec),
          bands: lineBands(spec),
          y: lineScale(spec),
          yAxis: lineAxis(spec),
          hover,
          ...(spec.y.logarithmic === true ? { gridFilter: decadesOnly } : {}),
        },
      );
      return new uPlot(options, lineData(spec, this.#axis.range), this.#place);
    }
    const { from, to } = this.#axis.whole;
    const options = plotOptions(
      { ...common, height: laneHeight(spec) },
      {
        series: [{ show: false }],
        y: laneScale(spec),
        yAxis: laneAxis(spec),
        hover,
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
    plot.over.addEventListener("click", () => {
      const [mark] = marksNear(plot, spec, 1).marks;
      if (mark !== undefined) this.#axis.show(mark.from, mark.to);
    });
    return plot;
  }

  /** The pointer moved over this chart. */
  #hover(plot: uPlot): void {
    const { left = -1, top = -1 } = plot.cursor;
    if (this.#following || left < 0) return;
    const x = plot.posToVal(left, "x");
    this.#axis.moveCursor(x);
    const bounds = plot.over.getBoundingClientRect();
    const at = { x: bounds.left + left, y: bounds.top + top };
    if (this.#spec.kind === "lines") {
      showTooltip(at, momentText(x), [this.readings(x)]);
      return;
    }
    const { marks, all } = marksNear(plot, this.#spec, MOST_TOLD);
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

  /** The cursor is where another chart, or the keyboard, has put it. */
  #follow(): void {
    const { cursor } = this.#axis;
    this.#keys.tell(cursor === null ? null : this.readings(cursor));
    this.#following = true;
    const left = cursor === null ? -10 : this.#plot.valToPos(cursor, "x");
    if (this.#plot.cursor.left !== left)
      this.#plot.setCursor({ left, top: cursor === null ? -10 : (this.#plot.cursor.top ?? 0) });
    this.#following = false;
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
    return showKeys(byId(`keys-${this.#spec.id}`), this.#spec, (line, show) => {
      this.#plot.setSeries(line + 1, { show });
    });
  }
}
