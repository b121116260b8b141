/**
 * What k6 2.2 hands to handleSummary, as far as it is used here: metrics by name, a metric of a tag as
 * `zerodrop_answers{version:v1}` and only if a threshold names it; under each its thresholds as
 * `{ "rate<=0": { "ok": true } }`. (`--new-machine-readable-summary`, not used here, would change this format.)
 *
 * handleSummary is also called when the test was stopped by REST (exit code 103) or by SIGTERM (105), after k6 has
 * closed its outputs.
 */
interface SummaryData {
  readonly state: { readonly testRunDurationMs: number };
  readonly metrics: Readonly<
    Record<
      string,
      {
        readonly values: Readonly<Record<string, number>>;
        readonly thresholds?: Readonly<Record<string, { readonly ok: boolean }>>;
      }
    >
  >;
}

/** handleSummary's answer: the data as it came to `path` as JSON, and a short text to stdout. */
export function summaryTo(path: string, data: SummaryData): Record<string, string> {
  return { [path]: JSON.stringify(data), stdout: textOf(data) };
}

/** Thresholds first, each with its state, then every metric with its values. */
function textOf(data: SummaryData): string {
  const lines = [`k6 ran for ${(data.state.testRunDurationMs / 1000).toFixed(1)} s`, "", "thresholds"];
  const metrics = Object.entries(data.metrics).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, { thresholds = {} }] of metrics) {
    for (const [expression, { ok }] of Object.entries(thresholds)) {
      lines.push(`  ${ok ? "kept   " : "CROSSED"}  ${name}: ${expression}`);
    }
  }
  lines.push("", "metrics");
  for (const [name, { values }] of metrics) {
    const shown = Object.entries(values).map(([key, value]) => `${key}=${String(Math.round(value * 1000) / 1000)}`);
    lines.push(`  ${name}: ${shown.join(" ")}`);
  }
  return `${lines.join("\n")}\n`;
}
