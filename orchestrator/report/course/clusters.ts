import { readEndpointSlice } from "../../history/endpointslice.ts";
import { clusterOfServeService, isRouteOf, readHttpRoute } from "../../history/httproute.ts";
import { LiveObjects } from "../../history/live-objects.ts";
import type { ObjectSeen, Observation } from "../../history/observation.ts";
import { readPod } from "../../history/pod.ts";
import { readRayCluster } from "../../history/raycluster.ts";
import { readRayService } from "../../history/rayservice.ts";
import type { Timeline } from "../../history/timeline.ts";
import type { Plan } from "../../plan/plan.ts";
import { createdFor, versionOf } from "../../plan/way.ts";
import type { ClusterCourse } from "./course.ts";
import { rounded } from "./numbers.ts";
import { StepLine } from "./steps.ts";

type LineName = "targetCapacity" | "trafficRoutedPercent" | "weight" | "readyPods" | "pods" | "readyEndpoints";
type Lines = Readonly<Record<LineName, StepLine>>;

/** Follows what status, route, pods and endpoints say of each RayCluster. */
export class ClusterLines {
  readonly #application: string;
  readonly #lines = new Map<string, Lines>();
  /** RayClusters of the RayService under test, in the order in which they appeared. */
  readonly #appeared = new Set<string>();
  readonly #pods = new LiveObjects("Pod", readPod);
  readonly #slices = new LiveObjects("EndpointSlice", readEndpointSlice);

  constructor(private readonly plan: Plan) {
    this.#application = plan.application.name;
  }

  observe(line: Observation): void {
    if (line.type === "object") this.#onObject(line);
    if (!("kind" in line)) return;
    if (line.kind === "Pod") this.#onPods(line);
    if (line.kind === "EndpointSlice") this.#onSlices(line);
  }

  courses(timeline: Timeline): ClusterCourse[] {
    const { application } = this.plan;
    const old = servedBefore(timeline);
    const made = [...timeline.passing, timeline.arriving];
    const goals = createdFor(timeline.goals);
    return [...this.#appeared].map((cluster) => {
      const lines = this.#linesOf(cluster);
      return {
        cluster,
        role: cluster === old ? "old" : cluster === timeline.arriving ? "new" : "other",
        // As version-isolation has it: all but the one that served before were created for a goal of the change.
        version:
          old === null
            ? null
            : versionOf(application, cluster === old ? "before" : (goals[made.indexOf(cluster)] ?? "after")),
        targetCapacity: lines.targetCapacity.steps(),
        trafficRoutedPercent: lines.trafficRoutedPercent.steps(),
        weight: lines.weight.steps(),
        readyPods: lines.readyPods.steps(),
        pods: lines.pods.steps(),
        readyEndpoints: lines.readyEndpoints.steps(),
      };
    });
  }

  #onObject(line: ObjectSeen): void {
    switch (line.kind) {
      case "RayService":
        if (line.name === this.#application) this.#onRayService(line);
        return;
      case "HTTPRoute":
        if (isRouteOf(this.#application, line)) this.#onRoute(line);
        return;
      case "RayCluster": {
        const cluster = readRayCluster(line.object);
        if (cluster.ok && cluster.view.rayService === this.#application) this.#appeared.add(line.name);
        return;
      }
      case "Pod":
      case "EndpointSlice":
      case "Gateway":
      case "Event":
      case "Job":
        return;
    }
  }

  #onRayService(line: ObjectSeen): void {
    const service = readRayService(line.object);
    if (!service.ok) return;
    const gone = line.event === "deleted";
    const sides = [service.view.active, service.view.pending].filter((side) => !gone && side.rayClusterName !== "");
    for (const { rayClusterName } of sides) this.#appeared.add(rayClusterName);
    const capacity = new Map(sides.map((side) => [side.rayClusterName, side.targetCapacity]));
    const traffic = new Map(sides.map((side) => [side.rayClusterName, side.trafficRoutedPercent]));
    this.#tell("targetCapacity", line.wallMs, capacity, null);
    this.#tell("trafficRoutedPercent", line.wallMs, traffic, null);
  }

  #onRoute(line: ObjectSeen): void {
    const route = readHttpRoute(line.object);
    if (!route.ok || (route.view === null && line.event !== "deleted")) return;
    const weights = line.event === "deleted" ? new Map<string, number>() : (route.view ?? new Map<string, number>());
    const all = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
    // Weights are proportions (Gateway API, BackendRef); KubeRay's add up to 100.
    const percents = [...weights].map(
      ([service, weight]) =>
        [clusterOfServeService(service), all === 0 ? 0 : rounded((weight / all) * 100, 2)] as const,
    );
    this.#tell("weight", line.wallMs, new Map(percents), null);
  }

  #onPods(line: Observation): void {
    this.#pods.observe(line);
    const [all, ready] = [new Map<string, number>(), new Map<string, number>()];
    for (const pod of this.#pods.values()) {
      if (pod.cluster === "") continue;
      all.set(pod.cluster, (all.get(pod.cluster) ?? 0) + 1);
      ready.set(pod.cluster, (ready.get(pod.cluster) ?? 0) + (pod.ready && !pod.beingDeleted ? 1 : 0));
    }
    this.#tell("pods", line.wallMs, all, 0);
    this.#tell("readyPods", line.wallMs, ready, 0);
  }

  #onSlices(line: Observation): void {
    this.#slices.observe(line);
    const ready = new Map<string, number>();
    for (const slice of this.#slices.values()) {
      const cluster = clusterOfServeService(slice.service);
      ready.set(cluster, (ready.get(cluster) ?? 0) + slice.ready.length);
    }
    this.#tell("readyEndpoints", line.wallMs, ready, 0);
  }

  /** The values of all RayClusters that have one now; those that had one have `absent` from now on. */
  #tell(name: LineName, atMs: number, values: ReadonlyMap<string, number | null>, absent: number | null): void {
    for (const [cluster, value] of values) this.#linesOf(cluster)[name].add(atMs, value);
    for (const [cluster, lines] of this.#lines) {
      if (!values.has(cluster) && lines[name].begun) lines[name].add(atMs, absent);
    }
  }

  #linesOf(cluster: string): Lines {
    let lines = this.#lines.get(cluster);
    if (lines === undefined) {
      lines = {
        targetCapacity: new StepLine(),
        trafficRoutedPercent: new StepLine(),
        weight: new StepLine(),
        readyPods: new StepLine(),
        pods: new StepLine(),
        readyEndpoints: new StepLine(),
      };
      this.#lines.set(cluster, lines);
    }
    return lines;
  }
}

/** The RayCluster that served before T0; where T0 never came, the one that served last. */
function servedBefore({ leaving, trigger, steps }: Timeline): string | null {
  return leaving ?? (trigger === null ? (steps.at(-1)?.active ?? null) : null);
}
