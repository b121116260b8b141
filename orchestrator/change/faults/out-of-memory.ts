import { SetUpError } from "../../plan/errors.ts";
import type { Fault } from "../../plan/faults.ts";
import { nodeOf } from "./fault.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { factsOf, podsOfTarget } from "./target.ts";

/** Fills the memory of the target's Ray container until the kernel has ended it, which Kubernetes calls OOMKilled. */
export async function outOfMemory(
  fault: Fault & { kind: "out-of-memory" },
  context: FaultContext,
): Promise<BegunFault> {
  const node = nodeOf(fault, context);
  const [pod] = await podsOfTarget(context, fault.target);
  const { name: container, id: containerId } = pod.container;
  if (containerId === undefined) {
    throw new SetUpError(
      `Container ${container} of pod ${pod.namespace}/${pod.name} must run to run out of memory; it has not been started.`,
    );
  }
  const askedAtMs = context.clock.wallMs();
  const { kills } = await node.fillMemory({ uid: pod.uid, containerId });
  return { facts: { pods: factsOf([pod]), askedAtMs, container, kills }, ended: undefined };
}
