import type { Chart } from "./chart.ts";
import { byId } from "./dom.ts";
import type { TimeAxis } from "./time-axis.ts";
import { momentText } from "./words.ts";

/** Part of what is in view that an arrow key moves the cursor by; with Shift ten times as much. */
const STRIDE = 1 / 200;

/** Makes a chart usable by keyboard, and says aloud what stands at the cursor. */
export function listenToKeys(chart: Chart, axis: TimeAxis, title: string): void {
  const { place } = chart;
  place.tabIndex = 0;
  place.setAttribute("role", "group");
  place.setAttribute("aria-roledescription", "chart");
  place.setAttribute("aria-label", `${title}: arrow keys move the cursor, plus and minus zoom`);
  place.setAttribute("aria-describedby", `told-${chart.spec.id}`);
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !act(event, axis)) return;
    event.preventDefault();
    if (axis.cursor !== null) announce(chart, axis.cursor);
  });
}

/** True when the key meant something. */
function act({ key, shiftKey }: KeyboardEvent, axis: TimeAxis): boolean {
  const { from, to } = axis.range;
  const stride = (to - from) * STRIDE * (shiftKey ? 10 : 1);
  const at = axis.cursor ?? (from + to) / 2;
  switch (key) {
    case "ArrowLeft":
      moveTo(axis, at - stride);
      return true;
    case "ArrowRight":
      moveTo(axis, at + stride);
      return true;
    case "Home":
      moveTo(axis, axis.whole.from);
      return true;
    case "End":
      moveTo(axis, axis.whole.to);
      return true;
    case "+":
    case "=":
      axis.zoom(0.5);
      return true;
    case "-":
      axis.zoom(2);
      return true;
    case "Escape":
      axis.all();
      return true;
    default:
      return false;
  }
}

/** Moves the cursor, and the view with it where it would leave it. */
function moveTo(axis: TimeAxis, x: number): void {
  const at = Math.min(axis.whole.to, Math.max(axis.whole.from, x));
  const { from, to } = axis.range;
  if (at < from) axis.view({ from: at, to: at + (to - from) });
  if (at > to) axis.view({ from: at - (to - from), to: at });
  axis.moveCursor(at);
}

function announce(chart: Chart, x: number): void {
  const readings = chart.readings(x).map(({ label, text }) => `${label} ${text}`);
  byId("announcement").textContent = `${momentText(x)}: ${readings.join(", ") || "nothing here"}`;
}
