import { readEndpointSlice } from "../../history/endpointslice.ts";
import { clusterOfServeService, serveServiceOf } from "../../history/httproute.ts";
import { LiveObjects } from "../../history/live-objects.ts";
import type { Observation } from "../../history/observation.ts";
import { readPod } from "../../history/pod.ts";
import { readRayCluster } from "../../history/raycluster.ts";
import { readRayService, type RayServiceView } from "../../history/rayservice.ts";
import type { Timeline } from "../../history/timeline.ts";
import type { LiveSide } from "./live-state.ts";
import type { RecentLoad } from "./recent-load.ts";

/** Follows what is known of each RayCluster: its part of the status, its pods and its ready endpoints. */
export class Sides {
  readonly #name: string;
  readonly #pods = new LiveObjects("Pod", readPod);
  /** RayClusters that are gone or being deleted. */
  readonly #ending = new Set<string>();
  readonly #slices = new LiveObjects("EndpointSlice", readEndpointSlice);
  /** The RayService's newest status; null before it was seen. */
  status: RayServiceView | null = null;
  /** Least time between a promotion and the old RayCluster's deletion, s; a change of the status alone does not tell it again. */
  deletionDelaySeconds: number | null = null;

  constructor(rayService: string) {
    this.#name = rayService;
  }

  observe(line: Observation): void {
    this.#pods.observe(line);
    this.#slices.observe(line);
    if (line.type !== "object") return;
    if (line.kind === "RayCluster") {
      const cluster = readRayCluster(line.object);
      if (line.event === "deleted" || (cluster.ok && cluster.view.beingDeleted)) this.#ending.add(line.name);
    }
    if (line.kind !== "RayService" || line.name !== this.#name) return;
    const reading = readRayService(line.object);
    if (!reading.ok || line.event === "deleted") return;
    this.status = reading.view;
    this.deletionDelaySeconds = reading.view.deletionDelaySeconds ?? this.deletionDelaySeconds;
  }

  /** Whether a RayCluster is gone or being deleted; its pods end after it. */
  isEnding(cluster: string): boolean {
    return this.#ending.has(cluster);
  }

  /** The RayClusters that have a part in the run at the moment: the leaving one, the arriving one, then the others by name. */
  all({ leaving, arriving, routeChanges, trigger }: Timeline, load: RecentLoad): LiveSide[] {
    const weights = new Map(
      [...(routeChanges.at(-1)?.weights ?? [])].map(([service, weight]) => [clusterOfServeService(service), weight]),
    );
    const answers = load.answers();
    const { active, pending } = this.status ?? { active: null, pending: null };
    const ofStatus = [active, pending].flatMap((one) => one?.rayClusterName ?? []);
    const names = new Set([...weights.keys(), ...answers.keys(), ...ofStatus]);
    const pods = [...this.#pods.values()];
    for (const { cluster } of pods) names.add(cluster);
    names.delete("");
    const old = leaving ?? active?.rayClusterName ?? (trigger === null ? onlyOne(weights, names) : null);
    const side = (cluster: string): LiveSide => {
      const part = [active, pending].find((one) => one?.rayClusterName === cluster);
      return {
        cluster,
        role: cluster === old ? (trigger === null ? "active" : "old") : cluster === arriving ? "new" : "other",
        versions: answers.get(cluster)?.versions ?? load.lastVersions(cluster),
        targetCapacity: part?.targetCapacity ?? null,
        trafficRoutedPercent: part?.trafficRoutedPercent ?? null,
        weight: weights.get(cluster) ?? null,
        readyEndpoints: this.#readyEndpoints(cluster),
        pods: pods.filter((pod) => pod.cluster === cluster).length,
        share: answers.size === 0 ? null : (answers.get(cluster)?.share ?? 0),
      };
    };
    const rank = (cluster: string): number => (cluster === old ? 0 : cluster === arriving ? 1 : 2);
    return [...names].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)).map(side);
  }

  #readyEndpoints(cluster: string): number {
    const service = serveServiceOf(cluster);
    const ready = new Set(
      [...this.#slices.values()].flatMap((slice) => (slice.service === service ? slice.ready : [])),
    );
    return ready.size;
  }
}

/** Of a run whose status was not seen yet, the RayCluster that must be the active one, when no other can be: by the route, else as there is no other. */
function onlyOne(weights: ReadonlyMap<string, number>, names: ReadonlySet<string>): string | null {
  const weighty = [...weights].filter(([, weight]) => weight > 0).map(([cluster]) => cluster);
  const [one, ...others] = weighty.length > 0 ? weighty : names;
  return one === undefined || others.length > 0 ? null : one;
}
