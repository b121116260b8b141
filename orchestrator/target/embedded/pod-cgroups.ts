import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists, ifGone, isCgroupV2, ROOT } from "./cgroups.ts";
import { CGROUP } from "./layout.ts";

/**
 * The cgroup of a pod in the hierarchy that accounts memory; its containers' are below it, named by their ids. Undefined when the node has no
 * such pod.
 */
export function memoryCgroupOfPod(uid: string): Promise<string | undefined> {
  return cgroupOfPod(uid, "memory");
}

/** The same in the hierarchy that shares out CPU. */
export function cpuCgroupOfPod(uid: string): Promise<string | undefined> {
  return cgroupOfPod(uid, "cpu");
}

/**
 * Multiplies what a pod gets of CPUs that are short, until this is disposed of; undefined when the node has no such pod (yet). The kubelet sets a pod's weight once, when it
 * makes its cgroup, by the CPU that it requests.
 */
export async function scalePodCpu(uid: string, factor: number): Promise<AsyncDisposable | undefined> {
  const pod = await cpuCgroupOfPod(uid);
  return pod === undefined ? undefined : scaleIn(pod, factor, await isCgroupV2());
}

/** The same of a cgroup's folder; for tests any folder with its file. */
export async function scaleIn(cgroup: string, factor: number, v2: boolean): Promise<AsyncDisposable | undefined> {
  const { file, least } = v2 ? { file: "cpu.weight", least: 1 } : { file: "cpu.shares", least: 2 };
  const path = join(cgroup, file);
  const own = Number(await readFile(path, "utf8").catch(ifGone));
  const write = (weight: number): Promise<unknown> => writeFile(path, String(weight)).catch(ifGone);
  if (!(own > 0)) return undefined;
  await write(Math.max(least, Math.round(own * factor)));
  return {
    async [Symbol.asyncDispose]() {
      await write(own);
    },
  };
}

async function cgroupOfPod(uid: string, controller: "memory" | "cpu"): Promise<string | undefined> {
  const home = (await isCgroupV2()) ? join(ROOT, CGROUP) : join(ROOT, controller, CGROUP);
  for (const quality of ["", "burstable", "besteffort"]) {
    const path = join(home, "kubepods", quality, `pod${uid}`);
    if (await exists(path)) return path;
  }
  return undefined;
}
