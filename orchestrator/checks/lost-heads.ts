import { instantOf, type Instant } from "../history/instant.ts";
import type { Observation } from "../history/observation.ts";
import type { Trouble } from "../history/pod-troubles.ts";
import { readPod } from "../history/pod.ts";
import { readRayCluster } from "../history/raycluster.ts";

/** Two watches may tell of a RayCluster's deletion and of that of its pods this far apart (ms): 1.3 s was seen on a busy machine. */
const SKEW_MS = 2000;

/**
 * Follows the pods of heads that were taken away while their RayCluster was to stay. KubeRay deletes the pod of a head only with its RayCluster or for a
 * suspension, or where it has ended already; workers come and go with the autoscaler and tell nothing.
 */
export class LostHeads {
  readonly #lost: Trouble[] = [];
  readonly #heads = new Map<string, string>();
  readonly #told = new Set<string>();
  /** When each RayCluster was first seen to be deleted. */
  readonly #deleted = new Map<string, Instant>();

  observe(line: Observation): void {
    if (line.type !== "object") return;
    if (line.kind === "RayCluster") {
      const cluster = readRayCluster(line.object);
      const isGoing = line.event === "deleted" || (cluster.ok && cluster.view.beingDeleted);
      if (isGoing && !this.#deleted.has(line.name)) this.#deleted.set(line.name, instantOf(line));
    }
    if (line.kind !== "Pod") return;
    const pod = readPod(line.object);
    if (pod.ok && pod.view.nodeType === "head") this.#heads.set(line.uid, pod.view.cluster);
    const cluster = this.#heads.get(line.uid);
    const isGoing = line.event === "deleted" || (pod.ok && pod.view.beingDeleted);
    if (cluster === undefined || !isGoing || this.#told.has(line.uid)) return;
    this.#told.add(line.uid);
    const { name, uid } = line;
    this.#lost.push({ at: instantOf(line), cause: "replaced", pod: name, uid, of: cluster, container: "", detail: "" });
  }

  /** One trouble for each head that went away although its RayCluster did not. */
  troubles(): Trouble[] {
    return this.#lost.filter(({ of, at }) => {
      const deleted = this.#deleted.get(of);
      return deleted === undefined || at.monoMs < deleted.monoMs - SKEW_MS;
    });
  }
}
