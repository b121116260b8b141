import { SetUpError } from "../../plan/errors.ts";
import type { Fault } from "../../plan/faults.ts";
import {
  annotate,
  deploymentOf,
  nameOf,
  readDeployment,
  refOf,
  REPLACED_WITHIN_MS,
  waitGone,
  waitWhole,
} from "./deployment.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { mendedByItself } from "./held.ts";
import { factsOf, podsOfTarget } from "./target.ts";

/** The annotation of the pod template by which kubectl rollout restart makes a new ReplicaSet. */
export const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const ANNOTATIONS = "/spec/template/metadata/annotations";

/**
 * Restarts the target's Deployment pod by pod. Ends when all replicas are new and available and the pods from before are gone.
 *
 * Envoy Gateway applies its data plane's Deployment by server-side apply, which leaves an annotation alone that it did not set: the restart survives.
 */
export async function rollOut(fault: Fault & { kind: "rollout" }, context: FaultContext): Promise<BegunFault> {
  const { kube, clock, signal } = context;
  const pods = await podsOfTarget(context, fault.target);
  const deployment = await deploymentOf(context, pods[0]);
  const ref = refOf(deployment);
  const annotations = deployment.spec.template.metadata?.annotations;
  const askedAtMs = clock.wallMs();
  const value = new Date(askedAtMs).toISOString();
  const after = readDeployment(await kube.patch(ref, [annotate(annotations, ANNOTATIONS, RESTARTED_AT, value)]));
  if (after.metadata.generation <= deployment.metadata.generation) {
    throw new SetUpError(`The restart of Deployment ${nameOf(ref)} was accepted but is not there.`);
  }
  const waiting = { deadlineMs: REPLACED_WITHIN_MS, signal };
  const ended = mendedByItself(context, async () => {
    await waitWhole(kube, ref, waiting);
    await waitGone(kube, pods, waiting);
  });
  const facts = { pods: factsOf(pods), askedAtMs, deployment: nameOf(ref), replicas: deployment.spec.replicas };
  return { facts, ended };
}
