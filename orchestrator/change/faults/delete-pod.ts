import { SetUpError } from "../../plan/errors.ts";
import type { Fault } from "../../plan/faults.ts";
import { deploymentOf, nameOf, refOf, REPLACED_WITHIN_MS, waitReplaced, waitWhole } from "./deployment.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { mendedByItself } from "./held.ts";
import { factsOf, podsOfTarget } from "./target.ts";

/**
 * Deletes one pod of the target; 0 seconds of grace is Kubernetes' deletion by force. Of a Deployment of the platform it ends when the pod is gone and the
 * Deployment whole again.
 */
export async function deletePod(fault: Fault & { kind: "delete-pod" }, context: FaultContext): Promise<BegunFault> {
  const [pod] = await podsOfTarget(context, fault.target);
  const { namespace, name } = pod;
  const grace = fault.graceSeconds === undefined ? {} : { gracePeriodSeconds: fault.graceSeconds };
  const { kube, clock, signal } = context;
  const deployment = pod.replicaSet === undefined ? undefined : await deploymentOf(context, pod);
  const askedAtMs = clock.wallMs();
  if (!(await kube.delete({ apiVersion: "v1", kind: "Pod", namespace, name }, grace))) {
    throw new SetUpError(`Pod ${namespace}/${name} of ${fault.target} was gone before the fault could delete it.`);
  }
  const facts = { pods: factsOf([pod]), askedAtMs };
  if (deployment === undefined) return { facts, ended: undefined };
  const ref = refOf(deployment);
  const waiting = { deadlineMs: REPLACED_WITHIN_MS, signal };
  const ended = mendedByItself(context, async () => {
    await waitReplaced(kube, pod, { ...waiting, replicas: deployment.spec.replicas });
    await waitWhole(kube, ref, waiting);
  });
  return { facts: { ...facts, deployment: nameOf(ref) }, ended };
}
