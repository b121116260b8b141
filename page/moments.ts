import { byId } from "./dom.ts";
import { secondsOf } from "./steps.ts";
import type { TimeAxis } from "./time-axis.ts";
import { momentText } from "./words.ts";

/** Every button that names a moment moves the axis there, and brings the charts into view. */
export function wireMoments(zeroMs: number, axis: TimeAxis): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-at]")) {
    const from = secondsOf(Number(button.dataset["at"]), zeroMs);
    const until = button.dataset["until"];
    const to = until === undefined ? from : secondsOf(Number(until), zeroMs);
    button.addEventListener("click", () => {
      axis.show(from, to);
      byId("announcement").textContent = `${momentText(from)} is shown on the time axis`;
      if (button.classList.contains("phase")) return;
      // Who goes on by keyboard goes on from the charts.
      byId("timeline-title").focus({ preventScroll: true });
      byId("timeline").scrollIntoView({ block: "start" });
    });
  }
}
