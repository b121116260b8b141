import { execFile } from "node:child_process";
import { mkdir, readFile, stat, statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { promisify } from "node:util";
import { isCgroupV2 } from "./cgroups.ts";
import { installCommand, missingPackages } from "./packages.ts";

export interface Prerequisite {
  readonly name: string;
  readonly ok: boolean;
  /** `up` puts it right by itself. */
  readonly installable: boolean;
  /** What was found, and the remedy where it is not enough. */
  readonly found: string;
}

const GIB = 1024 ** 3;
/** A machine sold with 8 GiB shows a little less. */
const LEAST_MEMORY = 7.5 * GIB;
const LEAST_DISK = 15 * GIB;
/** What the newest of the modules under scripts/go asks for. */
const LEAST_GO = [1, 26, 3] as const;
const NAMESPACES = ["net", "mnt", "pid", "ipc", "uts"];

async function operatingSystem(): Promise<Looked> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)`, "m").exec(text)?.[1] ?? "unknown";
  const ok =
    process.platform === "linux" && process.arch === "x64" && value("ID") === "debian" && value("VERSION_ID") === "12";
  return { name: "operating system", ok, found: `${value("PRETTY_NAME")} on ${process.arch}; needs Debian 12 on x64` };
}

async function kernel(): Promise<Looked[]> {
  const missing: string[] = [];
  for (const name of NAMESPACES) {
    if ((await stat(`/proc/self/ns/${name}`).catch(() => undefined)) === undefined) missing.push(`namespace ${name}`);
  }
  const filesystems = await readFile("/proc/filesystems", "utf8");
  if (!filesystems.includes("overlay") && !(await loadable("overlay"))) missing.push("overlayfs");
  // Without it answers between pods of one bridge bypass the translation of service addresses.
  const filter = await stat("/proc/sys/net/bridge").catch(() => undefined);
  if (filter === undefined && !(await loadable("br_netfilter"))) missing.push("br_netfilter");
  const cgroups = (await isCgroupV2())
    ? await readFile("/sys/fs/cgroup/cgroup.controllers", "utf8")
    : await readFile("/proc/cgroups", "utf8");
  for (const name of ["cpu", "memory", "pids"])
    if (!new RegExp(`\\b${name}\\b`).test(cgroups)) missing.push(`cgroup ${name}`);
  const found =
    missing.length === 0
      ? `namespaces, overlayfs, cgroup ${(await isCgroupV2()) ? "v2" : "v1"}`
      : `missing: ${missing.join(", ")}`;
  return [{ name: "kernel features", ok: missing.length === 0, found }];
}

async function go(): Promise<Looked> {
  const { stdout } = await promisify(execFile)("go", ["env", "GOVERSION"], { cwd: "/" }).catch(() => ({ stdout: "" }));
  const version = /^go(\d+)\.(\d+)(?:\.(\d+))?/.exec(stdout.trim());
  const parts = LEAST_GO.map((_, index) => Number(version?.[index + 1] ?? 0));
  const differing = LEAST_GO.findIndex((least, index) => parts[index] !== least);
  const ok = differing === -1 || (parts[differing] ?? 0) > (LEAST_GO[differing] ?? 0);
  const found = version === null ? "not found" : stdout.trim();
  return { name: "Go", ok, found: `${found}; needs ${LEAST_GO.join(".")} or newer` };
}

async function disk(cache: string): Promise<Looked> {
  await mkdir(cache, { recursive: true });
  const { bavail, bsize } = await statfs(cache);
  const built = await stat(`${cache}/images/whole.json`).catch(() => undefined);
  const free = bavail * bsize;
  // What is built already need not fit a second time.
  const ok = free >= LEAST_DISK || built !== undefined;
  return {
    name: "disk",
    ok,
    found: `${(free / GIB).toFixed(1)} GiB free below ${cache}; needs ${String(LEAST_DISK / GIB)} GiB before the first build`,
  };
}

const MODULES = ["overlay", "br_netfilter", "veth", "nf_tables"];

function loadable(module: string): Promise<boolean> {
  return promisify(execFile)("modprobe", ["--quiet", "--dry-run", module]).then(
    () => true,
    () => false,
  );
}

/** Loads the kernel modules the node needs. What is built in or cannot be loaded is no error here: `prerequisites` looks at the result. */
export async function loadModules(): Promise<void> {
  for (const module of MODULES) await promisify(execFile)("modprobe", ["--quiet", module]).catch(() => undefined);
}

/** Every prerequisite of the embedded cluster with its state. Looks only; installs and changes nothing but the cache's folder. */
export async function prerequisites(cache: string): Promise<Prerequisite[]> {
  const found = await lookAll(cache);
  return found.map((prerequisite) => ({ ...prerequisite, installable: prerequisite.name === PACKAGES }));
}

type Looked = Omit<Prerequisite, "installable">;
const PACKAGES = "Debian packages";

async function lookAll(cache: string): Promise<Looked[]> {
  const memory = totalmem();
  const root = process.getuid?.() === 0;
  const packages = await missingPackages();
  return [
    await operatingSystem(),
    { name: "root", ok: root, found: root ? "yes" : "no; the node needs namespaces, mounts and cgroups of its own" },
    ...(await kernel()),
    await go(),
    {
      name: "memory",
      ok: memory >= LEAST_MEMORY,
      found: `${(memory / GIB).toFixed(1)} GiB; needs ${String(LEAST_MEMORY / GIB)} GiB`,
    },
    await disk(cache),
    {
      name: PACKAGES,
      ok: packages.length === 0,
      found: packages.length === 0 ? "all installed" : `missing; install with: ${installCommand(packages)}`,
    },
  ];
}
