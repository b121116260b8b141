import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "../../../plan/errors.ts";
import { ifGone, isCgroupV2, processesIn } from "../cgroups.ts";
import { cpuCgroupOfPod } from "../pod-cgroups.ts";

/** A container that may use a part of one CPU only, until this is disposed of. */
export interface CpuLimit extends AsyncDisposable {
  /** Periods since then in which it had used up its part and had to wait. */
  throttledPeriods(): Promise<number>;
}

/** CFS period (µs), the kernel's own default. */
const PERIOD_US = 100_000;

/**
 * Lets a container use `percent` of one CPU in every 100 ms, by its cgroup, and what it had when this is disposed of. What a killed process leaves goes
 * with the container.
 *
 * Source: Documentation/scheduler/sched-bwc.rst and admin-guide/cgroup-v2.rst (cpu.max) of Linux.
 *
 * @throws SetUpError when the container does not run.
 */
export async function limitCpu(
  container: { readonly uid: string; readonly containerId: string },
  percent: number,
): Promise<CpuLimit> {
  const pod = await cpuCgroupOfPod(container.uid);
  const cgroup = join(pod ?? "", container.containerId);
  if (pod === undefined || (await processesIn(cgroup)).length === 0) {
    throw new SetUpError(
      `Container ${container.containerId} of pod ${container.uid} does not run on the embedded node.`,
    );
  }
  return limitIn(cgroup, percent, await isCgroupV2());
}

/** The same of a cgroup's folder; for tests any folder with its files. */
export async function limitIn(cgroup: string, percent: number, v2: boolean): Promise<CpuLimit> {
  const quotaUs = Math.round((percent / 100) * PERIOD_US);
  // v1 has quota and period in files of their own, and takes either alone.
  const limits = v2
    ? [{ file: "cpu.max", text: `${String(quotaUs)} ${String(PERIOD_US)}` }]
    : [
        { file: "cpu.cfs_period_us", text: String(PERIOD_US) },
        { file: "cpu.cfs_quota_us", text: String(quotaUs) },
      ];
  const throttled = async (): Promise<number> => {
    const text = await readFile(join(cgroup, "cpu.stat"), "utf8").catch(ifGone);
    return Number(/^nr_throttled (\d+)$/m.exec(text ?? "")?.[1] ?? 0);
  };
  await using undo = new AsyncDisposableStack();
  const before = await throttled();
  for (const { file, text } of limits) {
    const path = join(cgroup, file);
    const was = (await readFile(path, "utf8")).trim();
    undo.defer(async () => {
      await writeFile(path, was).catch(ifGone);
    });
    await writeFile(path, text);
  }
  const limited = undo.move();
  let last = 0;
  return {
    // A container that is gone has no more than it had.
    throttledPeriods: async () => (last = Math.max(last, (await throttled()) - before)),
    [Symbol.asyncDispose]: () => limited.disposeAsync(),
  };
}
