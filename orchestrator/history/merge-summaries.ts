import type { K6Summary } from "./k6-summary.ts";

type Metric = K6Summary["metrics"][string];
type Values = Metric["values"];

/**
 * One summary of those that the k6 processes of a load write, in the same shape and with what can be had exactly: counters and the counts
 * behind rates add up, extremes are the outermost ones. Percentiles and averages are left out: they do not add up, and the ledger's
 * histograms do. The duration is the longest.
 *
 * A threshold on a count, a rate or an extreme is judged anew by what they come to together: a version that one process of four
 * happened not to see was seen. Any other is kept when every process kept it.
 */
export function mergeSummaries(summaries: readonly K6Summary[]): K6Summary {
  const names = new Set(summaries.flatMap(({ metrics }) => Object.keys(metrics)));
  const metrics: K6Summary["metrics"] = {};
  for (const name of [...names].sort()) {
    const all = summaries.flatMap((summary) => summary.metrics[name] ?? []);
    const [first] = all;
    if (first !== undefined) metrics[name] = mergeMetric(first.type, all);
  }
  const durations = summaries.map(({ state }) => state.testRunDurationMs);
  return { state: { testRunDurationMs: durations.reduce((longest, each) => Math.max(longest, each), 0) }, metrics };
}

function mergeMetric(type: string, all: readonly Metric[]): Metric {
  const values = mergeValues(
    type,
    all.map((metric) => metric.values),
  );
  const expressions = new Set(all.flatMap(({ thresholds = {} }) => Object.keys(thresholds)));
  if (expressions.size === 0) return { type, values };
  const thresholds: NonNullable<Metric["thresholds"]> = {};
  for (const expression of expressions) {
    const everywhere = all.every((metric) => metric.thresholds?.[expression]?.ok ?? true);
    thresholds[expression] = { ok: judged(expression, values) ?? everywhere };
  }
  return { type, values, thresholds };
}

function mergeValues(type: string, all: readonly Values[]): Values {
  const numbers = (key: string): number[] => all.flatMap((values) => values[key] ?? []);
  const total = (key: string): number => numbers(key).reduce((sum, each) => sum + each, 0);
  switch (type) {
    case "counter":
      // Per second: all of them counted at the same time.
      return { count: total("count"), rate: total("rate") };
    case "rate": {
      const [passes, fails] = [total("passes"), total("fails")];
      return { rate: passes + fails === 0 ? 0 : passes / (passes + fails), passes, fails };
    }
    case "trend": {
      // A process without a sample says 0 of everything.
      const seen = all.filter((values) => values["count"] !== 0);
      const extreme = (key: string, of: (...each: number[]) => number): Values => {
        const found = seen.flatMap((values) => values[key] ?? []);
        return found.length === 0 ? {} : { [key]: found.reduce((a, b) => of(a, b)) };
      };
      const count = numbers("count").length === all.length ? { count: total("count") } : {};
      return { ...count, ...extreme("min", Math.min), ...extreme("max", Math.max) };
    }
    default:
      // A gauge: how many there are now, of VUs, are as many as there are in all.
      return { value: total("value") };
  }
}

/** What k6 says of a threshold (https://grafana.com/docs/k6/latest/using-k6/thresholds/), by exact values alone; undefined when it takes others. */
function judged(expression: string, values: Values): boolean | undefined {
  const [, key = "", operator = "", bound = ""] =
    /^\s*(count|rate|min|max)\s*(>=|<=|===?|!=|>|<)\s*(-?\d+(?:\.\d+)?)\s*$/.exec(expression) ?? [];
  const value = values[key];
  // Of a rate without a sample k6 says that it is kept, whatever it is compared with; and of a counter's rate there are as many as clocks.
  const nothing = values["passes"] === 0 && values["fails"] === 0;
  if (value === undefined || nothing || (key === "rate" && values["passes"] === undefined)) return undefined;
  const limit = Number(bound);
  switch (operator) {
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case "!=":
      return value !== limit;
    default:
      return value === limit;
  }
}
