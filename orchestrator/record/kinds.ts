import type { WatchedKind } from "../history/observation.ts";

/** Where each watched kind lives. Events are the core ones: their series counts are what `kubectl get events` shows. */
export const API_VERSIONS: Readonly<Record<WatchedKind, string>> = {
  RayService: "ray.io/v1",
  RayCluster: "ray.io/v1",
  HTTPRoute: "gateway.networking.k8s.io/v1",
  Gateway: "gateway.networking.k8s.io/v1",
  Pod: "v1",
  EndpointSlice: "discovery.k8s.io/v1",
  Event: "v1",
  Job: "batch/v1",
};
