import { z } from "zod";
import type { Kube, KubeObject } from "../kube/kube.ts";
import { operatorPods } from "../kube/platform.ts";
import { SetUpError } from "../plan/errors.ts";

const LEASE = { apiVersion: "coordination.k8s.io/v1", kind: "Lease" };
/** By which one operator of several acts, in its own namespace (KubeRay 1.6.2, main.go). */
const NAME = "ray-operator-leader";

const leaseSchema = z.looseObject({ spec: z.looseObject({ holderIdentity: z.string().nullish() }).nullish() });

/**
 * Waits until one of the operator's pods that are there acts: a new one is available before it does, and first waits for its predecessor's lease to
 * expire. Where there is no lease none is waited for.
 *
 * @throws SetUpError when there is no operator; DeadlineError with the holder last seen.
 */
export async function waitOperatorLeads(
  kube: Kube,
  waiting: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<void> {
  const pods = await operatorPods(kube, waiting.signal);
  const staying = pods.filter(({ metadata }) => metadata["deletionTimestamp"] === undefined);
  const [first] = staying;
  if (first?.metadata.namespace === undefined) throw new SetUpError("There is no pod of the KubeRay operator.");
  const names = new Set(staying.map(({ metadata }) => metadata.name));
  const { namespace: own } = first.metadata;
  await kube.waitFor(
    LEASE,
    { namespace: own, fieldSelector: `metadata.name=${NAME}` },
    {
      what: `The operator (${[...names].join(", ")}) to act`,
      deadlineMs: waiting.deadlineMs,
      predicate: ([lease]) => (lease === undefined || names.has(podOf(lease)) ? true : undefined),
      describe: ([lease]) => (lease === undefined ? "no lease" : `its lease is held by "${podOf(lease)}"`),
      ...(waiting.signal === undefined ? {} : { signal: waiting.signal }),
    },
  );
}

/** The pod that holds a lease: controller-runtime calls itself by its host's name, an underscore and an id of its own. */
function podOf(lease: KubeObject): string {
  const holder = leaseSchema.parse(lease).spec?.holderIdentity ?? "";
  return holder.replace(/_[^_]*$/, "");
}
