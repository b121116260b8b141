import { atText } from "../orchestrator/report/html/at-text.ts";

/** A moment of the axis (seconds) as everywhere on the page. */
export function momentText(seconds: number): string {
  return atText(seconds * 1000, 0);
}

/** Labels of the axis: whole seconds without a fraction. */
export function tickText(seconds: number, step: number): string {
  const tenths = step < 1 ? (Math.abs(seconds) % 60).toFixed(1) : String(Math.round(Math.abs(seconds) % 60));
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const sign = seconds < 0 ? "−" : "";
  if (minutes === 0) return `${sign}${tenths} s`;
  return `${sign}${String(minutes)}:${tenths.padStart(step < 1 ? 4 : 2, "0")}`;
}

export function count(value: number): string {
  return (Math.round(value * 10) / 10).toLocaleString("en-US");
}

export function percent(value: number): string {
  return `${(Math.round(value * 10) / 10).toLocaleString("en-US")} %`;
}

/** A label of an axis: 100 ms, 1 s. */
export function roundLatency(ms: number): string {
  return ms >= 1000 ? `${count(ms / 1000)} s` : `${count(ms)} ms`;
}

/** Milliseconds, in seconds where they are many. */
export function latency(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 100 ? ms.toFixed(0) : ms.toFixed(1)} ms`;
}
