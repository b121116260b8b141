/** Columns that every table is made to fit into. */
const LEAST = 80;
/** Columns beyond which text is no longer easy to read. */
const MOST = 100;

/** Columns to write for, of those a terminal has; undefined when it is none. */
export function terminalWidth(columns: number | undefined): number {
  // Some terminals say 0 when they do not know.
  if (columns === undefined || columns === 0) return MOST;
  return Math.min(MOST, Math.max(LEAST, columns));
}
