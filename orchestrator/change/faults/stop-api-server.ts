import type { Fault } from "../../plan/faults.ts";
import { nodeOf } from "./fault.ts";
import type { BegunFault, FaultContext } from "./fault.ts";
import { heldThenUndone } from "./held.ts";

/** Ends the API server as a crash does, and starts it again `seconds` later. Ends when it calls itself ready. */
export async function stopApiServer(
  fault: Fault & { kind: "stop-api-server" },
  context: FaultContext,
): Promise<BegunFault> {
  const { clock, signal } = context;
  const node = nodeOf(fault, context);
  const askedAtMs = clock.wallMs();
  try {
    await node.stopApiServer();
  } catch (error) {
    await node.startApiServer().catch(() => undefined);
    throw error;
  }
  const ended = heldThenUndone(
    context,
    () => clock.sleep(fault.seconds * 1000, signal),
    async () => {
      const undoneAtMs = clock.wallMs();
      await node.startApiServer();
      return { undoneAtMs, wholeAtMs: clock.wallMs() };
    },
  );
  return { facts: { pods: [], askedAtMs }, ended };
}
