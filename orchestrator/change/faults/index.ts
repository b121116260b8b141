import type { Fault } from "../../plan/faults.ts";
import { cutNetwork } from "./cut-network.ts";
import { deletePod } from "./delete-pod.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { outOfMemory } from "./out-of-memory.ts";
import { rollOut } from "./rollout.ts";
import { scaleToZero } from "./scale-to-zero.ts";
import { stopApiServer } from "./stop-api-server.ts";

/**
 * Breaks something, and resolves as soon as it is broken. What lasts is undone by itself, see `BegunFault.ended`, which is to be awaited: until then
 * the platform is not whole.
 *
 * @throws SetUpError when there is nothing of the kind to be broken; KubeError when the API server refuses.
 */
export async function beginFault(fault: Fault, context: FaultContext): Promise<BegunFault> {
  context.signal.throwIfAborted();
  switch (fault.kind) {
    case "delete-pod":
      return await deletePod(fault, context);
    case "scale-to-zero":
      return await scaleToZero(fault, context);
    case "rollout":
      return await rollOut(fault, context);
    case "stop-api-server":
      return await stopApiServer(fault, context);
    case "cut-network":
      return await cutNetwork(fault, context);
    case "out-of-memory":
      return await outOfMemory(fault, context);
  }
}
