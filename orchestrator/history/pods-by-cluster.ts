import { instantOf, type Instant } from "./instant.ts";
import { LiveObjects } from "./live-objects.ts";
import type { Observation } from "./observation.ts";
import { readPod } from "./pod.ts";

/** Follows which RayClusters have pods, and when each lost its last one. */
export class PodsByCluster {
  readonly #pods = new LiveObjects("Pod", readPod);
  readonly #emptied = new Map<string, Instant>();
  #populated = new Set<string>();

  observe(line: Observation): void {
    this.#pods.observe(line);
    if (!("kind" in line) || line.kind !== "Pod") return;
    const now = new Set<string>();
    for (const { cluster } of this.#pods.values()) if (cluster !== "") now.add(cluster);
    for (const cluster of this.#populated) if (!now.has(cluster)) this.#emptied.set(cluster, instantOf(line));
    for (const cluster of now) this.#emptied.delete(cluster);
    this.#populated = now;
  }

  /** Why pods of a RayCluster do not start, one line for each reason. */
  stuckOf(cluster: string): string[] {
    const reasons = [...this.#pods.values()].flatMap((pod) =>
      pod.cluster === cluster && pod.stuck !== "" && !pod.beingDeleted ? [pod.stuck] : [],
    );
    return [...new Set(reasons)].map((reason) => `a pod of ${cluster} does not start: ${reason}`);
  }

  /** When the RayCluster's last pod was gone; null while it has pods, or if none of its pods was ever seen. */
  emptiedAt(cluster: string): Instant | null {
    return this.#emptied.get(cluster) ?? null;
  }
}
