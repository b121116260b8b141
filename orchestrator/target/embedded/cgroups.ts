import { mkdir, readFile, readdir, rmdir, stat, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { BEGINNING_CGROUP, CGROUP, DAEMONS_CGROUP } from "./layout.ts";
import { childrenOf, hasCode, until } from "./processes.ts";

/** Where hierarchies are mounted. */
export const ROOT = "/sys/fs/cgroup";
/** What kubelet and runc need on a unified hierarchy. */
const V2_CONTROLLERS = ["cpu", "cpuset", "hugetlb", "io", "memory", "pids"];

/** True on a host with the unified hierarchy only. */
export async function isCgroupV2(): Promise<boolean> {
  return exists(join(ROOT, "cgroup.controllers"));
}

/** Whether a file or folder is there. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The node's cgroup in every hierarchy of the host. */
async function homes(): Promise<string[]> {
  return (await hierarchies()).map((point) => join(point, CGROUP));
}

async function hierarchies(): Promise<string[]> {
  if (await isCgroupV2()) return [ROOT];
  const mounts = (await readFile("/proc/self/mountinfo", "utf8")).split("\n").map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    return { point: before.split(" ")[4] ?? "", type: after.split(" ")[0] ?? "" };
  });
  return mounts
    .filter(({ type, point }) => (type === "cgroup" || type === "cgroup2") && point.startsWith(ROOT))
    .map(({ point }) => point);
}

/** How much more of a busy CPU the daemons may have than all pods together. They use little, but must have it at once. */
const DAEMONS_TIMES = 10;
/** The cgroup that this process was in before it entered; one that was born there goes to the root. */
let cameFrom: string | undefined;

/** The hierarchy that shares out CPU, by its name in /proc and its root. */
async function cpuHierarchy(): Promise<{ name: string; root: string }> {
  return (await isCgroupV2()) ? { name: "", root: ROOT } : { name: "cpu", root: join(ROOT, "cpu") };
}

/**
 * Puts this process, and with it what it starts from now on, among the node's daemons: pods that want both CPUs do not keep it waiting. A process
 * that was left where it is shares with the pods as one of many: with two CPUs and a Ray cluster starting, it was seen to wait up to 1.8 s for its
 * turn, and here 0.1 s. May be called again.
 */
export async function enterDaemons(): Promise<void> {
  const { name, root } = await cpuHierarchy();
  const path = await ownPath(name);
  if (path === `/${DAEMONS_CGROUP}`) return;
  const home = await madeCgroup(DAEMONS_CGROUP, DAEMONS_TIMES);
  await move(process.pid, home);
  cameFrom = join(root, path);
}

/** Makes a cgroup that may have so many times the CPU of all pods together. */
async function madeCgroup(cgroup: string, times: number): Promise<string> {
  const { name, root } = await cpuHierarchy();
  const home = join(root, cgroup);
  await mkdir(home, { recursive: true });
  const weight = times * availableParallelism();
  if (name === "cpu") await writeFile(join(home, "cpu.shares"), String(1024 * weight));
  else await writeFile(join(home, "cpu.weight"), String(Math.min(10_000, 100 * weight)));
  return home;
}

/**
 * Lets a daemon, by its id as the host sees it, and what it has started share with the pods as equals until `begun` is done. A daemon that begins wants all CPU for seconds, and
 * on a node of its own it would take it from nobody: before its pods by ten to one, an API server that came back kept clients waiting for 3 s on two CPUs.
 */
export async function beginningAmongPods(pid: number, begun: () => Promise<void>): Promise<void> {
  const beginning = await madeCgroup(BEGINNING_CGROUP, 1);
  await move(pid, beginning);
  // What it starts from now on is born there.
  for (const child of await childrenOf(pid)) await move(child, beginning);
  try {
    await begun();
  } finally {
    const daemons = await madeCgroup(DAEMONS_CGROUP, DAEMONS_TIMES);
    for (const each of await processesIn(beginning)) await move(each, daemons);
  }
}

