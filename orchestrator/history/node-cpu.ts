import { z } from "zod";
import type { Observation } from "./observation.ts";

/** What a node's CPUs have done since it started, in ticks of its kernel, of all CPUs together. */
const cpuTicksSchema = z.object({
  busy: z.number().nonnegative(),
  idle: z.number().nonnegative(),
  /** The CPU was wanted, and the hypervisor gave it to somebody else. */
  stolen: z.number().nonnegative(),
});
export type CpuTicks = z.infer<typeof cpuTicksSchema>;

/** What the CPUs did while it was recorded. */
export interface CpuUse {
  readonly busyPercent: number;
  readonly stolenPercent: number;
  /** Of the time between two polls, that in which most was stolen, with its length and its end (Unix ms). */
  readonly worst: { readonly stolenPercent: number; readonly seconds: number; readonly wallMs: number };
}

interface Told {
  readonly ticks: CpuTicks;
  readonly wallMs: number;
  readonly monoMs: number;
}

/** Gathers the `node-cpu` polls: figures that may explain a slow run, and judge nothing. */
export class NodeCpu {
  #last: Told | undefined;
  #sum: CpuTicks = { busy: 0, idle: 0, stolen: 0 };
  #worst: CpuUse["worst"] | undefined;

  observe(line: Observation): void {
    if (line.type !== "poll" || line.poll !== "node-cpu" || !line.ok) return;
    const read = cpuTicksSchema.safeParse(line.data);
    if (!read.success) return;
    const told = { ticks: read.data, wallMs: line.wallMs, monoMs: line.monoMs };
    if (this.#last !== undefined) this.#add(this.#last, told);
    this.#last = told;
  }

  /** Null where there were no two polls to tell a difference. */
  use(): CpuUse | null {
    const all = totalOf(this.#sum);
    if (all === 0 || this.#worst === undefined) return null;
    return {
      busyPercent: rounded((100 * this.#sum.busy) / all),
      stolenPercent: rounded((100 * this.#sum.stolen) / all),
      worst: this.#worst,
    };
  }

  #add(before: Told, after: Told): void {
    const of = between(before.ticks, after.ticks);
    const all = totalOf(of);
    // Counters of a node that was started anew in between begin at none.
    if (all <= 0 || Math.min(of.busy, of.idle, of.stolen) < 0) return;
    this.#sum = {
      busy: this.#sum.busy + of.busy,
      idle: this.#sum.idle + of.idle,
      stolen: this.#sum.stolen + of.stolen,
    };
    const stolenPercent = rounded((100 * of.stolen) / all);
    if (this.#worst !== undefined && stolenPercent <= this.#worst.stolenPercent) return;
    this.#worst = { stolenPercent, seconds: rounded((after.monoMs - before.monoMs) / 1000), wallMs: after.wallMs };
  }
}

function between(before: CpuTicks, after: CpuTicks): CpuTicks {
  return { busy: after.busy - before.busy, idle: after.idle - before.idle, stolen: after.stolen - before.stolen };
}

function totalOf({ busy, idle, stolen }: CpuTicks): number {
  return busy + idle + stolen;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
