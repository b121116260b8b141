import type { CpuTicks } from "../history/node-cpu.ts";
import type { Clock } from "../kube/clock.ts";
import { reasonOf } from "./reason.ts";
import { repeatPoll } from "./repeat.ts";
import type { Poller } from "./repeat.ts";
import type { Sink } from "./sink.ts";

const PERIOD_MS = 2_000;

/** A node whose kernel can be asked. */
export interface NodeKernel {
  readonly name: string;
  /** The text of its /proc/stat. */
  stat(): Promise<string>;
}

/**
 * Polls what a node's CPUs did, every 2 s until disposed of. Resolves after the first poll. A kernel that cannot be asked, or says what cannot be read, is a
 * poll that is not ok, and nothing else.
 */
export async function pollNodeCpu(
  node: NodeKernel,
  parts: { readonly sink: Sink; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<Poller> {
  return await repeatPoll({ ...parts, periodMs: PERIOD_MS }, async (signal) => {
    const answer = (ok: boolean, data: unknown): void => {
      if (!signal.aborted) parts.sink({ type: "poll", poll: "node-cpu", subject: node.name, ok, data });
    };
    try {
      answer(true, cpuTicksIn(await node.stat()));
    } catch (error) {
      answer(false, { error: reasonOf(error) });
    }
  });
}

/**
 * What all CPUs together did, from the text of /proc/stat. Throws an Error where it has no such line.
 *
 * Source: proc_stat(5), the line `cpu user nice system idle iowait irq softirq steal guest guest_nice`; what guests used is in `user` and `nice` too.
 */
export function cpuTicksIn(stat: string): CpuTicks {
  const line = stat.split("\n").find((one) => one.startsWith("cpu "));
  const ticks = line?.trim().split(/\s+/).slice(1, 9).map(Number) ?? [];
  const [user = NaN, nice = NaN, system = NaN, idle = NaN, iowait = NaN, irq = NaN, softirq = NaN, steal = NaN] = ticks;
  const found = { busy: user + nice + system + irq + softirq, idle: idle + iowait, stolen: steal };
  if (Object.values(found).some(Number.isNaN)) {
    throw new Error(`Expected a line "cpu" with eight numbers or more in /proc/stat, received ${line ?? "none"}.`);
  }
  return found;
}
