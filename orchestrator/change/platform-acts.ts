import { z } from "zod";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { podsOf } from "../kube/platform.ts";
import type { RunGateway } from "../kube/platform.ts";
import type { Waiting } from "./rayservice.ts";

const LEASE = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };

const leaseSchema = z.looseObject({
  spec: z.looseObject({ holderIdentity: z.string().nullish(), renewTime: z.string().nullish() }).nullish(),
});

/**
 * Waits until the operator and the gateway's control plane have renewed their leases after a moment. A controller that cannot renew its lease ends, is
 * started again by the kubelet, and acts no more until it has it back; all of that while its Deployment may look whole.
 *
 * @param gateway The run's.
 * @throws DeadlineError with the leases that were not renewed.
 */
export async function waitPlatformActs(
  kube: Kube,
  gateway: RunGateway,
  { sinceMs, ...waiting }: Waiting & { /** Unix ms. */ readonly sinceMs: number },
): Promise<void> {
  const pods = await Promise.all([
    podsOf(kube, "operator", gateway, waiting.signal),
    podsOf(kube, "gateway", gateway, waiting.signal),
  ]);
  for (const own of new Set(pods.flat().flatMap(({ metadata }) => metadata.namespace ?? []))) {
    await kube.waitFor(
      LEASE,
      { namespace: own },
      {
        what: `The leases in ${own} to be renewed`,
        predicate: (leases) => (leases.every((lease) => renewedMs(lease) > sinceMs) ? true : undefined),
        describe: (leases) =>
          leases
            .filter((lease) => renewedMs(lease) <= sinceMs)
            .map((lease) => `${lease.metadata.name}, held by "${leaseSchema.parse(lease).spec?.holderIdentity ?? ""}"`)
            .join("; "),
        ...waiting,
      },
    );
  }
}

function renewedMs(lease: KubeObject): number {
  return Date.parse(leaseSchema.parse(lease).spec?.renewTime ?? "") || -Infinity;
}
