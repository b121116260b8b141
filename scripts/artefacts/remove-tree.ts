import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";

/** Removes a folder with everything in it, unmounting first what a killed build or node left mounted below it. */
export async function removeTree(path: string): Promise<void> {
  const mounts = (await readFile("/proc/self/mountinfo", "utf8"))
    .split("\n")
    .map((line) => line.split(" ")[4])
    .filter((point) => point !== undefined)
    .filter((point) => point.startsWith(`${path}/`));
  for (const point of mounts.reverse()) await promisify(execFile)("umount", ["--lazy", point]);
  await rm(path, { recursive: true, force: true });
}
