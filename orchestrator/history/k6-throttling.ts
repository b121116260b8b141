import { z } from "zod";
import type { Observation } from "./observation.ts";

const countersSchema = z.object({
  cpuSeconds: z.number().nullish(),
  throttledPeriods: z.number().nullish(),
  throttledSeconds: z.number().nullish(),
});
type Counter = keyof z.infer<typeof countersSchema>;

/** First and last of what was told of a counter of a pod. */
interface Span {
  first: number;
  last: number;
}

/** What counts nothing while a container has no CPU limit: a limit that it gets later begins with none of it. */
const OF_A_LIMIT: readonly Counter[] = ["throttledPeriods", "throttledSeconds"];

/**
 * What the kubelet counted for the k6 containers, each between the first and the last poll of its pod, all pods together. Null: not told of
 * any; a container without a CPU limit is never throttled.
 *
 * Source: cAdvisor leaves the CFS counters out while a container has no quota.
 */
export class K6Throttling {
  readonly #pods = new Map<string, Map<Counter, Span>>();

  observe(line: Observation): void {
    if (line.type !== "poll" || line.poll !== "k6-cgroup" || !line.ok) return;
    const read = countersSchema.safeParse(line.data);
    if (!read.success) return;
    const known = this.#pods.get(line.subject);
    const spans = known ?? new Map<Counter, Span>();
    this.#pods.set(line.subject, spans);
    for (const counter of countersSchema.keyof().options) {
      const told = read.data[counter];
      if (told == null) continue;
      const span = spans.get(counter);
      if (span !== undefined) span.last = told;
      else {
        const before = known !== undefined && OF_A_LIMIT.includes(counter) ? 0 : told;
        // A single look tells no difference.
        spans.set(counter, { first: before, last: known === undefined ? NaN : told });
      }
    }
  }

  /** Periods in which a container was kept from running. */
  get throttledPeriods(): number | null {
    return this.#sum("throttledPeriods");
  }

  /** How long containers were kept from running, ms. */
  get throttledMs(): number | null {
    const seconds = this.#sum("throttledSeconds");
    return seconds === null ? null : Math.round(seconds * 1000);
  }

  get cpuSeconds(): number | null {
    return this.#sum("cpuSeconds");
  }

  #sum(of: Counter): number | null {
    const told = [...this.#pods.values()].flatMap((spans) => {
      const span = spans.get(of);
      return span === undefined || Number.isNaN(span.last) ? [] : [span.last - span.first];
    });
    return told.length === 0 ? null : rounded(told.reduce((sum, each) => sum + each, 0));
  }
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
