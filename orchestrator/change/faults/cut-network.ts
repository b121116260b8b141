import type { Fault } from "../../plan/faults.ts";
import { nodeOf } from "./fault.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { heldThenUndone } from "./held.ts";
import { factsOf, podsOfTarget } from "./target.ts";

/** Cuts one pod of the target off the network for `seconds`, counted from when the cut was made. */
export async function cutNetwork(fault: Fault & { kind: "cut-network" }, context: FaultContext): Promise<BegunFault> {
  const { clock, signal } = context;
  const node = nodeOf(fault, context);
  const [pod] = await podsOfTarget(context, fault.target);
  const askedAtMs = clock.wallMs();
  const cut = await node.cutNetwork({ uid: pod.uid });
  const ended = heldThenUndone(
    context,
    () => clock.sleep(fault.seconds * 1000, signal),
    async () => {
      const undoneAtMs = clock.wallMs();
      await cut[Symbol.asyncDispose]();
      return { undoneAtMs, wholeAtMs: clock.wallMs() };
    },
  );
  return { facts: { pods: factsOf([pod]), askedAtMs }, ended };
}
