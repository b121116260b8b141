/** Eighths of a cell, from the left; U+258F to U+2589. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

/** A bar of `cells` cells that is full at 100 %: its filled and its empty part. Percentages beyond 0 to 100 read as the nearest of these. */
export function bar(percent: number, cells: number): { readonly filled: string; readonly empty: string } {
  const eighths = Math.round((Math.min(100, Math.max(0, percent)) / 100) * cells * 8);
  const filled = "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
  return { filled, empty: "░".repeat(cells - filled.length) };
}
