import type { Layout } from "../layout.ts";
import { startApiServer, stopApiServer } from "./api-server.ts";
import { limitCpu } from "./cpu.ts";
import type { CpuLimit } from "./cpu.ts";
import { fillMemory } from "./memory.ts";
import type { MemoryKills } from "./memory.ts";
import { cutNetwork } from "./network.ts";

/** Faults that only whoever owns the node can cause. */
interface EmbeddedFaults {
  stopApiServer(): Promise<void>;
  startApiServer(): Promise<void>;
  cutNetwork(pod: { readonly uid: string }): Promise<AsyncDisposable>;
  fillMemory(container: { readonly uid: string; readonly containerId: string }): Promise<MemoryKills>;
  limitCpu(container: { readonly uid: string; readonly containerId: string }, percent: number): Promise<CpuLimit>;
}

/** The faults of the embedded node whose state lies there. */
export function embeddedFaults(layout: Layout): EmbeddedFaults {
  return {
    stopApiServer: () => stopApiServer(layout),
    startApiServer: () => startApiServer(layout),
    cutNetwork: (pod) => cutNetwork(layout, pod),
    fillMemory: (container) => fillMemory(layout, container),
    limitCpu,
  };
}
