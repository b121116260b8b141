import { z } from "zod";
import type { ObjectSeen } from "./observation.ts";
import { read, readOnce, type Reading } from "./reading.ts";

const backendRefSchema = z.object({ name: z.string(), weight: z.number().nullish() });
const httpRouteSchema = z.object({
  spec: z
    .object({ rules: z.array(z.object({ backendRefs: z.array(backendRefSchema).nullish() })).nullish() })
    .nullish(),
});

/** Weight by name of the backend's service. */
export type RouteWeights = ReadonlyMap<string, number>;

/**
 * The weights of an HTTPRoute's first rule, the only one KubeRay writes; null when the object carries no spec.
 * A missing weight reads as 0.
 */
export const readHttpRoute = readOnce((object): Reading<RouteWeights | null> => {
  const reading = read(httpRouteSchema, object);
  if (!reading.ok) return reading;
  if (reading.view.spec == null) return { ok: true, view: null };
  const refs = reading.view.spec.rules?.[0]?.backendRefs ?? [];
  return { ok: true, view: new Map(refs.map(({ name, weight }) => [name, weight ?? 0])) };
});

/** Name of the HTTPRoute of a RayService: `createHTTPRoute` in KubeRay 1.6.2's rayservice_controller.go. */
export function routeName(rayService: string): string {
  return `${rayService}-httproute`;
}

const ownedSchema = z.object({
  metadata: z.object({ ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })) }),
});

/** Whether a line is about the HTTPRoute that a RayService owns. By its name where the object does not say who owns it. */
export function isRouteOf(
  rayService: string,
  { kind, name, object }: Pick<ObjectSeen, "kind" | "name" | "object">,
): boolean {
  if (kind !== "HTTPRoute") return false;
  const owned = read(ownedSchema, object);
  if (!owned.ok) return name === routeName(rayService);
  return owned.view.metadata.ownerReferences.some((owner) => owner.kind === "RayService" && owner.name === rayService);
}

const SERVE_SERVICE_SUFFIX = "-serve-svc";

/**
 * Name of a RayCluster's serve service. With incremental upgrade every RayCluster has one of its own
 * (`BuildServeService` and `GenerateServeServiceName` in KubeRay 1.6.2).
 */
export function serveServiceOf(rayCluster: string): string {
  return rayCluster + SERVE_SERVICE_SUFFIX;
}

export function sameWeights(a: RouteWeights, b: RouteWeights): boolean {
  return a.size === b.size && [...a].every(([service, weight]) => b.get(service) === weight);
}

/** The RayCluster behind a serve service: the inverse of serveServiceOf. */
export function clusterOfServeService(service: string): string {
  return service.endsWith(SERVE_SERVICE_SUFFIX) ? service.slice(0, -SERVE_SERVICE_SUFFIX.length) : service;
}
