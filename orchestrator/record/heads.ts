import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";

const headSchema = z.looseObject({
  metadata: z.looseObject({
    labels: z.looseObject({ "ray.io/cluster": z.string(), "ray.io/node-type": z.literal("head") }),
  }),
  status: z.looseObject({ phase: z.string().optional() }).optional(),
});

/** The head pod of each live RayCluster, kept up to date from the pods' watch. */
export class Heads {
  readonly #pods = new Map<string, { pod: string; running: boolean }>();

  see(event: "listed" | "added" | "modified" | "deleted", object: KubeObject): void {
    const read = headSchema.safeParse(object);
    if (!read.success) return;
    const cluster = read.data.metadata.labels["ray.io/cluster"];
    const { name } = object.metadata;
    if (event === "deleted") {
      // A successor may have been seen already.
      if (this.#pods.get(cluster)?.pod === name) this.#pods.delete(cluster);
    } else {
      this.#pods.set(cluster, { pod: name, running: read.data.status?.phase === "Running" });
    }
  }

  /** RayClusters whose head runs, with the head pod's name. */
  running(): { cluster: string; pod: string }[] {
    return [...this.#pods].flatMap(([cluster, { pod, running }]) => (running ? [{ cluster, pod }] : []));
  }
}
