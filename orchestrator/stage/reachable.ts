import type { Kube, KubeObject, KindRef } from "../kube/kube.ts";
import { ownedBy } from "./owned.ts";
import {
  activeClusterIfReady,
  addressIfProgrammed,
  describeGateway,
  describeRayService,
  describeRoute,
  routeIfAccepted,
} from "./ready.ts";

const RAY_SERVICE = { apiVersion: "ray.io/v1", kind: "RayService" };
const GATEWAY = { apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway" };
const ROUTE = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };

/** How long a wait may still take, and what ends it before. */
export type Within = (what: string) => { what: string; deadlineMs: number; signal?: AbortSignal };

/** An application that clients can reach. */
export interface Reachable {
  /** Where its Gateway listens, as seen from inside the cluster: `http://ADDRESS` (the Gateway's port is 80). */
  readonly url: string;
  /** Gateway.status.addresses[0]. */
  readonly address: string;
  /** The RayCluster that serves. */
  readonly activeCluster: string;
  /** Name of its HTTPRoute. */
  readonly route: string;
}

/**
 * Waits until a RayService is Ready, the Gateway that it owns has an address and the HTTPRoute that it owns is accepted. Both are found by their owner: how the
 * operator calls them is its own affair.
 *
 * @throws DeadlineError with the wait that took too long, and what was last seen.
 */
export async function waitReachable(
  kube: Kube,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  within: Within,
): Promise<Reachable> {
  const owned = <T>(
    kind: KindRef,
    what: string,
    reached: (object: KubeObject | undefined) => T | undefined,
    describe: (object: KubeObject | undefined) => string,
  ): Promise<T> =>
    kube.waitFor(
      kind,
      { namespace },
      {
        ...within(what),
        predicate: (objects) => reached(ownedBy(objects, name)),
        describe: (objects) => describe(ownedBy(objects, name)),
      },
    );
  const activeCluster = await kube.waitFor(
    RAY_SERVICE,
    { namespace, fieldSelector: `metadata.name=${name}` },
    {
      ...within(`RayService ${name} Ready`),
      predicate: ([found]) => activeClusterIfReady(found),
      describe: ([found]) => describeRayService(found),
    },
  );
  const address = await owned(
    GATEWAY,
    `an address of the Gateway of RayService ${name}`,
    addressIfProgrammed,
    describeGateway,
  );
  const route = await owned(ROUTE, `HTTPRoute of RayService ${name} accepted`, nameIfAccepted, describeRoute);
  return { url: `http://${address.includes(":") ? `[${address}]` : address}`, address, activeCluster, route };
}

function nameIfAccepted(route: KubeObject | undefined): string | undefined {
  return routeIfAccepted(route) === true ? route?.metadata.name : undefined;
}