async function move(pid: number, cgroup: string): Promise<void> {
  await writeFile(join(cgroup, "cgroup.procs"), String(pid)).catch((error: unknown) => {
    // ESRCH: it has ended, which whoever waits for it finds out.
    if (!hasCode(error, "ESRCH")) throw error;
  });
}

/** Takes this process out again, should it be in, so that the cgroups can be removed. */
async function leaveDaemons(): Promise<void> {
  const { name, root } = await cpuHierarchy();
  if ((await ownPath(name)) !== `/${DAEMONS_CGROUP}`) return;
  await move(process.pid, cameFrom ?? root);
}

/** This process's cgroup in a hierarchy. Lines are like `4:cpu,cpuacct:/path`. */
async function ownPath(hierarchy: string): Promise<string> {
  const lines = (await readFile("/proc/self/cgroup", "utf8")).split("\n");
  const line = lines.find((each) => each.split(":")[1]?.split(",").includes(hierarchy)) ?? "";
  return line.split(":").slice(2).join(":");
}

/** Makes the cgroup below which the kubelet puts its pods, in every hierarchy, v1 or v2. */
export async function createCgroups(): Promise<void> {
  // The kubelet gives its pods as many shares as the node has CPUs; one level up they must not shrink to a single one.
  const cpus = availableParallelism();
  if (await isCgroupV2()) {
    const available = (await readFile(join(ROOT, "cgroup.controllers"), "utf8")).trim().split(" ");
    const wanted = V2_CONTROLLERS.filter((name) => available.includes(name)).map((name) => `+${name}`);
    await writeFile(join(ROOT, "cgroup.subtree_control"), wanted.join(" "));
    await mkdir(join(ROOT, CGROUP), { recursive: true });
    await writeFile(join(ROOT, CGROUP, "cgroup.subtree_control"), wanted.join(" "));
    await writeFile(join(ROOT, CGROUP, "cpu.weight"), String(Math.min(10_000, 100 * cpus)));
    return;
  }
  for (const home of await homes()) {
    await mkdir(home, { recursive: true });
    // A v1 cpuset begins empty, and nothing may run in an empty one.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const parent = await readFile(join(home, "..", file), "utf8").catch(() => undefined);
      if (parent !== undefined) await writeFile(join(home, file), parent.trim());
    }
    if (await exists(join(home, "cpu.shares"))) await writeFile(join(home, "cpu.shares"), String(1024 * cpus));
  }
}

async function allHomes(): Promise<string[]> {
  const { root } = await cpuHierarchy();
  return [...(await homes()), join(root, DAEMONS_CGROUP), join(root, BEGINNING_CGROUP)];
}

async function removeBelow(path: string): Promise<void> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeBelow(join(path, entry.name));
  await rmdir(path).catch((error: unknown) => {
    if (!hasCode(error, "ENOENT")) throw error;
  });
}

/** Removes the node's cgroups. A cgroup is busy until the kernel has reaped its last process, so this waits up to 15 s. */
export async function removeCgroups(): Promise<void> {
  await leaveDaemons();
  for (const home of await allHomes()) {
    await until(`the removal of cgroup ${home}`, 15_000, async () => {
      await removeBelow(home);
      return true;
    });
  }
}

/** The node's cgroups that exist, for `status` and for tests of `down`. */
export async function existingCgroups(): Promise<string[]> {
  const found: string[] = [];
  for (const home of await allHomes()) if (await exists(home)) found.push(home);
  return found;
}

/** Ids, as the host sees them, of the processes in a cgroup itself; none when it does not exist (any more). */
export async function processesIn(cgroup: string): Promise<number[]> {
  const text = (await readFile(join(cgroup, "cgroup.procs"), "utf8").catch(ifGone)) ?? "";
  return text.split("\n").filter(Boolean).map(Number);
}

/** For reading and writing a cgroup's files: one that is gone, or was removed meanwhile (ENODEV), has none and needs none. */
export function ifGone(error: unknown): undefined {
  if (!hasCode(error, "ENOENT") && !hasCode(error, "ENODEV")) throw error;
}
