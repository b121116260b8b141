import { z } from "zod";
import type { Observation } from "../history/observation.ts";

const countersSchema = z.object({
  cpuSeconds: z.number().nullish(),
  throttledPeriods: z.number().nullish(),
});
type Counters = z.infer<typeof countersSchema>;

/**
 * What the kubelet counted for the k6 containers, each between the first and the last poll of its pod, all pods together. Null: not told of
 * any; a container without a CPU limit is never throttled.
 */
export class K6Throttling {
  readonly #pods = new Map<string, { first: Counters; last: Counters | null }>();

  observe(line: Observation): void {
    if (line.type !== "poll" || line.poll !== "k6-cgroup" || !line.ok) return;
    const read = countersSchema.safeParse(line.data);
    if (!read.success) return;
    const pod = this.#pods.get(line.subject);
    // A single look tells no difference.
    if (pod === undefined) this.#pods.set(line.subject, { first: read.data, last: null });
    else pod.last = read.data;
  }

  /** Periods in which a container was kept from running. */
  get throttledPeriods(): number | null {
    return this.#sum("throttledPeriods");
  }

  get cpuSeconds(): number | null {
    return this.#sum("cpuSeconds");
  }

  #sum(of: keyof Counters): number | null {
    const told = [...this.#pods.values()].flatMap(({ first, last }) => difference(first[of], last?.[of]) ?? []);
    return told.length === 0 ? null : rounded(told.reduce((sum, each) => sum + each, 0));
  }
}

function difference(first: number | null | undefined, last: number | null | undefined): number | null {
  return first == null || last == null ? null : last - first;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
