import type { Outcome, Step, Taken } from "./step.ts";

const MARKS: Readonly<Record<Outcome["kind"], string>> = { passed: "✔", failed: "✘", interrupted: "✘", "not run": "–" };

/** Every step with its outcome and time, a line each; below them why the one that failed did. */
export function outcomeTable(taken: readonly Taken[]): string {
  const rows = taken.map(({ step, outcome }) => [
    `${MARKS[outcome.kind]} ${step.name}`,
    outcome.kind,
    outcome.kind === "not run" ? "" : timeText(outcome.seconds),
    step.asks,
  ]);
  const whys = taken.flatMap(({ step, outcome }) => {
    const lines = outcome.kind === "failed" ? outcome.why.split("\n") : [];
    return lines.map((line) => `${step.name}: ${line}`);
  });
  const seconds = taken.reduce((sum, { outcome }) => sum + (outcome.kind === "not run" ? 0 : outcome.seconds), 0);
  const passed = taken.filter(({ outcome }) => outcome.kind === "passed").length;
  const total = `${String(passed)} of ${String(taken.length)} steps passed, in ${timeText(seconds)}.`;
  return `${[...aligned([["  step", "outcome", "time", "what is asked"], ...rows]), "", total, ...whys].join("\n")}\n`;
}

/** Every step with its command, a line each. */
export function stepList(steps: readonly Step[]): string {
  const rows = steps.map(({ name, asks, command }) => [name, asks, command ?? ""]);
  return `${aligned([["step", "what is asked", "command"], ...rows]).join("\n")}\n`;
}

/** Minutes and seconds from a minute on, below it tenths of a second. */
function timeText(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
