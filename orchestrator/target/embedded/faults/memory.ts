import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "../../../plan/errors.ts";
import { isCgroupV2, processesIn } from "../cgroups.ts";
import { MARKER } from "../layout.ts";
import type { Layout } from "../layout.ts";
import { memoryCgroupOfPod } from "../pod-cgroups.ts";
import { hasCode, isAlive, until } from "../processes.ts";

/** Measured: 0.3 s for 200 MiB on an idle machine, but more than 20 s for 2 GiB under load. */
const KILLED_WITHIN_MS = 60_000;
/**
 * What of the container's memory is left to be filled. To fill what a limit of gigabytes leaves free would take the node's processors from everyone
 * for seconds, while an upgrade goes on.
 */
const LEFT_BYTES = 16 * 1024 * 1024;
/** The kernel's highest: of a full cgroup's processes, the one with the highest sum of this and its memory is killed. */
const KILL_FIRST = "1000";

/** Enters the cgroup $1 and fills a buffer of $2 bytes, once. */
const FILL = `echo $$ > "$1/cgroup.procs" && exec dd if=/dev/zero of=/dev/null bs="$2" count=1 iflag=fullblock`;

/** What the kernel killed. */
export interface MemoryKills {
  /** Processes that the kernel killed because the container's memory was used up. */
  readonly kills: number;
}

/**
 * Lowers a container's memory limit to a little more than it uses and fills that from inside its cgroup until the kernel has killed its first process
 * and so the container, which Kubernetes then calls OOMKilled. A limit whose container stays is put back. What fills it is never killed before the
 * container's own processes: they are marked to go first, which needs no right that root lacks here (lowering the filler's own mark would).
 *
 * @throws SetUpError when the container does not run, or has no limit: the node's memory would be filled instead.
 */
export async function fillMemory(
  layout: Layout,
  container: { readonly uid: string; readonly containerId: string },
): Promise<MemoryKills> {
  const pod = await memoryCgroupOfPod(container.uid);
  const cgroup = join(pod ?? "", container.containerId);
  const pids = pod === undefined ? [] : await processesIn(cgroup);
  const first = await firstOf(pids);
  if (first === undefined) {
    throw new SetUpError(
      `Container ${container.containerId} of pod ${container.uid} does not run on the embedded node.`,
    );
  }
  const files = (await isCgroupV2())
    ? { limit: "memory.max", used: "memory.current", kills: "memory.events" }
    : { limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", kills: "memory.oom_control" };
  const bytes = async (file: string): Promise<number> => Number((await readFile(join(cgroup, file), "utf8")).trim());
  const limit = await bytes(files.limit);
  // Unlimited is "max" in one hierarchy and a number beyond any memory in the other.
  if (!(limit < Number.MAX_SAFE_INTEGER)) {
    throw new SetUpError(
      `Container ${container.containerId} of pod ${container.uid} has no memory limit to be filled.`,
    );
  }
  const killsSoFar = async (): Promise<number> => {
    const text = await readFile(join(cgroup, files.kills), "utf8");
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  const before = await killsSoFar();
  for (const pid of pids) await killFirst(pid);
  await writeFile(join(cgroup, files.limit), String(Math.min(limit, (await bytes(files.used)) + LEFT_BYTES)));

  const filler = spawn("sh", ["-c", FILL, "fill", cgroup, String(limit)], {
    detached: true,
    stdio: "ignore",
    env: { PATH: process.env["PATH"] ?? "", [MARKER]: layout.state },
  });
  const ended = new Promise<void>((resolve) => {
    filler.once("error", () => {
      resolve();
    });
    filler.once("exit", () => {
      resolve();
    });
  });
  let kills = 0;
  try {
    await until(
      "the end of a container whose memory is full",
      KILLED_WITHIN_MS,
      async () => {
        const dead = !(await isAlive(first));
        // Removed with the container, but not while the filler is in it.
        kills = Math.max(kills, (await killsSoFar().catch(() => 0)) - before);
        return dead ? true : undefined;
      },
      { everyMs: 10, describe: () => `${String(kills)} processes killed so far` },
    );
  } finally {
    filler.kill("SIGKILL");
    await ended;
    if (kills === 0) await writeFile(join(cgroup, files.limit), String(limit)).catch(ifGone);
  }
  if (kills === 0) throw new SetUpError("The container ended before its memory was full.");
  return { kills };
}

/** The container's first process: the one that has number 1 in its own namespace. */
async function firstOf(pids: readonly number[]): Promise<number | undefined> {
  for (const pid of pids) {
    const status = await readFile(`/proc/${String(pid)}/status`, "utf8").catch(() => "");
    if (/^NSpid:.*\s1$/m.test(status)) return pid;
  }
  return undefined;
}

async function killFirst(pid: number): Promise<void> {
  await writeFile(`/proc/${String(pid)}/oom_score_adj`, KILL_FIRST).catch(ifGone);
}

/** What ended in between has neither a file nor a need for one. */
function ifGone(error: unknown): void {
  if (!hasCode(error, "ENOENT") && !hasCode(error, "ESRCH")) throw error;
}
