import { z } from "zod";
import type { Observation } from "../history/observation.ts";

const countersSchema = z.object({
  cpuSeconds: z.number().nullish(),
  throttledPeriods: z.number().nullish(),
});
type Counters = z.infer<typeof countersSchema>;

/** What the kubelet counted for the k6 container between the first and the last poll of it. Null: not told; a container without a CPU limit is never throttled. */
export class K6Throttling {
  #first: Counters | null = null;
  #last: Counters | null = null;

  observe(line: Observation): void {
    if (line.type !== "poll" || line.poll !== "k6-cgroup" || !line.ok) return;
    const read = countersSchema.safeParse(line.data);
    if (!read.success) return;
    // A single look tells no difference.
    if (this.#first === null) this.#first = read.data;
    else this.#last = read.data;
  }

  /** Periods in which the container was kept from running. */
  get throttledPeriods(): number | null {
    return difference(this.#first?.throttledPeriods, this.#last?.throttledPeriods);
  }

  get cpuSeconds(): number | null {
    return difference(this.#first?.cpuSeconds, this.#last?.cpuSeconds);
  }
}

function difference(first: number | null | undefined, last: number | null | undefined): number | null {
  return first == null || last == null ? null : Math.round((last - first) * 1000) / 1000;
}
