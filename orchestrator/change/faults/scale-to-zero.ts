import type { Clock } from "../../kube/clock.ts";
import { KubeError } from "../../kube/kube.ts";
import type { Kube } from "../../kube/kube.ts";
import type { Fault } from "../../plan/faults.ts";
import { deploymentOf, nameOf, refOf, waitGone, waitWhole, WHOLE_WITHIN_MS } from "./deployment.ts";
import type { DeploymentRef } from "./deployment.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { heldThenUndone } from "./held.ts";
import { giveReplicasBack, takeReplicas } from "./replicas.ts";
import { factsOf, podsOfTarget } from "./target.ts";

/** Pods of the platform that are deleted have 10 s of grace by default. */
const GONE_WITHIN_MS = 60_000;
/** The API server may be away for a moment just when the replicas are to be given back. */
const GIVEN_BACK_WITHIN_MS = 60_000;
const AGAIN_AFTER_MS = 500;

/**
 * Takes the replicas of the target's Deployment. They are given back `seconds` after that was asked for, or when the pods are gone if that takes longer.
 * How many they were stands on the Deployment meanwhile, so that `repairReplicas` can give them back when this process is killed.
 */
export async function scaleToZero(
  fault: Fault & { kind: "scale-to-zero" },
  context: FaultContext,
): Promise<BegunFault> {
  const { kube, clock, signal } = context;
  const pods = await podsOfTarget(context, fault.target);
  const deployment = await deploymentOf(context, pods[0]);
  const ref = refOf(deployment);
  const askedAtMs = clock.wallMs();
  const untilMs = clock.monoMs() + fault.seconds * 1000;
  try {
    await takeReplicas(kube, deployment);
  } catch (error) {
    // A patch without an answer may have been applied.
    await giveBack(kube, ref, clock).catch(() => undefined);
    throw error;
  }
  const ended = heldThenUndone(
    context,
    async () => {
      await waitGone(kube, pods, { deadlineMs: GONE_WITHIN_MS, signal });
      await clock.sleep(Math.max(0, untilMs - clock.monoMs()), signal);
    },
    async () => {
      const undoneAtMs = clock.wallMs();
      await giveBack(kube, ref, clock);
      // Given up, a run does not wait for pods to start; it has taken nothing from them any more.
      if (!signal.aborted) await waitWhole(kube, ref, { deadlineMs: WHOLE_WITHIN_MS, signal });
      return { undoneAtMs, wholeAtMs: clock.wallMs() };
    },
  );
  const facts = { pods: factsOf(pods), askedAtMs, deployment: nameOf(ref), replicas: deployment.spec.replicas };
  return { facts, ended };
}

/** Gives the replicas back, again and again while the API server does not take it. */
async function giveBack(kube: Kube, ref: DeploymentRef, clock: Clock): Promise<void> {
  const untilMs = clock.monoMs() + GIVEN_BACK_WITHIN_MS;
  for (;;) {
    try {
      await giveReplicasBack(kube, ref);
      return;
    } catch (error) {
      if (!(error instanceof KubeError) || clock.monoMs() > untilMs) throw error;
    }
    await clock.sleep(AGAIN_AFTER_MS);
  }
}
