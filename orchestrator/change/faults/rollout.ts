import type { JsonPatchOperation } from "../../kube/kube.ts";
import { SetUpError } from "../../plan/errors.ts";
import type { Fault } from "../../plan/faults.ts";
import { deploymentOf, nameOf, readDeployment, refOf, waitGone, waitWhole } from "./deployment.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { heldThenUndone } from "./held.ts";
import { factsOf, podsOfTarget } from "./target.ts";

/** The annotation of the pod template by which kubectl rollout restart makes a new ReplicaSet. */
export const RESTARTED_AT = "kubectl.kubernetes.io/restartedAt";
const ANNOTATIONS = "/spec/template/metadata/annotations";

/** A data plane drains for up to a minute before its old pod ends. */
const ROLLED_OUT_WITHIN_MS = 240_000;

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
  const { metadata } = deployment.spec.template;
  const askedAtMs = clock.wallMs();
  const value = new Date(askedAtMs).toISOString();
  const operations: JsonPatchOperation[] = [
    metadata?.annotations == null
      ? { op: "add", path: ANNOTATIONS, value: { [RESTARTED_AT]: value } }
      : { op: "add", path: `${ANNOTATIONS}/${RESTARTED_AT.replace("/", "~1")}`, value },
  ];
  const after = readDeployment(await kube.patch(ref, operations));
  if (after.metadata.generation <= deployment.metadata.generation) {
    throw new SetUpError(`The restart of Deployment ${nameOf(ref)} was accepted but is not there.`);
  }
  const waiting = { deadlineMs: ROLLED_OUT_WITHIN_MS, signal };
  const ended = heldThenUndone(
    context,
    async () => {
      await waitWhole(kube, ref, waiting);
      await waitGone(kube, pods, waiting);
    },
    // A rollout goes on by itself: there is nothing to undo.
    () => Promise.resolve({ wholeAtMs: clock.wallMs() }),
  );
  const facts = { pods: factsOf(pods), askedAtMs, deployment: nameOf(ref), replicas: deployment.spec.replicas };
  return { facts, ended };
}
