import { addTo } from "../history/counts.ts";
import { readEndpointSlice, type EndpointSliceView } from "../history/endpointslice.ts";
import { isRouteOf, readHttpRoute, serveServiceOf, type RouteWeights } from "../history/httproute.ts";
import { LiveObjects } from "../history/live-objects.ts";
import type { Observation } from "../history/observation.ts";
import { readPod } from "../history/pod.ts";
import { writtenBefore } from "../history/resource-version.ts";
import { readServeApplications } from "../history/serve-applications.ts";

/** A stretch in which a service had weight but nothing to serve it; toMs is null while it lasts. Unix ms. */
export interface UnreadyWindow {
  readonly cause: "weight-without-endpoint" | "weight-without-replica";
  readonly service: string;
  readonly weight: number;
  readonly weightSinceMs: number;
  readonly fromMs: number;
  readonly toMs: number | null;
  /** No endpoint of this service had ever been ready when the window began. */
  readonly beforeFirstEndpoint: boolean;
  /**
   * By every one of its reports a replica was UPDATING. Serve goes on routing to such a replica while it takes up a new user_config (DeploymentState
   * of Ray 2.60 tells routers of another set of replicas only where options of routing change too).
   */
  readonly updating: boolean;
}

/** One change of the route: what each side had behind its weight. */
interface WeightLogEntry {
  readonly atMs: number;
  readonly service: string;
  readonly weight: number;
  readonly readyEndpoints: number;
  /** By the dashboard's last report; null when there was none. */
  readonly runningReplicas: number | null;
}

interface Side {
  weight: number;
  weightSinceMs: number;
  everReady: boolean;
  runningReplicas: number | null;
  /** Arrival of the dashboard's last answer of any kind, Unix ms. */
  answeredMs: number | null;
  withoutEndpoint: UnreadyWindow | null;
  /** resourceVersion of the route that gave it its weight. */
  weightVersion: string;
  withoutReplica: UnreadyWindow | null;
}

/** Route changes kept for the figures; a change of 1 % steps has 100. */
const MOST_LOG_ENTRIES = 1000;

/** Puts the HTTPRoute's weights side by side with the ready endpoints and running replicas behind them, line by line. */
export class ServingSides {
  readonly #route = new LiveObjects<RouteWeights>("HTTPRoute", readHttpRoute);
  readonly #slices = new LiveObjects<EndpointSliceView>("EndpointSlice", readEndpointSlice);
  readonly #synced = new Set<string>();
  readonly #sides = new Map<string, Side>();
  readonly #closed: UnreadyWindow[] = [];
  readonly #log: WeightLogEntry[] = [];
  /** RayCluster of each pod seen, by uid. */
  readonly clusterOfPod = new Map<string, string>();
  /** Readable dashboard reports seen. */
  polls = 0;
  /** Both watches were complete and the route had weights at some time. */
  judged = false;

  constructor(private readonly rayService: string) {}

  observe(line: Observation): void {
    this.#onPod(line);
    if (line.type === "poll") {
      if (line.poll === "serve-applications")
        this.#onReport(line.wallMs, line.subject, line.ok ? line.data : undefined);
      return;
    }
    if (!("kind" in line) || (line.kind !== "HTTPRoute" && line.kind !== "EndpointSlice")) return;
    if (line.type === "object" && line.kind === "HTTPRoute" && !isRouteOf(this.rayService, line)) return;
    if (line.type === "synced") this.#synced.add(line.kind);
    this.#route.observe(line);
    this.#slices.observe(line);
    if (this.#synced.has("HTTPRoute") && this.#synced.has("EndpointSlice")) this.#compare(line);
  }

  #onPod(line: Observation): void {
    if (line.type !== "object" || line.kind !== "Pod") return;
    const pod = readPod(line.object);
    if (pod.ok && pod.view.cluster !== "") this.clusterOfPod.set(line.uid, pod.view.cluster);
  }

