import { attribution } from "../../history/attributed.ts";
import { outcomesOf } from "../../history/failures.ts";
import { LATEST_MS } from "../../history/instant.ts";
import type { LedgerLine } from "../../history/ledger.ts";
import type { Observation } from "../../history/observation.ts";
import { timelineFold } from "../../history/timeline-fold.ts";
import type { Timeline } from "../../history/timeline.ts";
import type { Plan } from "../../plan/plan.ts";
import { BinGrid, type Span } from "./bins.ts";
import { ClusterLines } from "./clusters.ts";
import type { Course } from "./course.ts";
import { FailureRows } from "./failure-list.ts";
import { Flags } from "./flags.ts";
import { KnownBins } from "./known-bins.ts";
import { LoadBins } from "./load-columns.ts";
import { whole } from "./numbers.ts";
import { phasesOf } from "./phases.ts";
import { PressureBins } from "./pressure.ts";
import { ShareBins } from "./share.ts";

/** Makes the course of one recording: feed it every line of the history, then every line of the ledger, each in its own order, then finish once. */
export interface CourseFold {
  observe(line: Observation): void;
  ledger(line: LedgerLine): void;
  finish(): Course;
}

/**
 * The fold for the recording of a plan. Never throws on what was recorded; equal inputs give equal courses. Memory does not grow with the
 * length of the load. A line of the history after one of the ledger is a bug of the caller and throws.
 */
export function createCourse(plan: Plan): CourseFold {
  const timelineState = timelineFold.init(plan);
  const clusters = new ClusterLines(plan);
  const flags = new Flags(plan);
  const record = new Extent();
  let known: LedgerBins | null = null;
  const historyEnds = (firstMs: number | null): LedgerBins => {
    const span = record.span() ?? momentOf(firstMs ?? Date.parse(plan.createdAt));
    return (known = new LedgerBins(plan, timelineFold.finish(timelineState), span));
  };

  return {
    observe(line) {
      if (known !== null) throw new Error("A line of the history came after one of the ledger.");
      timelineFold.step(timelineState, line);
      clusters.observe(line);
      flags.observe(line);
      record.see(line.wallMs);
    },
    ledger(line) {
      (known ?? historyEnds(timeOf(line))).observe(line);
    },
    finish() {
      const { timeline, firstStartMs, ...columns } = (known ?? historyEnds(null)).finish();
      return {
        ...columns,
        phases: phasesOf(timeline, firstStartMs, columns),
        clusters: clusters.courses(timeline),
        ...flags.list(timeline),
      };
    },
  };
}

/** All that is made of the ledger, from when the history has ended. */
class LedgerBins {
  readonly #grid: BinGrid;
  readonly #known: KnownBins;
  readonly #load: LoadBins;
  readonly #pressure: PressureBins;
  readonly #share: ShareBins;
  readonly #failures: FailureRows;
  readonly #attribute: ReturnType<typeof attribution>;
  #firstStartMs: number | null = null;

  constructor(
    plan: Plan,
    private readonly timeline: Timeline,
    private readonly span: Span,
  ) {
    this.#grid = new BinGrid(span);
    this.#known = new KnownBins(this.#grid);
    this.#load = new LoadBins(plan, this.#grid);
    this.#pressure = new PressureBins(this.#grid);
    this.#share = new ShareBins(plan, timeline, this.#grid);
    this.#failures = new FailureRows(this.#grid);
    this.#attribute = attribution(plan, timeline);
  }

  observe(written: LedgerLine): void {
    const line = this.#attribute(written);
    const outcomes = outcomesOf(line);
    if (outcomes !== null) this.#firstStartMs = Math.min(this.#firstStartMs ?? Infinity, outcomes.startMs);
    this.#known.observe(line);
    this.#load.observe(line);
    this.#pressure.observe(line);
    this.#share.observe(line);
    this.#failures.observe(line);
  }

  finish() {
    const layout = this.#grid.layout();
    const { fromMs, widthMs, count } = layout.bins;
    const known = this.#known.ofRequests(layout);
    const recordMs = whole(this.span.fromMs);
    const untilMs = Math.max(whole(this.span.untilMs), Math.min(recordMs + 1, LATEST_MS));
    return {
      timeline: this.timeline,
      firstStartMs: this.#firstStartMs,
      ...zeroOf(this.timeline, recordMs),
      // The axis has the record, and the bins of a ledger that reaches beyond it.
      fromMs: fromMs + widthMs <= recordMs ? fromMs : recordMs,
      untilMs: fromMs + (count - 1) * widthMs > untilMs ? Math.min(fromMs + count * widthMs, LATEST_MS) : untilMs,
      bins: layout.bins,
      ...this.#load.columns(layout, known),
      pressure: this.#pressure.columns(layout, this.#known.ofHeartbeats(layout)),
      share: this.#share.columns(layout, known),
      failures: this.#failures.list(),
    };
  }
}

/** The first and the last moment of a history, by the runner's wall clock, which may have been set back in between. */
class Extent {
  #fromMs = Infinity;
  #untilMs = -Infinity;

  see(ms: number): void {
    this.#fromMs = Math.min(this.#fromMs, ms);
    this.#untilMs = Math.max(this.#untilMs, ms);
  }

  /** Null when nothing was seen. */
  span(): Span | null {
    return this.#fromMs > this.#untilMs ? null : { fromMs: this.#fromMs, untilMs: this.#untilMs };
  }
}

function momentOf(ms: number): Span {
  return { fromMs: ms, untilMs: ms };
}

function timeOf(line: LedgerLine): number {
  switch (line.type) {
    case "answered":
    case "first-token":
    case "failures":
      return line.binMs;
    case "failed":
    case "session":
      return line.startMs;
    case "heartbeat":
    case "end":
      return line.atMs;
  }
}

function zeroOf({ trigger, loadStart, made, faults }: Timeline, recordMs: number): Pick<Course, "zero" | "zeroMs"> {
  if (trigger !== null) {
    const zero = made !== "steady" ? "trigger" : faults.length > 0 ? "first-fault" : "watching";
    return { zero, zeroMs: whole(trigger.wallMs) };
  }
  if (loadStart !== null) return { zero: "load-start", zeroMs: whole(loadStart.wallMs) };
  return { zero: "record-start", zeroMs: recordMs };
}
