import type { Course } from "../orchestrator/report/course/course.ts";
import { byId } from "./dom.ts";
import { secondsOf } from "./steps.ts";
import type { Range, TimeAxis } from "./time-axis.ts";
import { momentText } from "./words.ts";

/** Buttons of the axis, the choice of a kind of client, and where the cursor is. */
export function wireToolbar(course: Course, axis: TimeAxis, onKind: (kind: string) => void): void {
  const toolbar = byId("toolbar");
  toolbar.hidden = false;
  const acts: Readonly<Record<string, () => void>> = {
    all: () => axis.all(),
    change: () => axis.view(changeOf(course, axis)),
    in: () => axis.zoom(0.5),
    out: () => axis.zoom(2),
    earlier: () => axis.pan(-0.5),
    later: () => axis.pan(0.5),
  };
  for (const button of toolbar.querySelectorAll<HTMLButtonElement>("button[data-act]")) {
    button.addEventListener("click", () => acts[button.dataset["act"] ?? ""]?.());
  }
  const select = byId("kind");
  if (!(select instanceof HTMLSelectElement)) throw new Error("The choice of a kind of client is no select element.");
  byId("kinds").hidden = select.options.length < 2;
  select.addEventListener("change", () => {
    onKind(select.value);
  });
  const readout = byId("readout");
  axis.onCursor(() => {
    readout.textContent = axis.cursor === null ? "" : readoutText(course, axis.cursor);
  });
}

/** Seconds before and after what is looked at. */
const AROUND = 3;

/** From the first move of weights to the last, with a little around them; where there was none what was done instead, or the whole run. */
function changeOf({ clusters, phases, zeroMs }: Course, axis: TimeAxis): Range {
  // A RayCluster's first weight is what it had when it was first seen: no move.
  const moves = clusters.flatMap(({ weight }) => weight.slice(1).map(([atMs]) => secondsOf(atMs, zeroMs)));
  const [first, last] = [Math.min(...moves), Math.max(...moves)];
  if (!Number.isFinite(first)) return stretchOf(phases, zeroMs) ?? axis.whole;
  const around = Math.max(AROUND, (last - first) * 0.15);
  return { from: first - around, to: last + around };
}

/** The stretch of the run that begins at zero: a change in place, faults, what was watched. */
function stretchOf(phases: Course["phases"], zeroMs: number): Range | null {
  const stretch = phases.find(({ fromMs }) => fromMs >= zeroMs);
  if (stretch === undefined) return null;
  const [from, to] = [secondsOf(stretch.fromMs, zeroMs), secondsOf(stretch.untilMs, zeroMs)];
  return { from: from - AROUND, to: to + AROUND };
}

function readoutText({ phases, zeroMs }: Course, x: number): string {
  const ms = zeroMs + x * 1000;
  const phase = phases.findLast(({ fromMs }) => fromMs <= ms);
  const date = new Date(ms);
  const time = Number.isNaN(date.getTime()) ? "" : `${date.toISOString().slice(11, 21)} UTC`;
  return [momentText(x), time, phase?.name ?? ""].filter((part) => part !== "").join(" · ");
}
