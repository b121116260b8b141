import type { ChartId } from "../orchestrator/report/html/charts.ts";
import type { Range } from "./time-axis.ts";

/** Values at the xs of a chart; undefined: this x belongs to another line; null: nothing is known there, a gap. */
export type Values = readonly (number | null | undefined)[];

/** One line of a chart. */
export interface Line {
  readonly label: string;
  /** Name of a colour in the style sheet. */
  readonly colour: string;
  /** `step`: a value holds until the next one. `dots`: a step line too, but dotted and thin. */
  readonly style: "line" | "step" | "dots" | "dash";
  readonly values: Values;
  /** What is drawn instead, where values would say more than there is to see. */
  readonly drawn?: Values;
  readonly format: (value: number) => string;
  /** Fills the room down to zero. */
  readonly filled?: boolean;
  /** Only a bound of a band, which belongs to the line with this label: no key, no line. */
  readonly boundOf?: string;
  /** Told at the cursor and in the table, and not drawn: its unit is not the axis's. */
  readonly told?: boolean;
}

/** What stands at a moment in one chart, for keys, tooltips and readers. */
export interface Reading {
  readonly label: string;
  readonly text: string;
}

/** Rows of a chart's table within a range; `all` of them, of which the first are given. */
export interface TableRows {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly all: number;
  /** What belongs to the range and has no row. */
  readonly note?: string;
  /** Stretches (seconds) that the rows' first cells lead to; left out where rows are no events. */
  readonly leadTo?: readonly Range[];
}

interface Common {
  readonly id: ChartId;
  readonly table: (range: Range) => TableRows;
}

/** A chart of lines over one set of xs (seconds). */
export interface LineChart extends Common {
  readonly kind: "lines";
  readonly height: number;
  readonly xs: readonly number[];
  readonly lines: readonly Line[];
  /** Pairs of lines, by index, between which the room is filled. */
  readonly bands: readonly { readonly upper: number; readonly lower: number; readonly colour: string }[];
  readonly y: {
    /** A label of the axis. */
    readonly tick: (value: number) => string;
    readonly logarithmic?: boolean;
    /** Always in view, in values of the axis. */
    readonly least: number;
    readonly most: number;
    /** Never more than `most`, such as percent. */
    readonly fixed?: boolean;
  };
}

/** A mark in a chart of lanes. */
export interface Mark {
  readonly lane: number;
  readonly from: number;
  /** Where it lasts; equal to `from` for a moment. */
  readonly to: number;
  readonly colour: string;
  readonly shape: "dot" | "ring" | "triangle" | "cross" | "ring-cross";
  readonly title: string;
  readonly detail: readonly string[];
}

/** A chart of marks in lanes. */
export interface LaneChart extends Common {
  readonly kind: "lanes";
  readonly lanes: readonly string[];
  /** In the order of `from`. */
  readonly marks: readonly Mark[];
  readonly keys: readonly { readonly label: string; readonly colour: string; readonly shape: Mark["shape"] }[];
  /** What is said where there is no mark. */
  readonly empty: string;
}

export type ChartSpec = LineChart | LaneChart;

/** Rows of a table that are made at a time: a browser lays out no more without a pause. */
export const MOST_ROWS = 500;