  /** Every window so far, closed ones and those that last. */
  windows(): UnreadyWindow[] {
    const open = [...this.#sides.values()].flatMap((side) =>
      [side.withoutEndpoint ?? [], side.withoutReplica ?? []].flat(),
    );
    return [...this.#closed, ...open];
  }

  weightLog(): readonly WeightLogEntry[] {
    return [...this.#log];
  }

  #compare(line: Observation): void {
    const ready = new Map<string, number>();
    for (const slice of this.#slices.values()) {
      addTo(ready, slice.service, slice.ready.length);
    }
    const weights = new Map<string, number>();
    for (const route of this.#route.values()) for (const [service, weight] of route) weights.set(service, weight);
    this.judged ||= weights.size > 0;
    for (const service of new Set([...ready.keys(), ...weights.keys(), ...this.#sides.keys()])) {
      this.#compareSide(service, line, weights.get(service) ?? 0, ready.get(service) ?? 0);
    }
  }

  #compareSide(service: string, line: Observation, weight: number, endpoints: number): void {
    const side = this.#sideOf(service);
    const nowMs = line.wallMs;
    if (weight !== side.weight) {
      if (side.weight === 0) {
        side.weightSinceMs = nowMs;
        side.weightVersion = line.type === "object" ? line.resourceVersion : "";
      }
      side.weight = weight;
      if (this.#log.length < MOST_LOG_ENTRIES) {
        this.#log.push({
          atMs: nowMs,
          service,
          weight,
          readyEndpoints: endpoints,
          runningReplicas: side.runningReplicas,
        });
      }
    }
    if (weight > 0 && endpoints === 0) {
      side.withoutEndpoint ??= { ...this.#begin(service, side, nowMs), cause: "weight-without-endpoint" };
    } else if (side.withoutEndpoint !== null) {
      if (!this.#wasReady(side, line)) this.#closed.push({ ...side.withoutEndpoint, toMs: nowMs });
      side.withoutEndpoint = null;
    }
    if (weight === 0) this.#endReports(side);
    side.everReady ||= endpoints > 0;
  }

  /** Whether the endpoints that end a window were ready before the weight that began it, and only their watch was late to say so. */
  #wasReady({ withoutEndpoint, weightSinceMs, weightVersion }: Side, line: Observation): boolean {
    if (line.type !== "object" || line.kind !== "EndpointSlice" || withoutEndpoint?.fromMs !== weightSinceMs)
      return false;
    return writtenBefore(line.resourceVersion, weightVersion) === true;
  }

  /**
   * Dashboards are asked one question at a time, so an answer is no older than the arrival of the one before: it is held
   * only against weight that was there by then. Its window ends with the last such answer, as only that was witnessed.
   */
  #onReport(nowMs: number, cluster: string, data: unknown): void {
    const service = serveServiceOf(cluster);
    const side = this.#sideOf(service);
    const askedAfterMs = side.answeredMs ?? -Infinity;
    side.answeredMs = nowMs;
    const reading = readServeApplications(data);
    if (!reading.ok) return;
    this.polls += 1;
    const { runningReplicas, updatingReplicas } = reading.view;
    side.runningReplicas = runningReplicas;
    if (side.runningReplicas > 0 || side.weight === 0) {
      this.#endReports(side);
    } else if (askedAfterMs >= side.weightSinceMs) {
      const updating = updatingReplicas > 0;
      if (side.withoutReplica?.updating !== updating) this.#endReports(side);
      side.withoutReplica ??= { ...this.#begin(service, side, nowMs), cause: "weight-without-replica", updating };
      side.withoutReplica = { ...side.withoutReplica, toMs: nowMs };
    }
  }

  #endReports(side: Side): void {
    if (side.withoutReplica !== null) this.#closed.push(side.withoutReplica);
    side.withoutReplica = null;
  }

  #begin(service: string, side: Side, nowMs: number): Omit<UnreadyWindow, "cause"> {
    const { weight, weightSinceMs, everReady } = side;
    const now = { fromMs: nowMs, toMs: null, updating: false };
    return { service, weight, weightSinceMs, beforeFirstEndpoint: !everReady, ...now };
  }

  #sideOf(service: string): Side {
    const known = this.#sides.get(service);
    if (known !== undefined) return known;
    const side: Side = {
      weight: 0,
      weightSinceMs: 0,
      everReady: false,
      runningReplicas: null,
      answeredMs: null,
      withoutEndpoint: null,
      weightVersion: "",
      withoutReplica: null,
    };
    this.#sides.set(service, side);
    return side;
  }
}
